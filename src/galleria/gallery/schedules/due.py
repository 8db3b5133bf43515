"""Turn schedules whose time has come into jobs: each once, however many processes look."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from sqlalchemy import select
from sqlalchemy.orm import Session

from galleria.database.base import now
from galleria.database.clock import from_now
from galleria.errors import GalleriaError
from galleria.gallery.actors import Actor
from galleria.gallery.groups.service import actor_for
from galleria.gallery.jobs.records import Job, Priority, State
from galleria.gallery.jobs.service import NewJob, queue
from galleria.gallery.schedules.records import Schedule
from galleria.gallery.schedules.recurrence import Overlap, iteration_from, next_times
from galleria.gallery.users.records import User

VIA = "schedule"


@dataclass(frozen=True)
class Fired:
    schedule_id: str
    job_id: str | None
    reason: str = ""
    """Why there is no job."""


def fire_due(db: Session, most: int = 100) -> Sequence[Fired]:
    """Queue a job for each schedule that is due, the one overdue the longest first, and find when each runs next.

    Times that were missed while nothing ran are made up for by one run. A schedule that cannot run (its workflow or owner
    is gone, its owner may not see it any more) stays, with the reason, and is tried again the next time.
    """
    due = (
        select(Schedule)
        .where(Schedule.is_enabled, Schedule.next_run_at <= from_now())
        .order_by(Schedule.next_run_at)
        .limit(most)
        .with_for_update(skip_locked=True)
    )
    return [_fire(db, schedule) for schedule in db.scalars(due).all()]


def _fire(db: Session, schedule: Schedule) -> Fired:
    fired = _try(db, schedule)
    moment = now()
    schedule.last_error = fired.reason
    if fired.job_id is not None:
        schedule.last_run_at = moment
        schedule.last_job_id = fired.job_id
        schedule.run_count += 1
    schedule.next_run_at = next(iter(next_times(iteration_from(schedule.iteration), schedule.timezone, moment)), None)
    db.flush()
    return fired


def _try(db: Session, schedule: Schedule) -> Fired:
    if schedule.overlap is Overlap.SKIP and _is_running(db, schedule):
        return Fired(schedule.id, None, "skipped: the run before is not over yet")
    owner = db.get(User, schedule.owner_id)
    if owner is None:
        return Fired(schedule.id, None, "its owner is gone")
    try:
        job = queue(db, _owner_as_scheduler(db, owner), _new_job(schedule))
    except GalleriaError as error:
        return Fired(schedule.id, None, error.message)
    return Fired(schedule.id, job.id)


def _owner_as_scheduler(db: Session, owner: User) -> Actor:
    actor = actor_for(db, owner, VIA)
    # Priority and tag were checked when the schedule was made; they hold for its runs.
    return replace(actor, can_set_priority=True, can_assign_jobs=True)


def _new_job(schedule: Schedule) -> NewJob:
    return NewJob(
        schedule.workflow_id,
        answers=schedule.answers,
        priority=Priority(schedule.priority),
        worker_tag=schedule.worker_tag,
        credential_id=schedule.credential_id,
        schedule_id=schedule.id,
    )


def _is_running(db: Session, schedule: Schedule) -> bool:
    query = select(Job.seq).where(Job.schedule_id == schedule.id, Job.state.in_((State.QUEUED, State.RUNNING)))
    return db.scalars(query.limit(1)).first() is not None
