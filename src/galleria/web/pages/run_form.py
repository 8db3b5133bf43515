"""Run a workflow: its questions as a form, the answers checked beside their fields, then a job in the queue."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar, cast

from fastapi import APIRouter, Request
from fastapi.responses import Response
from sqlalchemy.orm import Session

from galleria.errors import InvalidError
from galleria.gallery.credentials.service import usable_credentials
from galleria.gallery.jobs.records import Job, Priority
from galleria.gallery.jobs.service import JobFilter, NewJob, get_job, list_jobs, queue
from galleria.gallery.pages import Page as Window
from galleria.gallery.workflows.access import get_workflow
from galleria.gallery.workflows.service import get_version
from galleria.web.answers import Given, read_answers
from galleria.web.door import door_of
from galleria.web.forms import Form, Sent
from galleria.web.page import Page, go, show
from galleria.web.pages.home import Choice, choices
from galleria.web.pages.workflow_head import WorkflowHead, workflow_head
from galleria.web.questions import Asked, asked, filled
from galleria.web.visitors import SignedIn, Visitor

router = APIRouter()

PRIORITIES = (("0", "Low"), ("1", "Medium"), ("2", "High"), ("3", "Critical"))


@dataclass(frozen=True)
class RunFormPage(Page):
    template: ClassVar[str] = "run_form.html"
    section: ClassVar[str] = "workflows"

    head: WorkflowHead
    version_id: str
    questions: Sequence[Asked]
    is_remembered: bool
    """Whether the fields hold what this visitor answered last time."""
    priorities: Sequence[Choice]
    """Empty where the visitor may not choose."""
    credentials: Sequence[Choice]
    can_assign: bool
    worker_tag: str
    time_limit: str
    """In minutes; empty for none of its own."""

    @property
    def title(self) -> str:
        return f"Run {self.head.name}"

    @property
    def has_problems(self) -> bool:
        return any(question.problem for question in self.questions)


@router.get("/app/{name}/{app_id}/run")
def show_form(request: Request, visitor: SignedIn, app_id: str, like: str = "") -> Response:
    """`like` names a run whose answers fill the form; else the visitor's last ones do."""
    with door_of(request).parts.database.read() as db:
        version = get_version(db, visitor.actor, app_id)
        earlier = _earlier(db, visitor, app_id, like)
        questions = filled(asked(version.report), earlier.answers if earlier else {})
        page = _page(db, visitor, app_id, version.id, questions, earlier)
    return show(request, page)


@router.post("/app/{name}/{app_id}/run")
def run(request: Request, visitor: SignedIn, form: Sent, app_id: str) -> Response:
    parts = door_of(request).parts
    with parts.database.read() as db:
        version = get_version(db, visitor.actor, app_id, form.text("version") or None)
        questions = asked(version.report)
    given = read_answers(parts, visitor.actor, form, questions)
    if given.problems:
        with parts.database.read() as db:
            page = _page(db, visitor, app_id, version.id, _with_problems(questions, given), None)
        return show(request, page, 400)
    with parts.database.write() as db:
        job = queue(db, visitor.actor, _new_job(form, app_id, version.id, given.answers))
    return go(request, f"/runs/{job.id}")


def _new_job(form: Form, app_id: str, version_id: str, answers: Mapping[str, str]) -> NewJob:
    priority = form.text("priority")
    return NewJob(
        workflow_id=app_id,
        version_id=version_id,
        answers=answers,
        priority=Priority(int(priority)) if priority in dict(PRIORITIES) else None,
        worker_tag=form.text("worker_tag", 100) or None,
        credential_id=form.text("credential", 24) or None,
        time_limit_s=_time_limit_s(form.text("time_limit", 10)),
    )


def _time_limit_s(minutes: str) -> float | None:
    if not minutes:
        return None
    if not (minutes.isascii() and minutes.isdigit() and int(minutes)):
        raise InvalidError("the time limit is a whole number of minutes, from 1 on")
    return int(minutes) * 60.0


def _earlier(db: Session, visitor: Visitor, app_id: str, like: str) -> Job | None:
    if like:
        job = get_job(db, visitor.actor, like)
        return job if job.workflow_id == app_id else None
    mine = list_jobs(db, visitor.actor, JobFilter(workflow_id=app_id, owner_id=visitor.user_id), Window(0, 1))
    return mine[0] if mine else None


def _with_problems(questions: Sequence[Asked], given: Given) -> list[Asked]:
    return [question.again(given.answers.get(question.name), given.problems.get(question.name, "")) for question in questions]


def _page(db: Session, visitor: Visitor, app_id: str, version_id: str, questions: Sequence[Asked], earlier: Job | None) -> RunFormPage:
    actor = visitor.actor
    credentials = [("", "None")] + [(credential.id, credential.user_name) for credential in usable_credentials(db, actor)]
    return RunFormPage(
        head=workflow_head(db, visitor, get_workflow(db, actor, app_id), "run", has_questions=bool(questions)),
        version_id=version_id,
        questions=questions,
        is_remembered=bool(earlier and earlier.answers),
        priorities=choices(PRIORITIES, str(earlier.priority if earlier else 0)) if actor.can_set_priority else (),
        credentials=choices(credentials, (earlier.credential_id or "") if earlier else "") if len(credentials) > 1 else (),
        can_assign=actor.can_assign_jobs,
        worker_tag=earlier.worker_tag if earlier else "",
        time_limit=str(max(1, round(earlier.time_limit_s / 60))) if earlier and earlier.time_limit_s else "",
    )


def shown_answers(answers: Mapping[str, object]) -> list[tuple[str, str]]:
    """List a run's answers for people: a list that came as JSON with commas, everything else as it is."""
    return [(name, _shown(str(value))) for name, value in answers.items()]


def _shown(value: str) -> str:
    if not value.startswith("["):
        return value
    try:
        entries: object = json.loads(value)
    except (ValueError, RecursionError):
        return value
    return ", ".join(str(entry) for entry in cast("list[object]", entries)) if isinstance(entries, list) else value
