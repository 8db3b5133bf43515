"""Publish a workflow by upload: first the tool-by-tool report, then, once it was read, the publishing itself.

What was uploaded lies among the publisher's input files meanwhile; nothing is kept of an upload that nobody publishes.
"""

import tempfile
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, ClassVar
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response
from sqlalchemy.orm import Session

from galleria.errors import GalleriaError, InvalidError, NotFoundError, TooLargeError, UnsupportedError
from galleria.gallery.actors import Role
from galleria.gallery.files.records import InputFile
from galleria.gallery.files.service import add_input_file, find_input_files, store_upload
from galleria.gallery.jobs.answers import askable
from galleria.gallery.workflows import report as reports
from galleria.gallery.workflows.access import get_workflow
from galleria.gallery.workflows.file import checked_package, publish_file
from galleria.gallery.workflows.publish import Publication
from galleria.http.parts import Parts
from galleria.web.canvas import Drawing, drawing_of
from galleria.web.door import door_of
from galleria.web.failures import sentence
from galleria.web.forms import Form, Sent
from galleria.web.lines import KINDS, app_path
from galleria.web.page import Page, go, show
from galleria.web.tools import ToolLine, tool_lines
from galleria.web.visitors import SignedIn, Visitor

router = APIRouter()

WORKFLOW_ENDINGS = (".yxzp", ".yxmd", ".yxwz", ".yxmc")
"""What can be published, the likelier one of several files first."""
_MOST_FILES = 100


@dataclass(frozen=True)
class UploadPage(Page):
    template: ClassVar[str] = "publish.html"
    section: ClassVar[str] = "publish"

    of: str
    """The id of the workflow that gets a new version; empty for a new one."""
    of_name: str
    of_path: str
    problem: str = ""
    endings: str = ",".join(WORKFLOW_ENDINGS)

    @property
    def title(self) -> str:
        return f"A new version of {self.of_name}" if self.of else "Publish"


@dataclass(frozen=True)
class Upload:
    file_id: str
    name: str


@dataclass(frozen=True)
class ReportPage(Page):
    """What the check found, before anything is published."""

    template: ClassVar[str] = "publish_report.html"
    section: ClassVar[str] = "publish"

    of: str
    of_name: str
    of_path: str
    files: Sequence[Upload]
    """The workflow's own file first."""
    name: str
    kind: str
    description: str
    tools: Sequence[ToolLine]
    missing: Sequence[str]
    questions: Sequence[str]
    drawing: Drawing | None

    @property
    def title(self) -> str:
        return f"Publish {self.name}"

    @property
    def unsupported(self) -> Sequence[ToolLine]:
        return [tool for tool in self.tools if tool.problem]

    @property
    def is_fit(self) -> bool:
        return not self.unsupported and not self.missing


@router.get("/publish")
def show_publish(request: Request, visitor: SignedIn, of: str = "") -> Response:
    visitor.actor.require(Role.ARTISAN, "publish a workflow")
    return show(request, _upload_page(request, visitor, of))


@router.post("/publish")
def upload(request: Request, visitor: SignedIn, form: Sent) -> Response:
    """Take the files and go on to their report."""
    visitor.actor.require(Role.ARTISAN, "publish a workflow")
    of = form.text("of", 24)
    try:
        files = _kept(door_of(request).parts, visitor, form)
    except GalleriaError as error:
        return show(request, _upload_page(request, visitor, of, error), 400)
    return go(request, f"/publish/report?{urlencode([*(('file', file.id) for file in files), ('of', of)])}")


@router.get("/publish/report")
def show_report(request: Request, visitor: SignedIn, file: Annotated[Sequence[str], Query()] = (), of: str = "") -> Response:
    """Check what was uploaded; the upload page again, with the reason, where it cannot be read."""
    parts = door_of(request).parts
    page = _upload_page(request, visitor, of)
    with parts.database.read() as db:
        files = _uploaded(db, visitor, file)
    try:
        return show(request, _report_page(parts, page, files))
    except (InvalidError, UnsupportedError, TooLargeError) as error:
        return show(request, _upload_page(request, visitor, of, error), 400)


@router.post("/publish/done")
def publish(request: Request, visitor: SignedIn, form: Sent) -> Response:
    """Publish what was uploaded and looked at before."""
    parts = door_of(request).parts
    of = form.text("of", 24)
    with parts.database.read() as db:
        files = _uploaded(db, visitor, form.texts("file"))
    publication = Publication(
        name=form.text("name", 300),
        comments=form.text("comments", 10_000),
        can_download=form.is_ticked("can_download"),
        limit_bytes=parts.limits.upload_bytes,
    )
    with _laid_out(parts, files) as source:
        workflow = publish_file(parts.database, visitor.actor, parts.storage, source, publication, version_of=of or None)
    return go(request, app_path(workflow.name, workflow.id), "version" if of else "published")


def _upload_page(request: Request, visitor: Visitor, of: str, error: GalleriaError | None = None) -> UploadPage:
    problem = sentence(error.message) if error is not None else ""
    if not of:
        return UploadPage("", "", "", problem)
    with door_of(request).parts.database.read() as db:
        workflow = get_workflow(db, visitor.actor, of)
    return UploadPage(of, workflow.name, app_path(workflow.name, workflow.id), problem)


def _kept(parts: Parts, visitor: Visitor, form: Form) -> list[InputFile]:
    """Keep the uploaded files for the next step, the workflow first."""
    uploads = sorted(form.files("files"), key=lambda upload: _rank(upload.filename or ""))
    if not uploads:
        raise InvalidError("choose a file first")
    if _rank(uploads[0].filename or "") == len(WORKFLOW_ENDINGS):
        raise InvalidError(f"none of these files is a workflow; one ends with {', '.join(WORKFLOW_ENDINGS)}")
    kept: list[InputFile] = []
    for upload in uploads[:_MOST_FILES]:
        stored = store_upload(parts.storage, upload.file, parts.limits.upload_bytes)
        with parts.database.write() as db:
            lifetime_s = parts.limits.input_file_lifetime_s
            kept.append(add_input_file(db, visitor.actor, parts.storage, upload.filename or "", stored, lifetime_s))
    return kept


def _rank(name: str) -> int:
    ending = Path(name).suffix.lower()
    return WORKFLOW_ENDINGS.index(ending) if ending in WORKFLOW_ENDINGS else len(WORKFLOW_ENDINGS)


def _uploaded(db: Session, visitor: Visitor, file_ids: Sequence[str]) -> list[InputFile]:
    found = find_input_files(db, visitor.actor, file_ids[:_MOST_FILES])
    if not file_ids or any(file_id not in found for file_id in file_ids):
        raise NotFoundError("the uploaded files are gone; they are kept for a limited time")
    return [found[file_id] for file_id in file_ids]


@contextmanager
def _laid_out(parts: Parts, files: Sequence[InputFile]) -> Generator[Path]:
    """Lay the files beside each other, under their own names, in a folder of their own; gives the workflow's path."""
    with tempfile.TemporaryDirectory(prefix="galleria-upload-") as name:
        for file in reversed(files):
            parts.storage.fetch(file.storage_key, Path(name, file.name))
        yield Path(name, files[0].name)


def _report_page(parts: Parts, page: UploadPage, files: Sequence[InputFile]) -> ReportPage:
    with _laid_out(parts, files) as source, checked_package(source) as checked:
        data = checked.report
    report = reports.read(data)
    tools = tool_lines(data)
    return ReportPage(
        of=page.of,
        of_name=page.of_name,
        of_path=page.of_path,
        files=[Upload(file.id, file.name) for file in files],
        name=page.of_name or report.name,
        kind=KINDS[report.kind],
        description=report.description,
        tools=tools,
        missing=report.missing,
        questions=[question.description or question.name for question in askable(report.questions)],
        drawing=drawing_of(data, {tool.tool_id: tool.problem for tool in tools if tool.tool_id is not None and tool.problem}),
    )
