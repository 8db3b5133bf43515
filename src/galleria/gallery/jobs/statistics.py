"""How the gallery is doing: what waits, what runs, how the last day, week or month went, and what fails."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, String, case, func, select, type_coerce
from sqlalchemy.orm import Session

from galleria.database.base import now
from galleria.database.clock import seconds_between
from galleria.gallery.actors import Actor, Role
from galleria.gallery.jobs.records import Disposition, Job, State, in_state


@dataclass(frozen=True)
class Span:
    """A time back from now, in parts of equal length."""

    parts: int
    hours: int
    """Of one part."""


SPANS: Mapping[str, Span] = {"day": Span(24, 1), "week": Span(28, 6), "month": Span(30, 24)}
_MOST_FAILING = 8


@dataclass(frozen=True)
class Stretch:
    """Jobs that ended in one part of a span."""

    starts_at: datetime
    succeeded: int = 0
    failed: int = 0
    cancelled: int = 0
    started: int = 0
    """Those of them that ran at all."""
    waited_s: float = 0
    """All of them together, from being queued to the start."""
    longest_wait_s: float = 0

    @property
    def total(self) -> int:
        return self.succeeded + self.failed + self.cancelled

    @property
    def mean_wait_s(self) -> float:
        return self.waited_s / self.started if self.started else 0.0


@dataclass(frozen=True)
class Queue:
    waiting: int
    running: int
    oldest_queued_at: datetime | None
    """Of those that wait; None when none does."""


@dataclass(frozen=True)
class Failing:
    workflow_id: str
    failed: int
    total: int


@dataclass
class _Sum:
    counts: list[int] = field(default_factory=lambda: [0, 0, 0, 0])
    waited_s: float = 0.0
    longest_s: float = 0.0


def queue_now(db: Session, actor: Actor) -> Queue:
    """Count what waits and runs at this moment."""
    actor.require(Role.CURATOR, "see the queue")
    waiting = db.execute(select(func.count(), func.min(Job.queued_at)).where(in_state(State.QUEUED))).one()
    running = db.scalar(select(func.count()).select_from(Job).where(in_state(State.RUNNING))) or 0
    return Queue(waiting[0], running, waiting[1])


def over_time(db: Session, actor: Actor, span: Span) -> Sequence[Stretch]:
    """Count the jobs that ended in each part of the span, the earliest part first; parts with nothing among them."""
    actor.require(Role.CURATOR, "see the statistics")
    first = _first(span)
    hour, waited = _hour(db), seconds_between(Job.queued_at, Job.started_at)
    query = (
        select(
            hour,
            _count(Job.disposition == Disposition.SUCCESS),
            _count(Job.disposition == Disposition.ERROR),
            _count(Job.state == State.CANCELLED),
            func.count(Job.started_at),
            func.coalesce(func.sum(waited), 0.0),
            func.coalesce(func.max(waited), 0.0),
        )
        .where(Job.ended_at >= first)
        .group_by(hour)
    )
    sums = [_Sum() for _ in range(span.parts)]
    for row in db.execute(query):
        at = datetime.strptime(str(row[0]), "%Y-%m-%d %H").replace(tzinfo=UTC)
        part = int((at - first).total_seconds() // 3600) // span.hours
        if 0 <= part < span.parts:
            sums[part].counts = [old + int(new) for old, new in zip(sums[part].counts, row[1:5], strict=True)]
            sums[part].waited_s += float(row[5])
            sums[part].longest_s = max(sums[part].longest_s, float(row[6]))
    starts = [first + timedelta(hours=span.hours * part) for part in range(span.parts)]
    return [_stretch(at, one) for at, one in zip(starts, sums, strict=True)]


def _stretch(at: datetime, one: _Sum) -> Stretch:
    succeeded, failed, cancelled, started = one.counts
    return Stretch(at, succeeded, failed, cancelled, started, max(one.waited_s, 0.0), max(one.longest_s, 0.0))


def failing(db: Session, actor: Actor, span: Span) -> Sequence[Failing]:
    """List the workflows whose runs failed most often within the span."""
    actor.require(Role.CURATOR, "see the statistics")
    ended = select(Job.workflow_id, Job.disposition).where(Job.ended_at >= _first(span))
    # Found by their end first: to group, SQLite would walk through all jobs in the order of their workflows.
    recent = ended.cte("recent").prefix_with("MATERIALIZED")
    failed = _count(recent.c.disposition == Disposition.ERROR)
    query = select(recent.c.workflow_id, failed, func.count()).group_by(recent.c.workflow_id)
    rows = db.execute(query.having(failed > 0).order_by(failed.desc(), recent.c.workflow_id).limit(_MOST_FAILING))
    return [Failing(workflow_id, int(count), int(total)) for workflow_id, count, total in rows]


def _first(span: Span) -> datetime:
    """Where the span begins: its last part is the one that the present hour lies in."""
    return (now() - timedelta(hours=span.hours * span.parts - 1)).replace(minute=0, second=0, microsecond=0)


def _count(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return func.sum(case((condition, 1), else_=0))


def _hour(db: Session) -> ColumnElement[Any]:
    """The hour of a job's end as `2025-03-05 14`, in UTC."""
    if db.get_bind().dialect.name == "postgresql":
        return func.to_char(func.timezone("UTC", Job.ended_at), "YYYY-MM-DD HH24")
    return func.substr(type_coerce(Job.ended_at, String), 1, 13)
