"""Make, find and change schedules. Turning due ones into jobs is `due.py`'s."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, delete, or_, select, true
from sqlalchemy.orm import Session

from galleria.database.base import new_id, now
from galleria.database.connect import vault_of
from galleria.database.letters import contains
from galleria.errors import ForbiddenError, InvalidError, NotFoundError
from galleria.gallery.actors import Actor, Role
from galleria.gallery.audit import service as audit
from galleria.gallery.audit.service import Event
from galleria.gallery.credentials.service import require_usable
from galleria.gallery.jobs.answers import check_answers
from galleria.gallery.jobs.records import Priority
from galleria.gallery.jobs.sealed import kept_answers, seal_passwords, sealed_names
from galleria.gallery.jobs.service import checked_limit
from galleria.gallery.pages import EVERYTHING, Page
from galleria.gallery.schedules.records import Schedule
from galleria.gallery.schedules.recurrence import Iteration, Missed, Overlap, check, iteration_from, next_times, times_between
from galleria.gallery.shares.records import CollectionItem, Shared
from galleria.gallery.shares.service import shared_with
from galleria.gallery.users.service import find_user
from galleria.gallery.workflows.access import get_workflow
from galleria.gallery.workflows.service import questions_of

ENTITY = "Schedule"


@dataclass(frozen=True)
class NewSchedule:
    workflow_id: str
    iteration: Iteration
    name: str = ""
    comment: str = ""
    timezone: str = ""
    """IANA name; empty for UTC."""
    priority: Priority | None = None
    """Ignored where the caller may not set it, as the next one."""
    worker_tag: str | None = None
    credential_id: str | None = None
    answers: Mapping[str, str] = field(default_factory=dict[str, str])
    overlap: Overlap = Overlap.QUEUE
    missed: Missed = Missed.ONCE
    time_limit_s: float | None = None
    is_enabled: bool = True
    owner_id: str | None = None
    """Another owner only by a Curator."""
    schedule_id: str | None = None
    """Given only when it moves in from another server."""


def create_schedule(db: Session, actor: Actor, new: NewSchedule) -> Schedule:
    """Have a workflow run by itself. Raises ForbiddenError for users who may not schedule."""
    if not actor.can_schedule:
        raise ForbiddenError("this user may not schedule workflows; a curator can allow it")
    owner_id = new.owner_id or actor.user_id
    if owner_id is None or find_user(db, owner_id) is None:
        raise InvalidError("a schedule needs a user as its owner")
    if owner_id != actor.user_id:
        actor.require(Role.CURATOR, "schedule for somebody else")
    get_workflow(db, actor, new.workflow_id)
    check(new.iteration, new.timezone)
    _check_texts(new.name, new.comment)
    if new.credential_id:
        require_usable(db, actor, new.credential_id)
    schedule = Schedule(
        id=new.schedule_id or new_id(),
        name=new.name,
        comment=new.comment,
        workflow_id=new.workflow_id,
        owner_id=owner_id,
        is_enabled=new.is_enabled,
        iteration=new.iteration.to_json(),
        timezone=new.timezone,
        overlap=new.overlap,
        missed=new.missed,
        time_limit_s=checked_limit(new.time_limit_s),
        priority=new.priority if new.priority is not None and actor.can_set_priority else Priority.LOW,
        worker_tag=(new.worker_tag or "") if actor.can_assign_jobs else "",
        credential_id=new.credential_id or None,
        answers=_checked_answers(db, actor, new.workflow_id, new.answers, {}),
        next_run_at=_next(new.iteration, new.timezone),
        changed_by=actor.user_id,
    )
    db.add(schedule)
    audit.record(db, actor, Event.INSERT, ENTITY, schedule.id, new={"name": schedule.name, "workflowId": schedule.workflow_id})
    db.flush()
    return schedule


def _checked_answers(
    db: Session, actor: Actor, workflow_id: str, given: Mapping[str, str | None], before: Mapping[str, Any]
) -> dict[str, Any]:
    questions = questions_of(db, actor, workflow_id)
    checked = check_answers(questions, {name: value for name, value in given.items() if value is not None})
    return {**kept_answers(before, given), **seal_passwords(vault_of(db), questions, checked)}


def _check_texts(name: str, comment: str) -> None:
    if len(name) > 256 or len(comment) > 1024:
        raise InvalidError("a schedule's name has 256 characters at most, its comment 1024")


def _next(iteration: Iteration, timezone: str) -> datetime | None:
    return next(iter(next_times(iteration, timezone, now())), None)


def visible_to(actor: Actor) -> ColumnElement[bool]:
    """All for a Curator; else one's own and those that a collection shares."""
    if actor.is_curator:
        return true()
    return or_(Schedule.owner_id == actor.user_id, Schedule.id.in_(shared_with(actor, Shared.SCHEDULE)))


def get_schedule(db: Session, actor: Actor, schedule_id: str) -> Schedule:
    schedule = db.scalars(select(Schedule).where(Schedule.id == schedule_id, visible_to(actor))).first()
    if schedule is None:
        raise NotFoundError(f"no schedule {schedule_id}")
    return schedule


@dataclass(frozen=True)
class ScheduleFilter:
    workflow_id: str | None = None
    owner_id: str | None = None
    is_enabled: bool | None = None
    search: str = ""
    """Found in name or comment in any letter case."""


def list_schedules(db: Session, actor: Actor, wanted: ScheduleFilter | None = None, page: Page = EVERYTHING) -> Sequence[Schedule]:
    """List schedules, the oldest first."""
    wanted = wanted or ScheduleFilter()
    query = select(Schedule).where(visible_to(actor))
    for column, value in (
        (Schedule.workflow_id, wanted.workflow_id),
        (Schedule.owner_id, wanted.owner_id),
        (Schedule.is_enabled, wanted.is_enabled),
    ):
        if value is not None:
            query = query.where(column == value)
    if wanted.search:
        query = query.where(or_(contains(Schedule.name, wanted.search), contains(Schedule.comment, wanted.search)))
    return db.scalars(page.of(query.order_by(Schedule.created_at, Schedule.id))).all()


@dataclass(frozen=True)
class ScheduleChange:
    """None: stays as it is."""

    workflow_id: str | None = None
    owner_id: str | None = None
    iteration: Iteration | None = None
    name: str | None = None
    comment: str | None = None
    priority: Priority | None = None
    worker_tag: str | None = None
    is_enabled: bool | None = None
    credential_id: str | None = None
    """Empty: none."""
    timezone: str | None = None
    answers: Mapping[str, str | None] | None = None
    """All of them; None in place of one that stays, because what was sealed is shown to nobody."""
    overlap: Overlap | None = None
    missed: Missed | None = None
    time_limit_s: float | None = None
    """0: none of its own."""


def change_schedule(db: Session, actor: Actor, schedule_id: str, change: ScheduleChange) -> Schedule:
    """Change a schedule of one's own, or any as a Curator. When it runs next is found anew."""
    schedule = get_schedule(db, actor, schedule_id)
    _require_owner(actor, schedule)
    values = _changed_values(db, actor, schedule, change)
    if "iteration" in values or "timezone" in values or values.get("is_enabled"):
        iteration = change.iteration or iteration_from(schedule.iteration)
        timezone = schedule.timezone if change.timezone is None else change.timezone
        check(iteration, timezone)
        schedule.next_run_at = _next(iteration, timezone)
    audit.change(db, actor, ENTITY, schedule, values)
    schedule.changed_by = actor.user_id
    db.flush()
    return schedule


def _require_owner(actor: Actor, schedule: Schedule) -> None:
    if not (actor.is_curator or schedule.owner_id == actor.user_id):
        raise ForbiddenError("only its owner and curators may change a schedule")


def _changed_values(db: Session, actor: Actor, schedule: Schedule, change: ScheduleChange) -> dict[str, Any]:
    values = _plain_values(change)
    _check_texts(change.name or "", change.comment or "")
    if not actor.can_set_priority:
        values.pop("priority", None)
    if not actor.can_assign_jobs:
        values.pop("worker_tag", None)
    if change.workflow_id is not None:
        get_workflow(db, actor, change.workflow_id)
    if change.owner_id not in (None, schedule.owner_id):
        actor.require(Role.CURATOR, "give a schedule to somebody else")
        if find_user(db, change.owner_id) is None:
            raise InvalidError(f"no user {change.owner_id}")
    if change.credential_id:
        require_usable(db, actor, change.credential_id)
    if "credential_id" in values:
        values["credential_id"] = change.credential_id or None
    before = _answers_for(schedule, change.workflow_id or schedule.workflow_id)
    if change.answers is not None:
        values["answers"] = _checked_answers(db, actor, change.workflow_id or schedule.workflow_id, change.answers, before)
    elif before != schedule.answers:
        values["answers"] = before
    return values


def _answers_for(schedule: Schedule, workflow_id: str) -> dict[str, Any]:
    """Those of its answers that another workflow may see, too: a password was given to the one it was written for."""
    hidden = sealed_names(schedule.answers) if workflow_id != schedule.workflow_id else ()
    return {name: value for name, value in schedule.answers.items() if name not in hidden}


def _plain_values(change: ScheduleChange) -> dict[str, Any]:
    """What is to change, as the record has it."""
    values = {one.name: getattr(change, one.name) for one in fields(change) if getattr(change, one.name) is not None}
    if change.iteration is not None:
        values["iteration"] = change.iteration.to_json()
    if change.time_limit_s is not None:
        values["time_limit_s"] = checked_limit(change.time_limit_s or None)
    return values


def delete_schedule(db: Session, actor: Actor, schedule_id: str) -> None:
    """Remove a schedule; jobs that it brought stay."""
    schedule = get_schedule(db, actor, schedule_id)
    _require_owner(actor, schedule)
    remove_schedule(db, actor, schedule)


def remove_schedule(db: Session, actor: Actor, schedule: Schedule) -> None:
    """As `delete_schedule`, for verbs that have checked the actor themselves."""
    schedule_id = schedule.id
    db.execute(delete(CollectionItem).where(CollectionItem.kind == Shared.SCHEDULE, CollectionItem.item_id == schedule_id))
    db.delete(schedule)
    audit.record(db, actor, Event.DELETE, ENTITY, schedule_id, {"name": schedule.name})
    db.flush()


def schedules_by_id(db: Session, schedule_ids: Sequence[str]) -> dict[str, Schedule]:
    """Find the schedules that a list is about to name, in one query; for those who checked the list's actor."""
    return {schedule.id: schedule for schedule in db.scalars(select(Schedule).where(Schedule.id.in_(set(schedule_ids))))}


def schedules_using(db: Session, workflow_id: str) -> Sequence[Schedule]:
    """List the schedules of a workflow, whosever they are; for those who are about to remove it."""
    return db.scalars(select(Schedule).where(Schedule.workflow_id == workflow_id).order_by(Schedule.id)).all()


@dataclass(frozen=True)
class Forecast:
    schedule: Schedule
    at: datetime


LONGEST_FORECAST_DAYS = 45


def forecast(db: Session, actor: Actor, since: datetime, until: datetime, most: int = 10_000) -> Sequence[Forecast]:
    """List the runs to come in a window of 45 days at most, in order; at most `most` of them."""
    if not since <= until or (until - since).days > LONGEST_FORECAST_DAYS:
        raise InvalidError(f"a forecast is for a window of {LONGEST_FORECAST_DAYS} days at most, its end after its start")
    enabled = list_schedules(db, actor, ScheduleFilter(is_enabled=True))
    runs = [
        Forecast(schedule, moment)
        for schedule in enabled
        for moment in times_between(iteration_from(schedule.iteration), schedule.timezone, since, until, most)
    ]
    return sorted(runs, key=lambda run: (run.at, run.schedule.id))[:most]
