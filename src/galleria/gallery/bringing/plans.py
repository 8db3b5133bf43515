"""Brings schedules along. One that may not run here as it ran there comes paused, with the reason."""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from galleria.database.base import now
from galleria.errors import NotFoundError
from galleria.gallery.bringing.lines import Deed, Line
from galleria.gallery.bringing.notes import DeletedHere, Ids, Move, gone, id_for, known, note, one_by_one
from galleria.gallery.bringing.records import Thing
from galleria.gallery.bringing.rules import iteration_there
from galleria.gallery.bringing.there import ScheduleThere, World
from galleria.gallery.credentials.service import list_credentials
from galleria.gallery.jobs.answers import askable
from galleria.gallery.schedules.records import Schedule
from galleria.gallery.schedules.recurrence import Iteration, next_times, times_between
from galleria.gallery.schedules.service import NewSchedule, ScheduleChange, change_schedule, create_schedule, schedules_by_id
from galleria.gallery.workflows.service import questions_of

_COMPARED = 20
"""Times to come that are compared: enough to tell any two rules apart that matter."""
_TOLERANCE = timedelta(minutes=1)


def bring_schedules(move: Move, world: World, users: Mapping[str, str], workflows: Mapping[str, str], ids: Ids) -> Iterator[Line]:
    """Make or change schedules; adds to `ids` which has become which."""
    for there in world.schedules:
        line = one_by_one(
            move, Thing.SCHEDULE, there.name, there.id, lambda db, there=there: _schedule(db, move, there, world, users, workflows)
        )
        if line.local_id:
            ids[there.id] = line.local_id
        yield line
    yield from gone(move, Thing.SCHEDULE, frozenset(there.id for there in world.schedules))


def _schedule(db: Session, move: Move, there: ScheduleThere, world: World, users: Mapping[str, str], workflows: Mapping[str, str]) -> Line:
    before = known(db, move, Thing.SCHEDULE, there.id)
    if before is not None and before.local_id not in schedules_by_id(db, [before.local_id]):
        raise DeletedHere
    owner_id, workflow_id = users.get(there.owner_id) or move.owners.get(""), workflows.get(there.workflow_id)
    if workflow_id is None:
        raise NotFoundError("its workflow was not brought along")
    if owner_id is None:
        raise NotFoundError("its owner was not brought along; give the schedule to somebody with --owner")
    iteration = iteration_there(there.iteration, there.frequency, there.timezone)
    state = _state(there, iteration, workflow_id, owner_id)
    if before is not None and before.state == state:
        return Line(Thing.SCHEDULE, Deed.UNCHANGED, there.name, there.id, before.local_id)
    credential_id = next((one.id for one in list_credentials(db, move.actor) if there.account and one.user_name == there.account), "")
    doubts = tuple(_doubts(db, move, there, world, iteration, workflow_id, has_credential=bool(credential_id)))
    is_enabled = there.is_enabled and not doubts and not move.are_paused
    local_id = before.local_id if before else _made(db, move, there, iteration, workflow_id, owner_id)
    change = ScheduleChange(
        workflow_id=workflow_id,
        owner_id=owner_id,
        iteration=iteration,
        name=there.name,
        comment=there.comment,
        priority=there.priority,
        worker_tag=there.worker_tag,
        is_enabled=is_enabled,
        credential_id=credential_id,
        timezone=there.timezone,
    )
    change_schedule(db, move.actor, local_id, change)
    note(db, move, Thing.SCHEDULE, there.id, local_id, state)
    notes = tuple(f"paused: {doubt}" for doubt in doubts) if there.is_enabled else ()
    return Line(Thing.SCHEDULE, Deed.CHANGED if before else Deed.BROUGHT, there.name, there.id, local_id, notes)


def _made(db: Session, move: Move, there: ScheduleThere, iteration: Iteration, workflow_id: str, owner_id: str) -> str:
    new = NewSchedule(
        workflow_id,
        iteration,
        name=there.name,
        comment=there.comment,
        timezone=there.timezone,
        priority=there.priority,
        worker_tag=there.worker_tag,
        is_enabled=False,
        owner_id=owner_id,
        schedule_id=id_for(db, move, Schedule, there.id),
    )
    return create_schedule(db, move.actor, new).id


def _doubts(
    db: Session, move: Move, there: ScheduleThere, world: World, iteration: Iteration, workflow_id: str, *, has_credential: bool
) -> Iterator[str]:
    if askable(questions_of(db, move.actor, workflow_id)):
        yield "the API does not tell the answers to the app's questions"
    if there.account and not has_credential:
        yield f"it runs as {there.account}, and there is no credential of that name here"
    if there.is_enabled:
        yield from _other_times(there, world, iteration)


def _other_times(there: ScheduleThere, world: World, iteration: Iteration) -> Iterator[str]:
    """Say where our reading of the rule leads to other times than the server itself forecasts."""
    if world.forecast is None:
        ours = next_times(iteration, there.timezone, now())
        if there.next_run_at is not None and there.next_run_at > now() and not _agree(ours, [there.next_run_at]):
            yield f"there it runs next at {there.next_run_at:%Y-%m-%d %H:%M} UTC, here it would at {_first(ours)}"
        return
    # Within a margin, because the two servers do not look at the same moment.
    since, until = (world.forecast_window[0] + 2 * _TOLERANCE, world.forecast_window[1] - 2 * _TOLERANCE)
    theirs = [at for at in world.forecast.get(there.id, ()) if since <= at < until][:_COMPARED]
    ours = times_between(iteration, there.timezone, since, until, _COMPARED)
    if not _agree(ours, theirs):
        differing = next((at for at in theirs if not any(abs(at - our) <= _TOLERANCE for our in ours)), None)
        when = f"at {differing:%Y-%m-%d %H:%M} UTC" if differing else f"{len(theirs)} times in the next weeks"
        yield f"there it runs {when}, here it would first run at {_first(ours)}"


def _agree(ours: list[datetime], theirs: list[datetime]) -> bool:
    return len(ours) == len(theirs) and all(abs(our - their) <= _TOLERANCE for our, their in zip(ours, theirs, strict=True))


def _first(times: list[datetime]) -> str:
    return f"{times[0]:%Y-%m-%d %H:%M} UTC" if times else "no time"


def _state(there: ScheduleThere, iteration: Iteration, workflow_id: str, owner_id: str) -> dict[str, Any]:
    return {
        "name": there.name,
        "comment": there.comment,
        "workflow_id": workflow_id,
        "owner_id": owner_id,
        "is_enabled": there.is_enabled,
        "priority": None if there.priority is None else there.priority.value,
        "worker_tag": there.worker_tag,
        "account": there.account,
        "timezone": there.timezone,
        "iteration": iteration.to_json(),
    }
