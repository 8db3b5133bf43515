"""How long jobs waited and ran, as histograms that only grow: counted from the rows of jobs as they end, each once.

A process counts from its own start, as counters do; so every server of a gallery tells of all its jobs. Nothing is kept in the
database for it: retention may remove jobs, and no worker waits for a counter that all of them write.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, case, func, select
from sqlalchemy.orm import Session

from galleria.database.clock import from_now, seconds_between
from galleria.gallery.jobs.records import Disposition, Job, State

BOUNDS_S = (0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 15.0, 60.0, 300.0, 900.0, 3600.0, 14400.0)
SETTLED_S = 5.0
"""A job that ended in a transaction which is not over yet cannot be seen; later than that it is passed over."""

_WAITED = seconds_between(Job.queued_at, Job.started_at)
_RAN = seconds_between(Job.started_at, Job.ended_at)


@dataclass
class Histogram:
    """Times by upper bound, each bound with all that lie below it."""

    below: list[int] = field(default_factory=lambda: [0] * len(BOUNDS_S))
    """For each of `BOUNDS_S`."""
    count: int = 0
    total_s: float = 0.0

    def add(self, below: Sequence[int], count: int, total_s: float) -> None:
        self.below = [mine + more for mine, more in zip(self.below, below, strict=True)]
        self.count += count
        self.total_s += total_s


@dataclass
class Ended:
    """The jobs of one tag that ended in one way."""

    count: int = 0
    waited: Histogram = field(default_factory=Histogram)
    """Of those that were started: from being queued to the start of the last attempt."""
    ran: Histogram = field(default_factory=Histogram)


class Tallies:
    """Counts on at each look; safe to use from several threads."""

    def __init__(self, settled_s: float = SETTLED_S) -> None:
        self._settled_s = settled_s
        self._lock = threading.Lock()
        self._until: datetime | None = None
        self._ended: dict[tuple[str, str], Ended] = {}

    def count_on(self, db: Session) -> Mapping[tuple[str, str], Ended]:
        """Count what ended since the last look; gives all by tag and outcome: `Success`, `Error` or `Cancelled`."""
        with self._lock:
            until = db.scalars(select(from_now(-self._settled_s))).one()
            if self._until is not None and until > self._until:
                for row in db.execute(_query(self._until, until)):
                    self._take(*row)
            # A clock that was set back counts on from where it was.
            self._until = max(until, self._until or until)
            return dict(self._ended)

    def _take(self, tag: str, state: State, disposition: Disposition, *numbers: Any) -> None:
        outcome = state.value if state is State.CANCELLED else disposition.value
        ended = self._ended.setdefault((tag, outcome), Ended())
        ended.count += numbers[0]
        started, waited_s, ran_s, *below = numbers[1:]
        ended.waited.add(below[: len(BOUNDS_S)], started, waited_s or 0.0)
        ended.ran.add(below[len(BOUNDS_S) :], started, ran_s or 0.0)


def _query(after: datetime, until: datetime) -> Any:
    counts = [_count(time <= bound) for time in (_WAITED, _RAN) for bound in BOUNDS_S]
    return (
        select(
            Job.worker_tag, Job.state, Job.disposition, func.count(), func.count(Job.started_at), func.sum(_WAITED), func.sum(_RAN), *counts
        )
        .where(Job.ended_at > after, Job.ended_at <= until)
        .group_by(Job.worker_tag, Job.state, Job.disposition)
    )


def _count(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return func.sum(case((condition, 1), else_=0))
