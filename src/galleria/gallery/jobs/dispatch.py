"""What a worker does with the queue: claim, renew, write, finish. Every write is refused once the lease is somebody else's.

Leases run by the database's clock. A refused write raises ConflictError: the worker must kill its run and forget it.
"""

import secrets
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from galleria.database.base import new_id
from galleria.database.clock import from_now
from galleria.database.connect import is_postgresql
from galleria.database.wake import ring
from galleria.errors import ConflictError
from galleria.gallery.jobs import statements
from galleria.gallery.jobs.names import note_names
from galleria.gallery.jobs.records import Disposition, Job, JobMessage, JobOutput, Priority, State, in_state
from galleria.gallery.jobs.service import CHANNEL, HEARD
from galleria.messages import Message, Status
from galleria.storage.contract import Stored

LEASE_S = 30.0
MOST_ATTEMPTS = 3
WORKER_LOST = "worker lost"
_LONGEST_TEXT = 100_000


@dataclass(frozen=True)
class Lease:
    """The right to write about a job."""

    job_id: str
    seq: int
    token: str


@dataclass(frozen=True)
class ClaimedJob:
    """What a run needs to know of its job."""

    seq: int
    id: str
    workflow_id: str
    version_id: str
    owner_id: str | None
    subscription_id: str
    priority: int
    answers: Mapping[str, Any]
    credential_id: str | None
    time_limit_s: float | None
    attempts: int


@dataclass(frozen=True)
class Claim:
    """A job that is the worker's to run, and what it needs for it."""

    lease: Lease
    job: ClaimedJob
    package_key: str
    file_name: str
    workflow_name: str


@dataclass(frozen=True)
class Worker:
    name: str
    """Unique among the workers of a gallery: `host:pid`."""
    tags: frozenset[str] = frozenset()
    runs_unassigned: bool = True
    """Whether it takes jobs without a tag."""
    least_priority: Priority = Priority.LOW
    """Takes no job that is less urgent: kept free for those that are."""

    @property
    def runs_any(self) -> bool:
        return bool(self.tags) or self.runs_unassigned

    @cached_property
    def kind(self) -> Mapping[str, bool]:
        """Which statements find its jobs."""
        return {"has_tags": bool(self.tags), "runs_unassigned": self.runs_unassigned, "is_kept": self.least_priority > Priority.LOW}

    @cached_property
    def values(self) -> Mapping[str, Any]:
        """What it puts into them."""
        least = {"least": int(self.least_priority)} if self.kind["is_kept"] else {}
        return {**({"tags": sorted(self.tags)} if self.tags else {}), **least}


class Outcome(StrEnum):
    SUCCESS = "Success"
    ERROR = "Error"
    CANCELLED = "Cancelled"


@dataclass(frozen=True)
class NewOutput:
    name: str
    stored: Stored
    formats: Sequence[str]
    tool_id: int | None = None
    record_count: int | None = None


@dataclass(frozen=True)
class Recovered:
    """What became of jobs whose lease ran out: job ids."""

    requeued: tuple[str, ...]
    failed: tuple[str, ...]
    cancelled: tuple[str, ...]
    orphaned_keys: tuple[str, ...]
    """Stored outputs of abandoned attempts, for the caller to delete after the commit."""


def is_waiting(db: Session, worker: Worker) -> bool:
    """Say whether there is a job that the worker may run: cheaper than a claim, which writes."""
    return worker.runs_any and db.execute(statements.waiting(**worker.kind), worker.values).first() is not None


def claim(db: Session, worker: Worker, count: int = 1, lease_s: float = LEASE_S) -> Sequence[Claim]:
    """Take up to `count` of the most urgent jobs that the worker may run, the most urgent first. May be none."""
    if not worker.runs_any:
        return []
    token = secrets.token_hex(16)
    values = {**worker.values, "most": count, "new_token": token, "new_worker": worker.name, "lease_s": float(lease_s)}
    taken = [(ClaimedJob(*row[:11]), row[11:]) for row in db.execute(statements.claim(**worker.kind), values)]
    taken.sort(key=lambda one: (-one[0].priority, one[0].seq))
    return [Claim(Lease(job.id, job.seq, token), job, *about) for job, about in taken]


def renew(db: Session, leases: Sequence[Lease], lease_s: float = LEASE_S) -> Mapping[str, bool]:
    """Keep jobs for another while. Gives, by job id, whether its cancellation is asked for; a job that is missing is lost."""
    if not leases:
        return {}
    if len(leases) == 1:
        rows = db.execute(statements.RENEW, {**_held(leases[0]), "lease_s": float(lease_s)}).all()
    else:
        # Jobs claimed together share a token; it is job and token that make a lease.
        tokens = list({lease.token for lease in leases})
        values = {"held_seqs": [lease.seq for lease in leases], "held_tokens": tokens, "lease_s": float(lease_s)}
        rows = db.execute(statements.RENEW_MANY, values).all()
    held = {(lease.job_id, lease.token) for lease in leases}
    return {job_id: asked_at is not None for job_id, token, asked_at in rows if (job_id, token) in held}


def _held(lease: Lease) -> dict[str, Any]:
    return {"held_seq": lease.seq, "held_token": lease.token}


def asked_to_stop(db: Session, leases: Sequence[Lease]) -> Collection[str]:
    """Give the ids of jobs whose cancellation is asked for; writes nothing, so it may be asked often."""
    if not leases:
        return ()
    query = select(Job.id).where(Job.seq.in_([lease.seq for lease in leases]), Job.cancel_requested_at.is_not(None))
    return set(db.scalars(query))


def add_messages(db: Session, lease: Lease, messages: Sequence[Message], progress: Mapping[str, Any] | None = None) -> None:
    """Append to what the job said, and note how far it is; those who wait for either are woken."""
    if not messages and progress is None:
        return
    far: dict[str, Any] = {} if progress is None else {"new_progress": dict(progress)}
    after = db.execute(statements.hear(has_moved=bool(far)), {**_held(lease), "said": len(messages), **far}).scalar()
    if after is None:
        raise _lost(lease)
    if messages:
        _insert_messages(db, lease.seq, after - len(messages), messages)
    ring(db, HEARD)


def add_output(db: Session, lease: Lease, output: NewOutput) -> str:
    """Note a stored output; gives its id."""
    position = _hold(db, lease, output_count=Job.output_count + 1).output_count - 1
    return _insert_outputs(db, lease.seq, position, [output])[0]


def _insert_outputs(db: Session, seq: int, first: int, outputs: Sequence[NewOutput]) -> Sequence[str]:
    rows: list[dict[str, Any]] = [
        {
            "id": new_id(),
            "job_seq": seq,
            "position": first + offset,
            "name": output.name.replace("\0", "")[:1000],
            "storage_key": output.stored.key,
            "size_bytes": output.stored.size_bytes,
            "sha256": output.stored.sha256,
            "formats": list(output.formats),
            "tool_id": output.tool_id,
            "record_count": output.record_count,
        }
        for offset, output in enumerate(outputs)
    ]
    if rows:
        db.execute(statements.INSERT_OUTPUTS, rows)
    return [row["id"] for row in rows]


def finish(
    db: Session,
    lease: Lease,
    outcome: Outcome,
    result: Mapping[str, Any] | None = None,
    messages: Sequence[Message] = (),
    outputs: Sequence[NewOutput] = (),
    progress: Mapping[str, Any] | None = None,
) -> None:
    """End the job, with the last that it said and made. Success and Error stand even when a cancellation came too late for the run."""
    is_cancelled, bell = outcome is Outcome.CANCELLED, HEARD if is_postgresql(db) else ""
    values: dict[str, Any] = {**_held(lease), "new_result": None if result is None else dict(result)}
    values |= {"said": len(messages), "made": len(outputs)}
    values |= {} if progress is None else {"new_progress": dict(progress)}
    values |= {} if is_cancelled else {"new_disposition": Disposition(outcome.value)}
    ended: Any = db.execute(statements.finish(is_cancelled=is_cancelled, has_moved=progress is not None, bell=bell), values).first()
    if ended is None:
        raise _lost(lease)
    if messages:
        _insert_messages(db, lease.seq, ended.message_count - len(messages), messages)
    _insert_outputs(db, lease.seq, ended.output_count - len(outputs), outputs)
    if ended.output_count:
        note_names(db, ended, [output.name for output in outputs] if ended.output_count == len(outputs) else None)
    if not bell:
        ring(db, HEARD)
    if ended.is_unheard:
        ring(db, CHANNEL)


def give_back(db: Session, lease: Lease) -> Sequence[str]:
    """Put a running job back into the queue, its attempt not counted: the worker is going down. Gives orphaned storage keys.

    A job whose cancellation was asked for ends instead.
    """
    if _hold(db, lease, attempts=Job.attempts - 1).cancel_requested_at is not None:
        finish(db, lease, Outcome.CANCELLED)
        return []
    _hold(db, lease, **_AS_QUEUED)
    ring(db, CHANNEL)
    return _forget_attempts(db, [lease.seq])


_AS_QUEUED: Mapping[str, Any] = {
    "state": State.QUEUED,
    "lease_token": None,
    "lease_expires_at": None,
    "started_at": None,
    "progress": None,
    "message_count": 0,
    "output_count": 0,
}


def _hold(db: Session, lease: Lease, **values: Any) -> Job:
    """Change the row if the lease is still ours, and lock it until the commit."""
    held = db.scalars(
        update(Job)
        .where(Job.seq == lease.seq, Job.lease_token == lease.token, Job.state == State.RUNNING)
        .values(**values)
        .returning(Job)
        .execution_options(synchronize_session=False, populate_existing=True)
    ).first()
    if held is None:
        raise _lost(lease)
    return held


def _lost(lease: Lease) -> ConflictError:
    return ConflictError(f"job {lease.job_id} is no longer this worker's: its lease ran out and it was given to another, or it is over")


def _insert_messages(db: Session, seq: int, first: int, messages: Sequence[Message]) -> None:
    rows: list[dict[str, Any]] = [
        {
            "job_seq": seq,
            "position": first + offset,
            "tool_id": message.tool_id,
            "status": int(message.status),
            "text": message.text.replace("\0", "")[:_LONGEST_TEXT],
            "path": list(message.path) or None,
        }
        for offset, message in enumerate(messages)
    ]
    db.execute(statements.INSERT_MESSAGES, rows)


def recover_lost(db: Session, most_attempts: int = MOST_ATTEMPTS) -> Recovered:
    """Deal with jobs whose lease ran out: queue them again, or end them when that happened `most_attempts` times."""
    query = select(Job).where(in_state(State.RUNNING), Job.lease_expires_at < from_now())
    lost = db.scalars(query.order_by(Job.seq).with_for_update(skip_locked=True).execution_options(populate_existing=True)).all()
    cancelled = [job for job in lost if job.cancel_requested_at is not None]
    failed = [job for job in lost if job not in cancelled and job.attempts >= most_attempts]
    requeued = [job for job in lost if job not in cancelled and job not in failed]
    _end(db, cancelled, State.CANCELLED, Disposition.NONE)
    for job in failed:
        _insert_messages(db, job.seq, job.message_count, [Message(None, Status.ERROR, WORKER_LOST)])
    _end(db, failed, State.COMPLETED, Disposition.ERROR)
    if requeued:
        seqs = [job.seq for job in requeued]
        db.execute(update(Job).where(Job.seq.in_(seqs)).values(**_AS_QUEUED).execution_options(synchronize_session=False))
        ring(db, CHANNEL)
    orphaned = _forget_attempts(db, [job.seq for job in requeued])
    return Recovered(_ids(requeued), _ids(failed), _ids(cancelled), tuple(orphaned))


def _ids(jobs: Sequence[Job]) -> tuple[str, ...]:
    return tuple(job.id for job in jobs)


def _end(db: Session, jobs: Sequence[Job], state: State, disposition: Disposition) -> None:
    if not jobs:
        return
    values: dict[str, Any] = {
        "state": state,
        "disposition": disposition,
        "ended_at": from_now(),
        "lease_token": None,
        "lease_expires_at": None,
    }
    if disposition is Disposition.ERROR:
        values["message_count"] = Job.message_count + 1
        values["is_unheard"] = statements.IS_WATCHED
    seqs = [job.seq for job in jobs]
    db.execute(update(Job).where(Job.seq.in_(seqs)).values(**values).execution_options(synchronize_session=False))
    ring(db, HEARD)


def _forget_attempts(db: Session, seqs: Sequence[int]) -> Sequence[str]:
    """Remove what an abandoned attempt said and made, so that the next one starts clean; gives the keys of its files."""
    if not seqs:
        return []
    db.execute(delete(JobMessage).where(JobMessage.job_seq.in_(seqs)))
    return db.scalars(delete(JobOutput).where(JobOutput.job_seq.in_(seqs)).returning(JobOutput.storage_key)).all()
