"""A workflow's page with its tabs; the id in the address says which one, the name is for people."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from fastapi import APIRouter, Request
from fastapi.responses import Response

from galleria.gallery.jobs.answers import askable
from galleria.gallery.jobs.service import JobFilter, list_jobs
from galleria.gallery.pages import Page as Window
from galleria.gallery.users.service import users_by_id
from galleria.gallery.workflows import report as reports
from galleria.gallery.workflows import service as workflows
from galleria.gallery.workflows.access import get_workflow
from galleria.http.downloads import Download, answer
from galleria.http.heads import is_head
from galleria.web.canvas import Drawing, Inside, drawing_of, inside_of
from galleria.web.door import door_of
from galleria.web.lines import RunLine, app_path, run_lines
from galleria.web.page import Page, go, show
from galleria.web.pages.workflow_head import WorkflowHead, workflow_head
from galleria.web.paging import Listing, listing, number_of, window
from galleria.web.tools import ToolLine, tool_lines
from galleria.web.visitors import SignedIn

router = APIRouter()

_RECENT = 5


@dataclass(frozen=True)
class WorkflowPage(Page):
    template: ClassVar[str] = "workflow.html"
    section: ClassVar[str] = "workflows"

    head: WorkflowHead
    description: str
    """Markdown."""
    tools: Sequence[ToolLine]
    """Those that are not supported first."""
    missing: Sequence[str]
    """Files that the workflow names and the package does not hold."""
    drawing: Drawing | None
    """None for versions that were published before canvases were kept."""
    inside: Inside | None
    """The tool that was clicked at; None as well for those who may not have the file, whose content it is."""
    recent: Sequence[RunLine]
    meta: Mapping[str, str]
    """Author, copyright: what the document says about itself; only what it says."""
    link: str
    """An address that the author gives; empty where there is none that a page may link to."""
    link_words: str

    @property
    def title(self) -> str:
        return self.head.name

    @property
    def unsupported(self) -> Sequence[ToolLine]:
        return [tool for tool in self.tools if tool.problem]


@dataclass(frozen=True)
class VersionLine:
    version_id: str
    number: int
    author: str
    file_name: str
    size_bytes: int
    comments: str
    created_at: datetime
    is_supported: bool
    is_published: bool


@dataclass(frozen=True)
class VersionsPage(Page):
    template: ClassVar[str] = "workflow_versions.html"
    section: ClassVar[str] = "workflows"

    head: WorkflowHead
    versions: Sequence[VersionLine]
    """The latest first."""

    @property
    def title(self) -> str:
        return f"Versions of {self.head.name}"


@dataclass(frozen=True)
class ResultsPage(Page):
    template: ClassVar[str] = "workflow_results.html"
    section: ClassVar[str] = "workflows"

    head: WorkflowHead
    runs: Listing[RunLine]

    @property
    def title(self) -> str:
        return f"Results of {self.head.name}"


@router.get("/app/{app_id}")
def find_workflow(request: Request, visitor: SignedIn, app_id: str) -> Response:
    """Lead from an id alone to the page."""
    with door_of(request).parts.database.read() as db:
        workflow = get_workflow(db, visitor.actor, app_id)
    return go(request, app_path(workflow.name, workflow.id))


@router.get("/app/{name}/{app_id}")
def show_workflow(request: Request, visitor: SignedIn, app_id: str, tool: str = "") -> Response:
    with door_of(request).parts.database.read() as db:
        workflow = get_workflow(db, visitor.actor, app_id)
        version = workflows.get_version(db, visitor.actor, app_id)
        report = reports.read(version.report)
        tools = tool_lines(version.report)
        problems = {line.tool_id: line.problem for line in tools if line.tool_id is not None and line.problem}
        head = workflow_head(db, visitor, workflow, "overview", has_questions=bool(askable(report.questions)))
        page = WorkflowPage(
            head=head,
            description=workflow.description,
            tools=tools,
            missing=report.missing,
            drawing=drawing_of(version.report, problems),
            inside=inside_of(version.report, problems, int(tool)) if _is_tool_id(tool) and head.can_download else None,
            recent=run_lines(db, list_jobs(db, visitor.actor, JobFilter(workflow_id=app_id), Window(0, _RECENT))),
            meta={word: report.meta[word] for word in ("author", "copyright") if report.meta[word]},
            link=url if (url := report.meta["url"]).startswith(("https://", "http://")) else "",
            link_words=report.meta["url_text"] or report.meta["url"],
        )
    return show(request, page)


def _is_tool_id(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 10


@router.get("/app/{name}/{app_id}/versions")
def show_versions(request: Request, visitor: SignedIn, app_id: str) -> Response:
    with door_of(request).parts.database.read() as db:
        workflow = get_workflow(db, visitor.actor, app_id)
        versions = workflows.versions_of(db, visitor.actor, app_id)
        authors = users_by_id(db, [version.author_id for version in versions])
        lines = [
            VersionLine(
                version_id=version.id,
                number=version.number,
                author=authors[version.author_id].full_name if version.author_id in authors else "",
                file_name=version.file_name,
                size_bytes=version.package_size_bytes,
                comments=version.comments,
                created_at=version.created_at,
                is_supported=version.is_supported,
                is_published=version.id == workflow.published_version_id,
            )
            for version in reversed(versions)
        ]
        page = VersionsPage(workflow_head(db, visitor, workflow, "versions"), lines)
    return show(request, page)


@router.get("/app/{name}/{app_id}/results")
def show_results(request: Request, visitor: SignedIn, app_id: str, page: str = "") -> Response:
    number = number_of(page)
    with door_of(request).parts.database.read() as db:
        workflow = get_workflow(db, visitor.actor, app_id)
        jobs = list_jobs(db, visitor.actor, JobFilter(workflow_id=app_id), window(number))
        runs = listing(run_lines(db, jobs), number, f"{app_path(workflow.name, app_id)}/results")
        shown = ResultsPage(workflow_head(db, visitor, workflow, "results"), runs)
    return show(request, shown)


@router.get("/app/{name}/{app_id}/package")
def download_package(request: Request, visitor: SignedIn, app_id: str, version: str = "") -> Response:
    parts = door_of(request).parts
    # Whoever asks for the head alone takes nothing away.
    verb = workflows.open_package if is_head(request.scope) else workflows.download_package
    with parts.database.write() as db:
        package = verb(db, visitor.actor, parts.storage, app_id, version or None)
    return answer(request, Download(package.stream, package.size_bytes, package.file_name, package.version_id))
