"""What is kept how long: jobs with their messages and outputs, outputs alone, the audit log, copies in other formats."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from datetime import datetime

from sqlalchemy import ColumnElement, ScalarSelect, Select, delete, func, or_, select, update
from sqlalchemy.orm import Session

from galleria.database.clock import from_now
from galleria.database.connect import Database, on_commit
from galleria.gallery.actors import Actor
from galleria.gallery.audit.records import AuditEvent
from galleria.gallery.audit.service import Event, record
from galleria.gallery.files.records import InputFile
from galleria.gallery.jobs.names import forget_names
from galleria.gallery.jobs.records import Job, JobOutput, State
from galleria.gallery.pages import batches
from galleria.storage.contract import Area, Storage

DAY_S = 24 * 3600
STRAY_S = 7 * DAY_S
"""Longer than any worker goes on trying to note what it stored."""
BATCH = 500
"""Records that one transaction removes, so that others are not kept waiting."""


@dataclass(frozen=True)
class Policy:
    """Each 0 keeps everything."""

    jobs_days: float = 0
    """Jobs that ended longer ago go, with all that belongs to them."""
    jobs_each: int = 0
    """How many ended jobs of one workflow stay; the older ones go."""
    outputs_days: float = 0
    """Outputs of jobs that ended longer ago go; job and messages stay."""
    audit_days: float = 0
    converted_days: float = 0
    """Copies of outputs in other formats, made again when somebody asks."""


@dataclass(frozen=True)
class Removed:
    """What went, or would go."""

    jobs: int = 0
    outputs: int = 0
    output_bytes: int = 0
    audit_events: int = 0
    converted: int = 0

    def __add__(self, other: "Removed") -> "Removed":
        return Removed(*(getattr(self, one.name) + getattr(other, one.name) for one in fields(self)))

    @property
    def is_nothing(self) -> bool:
        return self == Removed()


def what_would_go(db: Session, policy: Policy) -> Removed:
    """Count what `sweep` would remove now; copies in other formats are not counted."""
    jobs = _old_jobs(policy)
    old_jobs = () if jobs is None else db.execute(select(func.count()).select_from(jobs.subquery())).one()
    outputs = _old_outputs(policy)
    found = (0, 0)
    if outputs is not None:
        row = db.execute(select(func.count(), func.coalesce(func.sum(JobOutput.size_bytes), 0)).where(outputs)).one()
        found = (int(row[0]), int(row[1]))
    events = 0 if not policy.audit_days else db.scalar(select(func.count()).where(_is_old_event(policy))) or 0
    return Removed(old_jobs[0] if old_jobs else 0, found[0], found[1], events)


def sweep(database: Database, storage: Storage, policy: Policy, actor: Actor) -> Iterator[Removed]:
    """Remove what the policy keeps no longer, batch by batch; gives what each batch removed, and notes the sum in the audit log.

    Queued and running jobs stay, and jobs whose triggers have not been seen to.
    """
    total = Removed()
    for step in (_sweep_outputs, _sweep_jobs, _sweep_audit):
        removed = step(database, storage, policy)
        while not removed.is_nothing:
            total += removed
            yield removed
            removed = step(database, storage, policy)
    if policy.converted_days:
        converted = Removed(converted=storage.purge(Area.CONVERTED, policy.converted_days * DAY_S))
        total += converted
        yield converted
    if total.jobs or total.outputs or total.audit_events:
        with database.write() as db:
            record(db, actor, Event.DELETE, "Retention", "", new={one.name: getattr(total, one.name) for one in fields(total)})


def sweep_strays(database: Database, storage: Storage, spread: str, age_s: float = STRAY_S) -> int:
    """Remove stored outputs of one folder that no job names, with which a worker died before it could note them; gives how many.

    What was stored less than `age_s` ago may still be noted.
    """

    def kept(keys: Sequence[str]) -> set[str]:
        found: set[str] = set()
        with database.read() as db:
            for some in batches(keys):
                found.update(db.scalars(select(JobOutput.storage_key).where(JobOutput.storage_key.in_(some))))
                # Lent to another run.
                found.update(db.scalars(select(InputFile.storage_key).where(InputFile.storage_key.in_(some))))
        return found

    return storage.purge(Area.OUTPUTS, age_s, kept, spread)


def _sweep_outputs(database: Database, storage: Storage, policy: Policy) -> Removed:
    old = _old_outputs(policy)
    if old is None:
        return Removed()
    with database.write() as db:
        return _drop_outputs(db, storage, select(JobOutput.id).where(old).limit(BATCH))


def _sweep_jobs(database: Database, storage: Storage, policy: Policy) -> Removed:
    old = _old_jobs(policy)
    if old is None:
        return Removed()
    with database.write() as db:
        jobs = db.scalars(old.limit(BATCH)).all()
        outputs = _drop_outputs(db, storage, select(JobOutput.id).where(JobOutput.job_seq.in_(jobs)))
        # Their messages go with them.
        db.execute(delete(Job).where(Job.seq.in_(jobs)))
        return outputs + Removed(jobs=len(jobs))


def _sweep_audit(database: Database, storage: Storage, policy: Policy) -> Removed:
    if not policy.audit_days:
        return Removed()
    with database.write() as db:
        old = select(AuditEvent.seq).where(_is_old_event(policy)).limit(BATCH)
        return Removed(audit_events=len(db.scalars(delete(AuditEvent).where(AuditEvent.seq.in_(old)).returning(AuditEvent.seq)).all()))


def _drop_outputs(db: Session, storage: Storage, which: Select[str]) -> Removed:
    told = (JobOutput.storage_key, JobOutput.size_bytes, JobOutput.job_seq)
    gone = db.execute(delete(JobOutput).where(JobOutput.id.in_(which)).returning(*told)).all()
    seqs = {seq for _, _, seq in gone}
    db.execute(update(Job).where(Job.seq.in_(seqs)).values(output_count=0))
    forget_names(db, seqs)
    for key, _, _ in gone:
        on_commit(db, lambda key=key: storage.delete(key))
    return Removed(outputs=len(gone), output_bytes=sum(size for _, size, _ in gone))


def _old_jobs(policy: Policy) -> Select[int] | None:
    """The numbers of the jobs to remove; None where all stay."""
    too_old: list[ColumnElement[bool]] = []
    if policy.jobs_days:
        too_old.append(Job.ended_at < _days_ago(policy.jobs_days))
    if policy.jobs_each:
        place = func.row_number().over(partition_by=Job.workflow_id, order_by=Job.seq.desc()).label("place")
        ranked = select(Job.seq, place).where(_is_over()).subquery()
        too_old.append(Job.seq.in_(select(ranked.c.seq).where(ranked.c.place > policy.jobs_each)))
    return select(Job.seq).where(_is_over(), or_(*too_old)) if too_old else None


def _old_outputs(policy: Policy) -> ColumnElement[bool] | None:
    if not policy.outputs_days:
        return None
    return JobOutput.job_seq.in_(select(Job.seq).where(_is_over(), Job.ended_at < _days_ago(policy.outputs_days)))


def _is_over() -> ColumnElement[bool]:
    return Job.state.in_((State.COMPLETED, State.CANCELLED)) & ~Job.is_unheard


def _is_old_event(policy: Policy) -> ColumnElement[bool]:
    return AuditEvent.at < _days_ago(policy.audit_days)


def _days_ago(days: float) -> ScalarSelect[datetime]:
    """As one value for the whole statement, so that an index serves it."""
    return select(from_now(-days * DAY_S)).scalar_subquery()
