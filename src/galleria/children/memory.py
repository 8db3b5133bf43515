"""How much memory a process and all its descendants hold."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator
from pathlib import Path

import psutil

_FIELDS = (b"RssAnon:", b"RssShmem:")


def held_bytes(leader: int) -> int:
    """Memory that the process and its descendants hold themselves; 0 once there is no such process.

    Mapped files do not count: the kernel drops their pages when it needs room. Elsewhere than on Linux they do.
    """
    return held_together(family(leader))


def held_together(pids: Iterable[int]) -> int:
    """As `held_bytes`, for processes that are known."""
    return sum(map(_own_bytes, pids))


def machine_bytes() -> int:
    """The memory of this machine, or of the container that this process is in, where that is less."""
    limits = [psutil.virtual_memory().total]
    for file in ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"):
        # "max" where there is no limit.
        with contextlib.suppress(OSError, ValueError):
            limits.append(int(Path(file).read_text(encoding="ascii")))
    return min(limits)


def family(leader: int) -> list[int]:
    """The process ids of a process and its descendants, itself first."""
    if not Path("/proc/self/task").exists():
        with contextlib.suppress(psutil.Error):
            process = psutil.Process(leader)
            return [leader, *(child.pid for child in process.children(recursive=True))]
        return []
    found = [leader]
    for pid in found:
        found.extend(_children(pid))
    return found


def _children(pid: int) -> Iterator[int]:
    # Any thread may have started them.
    with contextlib.suppress(OSError):
        for thread in Path(f"/proc/{pid}/task").iterdir():
            yield from map(int, (thread / "children").read_bytes().split())


def _own_bytes(pid: int) -> int:
    with contextlib.suppress(OSError):
        lines = Path(f"/proc/{pid}/status").read_bytes().splitlines()
        return sum(int(line.split()[1]) * 1024 for line in lines if line.startswith(_FIELDS))
    with contextlib.suppress(psutil.Error):
        return int(psutil.Process(pid).memory_info().rss)
    return 0
