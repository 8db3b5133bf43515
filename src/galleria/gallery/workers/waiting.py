"""Why a queued job does not run yet, and how far a running one is: told to whoever may see the job."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import Session

from galleria.database.base import now
from galleria.gallery.jobs.records import Job, State
from galleria.gallery.workers.records import WorkerRecord
from galleria.gallery.workers.service import GONE_S


@dataclass(frozen=True)
class Waiting:
    before: int
    """Queued jobs that come first: more urgent ones, then those that were there earlier."""
    reason: str
    """What has to happen beside their being done, as a sentence; empty when nothing is in the way."""


def waiting_of(db: Session, job: Job) -> Waiting:
    """Tell why a queued job waits; the job comes from `get_job`, which checked the actor."""
    is_first = or_(Job.priority > job.priority, and_(Job.priority == job.priority, Job.seq < job.seq))
    queued = select(func.count()).select_from(Job).where(Job.state == State.QUEUED, Job.worker_tag == job.worker_tag, is_first)
    return Waiting(db.scalar(queued) or 0, _reason(db, job))


def _reason(db: Session, job: Job) -> str:
    workers = [worker for worker in db.scalars(select(WorkerRecord)) if (now() - worker.seen_at).total_seconds() < GONE_S]
    if not workers:
        return "No worker is there; it runs as soon as one starts."
    takers = [worker for worker in workers if (job.worker_tag in worker.tags if job.worker_tag else worker.runs_unassigned)]
    if not takers:
        return f"No worker takes jobs with the tag {job.worker_tag}." if job.worker_tag else "No worker takes jobs without a tag."
    if all(worker.is_paused for worker in takers):
        return "The workers that could take it are paused."
    return ""


@dataclass(frozen=True)
class Progress:
    done: int
    steps: int


def progress_of(db: Session, job: Job) -> Progress | None:
    """Tell how far a running job is, as its worker last said; None where it said nothing."""
    worker = db.scalars(select(WorkerRecord).where(WorkerRecord.name == job.worker)).first()
    jobs: Any = (worker.doing or {}).get("jobs") if worker is not None else None
    told = cast("Mapping[str, Any]", jobs).get(job.id) if isinstance(jobs, Mapping) else None
    if not isinstance(told, Mapping):
        return None
    numbers = cast("Mapping[str, Any]", told)
    done, steps = numbers.get("done"), numbers.get("steps")
    return Progress(done, steps) if isinstance(done, int) and isinstance(steps, int) and steps > 0 else None
