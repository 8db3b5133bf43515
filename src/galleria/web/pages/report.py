"""A report of a run: its page in a frame that may run nothing and load nothing."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from fastapi import APIRouter, Request
from fastapi.responses import Response

from galleria.gallery.jobs import service as jobs
from galleria.gallery.jobs.framing import open_page
from galleria.gallery.jobs.records import JobOutput
from galleria.gallery.workflows.service import workflows_by_id
from galleria.http.downloads import Download, answer
from galleria.web.door import door_of
from galleria.web.headers import CONTENT_SECURITY_POLICY
from galleria.web.lines import other_formats
from galleria.web.page import Page, show
from galleria.web.visitors import SignedIn, Visitor

router = APIRouter()

FRAMED_POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'; form-action 'none'; frame-ancestors 'self'; sandbox"
"""Of what lies in the frame: no script, no form, nothing from anywhere, and nobody's cookies."""


@dataclass(frozen=True)
class ReportPage(Page):
    template: ClassVar[str] = "report.html"
    section: ClassVar[str] = "runs"

    job_id: str
    output_id: str
    name: str
    workflow_name: str
    formats: Sequence[str]

    @property
    def title(self) -> str:
        return self.name


def show_report(request: Request, visitor: Visitor, job_id: str, output: JobOutput) -> Response:
    """The page around the frame."""
    with door_of(request).parts.database.read() as db:
        workflow = workflows_by_id(db, [jobs.get_job(db, visitor.actor, job_id).workflow_id])
    page = ReportPage(
        job_id=job_id,
        output_id=output.id,
        name=output.name,
        workflow_name=next((one.name for one in workflow.values()), ""),
        formats=other_formats(output),
    )
    response = show(request, page)
    response.headers["Content-Security-Policy"] = f"{CONTENT_SECURITY_POLICY}; frame-src 'self'"
    return response


@router.get("/runs/{job_id}/outputs/{output_id}/page")
def framed_report(request: Request, visitor: SignedIn, job_id: str, output_id: str) -> Response:
    """What lies in the frame."""
    parts = door_of(request).parts
    with parts.database.read() as db:
        output = jobs.get_output(db, visitor.actor, job_id, output_id)
    fetched = open_page(parts.storage, parts.convert, output)
    with parts.database.write() as db:
        jobs.note_download(db, visitor.actor, job_id, output, "Page")
    response = answer(request, Download(fetched.stream, fetched.size_bytes, fetched.name, f"{fetched.key}.page", is_attachment=False))
    response.headers["Content-Security-Policy"] = FRAMED_POLICY
    response.headers["X-Frame-Options"] = "SAMEORIGIN"
    # The stored file may be of any encoding that its own head says; ours are UTF-8.
    response.headers["Content-Type"] = "text/html; charset=utf-8"
    return response
