"""Who asks me for access, what I asked for, and the form that asks: it never tells whether there is such a workflow."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar
from urllib.parse import unquote

from fastapi import APIRouter, Request
from fastapi.responses import Response

from galleria.gallery.requests import service as requests
from galleria.gallery.requests.records import AccessRequest, Outcome
from galleria.gallery.users.service import users_by_id
from galleria.gallery.workflows.access import find_workflow
from galleria.web.door import door_of
from galleria.web.forms import Sent
from galleria.web.lines import app_path
from galleria.web.page import Page, go, show
from galleria.web.visitors import SignedIn

router = APIRouter()

_OUTCOMES = {Outcome.WAITING: ("waiting", "Waiting"), Outcome.GRANTED: ("good", "Granted"), Outcome.DECLINED: ("bad", "Declined")}


@dataclass(frozen=True)
class AskedLine:
    """Somebody asks the visitor."""

    request_id: str
    asker: str
    email: str
    workflow_name: str
    path: str
    text: str
    asked_at: datetime


@dataclass(frozen=True)
class OwnLine:
    """The visitor asked."""

    name: str
    path: str
    """Of the workflow, once it was granted."""
    tone: str
    word: str
    answer: str
    asked_at: datetime


@dataclass(frozen=True)
class RequestsPage(Page):
    template: ClassVar[str] = "requests.html"
    section: ClassVar[str] = "profile"

    asked: Sequence[AskedLine]
    own: Sequence[OwnLine]

    @property
    def title(self) -> str:
        return "Requests"


@router.get("/requests")
def list_requests(request: Request, visitor: SignedIn) -> Response:
    with door_of(request).parts.database.read() as db:
        waiting = requests.requests_to(db, visitor.actor)
        askers = users_by_id(db, [one.user_id for one, _ in waiting])
        asked = [
            AskedLine(
                request_id=one.id,
                asker=askers[one.user_id].full_name,
                email=askers[one.user_id].email,
                workflow_name=workflow.name,
                path=app_path(workflow.name, workflow.id),
                text=one.text,
                asked_at=one.asked_at,
            )
            for one, workflow in waiting
        ]
        own = [_own_line(one) for one in requests.own_requests(db, visitor.actor)]
    return show(request, RequestsPage(asked, own))


def _own_line(found: AccessRequest) -> OwnLine:
    path = f"/app/{found.workflow_id}" if found.outcome is Outcome.GRANTED else ""
    return OwnLine(found.name, path, *_OUTCOMES[found.outcome], found.answer, found.asked_at)


@router.post("/app/{name}/{app_id}/ask")
def ask(request: Request, visitor: SignedIn, form: Sent, name: str, app_id: str) -> Response:
    with door_of(request).parts.database.write() as db:
        workflow = find_workflow(db, visitor.actor, app_id)
        if workflow is not None:
            return go(request, app_path(workflow.name, app_id))
        requests.ask(db, visitor.actor, app_id, "" if name == "-" else unquote(name).replace("-", " "), form.text("text"))
    return go(request, "/requests", "asked")


@router.post("/requests/{request_id}")
def answer(request: Request, visitor: SignedIn, form: Sent, request_id: str) -> Response:
    outcome = Outcome.GRANTED if form.text("deed") == "grant" else Outcome.DECLINED
    with door_of(request).parts.database.write() as db:
        requests.answer_request(db, visitor.actor, request_id, outcome, form.text("text"))
    return go(request, "/requests", "granted" if outcome is Outcome.GRANTED else "declined")
