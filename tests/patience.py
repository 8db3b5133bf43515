"""Waiting for what is to happen: it ends with the thing itself, and allows for a machine that is many times slower than this one."""

import time
from collections.abc import Callable
from typing import TypeVar

PATIENCE_S = 180.0

Found = TypeVar("Found")


def wait_until(look: Callable[[], Found], told: Callable[[], object] = lambda: "", every_s: float = 0.01) -> Found:
    """Look again and again until something is found, and give it; `told` says what there is when nothing was."""
    until = time.monotonic() + PATIENCE_S
    while not (found := look()):
        assert time.monotonic() < until, told()
        time.sleep(every_s)
    return found
