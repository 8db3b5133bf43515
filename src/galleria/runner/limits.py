"""What a run may use up, and how Polars is told to keep below it.

The memory limit itself is watched from outside (`children`): a limit set on the process only makes Polars abort. Here the
libraries get their budgets below it, and everything temporary is led into the job folder.
"""

from __future__ import annotations

import contextlib
import os
import random
import resource
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from galleria.errors import InvalidError

SPILL_SHARE = 0.5
"""Sorts and joins go to disk above this share of the memory limit: what they do not count (files, results) needs the rest."""
LAST_STOP = 1.25
"""Polars ends the process above this multiple of the limit, should nobody watch any more."""
OPEN_FILES = 8192


@dataclass(frozen=True)
class Limits:
    """None: no limit."""

    time_s: float | None = None
    memory_bytes: int | None = None
    """Of the run and all it starts together."""
    spill_bytes: int | None = None
    """What sorts and joins may put on disk."""


def read_limits(job: Mapping[str, Any]) -> Limits:
    """Read the `limits` of a job.json; raises InvalidError on anything but positive numbers and null."""
    given: Mapping[str, Any] = job.get("limits") or {}
    for name, value in given.items():
        if name not in ("time_s", "memory_bytes", "spill_bytes"):
            raise InvalidError(f"the limits of a job do not know {name!r}")
        if value is not None and (isinstance(value, bool) or not isinstance(value, int | float) or value <= 0):
            raise InvalidError(f"the limit {name!r} must be a number above 0 or null")
    return Limits(**given)


def set_limits(folder: Path, limits: Limits) -> None:
    """Settle a forked process down in its job folder: budgets, temporary files, its own random numbers."""
    temporary = folder / "temporary"
    os.environ.update(variables(temporary, limits))
    tempfile.tempdir = None
    random.seed()
    for kind, most in ((resource.RLIMIT_CORE, 0), (resource.RLIMIT_NOFILE, OPEN_FILES)):
        _, hard = resource.getrlimit(kind)
        most = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(kind, (most, most))
    # When the machine itself runs out of memory, a run dies before the server does.
    with contextlib.suppress(OSError):
        score = os.open("/proc/self/oom_score_adj", os.O_WRONLY)
        os.write(score, b"500")
        os.close(score)
    if "polars" in sys.modules:
        import polars as pl

        # Polars read its variables when it was imported, in the process that forked us.
        pl.Config.reload_env_vars()
    if "numpy.random" in sys.modules:
        sys.modules["numpy.random"].seed()
    os.chdir(temporary)


def variables(temporary: Path, limits: Limits) -> dict[str, str]:
    """The environment that makes libraries keep to the limits and to the folder."""
    made = {str(place): str(temporary) for place in ("TMPDIR", "HOME", "POLARS_TEMP_DIR", "POLARS_OOC_SPILL_DIR")}
    if limits.memory_bytes is not None:
        megabytes = limits.memory_bytes / 1e6
        made["POLARS_OOC_MEMORY_BUDGET_MB"] = str(max(1, int(megabytes * SPILL_SHARE)))
        made["POLARS_OOMKILL_THRESHOLD_MB"] = str(max(64, int(megabytes * LAST_STOP)))
    if limits.spill_bytes is not None:
        made["POLARS_OOC_DISK_BUDGET_MB"] = str(max(1, int(limits.spill_bytes / 1e6)))
    return made
