"""Runs: one's own as a list, and each with what it says and makes while it does."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from fastapi import APIRouter, Request
from fastapi.responses import Response
from sqlalchemy.orm import Session

from galleria.gallery.jobs import service as jobs
from galleria.gallery.jobs.fetch import RAW, open_output
from galleria.gallery.jobs.framing import is_report
from galleria.gallery.jobs.inputs import input_names
from galleria.gallery.jobs.preview import can_preview
from galleria.gallery.jobs.records import Disposition, Job, JobMessage, JobOutput, State
from galleria.gallery.jobs.sealed import sealed_names
from galleria.gallery.jobs.service import JobFilter
from galleria.gallery.users.service import users_by_id
from galleria.gallery.workers.waiting import Progress, Waiting, progress_of, records_of, waiting_of
from galleria.gallery.workflows.records import Version
from galleria.gallery.workflows.service import workflows_by_id
from galleria.http.downloads import Download, answer
from galleria.http.events import job_events
from galleria.http.heads import is_head
from galleria.messages import Status
from galleria.web.canvas import Drawing, drawing_of
from galleria.web.door import door_of
from galleria.web.forms import Sent
from galleria.web.lines import NOBODY, Outcome, RunLine, app_path, other_formats, outcome_of, run_lines, took_s
from galleria.web.page import Page, go, show
from galleria.web.pages.home import Choice, choices
from galleria.web.pages.run_form import shown_answers
from galleria.web.paging import Listing, listing, number_of, window
from galleria.web.questions import asked
from galleria.web.tools import tool_names
from galleria.web.visitors import SignedIn, Visitor

router = APIRouter()

_MOST_MESSAGES = 500
_TONES: Mapping[int, tuple[str, str]] = {
    Status.INFO: ("info", "Info"),
    Status.WARNING: ("warning", "Warning"),
    Status.ERROR: ("error", "Error"),
    Status.COMPLETE: ("good", "Done"),
    Status.CONVERSION_ERROR: ("warning", "Conversion"),
    Status.CONVERSION_LIMIT: ("warning", "Conversion"),
    Status.FILE_INPUT: ("file", "Read"),
    Status.FILE_OUTPUT: ("file", "Written"),
    Status.RESOURCE: ("info", "Resource"),
}
STATES: Mapping[str, tuple[State | None, Disposition | None]] = {
    "": (None, None),
    "queued": (State.QUEUED, None),
    "running": (State.RUNNING, None),
    "succeeded": (State.COMPLETED, Disposition.SUCCESS),
    "failed": (State.COMPLETED, Disposition.ERROR),
    "cancelled": (State.CANCELLED, None),
}
STATE_WORDS = (("", "All"), *((word, word.capitalize()) for word in STATES if word))


@dataclass(frozen=True)
class RunsPage(Page):
    template: ClassVar[str] = "runs.html"
    section: ClassVar[str] = "runs"

    states: Sequence[Choice]
    everybody: bool
    """Whether the list holds other people's runs, too."""
    can_see_others: bool
    runs: Listing[RunLine]

    @property
    def title(self) -> str:
        return "Runs"


@dataclass(frozen=True)
class MessageLine:
    tone: str
    word: str
    tool: str
    """`Filter (6)`; empty for what the run itself says."""
    text: str


@dataclass(frozen=True)
class OutputLine:
    output_id: str
    name: str
    size_bytes: int
    record_count: int | None
    formats: Sequence[str]
    """Other than the one that it was written in."""
    tool: str
    can_look: bool
    """Whether its first rows can be shown."""


@dataclass(frozen=True)
class RunPage(Page):
    template: ClassVar[str] = "run.html"
    section: ClassVar[str] = "runs"

    job_id: str
    workflow_name: str
    workflow_path: str
    """Empty when the workflow is gone."""
    owner: str
    outcome: Outcome
    before: int
    """How many queued runs come first."""
    reason: str
    """Why a queued run does not run yet, beside those before it; empty otherwise."""
    progress: Progress | None
    drawing: Drawing | None
    """The canvas with the tools that failed; None where only what changes is asked for."""
    records: Mapping[str, int]
    """How many records passed each anchor, by `6:True`."""
    can_cancel: bool
    queued_at: datetime
    started_at: datetime | None
    took_s: float | None
    worker: str
    planned_at: datetime | None
    """Of a scheduled run."""
    cause_job_id: str
    """The run that this one follows in a chain; mostly empty."""
    answers: Sequence[tuple[str, str]]
    messages: Sequence[MessageLine]
    more_messages: int
    """How many are left out."""
    outputs: Sequence[OutputLine]

    @property
    def title(self) -> str:
        return f"{self.outcome.word}: {self.workflow_name}"


@router.get("/runs")
def list_runs(request: Request, visitor: SignedIn, state: str = "", all: str = "", page: str = "") -> Response:
    state = state if state in STATES else ""
    can_see_others = visitor.is_artisan
    everybody = bool(all) and can_see_others
    wanted_state, disposition = STATES[state]
    wanted = JobFilter(owner_id=None if everybody else visitor.user_id, state=wanted_state, disposition=disposition)
    number = number_of(page)
    with door_of(request).parts.database.read() as db:
        lines = run_lines(db, jobs.list_jobs(db, visitor.actor, wanted, window(number)))
    runs = listing(lines, number, "/runs", {"state": state, "all": "1" if everybody else ""})
    return show(request, RunsPage(choices(STATE_WORDS, state), everybody, can_see_others, runs))


@router.get("/runs/{job_id}")
def show_run(request: Request, visitor: SignedIn, job_id: str, messages: str = "", part: str = "") -> Response:
    """`part=live` leaves out the canvas, which a page that follows a run keeps."""
    with door_of(request).parts.database.read() as db:
        page = _run_page(db, visitor, job_id, None if messages == "all" else _MOST_MESSAGES, with_canvas=part != "live")
    return show(request, page)


@router.get("/runs/{job_id}/events")
async def follow_run(request: Request, visitor: SignedIn, job_id: str) -> Response:
    return await job_events(request, door_of(request).parts, visitor.actor, job_id)


@router.post("/runs/{job_id}/cancel")
def cancel_run(request: Request, visitor: SignedIn, form: Sent, job_id: str) -> Response:
    with door_of(request).parts.database.write() as db:
        jobs.cancel(db, visitor.actor, job_id)
    return go(request, f"/runs/{job_id}", "cancelled")


@router.get("/runs/{job_id}/outputs/{output_id}")
def download_output(request: Request, visitor: SignedIn, job_id: str, output_id: str, format: str = RAW) -> Response:
    parts = door_of(request).parts
    with parts.database.read() as db:
        output = jobs.get_output(db, visitor.actor, job_id, output_id)
    fetched = open_output(parts.storage, parts.convert, output, format)
    if not is_head(request.scope):
        with parts.database.write() as db:
            jobs.note_download(db, visitor.actor, job_id, output, format)
    return answer(request, Download(fetched.stream, fetched.size_bytes, fetched.name, fetched.key))


def _run_page(db: Session, visitor: Visitor, job_id: str, most: int | None, *, with_canvas: bool) -> RunPage:
    job = jobs.get_job(db, visitor.actor, job_id)
    workflow = workflows_by_id(db, [job.workflow_id]).get(job.workflow_id)
    owner = users_by_id(db, [job.owner_id]).get(job.owner_id) if job.owner_id else None
    version = db.get(Version, job.version_id)
    names = tool_names(version.report) if version is not None else {}
    messages = jobs.messages_of(db, job)
    waiting = waiting_of(db, job) if job.state is State.QUEUED else Waiting(0, "", {})
    errors = {
        message.tool_id: message.text for message in reversed(messages) if message.tool_id is not None and message.status == Status.ERROR
    }
    is_there = workflow is not None and workflow.deleted_at is None
    return RunPage(
        job_id=job.id,
        workflow_name=workflow.name if workflow is not None else "a workflow that is gone",
        workflow_path=app_path(workflow.name, workflow.id) if workflow is not None and is_there else "",
        owner=owner.full_name if owner else NOBODY,
        outcome=outcome_of(job),
        before=waiting.before,
        reason=waiting.reason,
        progress=progress_of(job) if job.state is State.RUNNING else None,
        drawing=drawing_of(version.report, errors) if version is not None and with_canvas else None,
        records=records_of(job),
        can_cancel=not job.is_over and job.cancel_requested_at is None,
        queued_at=job.queued_at,
        started_at=job.started_at,
        took_s=took_s(job),
        worker=job.worker,
        planned_at=job.planned_at,
        cause_job_id=job.cause_job_id or "",
        answers=shown_answers({**job.answers, **input_names(db, job), **_hidden(version, job)}),
        messages=[_message(message, names) for message in messages[:most]],
        more_messages=max(0, len(messages) - most) if most is not None else 0,
        outputs=[_output(output, names) for output in jobs.outputs_of(db, job)],
    )


def _hidden(version: Version | None, job: Job) -> Mapping[str, str]:
    """What stands in place of answers that are secret."""
    questions = asked(version.report) if version is not None else []
    passwords = [question.name for question in questions if question.kind == "password"]
    return dict.fromkeys([*passwords, *sealed_names(job.answers)], "••••••")


def _message(message: JobMessage, names: Mapping[int, str]) -> MessageLine:
    tone, word = _TONES.get(message.status, ("info", "Info"))
    # What a file message says before the bar is the file's name, for programs.
    text = message.text.partition("|")[2] if message.status in (Status.FILE_INPUT, Status.FILE_OUTPUT) else message.text
    return MessageLine(tone, word, _tool(message.tool_id, names), text or message.text)


def _tool(tool_id: int | None, names: Mapping[int, str]) -> str:
    return "" if tool_id is None else f"{names.get(tool_id, 'Tool')} ({tool_id})"


def _output(output: JobOutput, names: Mapping[int, str]) -> OutputLine:
    tool = _tool(output.tool_id, names)
    can_look = can_preview(output) or is_report(output)
    return OutputLine(output.id, output.name, output.size_bytes, output.record_count, other_formats(output), tool, can_look)
