"""Do something with the database, and try again while it is away: a restart must not cost a run its result."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from typing import TypeVar

import structlog
from sqlalchemy.exc import DBAPIError

from galleria.database.full import is_full

Result = TypeVar("Result")

log = structlog.get_logger()


def patiently(action: Callable[[], Result], give_up_s: float, on_failure: Callable[[], None] = lambda: None) -> Result:
    """Carry out a transaction, again after each failure of the database until `give_up_s` are over; then its error comes through.

    The action may have been committed when its answer got lost, so it must be refused or do no harm the second time;
    `on_failure` hears of every failure.
    """
    until = time.monotonic() + give_up_s
    pause_s = 0.05
    while True:
        try:
            return action()
        except DBAPIError as error:
            on_failure()
            # Trying again makes no room.
            if is_full(error) or time.monotonic() + pause_s > until:
                raise
            log.warning("database_failed", reason=type(error.orig).__name__, again_in_s=pause_s)
        time.sleep(pause_s * random.uniform(0.7, 1.3))  # noqa: S311 (no secret)
        pause_s = min(pause_s * 2, 2.0)
