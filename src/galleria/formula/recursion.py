"""Room for deep expressions: walking a tree of nested IFs takes some frames a level."""

import sys
import threading
from collections.abc import Generator
from contextlib import contextmanager

_FRAMES = 60_000
_lock = threading.Lock()
_users = 0
_before = 0


@contextmanager
def deep_recursion() -> Generator[None]:
    """Raise Python's recursion limit while the block runs; safe because calls from Python to Python use no C stack."""
    global _users, _before
    with _lock:
        if _users == 0:
            _before = sys.getrecursionlimit()
            sys.setrecursionlimit(max(_before, _FRAMES))
        _users += 1
    try:
        yield
    finally:
        with _lock:
            _users -= 1
            if _users == 0:
                sys.setrecursionlimit(_before)
