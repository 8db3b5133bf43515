"""Waiting for what is to happen: it ends with the thing itself, and allows for a machine that is many times slower than this one."""

import time
from collections.abc import Callable
from typing import TypeVar

PATIENCE_S = 180.0
HOUR_S = 3600
DAY_S = 24 * HOUR_S

Found = TypeVar("Found")


def wait_until(look: Callable[[], Found], told: Callable[[], object] = lambda: "", every_s: float = 0.01) -> Found:
    """Look again and again until something is found, and give it; `told` says what there is when nothing was."""
    until = time.monotonic() + PATIENCE_S
    while not (found := look()):
        assert time.monotonic() < until, told()
        time.sleep(every_s)
    return found


def keep_clear(period_s: int, margin_s: float = 90) -> None:
    """Wait for the next hour or day of UTC where the present one is about to end: what follows shall lie within one."""
    left_s = period_s - time.time() % period_s
    if left_s < margin_s:
        time.sleep(left_s + 0.01)
