"""The Subscription API, v1: seven endpoints over the workflows and jobs of one studio."""

import json
from collections.abc import Mapping, Sequence
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import JSONResponse, Response
from starlette.concurrency import run_in_threadpool
from typing_extensions import override

from galleria.api.classic import shapes
from galleria.api.classic.orders import read_order
from galleria.api.doors import AsReceived, Caller, Door, Here, Reach, Studio
from galleria.api.long_lists import answer_list
from galleria.api.queries import (
    JobSort,
    Limit,
    Offset,
    Order,
    Search,
    SortField,
    Wait,
    Word,
    is_descending,
    is_true,
    number_or_name,
    page_from_offset,
    word_of,
)
from galleria.errors import InvalidError
from galleria.gallery.actors import Actor
from galleria.gallery.jobs import service as jobs
from galleria.gallery.jobs.fetch import RAW, open_output
from galleria.gallery.jobs.service import JobFilter, NewJob
from galleria.gallery.workflows import service as workflows
from galleria.gallery.workflows.access import get_workflow
from galleria.gallery.workflows.records import PackageKind
from galleria.gallery.workflows.service import WorkflowFilter, WorkflowSort
from galleria.http.bodies import text_of
from galleria.http.downloads import Download, answer
from galleria.http.events import wait_until_over
from galleria.http.heads import is_head

router = APIRouter()
classic_only = APIRouter()
web_only = APIRouter()
"""Where the two generations' paths differ."""

StudioForOutput = Annotated[Actor, Depends(Caller(Reach.STUDIO, unsigned=frozenset(("format", "attachment"))))]
"""A client in use adds these two to the address after signing it."""

_KINDS: Mapping[str, PackageKind] = {name.lower(): kind for kind, name in shapes.TYPE_NAMES.items()}


class IndentedAnswer(JSONResponse):
    """The newer generation writes one of its answers with line breaks."""

    @override
    def render(self, content: object) -> bytes:
        return json.dumps(content, ensure_ascii=False, indent=2).encode()


@router.get("/v1/workflows/subscription")
def list_workflows(
    door: Here,
    actor: Studio,
    sort_field: SortField = None,
    direction: Order = None,
    offset: Offset = None,
    limit: Limit = None,
    search: Search = None,
    package_type: Annotated[
        Word, Query(alias="packageType", description="0 or `App`, 1 or `Module` (a standard workflow), 2 or `Macro`.")
    ] = None,
) -> Response:
    """List the workflows of the key's studio."""
    sort = word_of(sort_field, WorkflowSort, "sortField")
    wanted = WorkflowFilter(
        subscription_id=actor.subscription_id,
        kind=number_or_name(package_type, PackageKind, "packageType", _KINDS),
        search=search or "",
    )
    is_falling = is_descending(direction, is_sorted=sort is not None)
    with door.parts.database.read() as db:
        page = page_from_offset(offset, limit)
        ids = workflows.workflow_ids(db, actor, wanted, page, sort or WorkflowSort.UPLOAD_DATE, descending=is_falling)

    def shaped(some: Sequence[str]) -> Sequence[object]:
        with door.parts.database.read() as db:
            return [shapes.workflow(workflow, door.dialect) for workflow in workflows.workflows_in_order(db, some)]

    return answer_list(ids, shaped)


@router.get("/v1/workflows/{app_id}/questions")
def list_questions(door: Here, actor: Studio, app_id: str) -> Response:
    """List what an app asks before it runs; nothing for other workflows."""
    with door.parts.database.read() as db:
        return JSONResponse(shapes.questions(workflows.questions_of(db, actor, app_id), door.dialect))


@router.post("/v1/workflows/{app_id}/jobs")
def queue_job(door: Here, actor: Studio, received: AsReceived, app_id: str) -> Response:
    """Put a run into the queue, with the answers to its questions."""
    order = read_order(text_of(received.body), is_form=bool(received.form))
    with door.parts.database.write() as db:
        job = jobs.queue(db, actor, NewJob(app_id, answers=order.answers, priority=order.priority))
        return JSONResponse(shapes.queued_job(job, door.dialect))


@router.get("/v1/workflows/{app_id}/jobs")
def list_jobs(
    door: Here,
    actor: Studio,
    app_id: str,
    sort_field: SortField = None,
    direction: Order = None,
    offset: Offset = None,
    limit: Limit = None,
) -> Response:
    """List the runs of a workflow."""
    sort = word_of(sort_field, JobSort, "sortField")
    with door.parts.database.read() as db:
        app = get_workflow(db, actor, app_id)
        page = page_from_offset(offset, limit)
        is_falling, wanted = is_descending(direction, is_sorted=sort is not None), JobFilter(workflow_id=app.id)
        if page.limit is not None:
            found = jobs.list_jobs(db, actor, wanted, page, newest_first=is_falling)
            return JSONResponse([shapes.listed_job(job, door.dialect) for job in found])
        seqs = jobs.job_seqs(db, actor, wanted, newest_first=is_falling)[page.offset :]

    def shaped(some: Sequence[int]) -> Sequence[object]:
        with door.parts.database.read() as db:
            return [shapes.listed_job(job, door.dialect) for job in jobs.jobs_in_order(db, some)]

    return answer_list(seqs, shaped)


@router.get("/v1/jobs/{job_id}")
async def show_job(
    door: Here, actor: Studio, job_id: str, include_messages: Annotated[Word, Query(alias="includeMessages")] = None, wait: Wait = None
) -> Response:
    """Show how far a run is, what it said and what it made; with `wait` once it is over, or after so many seconds, 60 at most."""
    await wait_until_over(door.parts, actor, job_id, wait)
    return await run_in_threadpool(_shown_job, door, actor, job_id, is_true(include_messages, default=True))


def _shown_job(door: Door, actor: Actor, job_id: str, has_messages: bool) -> Response:
    with door.parts.database.read() as db:
        job = jobs.get_job(db, actor, job_id)
        messages = jobs.messages_of(db, job) if has_messages else ()
        shaped = shapes.job(job, jobs.outputs_of(db, job), messages, door.dialect)
    return IndentedAnswer(shaped) if door.dialect.indents_jobs else JSONResponse(shaped)


@router.get("/v1/jobs/{job_id}/output/{output_id}")
def download_output(
    request: Request,
    door: Here,
    actor: StudioForOutput,
    job_id: str,
    output_id: str,
    wanted_format: Annotated[Word, Query(alias="format")] = None,
    attachment: Word = None,
) -> Response:
    """Download a file that a run made, as it is or in another of its formats."""
    if wanted_format is None and door.dialect.requires_format:
        raise InvalidError("the parameter format is missing; Raw gives the file as it was written")
    is_attachment = is_true(attachment, default=False)
    with door.parts.database.read() as db:
        output = jobs.get_output(db, actor, job_id, output_id)
    fetched = open_output(door.parts.storage, door.parts.convert, output, wanted_format or RAW)
    if not is_head(request.scope):
        with door.parts.database.write() as db:
            jobs.note_download(db, actor, job_id, output, wanted_format or RAW)
    return answer(request, Download(fetched.stream, fetched.size_bytes, fetched.name, fetched.key, is_attachment))


@classic_only.get("/v1/{app_id}/package")
@web_only.get("/v1/workflows/{app_id}/package")
def download_package(request: Request, door: Here, actor: Studio, app_id: str, version: Word = None) -> Response:
    """Download a workflow with everything that belongs to it."""
    # Whoever asks for the head alone takes nothing away.
    verb = workflows.open_package if is_head(request.scope) else workflows.download_package
    with door.parts.database.write() as db:
        package = verb(db, actor, door.parts.storage, app_id, version)
    return answer(request, Download(package.stream, package.size_bytes, package.file_name, package.version_id))
