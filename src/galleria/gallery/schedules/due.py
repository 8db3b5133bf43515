"""Turn schedules whose time has come into jobs: each once, however many processes look."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from galleria.database.base import new_id, now
from galleria.database.clock import from_now, once_now
from galleria.database.connect import vault_of
from galleria.database.vault import Vault
from galleria.errors import GalleriaError
from galleria.gallery.actors import Actor
from galleria.gallery.groups.service import actor_for
from galleria.gallery.jobs.records import Job, Priority, State
from galleria.gallery.jobs.sealed import open_answers, sealed_names
from galleria.gallery.jobs.service import NewJob, queue
from galleria.gallery.schedules.records import Miss, Schedule
from galleria.gallery.schedules.recurrence import Missed, Overlap, iteration_from, next_times, times_between
from galleria.gallery.users.records import User

VIA = "schedule"
LATE = timedelta(minutes=5)
"""A planned time that is over for longer was missed."""
MOST_CAUGHT_UP = 50
"""Runs that one look makes up for; the next look goes on."""
OVERLAPPED = "skipped: the run before is not over yet"
NOBODY_LOOKED = "missed: no worker was there at that time"


@dataclass(frozen=True)
class Fired:
    schedule_id: str
    job_id: str | None
    reason: str = ""
    """Why there is no job."""


def is_any_due(db: Session) -> bool:
    """Say whether there is anything for `fire_due`: cheaper, and writes nothing."""
    due = select(Schedule.id).where(Schedule.is_enabled, Schedule.next_run_at <= once_now())
    # In the order of the index, or PostgreSQL believes that it finds one sooner without it.
    return db.scalars(due.order_by(Schedule.next_run_at).limit(1)).first() is not None


def fire_due(db: Session, most: int = 100) -> Sequence[Fired]:
    """Queue jobs for schedules that are due, the one overdue the longest first, and find when each runs next.

    What becomes of times that were missed while nothing ran is the schedule's own policy. A schedule that cannot run (its
    workflow or owner is gone, its owner may not see it any more) stays, with the reason, and is tried again the next time.
    """
    due = (
        select(Schedule)
        .where(Schedule.is_enabled, Schedule.next_run_at <= once_now())
        .order_by(Schedule.next_run_at)
        .limit(most)
        .with_for_update(skip_locked=True)
    )
    round_ = _Round(db, now())
    fired = [one for schedule in db.scalars(due).all() for one in round_.fire(schedule)]
    db.flush()
    return fired


class _Round:
    """One look at what is due; whose schedules they are is found out once."""

    def __init__(self, db: Session, moment: datetime) -> None:
        self.db = db
        self.moment = moment
        self.owners: dict[str, Actor | None] = {}

    def fire(self, schedule: Schedule) -> Sequence[Fired]:
        """Bring the jobs of a schedule that is due, mostly one; the schedule knows its next time then."""
        assert schedule.next_run_at is not None
        # A clock that was set back while another looked.
        self.moment = max(self.moment, schedule.next_run_at)
        planned, after = self._planned(schedule, schedule.next_run_at)
        fired = [self._fire(schedule, at) for at in planned]
        schedule.next_run_at = next(iter(next_times(iteration_from(schedule.iteration), schedule.timezone, after)), None)
        return fired or [Fired(schedule.id, None, schedule.last_error)]

    def _planned(self, schedule: Schedule, first: datetime) -> tuple[Sequence[datetime], datetime]:
        """The times for which it runs, and the moment after which its next time is found."""
        if schedule.missed is Missed.CATCH_UP:
            times = self._passed(schedule, first, MOST_CAUGHT_UP)
            return times, times[-1]
        if schedule.missed is Missed.ONCE or self.moment - first <= LATE:
            return [first], self.moment
        recent = self._passed(schedule, self.moment - LATE, MOST_CAUGHT_UP)[1:]
        missed = [at for at in self._passed(schedule, first, MOST_CAUGHT_UP) if at not in recent]
        self._miss(schedule, missed[0], NOBODY_LOOKED, len(missed))
        return recent[-1:], self.moment

    def _passed(self, schedule: Schedule, first: datetime, most: int) -> list[datetime]:
        """`first` itself, and the times of the rule from then on to this moment."""
        until = self.moment + timedelta(microseconds=1)
        rest = times_between(iteration_from(schedule.iteration), schedule.timezone, first + timedelta(microseconds=1), until, most - 1)
        return [first, *rest]

    def _fire(self, schedule: Schedule, planned_at: datetime) -> Fired:
        fired = self._try(schedule, planned_at)
        schedule.last_error = fired.reason
        if fired.job_id is None:
            self._miss(schedule, planned_at, fired.reason)
        else:
            schedule.last_run_at = now()
            schedule.last_job_id = fired.job_id
            schedule.run_count += 1
        return fired

    def _miss(self, schedule: Schedule, planned_at: datetime, reason: str, count: int = 1) -> None:
        schedule.last_error = reason
        self.db.add(Miss(id=new_id(), schedule_id=schedule.id, planned_at=planned_at, count=count, reason=reason))

    def _try(self, schedule: Schedule, planned_at: datetime) -> Fired:
        if schedule.overlap is Overlap.SKIP and self._is_running(schedule):
            return Fired(schedule.id, None, OVERLAPPED)
        owner = self._owner(schedule.owner_id)
        if owner is None:
            return Fired(schedule.id, None, "its owner is gone")
        try:
            job = queue(self.db, owner, _new_job(vault_of(self.db), schedule, planned_at))
        except GalleriaError as error:
            return Fired(schedule.id, None, error.message)
        return Fired(schedule.id, job.id)

    def _owner(self, owner_id: str) -> Actor | None:
        if owner_id not in self.owners:
            owner = self.db.get(User, owner_id)
            # Priority and tag were checked when the schedule was made; they hold for its runs.
            actor = None if owner is None else replace(actor_for(self.db, owner, VIA), can_set_priority=True, can_assign_jobs=True)
            self.owners[owner_id] = actor
        return self.owners[owner_id]

    def _is_running(self, schedule: Schedule) -> bool:
        query = select(Job.seq).where(Job.schedule_id == schedule.id, Job.state.in_((State.QUEUED, State.RUNNING)))
        return self.db.scalars(query.limit(1)).first() is not None


def _new_job(vault: Vault, schedule: Schedule, planned_at: datetime) -> NewJob:
    return NewJob(
        schedule.workflow_id,
        answers=open_answers(vault, schedule.answers),
        secrets=sealed_names(schedule.answers),
        priority=Priority(schedule.priority),
        worker_tag=schedule.worker_tag,
        credential_id=schedule.credential_id,
        schedule_id=schedule.id,
        planned_at=planned_at,
        time_limit_s=schedule.time_limit_s,
    )


def forget_old_misses(db: Session, after_s: float = 90 * 24 * 3600) -> None:
    """Remove what was noted about times that brought no job so long ago."""
    db.execute(delete(Miss).where(Miss.noted_at < from_now(-after_s)))
