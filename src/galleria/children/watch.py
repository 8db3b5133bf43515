"""Stay with a child process until it ends: hand on what it says, hold it to its limits, kill it when it must not go on."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum

import psutil

from galleria.children.events import Event, EventFile
from galleria.children.memory import family, held_bytes
from galleria.children.server import Child, Ended

CLOSE_S = 0.02
"""Between two looks at a process that holds more than half of what it may."""
FAR_S = 0.1
KILLED_WITHIN_S = 10.0


@dataclass(frozen=True)
class Limits:
    """None: no limit."""

    time_s: float | None = None
    memory_bytes: int | None = None
    """Of the process and all that it starts, together."""


class Stopped(Enum):
    """Why a child process was killed."""

    NO = "it was not"
    CANCELLED = "somebody asked for it"
    TIME = "its time was over"
    MEMORY = "it held more memory than it may"


@dataclass(frozen=True)
class Ending:
    ended: Ended
    stopped: Stopped
    seconds: float
    peak_bytes: int
    """The most that it was seen to hold with all that it started; between two looks it may have been more."""


def watch(child: Child, limits: Limits, hear: Callable[[Sequence[Event]], None], is_cancelled: Callable[[], bool]) -> Ending:
    """Hand every event to `hear`, the last ones after the end, and come back when nothing of the child is left.

    An exception of `hear` kills the child and comes through.
    """
    started = time.monotonic()
    events = EventFile(child.folder / "events.jsonl")
    stopped, peak, grandchildren = Stopped.NO, 0, list[psutil.Process]()
    pause_s = CLOSE_S
    try:
        while (ended := child.wait(pause_s)) is None:
            if said := events.read():
                hear(said)
            if child.pid is not None:
                grandchildren = _processes(family(child.pid)[1:])
                held = held_bytes(child.pid)
                peak = max(peak, held)
                stopped = _judge(limits, held, time.monotonic() - started, is_cancelled)
                pause_s = CLOSE_S if limits.memory_bytes is not None and held * 2 > limits.memory_bytes else FAR_S
            if stopped is not Stopped.NO:
                ended = end(child)
                break
        if ended.exit is None and ended.signal is None:
            _kill_lost(grandchildren)
        if said := events.read():
            hear(said)
    except BaseException:
        end(child)
        raise
    return Ending(ended, stopped, time.monotonic() - started, peak)


def end(child: Child) -> Ended:
    """Kill a child process and wait until it and all that it started are gone."""
    child.kill()
    return child.wait(KILLED_WITHIN_S) or Ended(detail="it did not die")


def _judge(limits: Limits, held_bytes: int, seconds: float, is_cancelled: Callable[[], bool]) -> Stopped:
    if is_cancelled():
        return Stopped.CANCELLED
    if limits.memory_bytes is not None and held_bytes > limits.memory_bytes:
        return Stopped.MEMORY
    if limits.time_s is not None and seconds > limits.time_s:
        return Stopped.TIME
    return Stopped.NO


def _processes(pids: Sequence[int]) -> list[psutil.Process]:
    found: list[psutil.Process] = []
    for pid in pids:
        with contextlib.suppress(psutil.Error):
            found.append(psutil.Process(pid))
    return found


def _kill_lost(grandchildren: Sequence[psutil.Process]) -> None:
    """The fork server itself was killed: the process died with it, but not what that had started."""
    for process in grandchildren:
        with contextlib.suppress(psutil.Error):
            process.kill()
