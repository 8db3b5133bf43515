"""What has become of other processes."""

import os
import signal
import time
from pathlib import Path

import psutil

from tests.patience import PATIENCE_S


def is_gone(pid: int, within_s: float = PATIENCE_S) -> bool:
    """Whether nothing of it runs any more; a zombie counts as gone: whose child it became decides when it is collected."""
    until = time.monotonic() + within_s
    while time.monotonic() < until:
        if not psutil.pid_exists(pid) or _is_zombie(pid):
            return True
        time.sleep(0.01)
    return False


def _is_zombie(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def stop(pid: int, within_s: float = PATIENCE_S) -> None:
    """Freeze a process, and return when all its threads stand still: the signal alone leaves them running for a moment."""
    os.kill(pid, signal.SIGSTOP)
    until = time.monotonic() + within_s
    while any(_state(thread) not in "TZ" for thread in Path(f"/proc/{pid}/task").iterdir()):
        assert time.monotonic() < until, f"process {pid} does not stop"
        time.sleep(0.001)


def _state(thread: Path) -> str:
    try:
        # The name in brackets may hold anything, brackets too.
        return (thread / "stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return "Z"
