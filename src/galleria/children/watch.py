"""Stay with a child process until it ends: hand on what it says, hold it to its limits, kill it when it must not go on."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

import psutil

from galleria.children.events import Event, EventFile
from galleria.children.memory import family, held_together
from galleria.children.server import Child, Ended

CLOSE_S = 0.02
"""Between two looks at a process that holds more than half of what it may."""
FAR_S = 0.1
DISK_S = 1.0
"""Between two looks at how much room the child's files take."""
KILLED_WITHIN_S = 10.0


@dataclass(frozen=True)
class Limits:
    """None: no limit."""

    time_s: float | None = None
    memory_bytes: int | None = None
    """Of the process and all that it starts, together."""
    disk_bytes: int | None = None
    """Of the files in its folder."""


class Stopped(Enum):
    """Why a child process was killed."""

    NO = "it was not"
    CANCELLED = "somebody asked for it"
    TIME = "its time was over"
    MEMORY = "it held more memory than it may"
    DISK = "its files took more room than they may"


@dataclass(frozen=True)
class Ending:
    ended: Ended
    stopped: Stopped
    seconds: float
    peak_bytes: int
    """The most that it was seen to hold with all that it started; between two looks it may have been more."""


def watch(child: Child, limits: Limits, hear: Callable[[Sequence[Event]], None], is_cancelled: Callable[[], bool]) -> Ending:
    """Hand what the child says to `hear`, at every look and once after the end, and come back when nothing of it is left.

    An exception of `hear` kills the child and comes through.
    """
    events = EventFile(child.folder / "events.jsonl")
    look = _Look(child, limits, is_cancelled)
    stopped, pause_s = Stopped.NO, CLOSE_S
    try:
        while (ended := child.wait(pause_s)) is None:
            hear(events.read())
            stopped = look.judge()
            if stopped is not Stopped.NO:
                ended = end(child)
                break
            pause_s = CLOSE_S if look.is_close else FAR_S
        if ended.exit is None and ended.signal is None:
            look.kill_lost()
        hear(events.read())
    except BaseException:
        end(child)
        raise
    return Ending(ended, stopped, time.monotonic() - look.started, look.peak_bytes)


def end(child: Child) -> Ended:
    """Kill a child process and wait until it and all that it started are gone."""
    child.kill()
    return child.wait(KILLED_WITHIN_S) or Ended(detail="it did not die")


class _Look:
    """What is seen of a child process from time to time."""

    def __init__(self, child: Child, limits: Limits, is_cancelled: Callable[[], bool]) -> None:
        self.child = child
        self.limits = limits
        self.is_cancelled = is_cancelled
        self.started = time.monotonic()
        self.disk_at = self.started
        self.held_bytes = 0
        self.peak_bytes = 0
        self.grandchildren: dict[int, psutil.Process] = {}

    @property
    def is_close(self) -> bool:
        return self.limits.memory_bytes is not None and self.held_bytes * 2 > self.limits.memory_bytes

    def judge(self) -> Stopped:
        now = time.monotonic()
        if self.child.pid is not None:
            pids = family(self.child.pid)
            self._remember(pids[1:])
            self.held_bytes = held_together(pids)
            self.peak_bytes = max(self.peak_bytes, self.held_bytes)
        if self.is_cancelled():
            return Stopped.CANCELLED
        if self.limits.memory_bytes is not None and self.held_bytes > self.limits.memory_bytes:
            return Stopped.MEMORY
        if self.limits.time_s is not None and now - self.started > self.limits.time_s:
            return Stopped.TIME
        if self.limits.disk_bytes is not None and now > self.disk_at + DISK_S:
            self.disk_at = now
            if _size_bytes(self.child.folder) > self.limits.disk_bytes:
                return Stopped.DISK
        return Stopped.NO

    def _remember(self, pids: Sequence[int]) -> None:
        """Those of earlier looks stay known: when the process dies, nobody finds its children through it any more."""
        for pid, process in list(self.grandchildren.items()):
            if not process.is_running():
                del self.grandchildren[pid]
        for pid in pids:
            if pid not in self.grandchildren:
                with contextlib.suppress(psutil.Error):
                    self.grandchildren[pid] = psutil.Process(pid)

    def kill_lost(self) -> None:
        """The fork server itself was killed: the process died with it, but not what that had started."""
        for process in self.grandchildren.values():
            with contextlib.suppress(psutil.Error):
                process.kill()


def _size_bytes(folder: Path) -> int:
    """What the files below a folder take on the disk; links are not followed."""
    total = 0
    with contextlib.suppress(OSError), os.scandir(folder) as entries:
        for entry in entries:
            with contextlib.suppress(OSError):
                is_folder = entry.is_dir(follow_symlinks=False)
                total += _size_bytes(Path(entry.path)) if is_folder else entry.stat(follow_symlinks=False).st_blocks * 512
    return total
