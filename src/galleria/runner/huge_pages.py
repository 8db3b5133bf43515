"""Lay what this process holds into huge pages: a fork copies one entry for each instead of 512, and the end of the fork drops one."""

from __future__ import annotations

import contextlib
import ctypes
import re
import resource
import sys
from array import array
from pathlib import Path
from typing import IO

SIZE_BYTES = 2 << 20
_MADV_COLLAPSE = 25
_IS_THERE = 1 << 63
"""The bit of a page's entry in `/proc/self/pagemap`."""
_LEAST_FULL = 0.75
"""Pages that are not there would be made, and take memory."""
_OWN = re.compile(r"([0-9a-f]+)-([0-9a-f]+) rw-p \S+ \S+ 0 +(?:\[heap\])?$")
"""A line of `/proc/self/maps`: memory with no file behind it."""


def gather() -> int:
    """Give the number of huge pages made: 0 where the system knows no such wish (Linux does from 6.1 on) or has no room for any."""
    if sys.platform != "linux":
        return 0
    libc, count = ctypes.CDLL(None), 0
    with contextlib.suppress(OSError), Path("/proc/self/pagemap").open("rb", buffering=0) as pages:
        for start in _places():
            if _is_full(pages, start):
                count += libc.madvise(ctypes.c_void_p(start), ctypes.c_size_t(SIZE_BYTES), _MADV_COLLAPSE) == 0
    return count


def _places() -> list[int]:
    """Where a huge page would lie wholly in memory of this process's own."""
    found: list[int] = []
    for line in Path("/proc/self/maps").read_text(encoding="utf-8", errors="replace").splitlines():
        if own := _OWN.match(line):
            first, end = (int(place, 16) for place in own.groups())
            found += range(-(-first // SIZE_BYTES) * SIZE_BYTES, end - SIZE_BYTES + 1, SIZE_BYTES)
    return found


def _is_full(pages: IO[bytes], start: int) -> bool:
    page_bytes = resource.getpagesize()
    count = SIZE_BYTES // page_bytes
    pages.seek(start // page_bytes * 8)
    entries = array("Q", pages.read(count * 8))
    return sum(entry >= _IS_THERE for entry in entries) >= count * _LEAST_FULL
