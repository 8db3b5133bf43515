"""Why a schedule has not run, or not yet: told from what is known, to whoever may see the schedule."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from galleria.database.base import now
from galleria.errors import GalleriaError
from galleria.gallery.actors import Actor, Role
from galleria.gallery.groups.service import actor_for
from galleria.gallery.jobs.records import Job, State
from galleria.gallery.schedules.due import LATE
from galleria.gallery.schedules.records import Miss, Schedule
from galleria.gallery.schedules.recurrence import iteration_from, next_times, times_between
from galleria.gallery.schedules.service import get_schedule
from galleria.gallery.users.records import User
from galleria.gallery.workers.waiting import are_workers_there, waiting_of
from galleria.gallery.workflows.access import get_workflow

MOST_SHOWN = 20
_MINUTE = timedelta(minutes=1)
_OVERDUE = timedelta(seconds=30)


@dataclass(frozen=True)
class Reason:
    """A sentence, cut where it names a moment, for every reader has a clock of his own."""

    before: str
    at: datetime | None = None
    after: str = ""


@dataclass(frozen=True)
class Explanation:
    told: Sequence[Reason]
    """At least one."""
    timezone: str
    """The schedule's own."""
    is_in_order: bool
    """Nothing has to be done for it to run."""
    next_run_at: datetime | None
    misses: Sequence[Miss]
    """The last planned times that brought no job, the latest first."""

    @property
    def reasons(self) -> Sequence[str]:
        """The sentences with moments on the schedule's own clock."""
        return [f"{one.before}{_clock(self.timezone, one.at) if one.at else ''}{one.after}" for one in self.told]


def explain(db: Session, actor: Actor, schedule_id: str) -> Explanation:
    """Say what keeps a schedule from running, or that nothing does."""
    schedule = get_schedule(db, actor, schedule_id)
    obstacles = list(_obstacles(db, schedule))
    pending = None if obstacles else _pending(db, schedule)
    upcoming = schedule.next_run_at if schedule.is_enabled else None
    told = obstacles or [Reason(pending) if pending else Reason("Nothing is in the way: it runs next at ", upcoming, ".")]
    return Explanation(told, schedule.timezone, not obstacles, upcoming, misses_of(db, schedule))


def explain_at(db: Session, actor: Actor, schedule_id: str, at: datetime) -> Sequence[str]:
    """Say what became of a time, which may be one that is to come: sentences."""
    schedule = get_schedule(db, actor, schedule_id)
    near = (at - _MINUTE, at + _MINUTE)
    jobs = select(Job).where(Job.schedule_id == schedule.id, Job.planned_at.between(*near)).order_by(Job.seq)
    ran = [f"It ran: {_outcome(job)}." for job in db.scalars(jobs)]
    covering = select(Miss).where(Miss.schedule_id == schedule.id, Miss.planned_at <= near[1]).order_by(Miss.planned_at.desc())
    missed = [miss for miss in db.scalars(covering.limit(1)) if miss.planned_at >= near[0] or (miss.count > 1 and at <= miss.noted_at)]
    reasons = [*ran, *(f"It brought no run: {miss.reason}." for miss in missed)]
    return reasons or [_unplanned(schedule, at)]


def misses_of(db: Session, schedule: Schedule, most: int = MOST_SHOWN) -> Sequence[Miss]:
    """List the last planned times that brought no job, the latest first; the schedule comes from `get_schedule`."""
    query = select(Miss).where(Miss.schedule_id == schedule.id).order_by(Miss.planned_at.desc(), Miss.id.desc())
    return db.scalars(query.limit(most)).all()


def forecast_of(db: Session, actor: Actor, schedule_id: str, count: int = 10) -> Sequence[datetime]:
    """List the next times of a schedule, 1,000 at most, as if it were switched on."""
    schedule = get_schedule(db, actor, schedule_id)
    return next_times(iteration_from(schedule.iteration), schedule.timezone, now(), max(0, min(count, 1000)))


def _obstacles(db: Session, schedule: Schedule) -> Iterator[Reason]:
    if not schedule.is_enabled:
        yield Reason("It is switched off.")
    if schedule.next_run_at is None:
        wall = iteration_from(schedule.iteration).ends_at
        end = wall.replace(tzinfo=ZoneInfo(schedule.timezone or "UTC")) if wall else None
        words = "Nothing is to come any more: it ended at " if end else "Nothing is to come any more: its time is over."
        yield Reason(words, end, "." if end else "")
    yield from map(Reason, _about_rights(db, schedule))
    if not are_workers_there(db):
        yield Reason("No worker is there: schedules are looked at, and jobs run, by workers only.")
    elif schedule.is_enabled and schedule.next_run_at is not None and schedule.next_run_at < now() - _OVERDUE:
        yield Reason("It has been due since ", schedule.next_run_at, "; the workers have not come to it yet.")


def _about_rights(db: Session, schedule: Schedule) -> Iterator[str]:
    owner = db.get(User, schedule.owner_id)
    if owner is None or owner.deleted_at is not None:
        yield "Its owner is gone; a curator can give it to somebody else."
        return
    actor = actor_for(db, owner, "schedule")
    if not actor.has(Role.VIEWER):
        yield f"Its owner, {owner.full_name}, is switched off or may not run workflows any more."
        return
    try:
        if get_workflow(db, actor, schedule.workflow_id).is_run_disabled:
            yield "Running the workflow is switched off."
    except GalleriaError:
        yield f"The workflow is gone, or its owner, {owner.full_name}, may not see it any more."


def _pending(db: Session, schedule: Schedule) -> str | None:
    """What its last job waits for, where that has not begun."""
    job = db.scalars(select(Job).where(Job.id == schedule.last_job_id)).first() if schedule.last_job_id else None
    if job is None or job.state is not State.QUEUED:
        return None
    waiting = waiting_of(db, job)
    return f"Its last run is in the queue: {waiting.reason or f'{waiting.before} runs are before it.'}"


def _unplanned(schedule: Schedule, at: datetime) -> str:
    rule = iteration_from(schedule.iteration)
    if times_between(rule, schedule.timezone, at - _MINUTE, at + _MINUTE, 1):
        if at > now():
            return "That time is planned." if schedule.is_enabled else "That time is planned, but the schedule is switched off."
        if at < schedule.created_at:
            return f"The schedule was made only after that, at {_clock(schedule.timezone, schedule.created_at)}."
        if now() - at < LATE and schedule.is_enabled:
            return "That time was a moment ago; the workers have not come to it yet."
        changed = (
            f"; it was last changed at {_clock(schedule.timezone, schedule.changed_at)}"
            if schedule.changed_at > schedule.created_at
            else ""
        )
        return f"The schedule was switched off or had another rule at that time, or its run made up for several times{changed}."
    following = next(iter(next_times(rule, schedule.timezone, at)), None)
    return f"No run is planned for that time; the next one after it is {_clock(schedule.timezone, following)}."


def _outcome(job: Job) -> str:
    return f"job {job.id}, {job.state.value if job.state is not State.COMPLETED else job.disposition.value}"


def _clock(timezone: str, at: datetime | None) -> str:
    """A moment on a schedule's own clock."""
    if at is None:
        return "no time any more"
    return f"{at.astimezone(ZoneInfo(timezone or 'UTC')):%Y-%m-%d %H:%M} {timezone or 'UTC'}"
