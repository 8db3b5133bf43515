"""For Curators: every run of the gallery, with what it waits for and where it runs."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import ClassVar

from fastapi import APIRouter, Request
from fastapi.responses import Response
from sqlalchemy.orm import Session

from galleria.errors import InvalidError
from galleria.gallery.actors import Role
from galleria.gallery.jobs.records import Job, Priority
from galleria.gallery.jobs.service import JobFilter, list_jobs
from galleria.gallery.jobs.statistics import Queue, queue_now
from galleria.gallery.users.service import find_by_email
from galleria.web.days import moment_of
from galleria.web.door import door_of
from galleria.web.failures import sentence
from galleria.web.lines import RunLine, run_lines
from galleria.web.page import Page, show
from galleria.web.pages.home import Choice, choices
from galleria.web.pages.runs import STATE_WORDS, STATES
from galleria.web.paging import Listing, listing, number_of, window
from galleria.web.visitors import SignedIn, Visitor

router = APIRouter()


@dataclass(frozen=True)
class JobLine:
    run: RunLine
    priority: str
    worker_tag: str
    worker: str
    waited_s: float | None
    """From being queued to the start; None before."""
    attempts: int
    can_cancel: bool


@dataclass(frozen=True)
class JobsPage(Page):
    template: ClassVar[str] = "admin_jobs.html"
    section: ClassVar[str] = "admin"

    queue: Queue
    jobs: Listing[JobLine]
    states: Sequence[Choice]
    email: str
    """Whose runs are shown; empty for everybody's."""
    workflow_id: str
    since: str
    """Dates, as the next; empty for all time."""
    until: str
    problem: str

    @property
    def title(self) -> str:
        return "Jobs"


@router.get("/admin/jobs")
def show_jobs(request: Request, visitor: SignedIn, page: str = "") -> Response:
    visitor.actor.require(Role.CURATOR, "see everybody's jobs")
    given, number, problem = request.query_params, number_of(page), ""
    query = {name: given.get(name, "").strip()[:100] for name in ("state", "email", "workflow", "since", "until")}
    query["state"] = query["state"] if query["state"] in STATES else ""
    with door_of(request).parts.database.read() as db:
        try:
            wanted = _wanted(db, visitor, query)
        except InvalidError as error:
            wanted, problem = JobFilter(), sentence(error.message)
        jobs = list_jobs(db, visitor.actor, wanted, window(number))
        lines = [_line(job, run) for job, run in zip(jobs, run_lines(db, jobs), strict=True)]
        shown = JobsPage(
            queue=queue_now(db, visitor.actor),
            jobs=listing(lines, number, "/admin/jobs", query),
            states=choices(STATE_WORDS, query["state"]),
            email=query["email"],
            workflow_id=query["workflow"],
            since=query["since"],
            until=query["until"],
            problem=problem,
        )
    return show(request, shown, 400 if problem else 200)


def _wanted(db: Session, visitor: Visitor, query: dict[str, str]) -> JobFilter:
    state, disposition = STATES[query["state"]]
    wanted = JobFilter(
        state=state,
        disposition=disposition,
        workflow_id=query["workflow"][:24] or None,
        queued_since=moment_of(query["since"], visitor.zone),
        queued_until=moment_of(query["until"], visitor.zone, end=True),
    )
    if not query["email"]:
        return wanted
    owner = find_by_email(db, query["email"])
    if owner is None:
        raise InvalidError("nobody here has this e-mail")
    return replace(wanted, owner_id=owner.id)


def _line(job: Job, run: RunLine) -> JobLine:
    started: datetime | None = job.started_at
    return JobLine(
        run=run,
        priority=Priority(job.priority).name.capitalize(),
        worker_tag=job.worker_tag,
        worker=job.worker,
        waited_s=max((started - job.queued_at).total_seconds(), 0.0) if started else None,
        attempts=job.attempts,
        can_cancel=not job.is_over and job.cancel_requested_at is None,
    )
