"""The Admin API, v1, about workflows: what a Curator reads of all of them, publishes, and marks for migration."""

from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import JSONResponse, Response
from sqlalchemy.orm import Session

from galleria.api.classic import assets, shapes
from galleria.api.classic.assets import Around
from galleria.api.classic.publishing import publish_upload
from galleria.api.doors import AsReceived, Curator, Here, Uploaded
from galleria.api.grouping import grouped
from galleria.api.long_lists import answer_list
from galleria.api.queries import (
    Limit,
    Offset,
    Order,
    PageFromZero,
    PageSize,
    Search,
    SortField,
    Word,
    is_descending,
    is_true,
    moment_from,
    names_of,
    page_from_number,
    page_from_offset,
    word_of,
)
from galleria.gallery.actors import Actor
from galleria.gallery.audit.service import events_about
from galleria.gallery.collections import service as collections
from galleria.gallery.jobs import service as jobs
from galleria.gallery.shares.records import Shared
from galleria.gallery.subscriptions.service import subscriptions_by_id
from galleria.gallery.users.service import users_by_id
from galleria.gallery.workflows import service as workflows
from galleria.gallery.workflows.changes import WorkflowChange, change_workflow
from galleria.gallery.workflows.records import Workflow
from galleria.gallery.workflows.service import WorkflowFilter, WorkflowSort
from galleria.http.bodies import text_of
from galleria.http.downloads import Download, answer
from galleria.http.heads import is_head

router = APIRouter()


@router.get("/admin/v1/{app_id}/package")
def download_package(request: Request, door: Here, actor: Curator, app_id: str) -> Response:
    """Download any workflow of the gallery with everything that belongs to it."""
    # Whoever asks for the head alone takes nothing away.
    verb = workflows.open_package if is_head(request.scope) else workflows.download_package
    with door.parts.database.write() as db:
        package = verb(db, actor, door.parts.storage, app_id)
    return answer(request, Download(package.stream, package.size_bytes, package.file_name, package.version_id))


@router.post("/admin/v1/workflows")
def publish_workflow(door: Here, actor: Curator, upload: Uploaded) -> Response:
    """Publish a package for a user, or a new version of what came from the same source before; the answer is the workflow's id."""
    return JSONResponse(publish_upload(door.parts, actor, upload))


@router.get("/admin/v1/workflows")
def show_workflows(
    door: Here,
    actor: Curator,
    search: Search = None,
    sort_field: SortField = None,
    direction: Order = None,
    offset: Offset = None,
    limit: Limit = None,
) -> Response:
    """List the workflows of the whole gallery."""
    sort = word_of(sort_field, WorkflowSort, "sortField")
    is_falling = is_descending(direction, is_sorted=sort is not None)
    page = page_from_offset(offset, limit)
    with door.parts.database.read() as db:
        ids = workflows.workflow_ids(
            db, actor, WorkflowFilter(search=search or ""), page, sort or WorkflowSort.UPLOAD_DATE, descending=is_falling
        )

    def shaped(some: Sequence[str]) -> Sequence[object]:
        with door.parts.database.read() as db:
            found = workflows.workflows_in_order(db, some)
            around = around_workflows(db, found)
            pairs = collections.collections_holding(db, actor, Shared.WORKFLOW, some)
            holding = grouped(pairs, lambda pair: pair[0])
            return [assets.admin_workflow(one, [held for _, held in holding.get(one.id, [])], around, door.dialect) for one in found]

    return answer_list(ids, shaped)


def around_workflows(db: Session, found: Sequence[Workflow], more_user_ids: Sequence[str] = ()) -> Around:
    users = users_by_id(db, [*(workflow.owner_id for workflow in found), *more_user_ids])
    studios = [*(workflow.subscription_id for workflow in found), *(user.subscription_id for user in users.values())]
    return Around(users, subscriptions_by_id(db, studios))


@router.get("/admin/v1/workflows/all")
def show_all_workflows(
    door: Here,
    actor: Curator,
    start_date: Annotated[Word, Query(alias="startDate")] = None,
    end_date: Annotated[Word, Query(alias="endDate")] = None,
    page: PageFromZero = None,
    page_size: PageSize = None,
) -> Response:
    """List every workflow with its versions and what happened to it, deleted ones too. The first page is 0."""
    wanted = WorkflowFilter(
        published_since=moment_from(start_date, "startDate"),
        published_until=moment_from(end_date, "endDate", is_end=True),
        includes_deleted=True,
    )
    return answer_all(door, actor, wanted, page, page_size)


def answer_all(door: Here, actor: Actor, wanted: WorkflowFilter, page: int | None, page_size: int | None) -> Response:
    with door.parts.database.read() as db:
        every = workflows.workflow_ids(db, actor, wanted, page_from_number(page, page_size, first=0))

    def shaped(ids: Sequence[str]) -> Sequence[object]:
        with door.parts.database.read() as db:
            found = workflows.workflows_in_order(db, ids)
            versions, events = workflows.versions_by_workflow(db, ids), events_about(db, actor, workflows.ENTITY, ids)
            authors = [version.author_id for some in versions.values() for version in some]
            actors = [event.user_id for some in events.values() for event in some if event.user_id]
            around = around_workflows(db, found, [*authors, *actors])
            return [assets.whole_workflow(one, versions.get(one.id, []), events.get(one.id, []), around, door.dialect) for one in found]

    return answer_list(every, shaped)


@router.get("/admin/v1/workflows/jobs")
def show_last_jobs(
    door: Here,
    actor: Curator,
    app_ids: Annotated[Word, Query(alias="appIds")] = None,
    include_message: Annotated[Word, Query(alias="includeMessage")] = None,
    include_messages: Annotated[Word, Query(alias="includeMessages")] = None,
) -> Response:
    """List the last run of each workflow, or of those that are named."""
    with_messages = is_true(include_messages or include_message, default=True)
    with door.parts.database.read() as db:
        seqs = jobs.last_seqs(db, actor, names_of(app_ids))

    def shaped(some: Sequence[int]) -> Sequence[object]:
        with door.parts.database.read() as db:
            found = jobs.jobs_in_order(db, some)
            stories = jobs.stories_of(db, found, with_messages=with_messages)
            return [shapes.last_job(job, stories[job.id], door.dialect) for job in found]

    return answer_list(seqs, shaped)


@router.get("/admin/v1/workflows/migratable")
def show_migratable(door: Here, actor: Curator, subscription_ids: Annotated[Word, Query(alias="subscriptionIds")] = None) -> Response:
    """List the workflows that are marked as ready to move to another server."""
    studios = names_of(subscription_ids)
    with door.parts.database.read() as db:
        found = workflows.list_workflows(db, actor, WorkflowFilter(is_ready_to_migrate=True))
        return JSONResponse([assets.migratable(one) for one in found if studios is None or one.subscription_id in studios])


@router.put("/admin/v1/workflows/migratable/{app_id}")
def mark_migratable(door: Here, actor: Curator, received: AsReceived, app_id: str) -> Response:
    """Set or clear the mark: the body is `true` or `false`; without a body it is turned over. The answer is the mark."""
    text = text_of(received.body).strip().strip('"')
    with door.parts.database.write() as db:
        is_marked = workflows.get_workflow(db, actor, app_id).is_ready_to_migrate
        change = WorkflowChange(is_ready_to_migrate=is_true(text or None, default=not is_marked))
        return JSONResponse(change_workflow(db, actor, app_id, change).is_ready_to_migrate)
