"""Where a worker's files lie: a folder of its own, locked while it lives; what dead workers left is removed."""

from __future__ import annotations

import contextlib
import fcntl
import os
import re
import shutil
from pathlib import Path

_LOCK = "lock"


class WorkerFolder:
    """`packages` holds unpacked packages, `jobs` a folder for each running job."""

    def __init__(self, parent: Path, name: str) -> None:
        parent.mkdir(parents=True, exist_ok=True)
        parent.chmod(0o700)
        self.path = parent.resolve() / f"{re.sub(r'[^A-Za-z0-9.-]', '_', name)[:80]}-{os.getpid()}"
        self.path.mkdir(exist_ok=True)
        self._lock = os.open(self.path / _LOCK, os.O_RDWR | os.O_CREAT, 0o600)
        fcntl.flock(self._lock, fcntl.LOCK_EX)
        _remove_dead(self.path.parent)
        for part in ("packages", "jobs"):
            shutil.rmtree(self.path / part, ignore_errors=True)
            (self.path / part).mkdir()

    @property
    def packages(self) -> Path:
        return self.path / "packages"

    @property
    def jobs(self) -> Path:
        return self.path / "jobs"

    def close(self) -> None:
        shutil.rmtree(self.path, ignore_errors=True)
        os.close(self._lock)


def _remove_dead(parent: Path) -> None:
    """Remove the folders whose lock nobody holds: a process that died let go of it."""
    for lock in parent.glob(f"*/{_LOCK}"):
        with contextlib.suppress(OSError):
            handle = os.open(lock, os.O_RDWR)
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(lock.parent, ignore_errors=True)
            finally:
                os.close(handle)
