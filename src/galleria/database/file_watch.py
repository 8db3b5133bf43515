"""Wait until a file is written to, without looking again and again: Linux's inotify, where there is one."""

from __future__ import annotations

import ctypes
import os
import select
import sys
from pathlib import Path

_IN_MODIFY = 2
_EVENTS_BYTES = 4096


class FileWatch:
    """Knows whether a file was written to since the last wait; writes through mapped memory are not noticed."""

    def __init__(self, handle: int) -> None:
        self._handle = handle
        self._poll = select.poll()
        self._poll.register(handle, select.POLLIN)

    def wait(self, timeout_s: float) -> bool:
        """True as soon as the file was written to; False after `timeout_s`."""
        if not self._poll.poll(timeout_s * 1000):
            return False
        # One event or many, it is all the same.
        os.read(self._handle, _EVENTS_BYTES)
        return True

    def close(self) -> None:
        os.close(self._handle)


def find_watch(path: Path) -> FileWatch | None:
    """Begin to watch an existing file; None where this system cannot, or has no watch left."""
    if sys.platform != "linux":
        return None
    libc = ctypes.CDLL(None)
    handle: int = libc.inotify_init1(os.O_CLOEXEC | os.O_NONBLOCK)
    if handle < 0:
        return None
    if libc.inotify_add_watch(handle, os.fsencode(path), ctypes.c_uint32(_IN_MODIFY)) < 0:
        os.close(handle)
        return None
    return FileWatch(handle)
