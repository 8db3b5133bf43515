"""Workflows in the Web API, v3: listed."""

from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import JSONResponse, Response

from galleria.api.doors import Here, User
from galleria.api.queries import Word, moment_from, word_of
from galleria.api.v3 import shapes
from galleria.api.v3.views import View
from galleria.gallery.workflows import service as workflows
from galleria.gallery.workflows.placing import districts_of
from galleria.gallery.workflows.service import WorkflowFilter

router = APIRouter()


@router.get("/v3/workflows")
def list_workflows(
    door: Here,
    actor: User,
    view: Word = None,
    name: Word = None,
    owner_id: Annotated[Word, Query(alias="ownerId")] = None,
    created_after: Annotated[Word, Query(alias="createdAfter")] = None,
    created_before: Annotated[Word, Query(alias="createdBefore")] = None,
) -> Response:
    """List the workflows that the caller may see; the dates, inclusive, are those of the published version."""
    wanted = WorkflowFilter(
        name=name,
        owner_id=owner_id,
        published_since=moment_from(created_after, "createdAfter"),
        published_until=moment_from(created_before, "createdBefore", is_end=True),
    )
    is_full = word_of(view, View, "view") is View.FULL
    with door.parts.database.read() as db:
        found = workflows.list_workflows(db, actor, wanted)
        if not is_full:
            return JSONResponse([shapes.reduced_workflow(workflow) for workflow in found])
        versions = workflows.versions_by_workflow(db, [workflow.id for workflow in found])
        districts = districts_of(db, actor, [workflow.id for workflow in found])
        return JSONResponse([shapes.workflow(one, versions.get(one.id, []), districts.get(one.id, ())) for one in found])
