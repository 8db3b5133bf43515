"""Queue jobs, follow them, cancel them. What workers do with them is in `dispatch.py`."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, false, func, or_, select, true, union_all, update
from sqlalchemy.orm import Session

from galleria.database.base import new_id, now
from galleria.database.clock import from_now
from galleria.database.connect import vault_of
from galleria.database.wake import ring
from galleria.errors import ConflictError, ForbiddenError, InvalidError, NotFoundError
from galleria.gallery.actors import Actor, Role
from galleria.gallery.audit import service as audit
from galleria.gallery.audit.service import Event
from galleria.gallery.credentials.service import require_usable
from galleria.gallery.files.service import find_input_files, keep_for
from galleria.gallery.jobs.answers import check_answers, file_ids
from galleria.gallery.jobs.records import Disposition, Job, JobMessage, JobOutput, Priority, State, in_state
from galleria.gallery.jobs.sealed import seal_passwords
from galleria.gallery.pages import EVERYTHING, Page, batches
from galleria.gallery.subscriptions.records import Subscription
from galleria.gallery.users.records import User
from galleria.gallery.workflows import report as reports
from galleria.gallery.workflows.records import Version, Workflow
from galleria.gallery.workflows.service import get_version, get_workflow

ENTITY = "Job"
CHANNEL = "galleria_jobs"
"""What rings when there may be work."""
HEARD = "galleria_jobs_over"
"""What rings when a job said something or ended, for those who follow it."""


@dataclass(frozen=True)
class NewJob:
    workflow_id: str
    version_id: str | None = None
    """None: the published one."""
    answers: Mapping[str, str] = field(default_factory=dict[str, str])
    """By question name."""
    secrets: Collection[str] = ()
    """Questions whose answers are sealed although they may be no passwords: what was sealed before stays so."""
    priority: Priority | None = None
    """Ignored where the caller may not set it, as the next one."""
    worker_tag: str | None = None
    credential_id: str | None = None
    schedule_id: str | None = None
    planned_at: datetime | None = None
    """For a scheduled job."""
    time_limit_s: float | None = None
    """None: the worker's own; a longer one than that is cut down to it."""
    cause: "Cause | None" = None
    """For a chained job."""


@dataclass(frozen=True)
class Cause:
    """Which job's end queued a job, by which trigger."""

    job_id: str
    trigger_id: str
    depth: int


def queue(db: Session, actor: Actor, new: NewJob) -> Job:
    """Put a run of a workflow into the queue. Raises ForbiddenError for a workflow that is not to be run."""
    actor.require(Role.VIEWER, "run a workflow")
    workflow = get_workflow(db, actor, new.workflow_id)
    if workflow.is_run_disabled:
        raise ForbiddenError(f"the workflow {workflow.name!r} is not to be run: running it was switched off")
    # The published one is mostly known from the job before.
    published = db.get(Version, workflow.published_version_id) if new.version_id is None else None
    version = published or get_version(db, actor, workflow.id, new.version_id)
    answers = _checked_answers(db, actor, version, new)
    if new.credential_id:
        require_usable(db, actor, new.credential_id)
    job = Job(
        id=new_id(),
        workflow_id=workflow.id,
        version_id=version.id,
        owner_id=actor.user_id,
        subscription_id=actor.subscription_id or workflow.subscription_id,
        schedule_id=new.schedule_id,
        via=actor.via,
        priority=new.priority if new.priority is not None and actor.can_set_priority else Priority.LOW,
        worker_tag=_worker_tag(db, actor, workflow, new),
        answers=answers,
        credential_id=new.credential_id or None,
        time_limit_s=checked_limit(new.time_limit_s),
        planned_at=new.planned_at,
        cause_job_id=new.cause.job_id if new.cause else None,
        trigger_id=new.cause.trigger_id if new.cause else None,
        chain_depth=new.cause.depth if new.cause else 0,
    )
    db.add(job)
    db.execute(update(Workflow).where(Workflow.id == workflow.id).values(run_count=Workflow.run_count + 1, last_run_at=now()))
    db.flush()
    ring(db, CHANNEL)
    return job


def checked_limit(limit_s: float | None) -> float | None:
    if limit_s is not None and not 0 < limit_s <= LONGEST_S:
        raise InvalidError(f"a time limit is more than nothing and {LONGEST_S:,} seconds at most, not {limit_s:g}")
    return limit_s


LONGEST_S = 30 * 24 * 3600


def _checked_answers(db: Session, actor: Actor, version: Version, new: NewJob) -> dict[str, Any]:
    # Most runs answer nothing, and the report is large.
    if not new.answers:
        return {}
    questions = reports.read(version.report).questions
    checked = check_answers(questions, new.answers)
    named = file_ids(questions, checked)
    missing = [file_id for file_id in named if file_id not in find_input_files(db, actor, named)]
    if missing:
        raise InvalidError(f"no uploaded file {missing[0][:40]!r}; upload it first, and name the id of the answer")
    keep_for(db, named, FILES_KEPT_S)
    return seal_passwords(vault_of(db), questions, checked, new.secrets)


FILES_KEPT_S = 7 * 24 * 3600.0
"""How long the files that a job is to read are kept, counted from when it was queued."""


def _worker_tag(db: Session, actor: Actor, workflow: Workflow, new: NewJob) -> str:
    """Take the caller's own word, else the workflow's, the user's and the studio's."""
    if new.worker_tag and actor.can_assign_jobs:
        return new.worker_tag
    if workflow.worker_tag:
        return workflow.worker_tag
    user = db.get(User, actor.user_id) if actor.user_id else None
    if user is not None and user.default_worker_tag:
        return user.default_worker_tag
    studio = db.get(Subscription, actor.subscription_id) if actor.subscription_id else None
    return studio.default_worker_tag if studio is not None else ""


def visible_to(actor: Actor) -> ColumnElement[bool]:
    """Say whose jobs an actor sees: all (Curators), the studio's (its key and its Artisans), one's own."""
    return or_(*_ways_to_see(actor))


def _ways_to_see(actor: Actor) -> Sequence[ColumnElement[bool]]:
    if actor.is_curator:
        return [true()]
    ways: list[ColumnElement[bool]] = [Job.owner_id == actor.user_id] if actor.user_id else []
    if actor.subscription_id and actor.has(Role.ARTISAN):
        ways.append(Job.subscription_id == actor.subscription_id)
    return ways or [false()]


def find_job(db: Session, actor: Actor, job_id: str) -> Job | None:
    return db.scalars(select(Job).where(Job.id == job_id, visible_to(actor))).first()


def get_job(db: Session, actor: Actor, job_id: str) -> Job:
    job = find_job(db, actor, job_id)
    if job is None:
        raise NotFoundError(f"no job {job_id}")
    return job


@dataclass(frozen=True)
class JobFilter:
    workflow_id: str | None = None
    owner_id: str | None = None
    subscription_id: str | None = None
    schedule_id: str | None = None
    state: State | None = None
    disposition: Disposition | None = None
    queued_since: datetime | None = None
    """Inclusive, as the next."""
    queued_until: datetime | None = None


def list_jobs(
    db: Session, actor: Actor, wanted: JobFilter | None = None, page: Page = EVERYTHING, *, newest_first: bool = True
) -> Sequence[Job]:
    """List the jobs that the actor may see, by the time they were queued."""
    order = Job.seq.desc() if newest_first else Job.seq.asc()
    ways = _ways_to_see(actor)
    if page.limit is None:
        return db.scalars(page.of(_filtered(wanted or JobFilter()).where(or_(*ways)).order_by(order))).all()
    if len(ways) == 1:
        # First the places, which an index alone may give, then the rows of this page: far pages need not read all rows before them.
        places = page.of(_filtered(wanted or JobFilter()).where(*ways).with_only_columns(Job.seq).order_by(order)).subquery()
        return db.scalars(select(Job).where(Job.seq.in_(select(places.c.seq))).order_by(order)).all()
    # Each way has an index in the order of the list, both together have none: the page is among the first of each.
    first = page.offset + page.limit
    parts = [_filtered(wanted or JobFilter()).where(way).with_only_columns(Job.seq).order_by(order).limit(first) for way in ways]
    seqs = union_all(*(select(part.subquery().c.seq) for part in parts)).subquery()
    return db.scalars(page.of(select(Job).where(Job.seq.in_(select(seqs.c.seq))).order_by(order))).all()


def _filtered(wanted: JobFilter) -> Select[Job]:
    query = select(Job)
    for column, value in (
        (Job.workflow_id, wanted.workflow_id),
        (Job.owner_id, wanted.owner_id),
        (Job.subscription_id, wanted.subscription_id),
        (Job.schedule_id, wanted.schedule_id),
        (Job.disposition, wanted.disposition),
    ):
        if value is not None:
            query = query.where(column == value)
    if wanted.state is State.QUEUED or wanted.state is State.RUNNING:
        # Few at any time, found first: whose they are is asked of these alone, not which of somebody's many are in this state.
        few = select(Job.seq).where(in_state(wanted.state)).cte().prefix_with("MATERIALIZED")
        query = query.where(Job.seq.in_(select(few.c.seq)))
    elif wanted.state is not None:
        query = query.where(in_state(wanted.state))
    if wanted.queued_since is not None:
        query = query.where(Job.queued_at >= wanted.queued_since)
    if wanted.queued_until is not None:
        query = query.where(Job.queued_at <= wanted.queued_until)
    return query


def messages_of(db: Session, job: Job, first: int = 0) -> Sequence[JobMessage]:
    """List what a job said, from this position on; the job comes from `get_job`, which checked the actor."""
    query = select(JobMessage).where(JobMessage.job_seq == job.seq, JobMessage.position >= first)
    return db.scalars(query.order_by(JobMessage.position)).all()


def last_seqs(db: Session, actor: Actor, workflow_ids: Sequence[str] | None = None) -> Sequence[int]:
    """Number the last job of each workflow, of these or of all, as far as the actor sees them; the newest first."""
    last = select(func.max(Job.seq)).where(visible_to(actor)).group_by(Job.workflow_id)
    if workflow_ids is not None:
        last = last.where(Job.workflow_id.in_(workflow_ids))
    return sorted(db.scalars(last), reverse=True)


def job_seqs(db: Session, actor: Actor, wanted: JobFilter | None = None, *, newest_first: bool = True) -> Sequence[int]:
    """As `list_jobs`, the numbers alone: for those who read a long list part by part."""
    query = _filtered(wanted or JobFilter()).where(visible_to(actor)).with_only_columns(Job.seq)
    return db.scalars(query.order_by(Job.seq.desc() if newest_first else Job.seq.asc())).all()


def jobs_in_order(db: Session, seqs: Sequence[int]) -> Sequence[Job]:
    """Find the jobs of these numbers, in their order, without those that are gone; for those who checked the list's actor."""
    found = {job.seq: job for some in batches(seqs) for job in db.scalars(select(Job).where(Job.seq.in_(some)))}
    return [found[seq] for seq in seqs if seq in found]


@dataclass(frozen=True)
class Story:
    """What a job said and made, each in order."""

    messages: list[JobMessage] = field(default_factory=list[JobMessage])
    outputs: list[JobOutput] = field(default_factory=list[JobOutput])


def stories_of(db: Session, jobs: Sequence[Job], *, with_messages: bool = True) -> dict[str, Story]:
    """Find what each job of a list of the caller's said and made, by the job's id."""
    jobs_by_seq = {job.seq: job.id for job in jobs}
    stories = {job.id: Story() for job in jobs}
    for some in batches(jobs_by_seq):
        made = select(JobOutput).where(JobOutput.job_seq.in_(some)).order_by(JobOutput.job_seq, JobOutput.position)
        for output in db.scalars(made):
            stories[jobs_by_seq[output.job_seq]].outputs.append(output)
        said = select(JobMessage).where(JobMessage.job_seq.in_(some)).order_by(JobMessage.job_seq, JobMessage.position)
        for message in db.scalars(said) if with_messages else ():
            stories[jobs_by_seq[message.job_seq]].messages.append(message)
    return stories


def outputs_of(db: Session, job: Job) -> Sequence[JobOutput]:
    """List what a job made; the job comes from `get_job`, which checked the actor."""
    return db.scalars(select(JobOutput).where(JobOutput.job_seq == job.seq).order_by(JobOutput.position)).all()


def get_output(db: Session, actor: Actor, job_id: str, output_id: str) -> JobOutput:
    """Find one output of a job that the actor may see."""
    job = get_job(db, actor, job_id)
    output = db.scalars(select(JobOutput).where(JobOutput.id == output_id, JobOutput.job_seq == job.seq)).first()
    if output is None:
        raise NotFoundError(f"job {job_id} has no output {output_id}")
    return output


def note_download(db: Session, actor: Actor, job_id: str, output: JobOutput, wanted_format: str) -> None:
    """Write into the audit log that an output was fetched. Needs a writing session."""
    audit.record(db, actor, Event.DOWNLOAD, ENTITY, job_id, new={"outputId": output.id, "name": output.name, "format": wanted_format})


def cancel(db: Session, actor: Actor, job_id: str) -> Job:
    """End a queued job at once; ask the worker of a running one to kill it. Asking twice changes nothing.

    Raises ConflictError for a job that is over.
    """
    get_job(db, actor, job_id)
    job = db.scalars(select(Job).where(Job.id == job_id).with_for_update().execution_options(populate_existing=True)).one()
    if job.is_over:
        raise ConflictError(f"job {job_id} is over: {job.state.value}")
    if job.cancel_requested_at is not None:
        return job
    values = {"cancel_requested_at": from_now(), "cancelled_by": actor.user_id}
    if job.state is State.QUEUED:
        db.execute(update(Job).where(Job.seq == job.seq).values(**values, state=State.CANCELLED, ended_at=from_now()))
        ring(db, HEARD)
    else:
        db.execute(update(Job).where(Job.seq == job.seq).values(**values))
        ring(db, CHANNEL)
    audit.record(db, actor, Event.UPDATE, ENTITY, job_id, new={"cancelled": True})
    db.refresh(job)
    return job
