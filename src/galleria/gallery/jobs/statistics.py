"""How the gallery is doing: what waits, what runs, and how the last day went, hour by hour."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, String, case, func, select, type_coerce
from sqlalchemy.orm import Session

from galleria.database.base import now
from galleria.gallery.actors import Actor, Role
from galleria.gallery.jobs.records import Disposition, Job, State

_HOURS = 24


@dataclass(frozen=True)
class Hour:
    """Jobs that ended in one hour."""

    starts_at: datetime
    succeeded: int = 0
    failed: int = 0
    cancelled: int = 0

    @property
    def total(self) -> int:
        return self.succeeded + self.failed + self.cancelled


@dataclass(frozen=True)
class Queue:
    waiting: int
    running: int
    oldest_queued_at: datetime | None
    """Of those that wait; None when none does."""


def queue_now(db: Session, actor: Actor) -> Queue:
    """Count what waits and runs at this moment."""
    actor.require(Role.CURATOR, "see the queue")
    waiting = db.execute(select(func.count(), func.min(Job.queued_at)).where(Job.state == State.QUEUED)).one()
    running = db.scalar(select(func.count()).select_from(Job).where(Job.state == State.RUNNING)) or 0
    return Queue(waiting[0], running, waiting[1])


def last_day(db: Session, actor: Actor) -> Sequence[Hour]:
    """Count the jobs that ended in each of the last 24 hours, the earliest hour first; hours with nothing among them."""
    actor.require(Role.CURATOR, "see the statistics")
    first = (now() - timedelta(hours=_HOURS - 1)).replace(minute=0, second=0, microsecond=0)
    hour = _hour(db)
    query = (
        select(
            hour,
            func.sum(case((Job.disposition == Disposition.SUCCESS, 1), else_=0)),
            func.sum(case((Job.disposition == Disposition.ERROR, 1), else_=0)),
            func.sum(case((Job.state == State.CANCELLED, 1), else_=0)),
        )
        .where(Job.ended_at >= first)
        .group_by(hour)
    )
    counts = {str(row[0]): (int(row[1]), int(row[2]), int(row[3])) for row in db.execute(query)}
    hours = [first + timedelta(hours=step) for step in range(_HOURS)]
    return [Hour(at, *counts.get(at.astimezone(UTC).strftime("%Y-%m-%d %H"), (0, 0, 0))) for at in hours]


def _hour(db: Session) -> ColumnElement[Any]:
    """The hour of a job's end as `2025-03-05 14`, in UTC."""
    if db.get_bind().dialect.name == "postgresql":
        return func.to_char(func.timezone("UTC", Job.ended_at), "YYYY-MM-DD HH24")
    return func.substr(type_coerce(Job.ended_at, String), 1, 13)
