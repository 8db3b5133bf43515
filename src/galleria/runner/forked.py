"""The life of a forked process: it settles down behind its fence, carries out one run and ends without the server's clean-up."""

from __future__ import annotations

import contextlib
import os
import socket
import sys
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from galleria.runner import gate, handed, processes
from galleria.runner.fence import Fence, raise_fence
from galleria.runner.limits import Limits, set_limits
from galleria.runner.preload import Run

CRASHED = 70
"""Exit code of a run that ended with an error of ours; its traceback is in the job folder's log.txt."""


@dataclass(frozen=True)
class Settlement:
    folder: Path
    fence: Fence
    limits: Limits
    channel: socket.socket | None
    """To the gate."""
    server: int
    """The process that forked."""
    libraries: tuple[Path, ...]
    """What every run may read."""
    key: str = ""
    """Opens what was sealed for this run."""


def live(settle: Settlement, run: Run, warm: Callable[[Path], object], signal_to_run: int | None, let_go: Callable[[], None]) -> NoReturn:
    """Settle, perhaps warm up and wait for the signal, run, end. `let_go` closes what is the server's."""
    status = CRASHED
    try:
        os.setsid()
        processes.die_with_parent(settle.server)
        processes.adopt_orphans()
        let_go()
        _take_own_streams(settle.folder)
        set_limits(settle.folder, settle.limits)
        handed.enter(settle.folder, settle.key)
        raise_fence(settle.folder, settle.fence, settle.libraries)
        gate.enter(settle.channel)
        if signal_to_run is None or _is_wanted(settle.folder, warm, signal_to_run):
            status = run(settle.folder)
    except SystemExit as leaving:
        status = leaving.code if isinstance(leaving.code, int) else CRASHED
    except BaseException:
        traceback.print_exc()
    finally:
        with contextlib.suppress(Exception):
            sys.stdout.flush()
            sys.stderr.flush()
        os._exit(status)


def _is_wanted(folder: Path, warm: Callable[[Path], object], signal_to_run: int) -> bool:
    """Do beforehand what every first run in a process does slowly, then wait; False once nobody can ask any more.

    Threads that start here are behind the fence already.
    """
    try:
        warm(folder)
    except Exception:
        # What is wrong will show, and be told, in the run.
        traceback.print_exc()
    asked = bool(os.read(signal_to_run, 1))
    os.close(signal_to_run)
    return asked


def _take_own_streams(folder: Path) -> None:
    (folder / "events.jsonl").touch()
    log = os.open(folder / "log.txt", os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW, 0o600)
    nothing = os.open(os.devnull, os.O_RDONLY)
    for descriptor, source in ((0, nothing), (1, log), (2, log)):
        os.dup2(source, descriptor)
    os.close(log)
    os.close(nothing)
