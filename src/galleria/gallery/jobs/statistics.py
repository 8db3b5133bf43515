"""How the gallery is doing: what waits, what runs, how the last day, week or month went, and what fails."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, case, func, literal, select, union_all
from sqlalchemy.orm import Session

from galleria.database.base import now
from galleria.database.clock import seconds_between
from galleria.gallery.actors import Actor, Role
from galleria.gallery.jobs.records import Disposition, Job, State, has_failed, in_state


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
    starts = [first + timedelta(hours=span.hours * part) for part in range(span.parts)]
    # One range of ends after the other: to group by a text made of each end takes three times as long.
    query = union_all(*(_between(part, start, start + timedelta(hours=span.hours)) for part, start in enumerate(starts)))
    rows = sorted(db.execute(query))
    return [_stretch(starts[part], *numbers) for part, *numbers in rows]


def _between(part: int, start: datetime, end: datetime) -> Select[int, int, int, int, int, float, float]:
    waited = seconds_between(Job.queued_at, Job.started_at)
    return select(
        literal(part),
        _count(Job.disposition == Disposition.SUCCESS),
        _count(Job.disposition == Disposition.ERROR),
        _count(Job.state == State.CANCELLED),
        func.count(Job.started_at),
        func.sum(waited),
        func.max(waited),
    ).where(Job.ended_at >= start, Job.ended_at < end)


def _stretch(starts_at: datetime, *numbers: Any) -> Stretch:
    succeeded, failed, cancelled, started = (int(number or 0) for number in numbers[:4])
    waited_s, longest_s = (max(float(number or 0), 0.0) for number in numbers[4:])
    return Stretch(starts_at, succeeded, failed, cancelled, started, waited_s, longest_s)


def failing(db: Session, actor: Actor, span: Span) -> Sequence[Failing]:
    """List the workflows whose runs failed most often within the span."""
    actor.require(Role.CURATOR, "see the statistics")
    first = _first(span)
    # Found by their end first: to group, SQLite would walk through all jobs in the order of their workflows.
    failed = select(Job.workflow_id).where(Job.ended_at >= first, has_failed()).cte("failed").prefix_with("MATERIALIZED")
    query = select(failed.c.workflow_id, func.count()).group_by(failed.c.workflow_id)
    worst = db.execute(query.order_by(func.count().desc(), failed.c.workflow_id).limit(_MOST_FAILING)).all()
    every = select(Job.workflow_id, func.count()).where(Job.workflow_id.in_([row[0] for row in worst]), Job.ended_at >= first)
    totals = dict(db.execute(every.group_by(Job.workflow_id)).all())
    return [Failing(workflow_id, count, totals[workflow_id]) for workflow_id, count in worst]


def last_failures(db: Session, actor: Actor, most: int) -> Sequence[Job]:
    """List the jobs that failed last, the latest first."""
    actor.require(Role.CURATOR, "see the statistics")
    return db.scalars(select(Job).where(has_failed()).order_by(Job.ended_at.desc()).limit(most)).all()


def _first(span: Span) -> datetime:
    """Where the span begins: its last part is the one that the present hour lies in."""
    return (now() - timedelta(hours=span.hours * span.parts - 1)).replace(minute=0, second=0, microsecond=0)


def _count(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return func.sum(case((condition, 1), else_=0))
