"""The Admin API, v2: newer answers to some of v1's questions, and a forecast of runs to come."""

from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import JSONResponse, Response

from galleria.api.classic import people, sharing, timing
from galleria.api.classic.admin_v1_workflows import answer_all
from galleria.api.classic.assets import Around
from galleria.api.doors import Curator, Here
from galleria.api.queries import (
    Limit,
    Offset,
    PageFromZero,
    PageNumber,
    PageSize,
    Search,
    Word,
    is_true,
    moment_from,
    page_from_number,
    page_from_offset,
)
from galleria.database.base import now
from galleria.gallery.insights.service import list_insights
from galleria.gallery.schedules.service import LONGEST_FORECAST_DAYS, forecast
from galleria.gallery.subscriptions.service import list_subscriptions
from galleria.gallery.users.service import UserFilter, list_users, users_by_id
from galleria.gallery.workflows.service import WorkflowFilter, workflows_by_id

router = APIRouter()


@router.get("/admin/v2/insights")
def show_insights(door: Here, actor: Curator, search: Search = None, offset: Offset = None, limit: Limit = None) -> Response:
    """List insights that were brought along from another server."""
    with door.parts.database.read() as db:
        found = list_insights(db, actor, search or "", page_from_offset(offset, limit))
        owners = users_by_id(db, [insight.owner_id for insight in found])
        return JSONResponse([sharing.insight_v2(insight, owners.get(insight.owner_id), door.dialect) for insight in found])


@router.get("/admin/v2/schedule/forecast")
def show_forecast(
    door: Here,
    actor: Curator,
    after: Word = None,
    before: Word = None,
    after_date: Annotated[Word, Query(alias="afterDate")] = None,
    before_date: Annotated[Word, Query(alias="beforeDate")] = None,
) -> Response:
    """List the runs to come in a window of 45 days at most; without a window, in the next 45 days."""
    since = moment_from(after or after_date, "after") or now()
    until = moment_from(before or before_date, "before") or since + timedelta(days=LONGEST_FORECAST_DAYS)
    with door.parts.database.read() as db:
        runs = forecast(db, actor, since, until)
        apps = workflows_by_id(db, [run.schedule.workflow_id for run in runs])
        around = Around(users_by_id(db, [run.schedule.owner_id for run in runs]), {})
        return JSONResponse([timing.forecast(run, apps.get(run.schedule.workflow_id), around) for run in runs])


@router.get("/admin/v2/subscriptions")
def show_subscriptions(door: Here, actor: Curator, page: PageNumber = None, page_size: PageSize = None) -> Response:
    """List studios, the oldest first."""
    with door.parts.database.read() as db:
        found = list_subscriptions(db, actor, page=page_from_number(page, page_size, first=1))
        return JSONResponse([people.subscription_v2(studio, door.dialect) for studio in found])


@router.get("/admin/v2/users")
def show_users(
    door: Here,
    actor: Curator,
    page: PageNumber = None,
    page_size: PageSize = None,
    subscription_id: Annotated[Word, Query(alias="subscriptionId")] = None,
) -> Response:
    """List users with their roles, the first to come first."""
    with door.parts.database.read() as db:
        found = list_users(db, actor, UserFilter(subscription_id=subscription_id), page_from_number(page, page_size, first=1))
        return JSONResponse([people.user_v2(user, door.dialect) for user in found])


@router.get("/admin/v2/workflows/all")
def show_all_workflows(
    door: Here,
    actor: Curator,
    name: Word = None,
    start_date: Annotated[Word, Query(alias="startDate")] = None,
    end_date: Annotated[Word, Query(alias="endDate")] = None,
    page: PageFromZero = None,
    page_size: PageSize = None,
    use_events: Annotated[Word, Query(alias="useEvents")] = None,
    subscription_id: Annotated[Word, Query(alias="subscriptionId")] = None,
) -> Response:
    """List every workflow with its versions and what happened to it; the dates mean uploads, or with `useEvents` any event."""
    since, until = moment_from(start_date, "startDate"), moment_from(end_date, "endDate", is_end=True)
    by_events = is_true(use_events, default=False)
    wanted = WorkflowFilter(
        name=name,
        subscription_id=subscription_id,
        published_since=None if by_events else since,
        published_until=None if by_events else until,
        touched_since=since if by_events else None,
        touched_until=until if by_events else None,
        includes_deleted=True,
    )
    return answer_all(door, actor, wanted, page, page_size)
