"""The tab Details of a workflow: what it is, how a program calls it, and, for those whose it is, what can be changed."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from fastapi import APIRouter, Request
from fastapi.responses import Response
from sqlalchemy.orm import Session

from galleria.errors import InvalidError
from galleria.gallery.actors import Role
from galleria.gallery.assets import service as assets
from galleria.gallery.collections.service import collections_holding
from galleria.gallery.districts.service import list_districts
from galleria.gallery.jobs.answers import askable
from galleria.gallery.shares.records import Shared
from galleria.gallery.users.service import find_by_email
from galleria.gallery.workflows import report as reports
from galleria.gallery.workflows import service as workflows
from galleria.gallery.workflows.access import get_workflow
from galleria.gallery.workflows.changes import WorkflowChange, change_workflow, set_tags, tags_of
from galleria.gallery.workflows.publish import show_version
from galleria.gallery.workflows.records import Version, Workflow
from galleria.web.door import door_of, gallery_url_of
from galleria.web.forms import Sent
from galleria.web.lines import app_path
from galleria.web.page import Page, go, show
from galleria.web.pages.home import Choice
from galleria.web.pages.workflow_head import WorkflowHead, workflow_head
from galleria.web.visitors import SignedIn, Visitor

router = APIRouter()


@dataclass(frozen=True)
class Switches:
    """What its managers decide about a workflow."""

    description: str
    tags: str
    """With commas between."""
    can_download: bool
    is_run_disabled: bool
    is_public: bool
    worker_tag: str


@dataclass(frozen=True)
class DetailsPage(Page):
    template: ClassVar[str] = "workflow_details.html"
    section: ClassVar[str] = "workflows"

    head: WorkflowHead
    facts: Sequence[tuple[str, str]]
    tags: Sequence[str]
    gallery_url: str
    questions: Sequence[str]
    """The names that an API call answers by."""
    switches: Switches
    collections: Sequence[tuple[str, str]]
    """Id and name of those that it lies in and the visitor sees."""
    districts: Sequence[Choice]
    """All, those that it lies in chosen; for Curators alone, who put it there."""

    @property
    def title(self) -> str:
        return f"Details of {self.head.name}"


@router.get("/app/{name}/{app_id}/details")
def show_details(request: Request, visitor: SignedIn, app_id: str) -> Response:
    with door_of(request).parts.database.read() as db:
        page = _page(db, visitor, app_id, gallery_url_of(request))
    return show(request, page)


@router.post("/app/{name}/{app_id}/details")
def change(request: Request, visitor: SignedIn, form: Sent, app_id: str) -> Response:
    is_curator = visitor.is_curator
    wanted = WorkflowChange(
        name=form.text("name", 300),
        description=form.raw("description", 100_000),
        can_download=form.is_ticked("can_download"),
        is_run_disabled=not form.is_ticked("can_run"),
        is_public=form.is_ticked("is_public") if is_curator else None,
        worker_tag=form.text("worker_tag", 100) if is_curator else None,
    )
    with door_of(request).parts.database.write() as db:
        workflow = change_workflow(db, visitor.actor, app_id, wanted)
        set_tags(db, visitor.actor, app_id, form.text("tags", 5000).split(","))
    return go(request, f"{app_path(workflow.name, app_id)}/details", "saved")


@router.post("/app/{name}/{app_id}/owner")
def give_away(request: Request, visitor: SignedIn, form: Sent, app_id: str) -> Response:
    visitor.actor.require(Role.CURATOR, "give a workflow to somebody else")
    with door_of(request).parts.database.write() as db:
        owner = find_by_email(db, form.text("email", 400))
        if owner is None:
            raise InvalidError("nobody here has this e-mail")
        workflow = assets.transfer_workflow(db, visitor.actor, app_id, owner.id, with_schedules=form.is_ticked("with_schedules"))
    return go(request, f"{app_path(workflow.name, app_id)}/details", "saved")


@router.post("/app/{name}/{app_id}/delete")
def delete(request: Request, visitor: SignedIn, form: Sent, app_id: str) -> Response:
    with door_of(request).parts.database.write() as db:
        assets.delete_workflow(db, visitor.actor, app_id, with_schedules=form.is_ticked("with_schedules"))
    return go(request, "/", "deleted")


@router.post("/app/{name}/{app_id}/versions")
def choose_version(request: Request, visitor: SignedIn, form: Sent, app_id: str) -> Response:
    with door_of(request).parts.database.write() as db:
        workflow = show_version(db, visitor.actor, app_id, form.text("version", 24))
    return go(request, f"{app_path(workflow.name, app_id)}/versions", "saved")


def _page(db: Session, visitor: Visitor, app_id: str, gallery_url: str) -> DetailsPage:
    workflow = get_workflow(db, visitor.actor, app_id)
    version = workflows.get_version(db, visitor.actor, app_id)
    questions = askable(reports.read(version.report).questions)
    tags = tags_of(db, [app_id]).get(app_id, ())
    head = workflow_head(db, visitor, workflow, "details", has_questions=bool(questions))
    return DetailsPage(
        head=head,
        facts=_facts(workflow, version),
        tags=tags,
        gallery_url=gallery_url,
        questions=[question.name for question in questions],
        switches=Switches(
            description=workflow.description,
            tags=", ".join(tags),
            can_download=workflow.can_download,
            is_run_disabled=workflow.is_run_disabled,
            is_public=workflow.is_public,
            worker_tag=workflow.worker_tag,
        ),
        collections=_collections(db, visitor, app_id),
        districts=_districts(db, visitor, {district_id for district_id, _ in head.districts}) if visitor.is_curator else (),
    )


def _collections(db: Session, visitor: Visitor, app_id: str) -> list[tuple[str, str]]:
    found = collections_holding(db, visitor.actor, Shared.WORKFLOW, [app_id])
    return [(collection.id, collection.name) for _, collection in found if collection.made_for is None]


def _districts(db: Session, visitor: Visitor, chosen: set[str]) -> list[Choice]:
    return [Choice(district.id, district.title, district.id in chosen) for district in list_districts(db, visitor.actor)]


def _facts(workflow: Workflow, version: Version) -> list[tuple[str, str]]:
    return [
        ("Id", workflow.id),
        ("Id of the published version", version.id),
        ("Id of the studio", workflow.subscription_id),
        ("File", workflow.file_name),
        ("Written with version", str(version.report.get("version") or "unknown")),
        ("Engine", "AMP" if workflow.uses_amp else "Original"),
        ("Worker tag", workflow.worker_tag or "any worker"),
        ("SHA-256 of the package", version.package_sha256),
    ]
