"""Why a queued job does not run yet, and how far a running one is: told to whoever may see the job."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, cast

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import Session

from galleria.database.base import now
from galleria.gallery.actors import Actor
from galleria.gallery.jobs.records import Job, Priority, State, in_state
from galleria.gallery.jobs.service import get_job
from galleria.gallery.workers.records import WorkerRecord
from galleria.gallery.workers.service import GONE_S


@dataclass(frozen=True)
class Waiting:
    before: int
    """Queued jobs that come first: more urgent ones, then those that were there earlier, of the same worker tag."""
    reason: str
    """What has to happen beside their being done, as a sentence; empty when nothing is in the way."""
    before_by_priority: Mapping[Priority, int]
    """The jobs before it, by how urgent they are; the most urgent first."""
    slots: int = 0
    """Jobs that the workers that could take it can run at once."""
    busy: int = 0
    """How many of those slots are taken, as the workers last said."""

    @property
    def position(self) -> int:
        """Its place in the queue, from 1 on."""
        return self.before + 1


def explain_waiting(db: Session, actor: Actor, job_id: str) -> Waiting | None:
    """Tell why a job waits; None where it does not."""
    job = get_job(db, actor, job_id)
    return waiting_of(db, job) if job.state is State.QUEUED else None


def waiting_of(db: Session, job: Job) -> Waiting:
    """Tell why a queued job waits; the job comes from `get_job`, which checked the actor."""
    is_first = or_(Job.priority > job.priority, and_(Job.priority == job.priority, Job.seq < job.seq))
    ahead = select(Job.priority, func.count()).where(in_state(State.QUEUED), Job.worker_tag == job.worker_tag, is_first)
    counts = {Priority(priority): count for priority, count in db.execute(ahead.group_by(Job.priority).order_by(Job.priority.desc()))}
    workers = _present(db)
    able = [worker for worker in workers if _could_take(worker, job)]
    slots, busy = sum(worker.slots for worker in able), sum(map(_busy, able))
    return Waiting(sum(counts.values()), _reason(job, workers, able, is_full=busy >= slots), counts, slots, busy)


def are_workers_there(db: Session) -> bool:
    return bool(_present(db))


def _present(db: Session) -> Sequence[WorkerRecord]:
    return db.scalars(select(WorkerRecord).where(WorkerRecord.seen_at > now() - timedelta(seconds=GONE_S))).all()


def _takes_tag(worker: WorkerRecord, job: Job) -> bool:
    return job.worker_tag in worker.tags if job.worker_tag else worker.runs_unassigned


def _could_take(worker: WorkerRecord, job: Job) -> bool:
    return _takes_tag(worker, job) and not worker.is_paused and not worker.is_drained and job.priority >= worker.least_priority


def _busy(worker: WorkerRecord) -> int:
    jobs: Any = (worker.doing or {}).get("jobs")
    return min(len(cast("Mapping[str, Any]", jobs)), worker.slots) if isinstance(jobs, Mapping) else 0


def _reason(job: Job, workers: Sequence[WorkerRecord], able: Sequence[WorkerRecord], *, is_full: bool) -> str:
    if not workers:
        return "No worker is there; it runs as soon as one starts."
    takers = [worker for worker in workers if _takes_tag(worker, job)]
    if not takers:
        return f"No worker takes jobs with the tag {job.worker_tag}." if job.worker_tag else "No worker takes jobs without a tag."
    there = [worker for worker in takers if not worker.is_paused and not worker.is_drained]
    if not there:
        return "The workers that could take it are paused or about to end."
    if not able:
        least = min(worker.least_priority for worker in there)
        return f"The workers are kept free for jobs of priority {Priority(least).name.capitalize()} and above; this one is less urgent."
    slots = sum(worker.slots for worker in able)
    taken = "The only slot that could take it is busy." if slots == 1 else f"All {slots} slots that could take it are busy."
    return taken if is_full else ""


@dataclass(frozen=True)
class Progress:
    done: int
    steps: int
    at_work: tuple[str, ...] = ()
    """The tools that rows pass at this moment: `Sort (6)`; for one that reads a file also how far that is."""


_MOST_AT_WORK = 12


def progress_of(job: Job) -> Progress | None:
    """Tell how far a running job is, as its run last said; None where it said nothing."""
    numbers = job.progress or {}
    done, steps = numbers.get("done"), numbers.get("steps")
    read: Mapping[str, int] = numbers.get("read", {})
    tools = [_at_work(tool, read.get(str(tool["toolId"]), 0)) for tool in numbers.get("tools", ())[:_MOST_AT_WORK]]
    return Progress(done, steps, tuple(tools)) if isinstance(done, int) and isinstance(steps, int) and steps > 0 else None


def records_of(job: Job) -> Mapping[str, int]:
    """Tell how many records passed each anchor, by `TOOL:ANCHOR`, as the run last said."""
    told: Mapping[str, Mapping[str, int]] = (job.progress or {}).get("records") or {}
    return {f"{tool}:{anchor}": count for tool, anchors in told.items() for anchor, count in anchors.items()}


def _at_work(tool: Mapping[str, Any], read: int) -> str:
    return f"{tool['name']} ({tool['toolId']}){f', {read:,} records read' if read else ''}"
