"""Turn the ends of jobs into what triggers ask for: each once, whoever dies meanwhile.

Whoever ends a job marks it as unheard in the same transaction, where its workflow is watched. Here the marks are taken away
in one transaction with what follows: chained jobs in the queue, deliveries to be sent.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from galleria.database.base import new_id, now
from galleria.database.clock import from_now
from galleria.database.connect import vault_of
from galleria.errors import ConflictError, GalleriaError, NotFoundError
from galleria.gallery.files.service import lend
from galleria.gallery.groups.service import actor_for
from galleria.gallery.jobs.records import Disposition, Job, JobMessage, JobOutput, Priority, State
from galleria.gallery.jobs.sealed import open_answers, sealed_names
from galleria.gallery.jobs.service import Cause, NewJob, queue
from galleria.gallery.triggers import answers as templates
from galleria.gallery.triggers.failures import tell_followers
from galleria.gallery.triggers.records import Action, Delivery, Event, Progress, Trigger
from galleria.gallery.triggers.told import told
from galleria.gallery.users.records import User
from galleria.gallery.workflows.records import Workflow
from galleria.messages import Status

VIA = "trigger"
LONGEST_CHAIN = 20
"""Runs that follow each other; a chain that bites its own tail ends there."""


@dataclass(frozen=True)
class Reaction:
    heard: int
    """Jobs whose end was dealt with."""
    queued: int
    posted: int
    """Deliveries that are to be sent."""


def is_any_unheard(db: Session) -> bool:
    """Say whether there is anything for `react`: cheaper, and writes nothing."""
    # In the order of the index, or PostgreSQL believes that it finds one sooner without it.
    return db.scalars(select(Job.seq).where(Job.is_unheard).order_by(Job.seq).limit(1)).first() is not None


def react(db: Session, most: int = 100) -> Reaction:
    """Carry out the triggers of jobs that ended, in the order in which the jobs were queued."""
    query = select(Job).where(Job.is_unheard).order_by(Job.seq).limit(most).with_for_update(skip_locked=True)
    jobs = db.scalars(query.execution_options(populate_existing=True)).all()
    made = [_react_to(db, job) for job in jobs]
    if jobs:
        db.execute(update(Job).where(Job.seq.in_([job.seq for job in jobs])).values(is_unheard=False))
    deliveries = [delivery for some in made for delivery in some]
    queued = sum(delivery.made_job_id is not None for delivery in deliveries)
    return Reaction(len(jobs), queued, sum(delivery.progress is Progress.WAITING for delivery in deliveries))


def _react_to(db: Session, job: Job) -> Sequence[Delivery]:
    events = _events_of(db, job)
    query = select(Trigger).where(Trigger.workflow_id == job.workflow_id, Trigger.is_enabled).order_by(Trigger.created_at, Trigger.id)
    made: list[Delivery] = []
    for trigger in db.scalars(query):
        # Where several fit, the last is the most telling one: a recovery is a success, too.
        fitting = [event for event in events if event.value in trigger.events]
        if fitting:
            made.append(_set_off(db, trigger, job, fitting[-1]))
    if Event.FAILURE in events:
        tell_followers(db, job)
    return made


def _events_of(db: Session, job: Job) -> Sequence[Event]:
    if job.state is not State.COMPLETED:
        return ()
    if job.disposition is Disposition.ERROR:
        return (Event.FAILURE,)
    earlier = select(Job.disposition).where(Job.workflow_id == job.workflow_id, Job.seq < job.seq, Job.state == State.COMPLETED)
    before = db.scalars(earlier.order_by(Job.seq.desc()).limit(1)).first()
    return (Event.SUCCESS, Event.RECOVERY) if before is Disposition.ERROR else (Event.SUCCESS,)


def _set_off(db: Session, trigger: Trigger, job: Job, event: Event) -> Delivery:
    delivery = Delivery(id=new_id(), trigger_id=trigger.id, job_id=job.id, event=event, body={}, progress=Progress.WAITING, attempts=0)
    if trigger.action is Action.RUN:
        _chain(db, trigger, job, delivery)
    else:
        delivery.body = told(db, job)
    db.add(delivery)
    db.flush()
    if delivery.progress is Progress.WAITING:
        db.execute(update(Delivery).where(Delivery.id == delivery.id).values(next_try_at=from_now()))
    return delivery


def _chain(db: Session, trigger: Trigger, job: Job, delivery: Delivery) -> None:
    delivery.attempts = 1
    delivery.ended_at = now()
    try:
        # Apart: what it did before it failed is undone, the log of the failure is not.
        with db.begin_nested():
            queued = _queue(db, trigger, job)
    except GalleriaError as error:
        delivery.progress, delivery.answer = Progress.FAILED, error.message
    else:
        delivery.progress, delivery.answer, delivery.made_job_id = Progress.SENT, "queued", queued.id


def _queue(db: Session, trigger: Trigger, job: Job) -> Job:
    owner = db.get(User, trigger.owner_id)
    if owner is None:
        raise NotFoundError("the owner of the trigger is gone")
    if job.chain_depth + 1 >= LONGEST_CHAIN:
        raise ConflictError(f"a chain has {LONGEST_CHAIN} runs at most, so that none goes on for ever; this run was its last")
    # Its priority was checked when the first of the chain was queued.
    actor = replace(actor_for(db, owner, VIA), can_set_priority=True)
    texts = open_answers(vault_of(db), trigger.answers)
    filled = templates.fill(texts, _story(db, job))
    files = {question: lend(db, actor, made.name, made.storage_key, made.size_bytes).id for question, made in filled.files.items()}
    cause = Cause(job.id, trigger.id, job.chain_depth + 1)
    # What was a secret in one run is one in the next, whatever question it answers there.
    given_secrets = sealed_names(job.answers)
    secrets = {name for name, text in texts.items() if templates.takes_from(text, given_secrets)} | sealed_names(trigger.answers)
    answers = {**filled.answers, **files}
    new = NewJob(trigger.target_id or "", answers=answers, secrets=secrets, priority=Priority(job.priority), cause=cause)
    return queue(db, actor, new)


def _story(db: Session, job: Job) -> templates.Story:
    outputs = db.scalars(select(JobOutput).where(JobOutput.job_seq == job.seq).order_by(JobOutput.position))
    errors = select(JobMessage.text).where(JobMessage.job_seq == job.seq, JobMessage.status == int(Status.ERROR))
    values = {
        "job": job.id,
        "workflow": db.scalar(select(Workflow.name).where(Workflow.id == job.workflow_id)) or "",
        "outcome": job.disposition.value,
        "error": db.scalar(errors.order_by(JobMessage.position).limit(1)) or "",
    }
    made = [templates.Made(output.name, output.storage_key, output.size_bytes, output.record_count) for output in outputs]
    return templates.Story(values, open_answers(vault_of(db), job.answers), made)
