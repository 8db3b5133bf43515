"""What the operating system offers to keep hold of processes: sessions, adoption of orphans, dying with the parent."""

import contextlib
import ctypes
import os
import signal
import sys
import time
from pathlib import Path

_PR_SET_PDEATHSIG = 1
_PR_SET_CHILD_SUBREAPER = 36
_libc = ctypes.CDLL(None) if sys.platform == "linux" else None


def adopt_orphans() -> None:
    """Become the parent of every descendant whose own parent ends, whatever session or group it moved to. Linux only."""
    _prctl(_PR_SET_CHILD_SUBREAPER, 1)


def die_with_parent(parent: int) -> None:
    """Be killed when the parent ends, and now if it already has. Linux only."""
    _prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(1)


def children() -> set[int]:
    """The process ids of this process's children, adopted and ended ones included; empty where there is no /proc."""
    listed = Path(f"/proc/self/task/{os.getpid()}/children")
    try:
        return set(map(int, listed.read_text(encoding="ascii").split()))
    except OSError:
        return _children_by_search()


def kill_group(leader: int) -> None:
    """Kill a child and its process group; a no-op for what has ended."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.kill(leader, signal.SIGKILL)
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(leader, signal.SIGKILL)


def end_strays(known: set[int], within_s: float = 2.0) -> None:
    """Kill and reap every child that is not known, and what they leave behind in turn, until there is none.

    A process that the kernel cannot end at once (it waits for a dead network drive) is left after `within_s`.
    """
    until = time.monotonic() + within_s
    while (strays := children() - known) and time.monotonic() < until:
        for pid in strays:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(pid, signal.SIGKILL)
        for pid in strays:
            _reap(pid, until)


def thread_names() -> list[str]:
    """The names of this process's threads, also of those that Python does not know; empty where there is no /proc."""
    try:
        return [(thread / "comm").read_text(encoding="utf-8", errors="replace").strip() for thread in Path("/proc/self/task").iterdir()]
    except OSError:
        return []


def _reap(pid: int, until: float) -> None:
    with contextlib.suppress(ChildProcessError):
        while os.waitpid(pid, os.WNOHANG)[0] == 0 and time.monotonic() < until:
            time.sleep(0.0005)


def _children_by_search() -> set[int]:
    found: set[int] = set()
    if not Path("/proc/self/stat").exists():
        return found
    for entry in Path("/proc").iterdir():
        with contextlib.suppress(OSError, ValueError):
            # The name in parentheses may hold anything; the parent is the second word after it.
            if int((entry / "stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()[1]) == os.getpid():
                found.add(int(entry.name))
    return found


def _prctl(option: int, value: int) -> None:
    if _libc is not None:
        # A variadic C function: the arguments are longs.
        nothing = ctypes.c_ulong(0)
        _libc.prctl(ctypes.c_int(option), ctypes.c_ulong(value), nothing, nothing, nothing)
