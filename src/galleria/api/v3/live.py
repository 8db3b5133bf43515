"""Beyond the published Web API, v3: a job's news as they come, why it waits, and what schedules are about to do and did not do."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import JSONResponse, Response

from galleria.api.dialects import moment_in_seconds, moment_or_null
from galleria.api.doors import Here, User
from galleria.api.queries import Word, moment_from
from galleria.errors import InvalidError
from galleria.gallery.schedules.explain import explain, explain_at, forecast_of
from galleria.gallery.workers.waiting import Waiting, explain_waiting
from galleria.http.events import job_events

router = APIRouter()


@router.get("/v3/jobs/{job_id}/events")
async def follow_job(request: Request, door: Here, actor: User, job_id: str) -> Response:
    """Tell a job's states, messages and outputs as server-sent events while it runs; `Last-Event-ID` goes on where one was."""
    return await job_events(request, door.parts, actor, job_id)


@router.get("/v3/jobs/{job_id}/waiting")
def show_waiting(door: Here, actor: User, job_id: str) -> Response:
    """Tell why a job waits: its position, how many jobs are before it by priority, and what holds it; null for one that does not."""
    with door.parts.database.read() as db:
        waiting = explain_waiting(db, actor, job_id)
    return JSONResponse(None if waiting is None else _waiting(waiting))


def _waiting(waiting: Waiting) -> dict[str, object]:
    return {
        "position": waiting.position,
        "before": waiting.before,
        "beforeByPriority": {priority.name.capitalize(): count for priority, count in waiting.before_by_priority.items()},
        "reason": waiting.reason or None,
        "slots": waiting.slots,
        "busySlots": waiting.busy,
    }


@router.get("/v3/schedules/{schedule_id}/forecast")
def show_forecast(door: Here, actor: User, schedule_id: str, count: Word = None) -> Response:
    """List the next runs of a schedule, 10 unless `count` says otherwise."""
    if count is not None and not (count.isascii() and count.isdigit() and 1 <= int(count[:9]) <= 1000):
        raise InvalidError("count is a whole number from 1 to 1000")
    with door.parts.database.read() as db:
        return JSONResponse(_moments(forecast_of(db, actor, schedule_id, int(count or "10"))))


def _moments(moments: Sequence[datetime]) -> list[str]:
    return [moment_in_seconds(moment) for moment in moments]


@router.get("/v3/schedules/{schedule_id}/explanation")
def show_explanation(door: Here, actor: User, schedule_id: str, at: Annotated[Word, Query()] = None) -> Response:
    """Tell why a schedule has not run, or what became of one moment, `at`."""
    moment = moment_from(at, "at")
    with door.parts.database.read() as db:
        if moment is not None:
            return JSONResponse({"at": moment_in_seconds(moment), "reasons": list(explain_at(db, actor, schedule_id, moment))})
        found = explain(db, actor, schedule_id)
        misses = [{"plannedAt": moment_in_seconds(miss.planned_at), "count": miss.count, "reason": miss.reason} for miss in found.misses]
    return JSONResponse(
        {
            "reasons": list(found.reasons),
            "isInOrder": found.is_in_order,
            "nextRunTime": moment_or_null(found.next_run_at),
            "missed": misses,
        }
    )
