"""What waits, runs and works at this moment, counted for the operator; no names of people or workflows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, cast

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from galleria.database.base import now
from galleria.gallery.jobs.records import Job, Priority, State, in_state
from galleria.gallery.workers.records import WorkerRecord
from galleria.gallery.workers.service import GONE_S


class Standing(StrEnum):
    WORKING = "working"
    PAUSED = "paused"
    DRAINING = "draining"
    SILENT = "silent"
    """Not heard of for long: gone, or cut off."""


@dataclass(frozen=True)
class Queued:
    """The jobs of one tag and priority in one state."""

    tag: str
    priority: Priority
    count: int
    oldest_s: float
    """How long the one that waits longest has waited, or the one that runs longest has run."""


@dataclass(frozen=True)
class AtWork:
    name: str
    tags: Sequence[str]
    standing: Standing
    slots: int
    busy: int
    memory_bytes: int
    seen_s: float
    """How long ago it was heard of."""


def jobs_now(db: Session, state: State) -> Sequence[Queued]:
    """Count the jobs in `QUEUED` or `RUNNING` by tag and priority."""
    since = Job.queued_at if state is State.QUEUED else Job.started_at
    query = select(Job.worker_tag, Job.priority, func.count(), func.min(since)).where(in_state(state))
    rows = db.execute(query.group_by(Job.worker_tag, Job.priority).order_by(Job.worker_tag, Job.priority)).all()
    return [Queued(tag, Priority(priority), count, _age_s(oldest)) for tag, priority, count, oldest in rows]


def workers_now(db: Session) -> Sequence[AtWork]:
    """Tell of every worker on the list, by name."""
    return [_at_work(worker) for worker in db.scalars(select(WorkerRecord).order_by(WorkerRecord.name))]


def _at_work(worker: WorkerRecord) -> AtWork:
    doing: Mapping[str, Any] = worker.doing or {}
    jobs: object = doing.get("jobs")
    busy = len(cast("Mapping[str, Any]", jobs)) if isinstance(jobs, Mapping) else 0
    memory: object = doing.get("memory_bytes")
    return AtWork(
        worker.name,
        [str(tag) for tag in worker.tags],
        _standing(worker),
        worker.slots,
        min(busy, worker.slots),
        memory if isinstance(memory, int) else 0,
        _age_s(worker.seen_at),
    )


def _standing(worker: WorkerRecord) -> Standing:
    if worker.seen_at < now() - timedelta(seconds=GONE_S):
        return Standing.SILENT
    if worker.is_drained:
        return Standing.DRAINING
    return Standing.PAUSED if worker.is_paused else Standing.WORKING


def _age_s(moment: datetime | None) -> float:
    return max(0.0, (now() - moment).total_seconds()) if moment is not None else 0.0
