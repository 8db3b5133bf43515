"""Forgot your password: a link by mail. What the page says is the same for an address that nobody has."""

from dataclasses import dataclass
from typing import ClassVar

from fastapi import APIRouter, Request
from fastapi.responses import Response
from starlette.background import BackgroundTask

from galleria.database.connect import Database
from galleria.errors import ForbiddenError
from galleria.gallery.sessions.letters import mail_to_forgetful
from galleria.http.askers import asker_of
from galleria.web.door import door_of
from galleria.web.forms import Sent
from galleria.web.page import Page, go, show

router = APIRouter()

_TOO_OFTEN = "Too many links were asked for from your address. Wait a quarter of an hour."


@dataclass(frozen=True)
class ForgottenPage(Page):
    template: ClassVar[str] = "forgotten.html"

    can_mail: bool
    is_sent: bool = False
    email: str = ""
    problem: str = ""

    @property
    def title(self) -> str:
        return "Forgot your password?"


@router.get("/forgotten")
def show_forgotten(request: Request) -> Response:
    parts = door_of(request).parts
    return show(request, ForgottenPage(parts.can_mail)) if parts.takes_passwords else go(request, "/sign-in")


@router.post("/forgotten")
def send_link(request: Request, form: Sent) -> Response:
    door = door_of(request)
    parts, asker = door.parts, asker_of(request.scope, door.parts.public)
    if not parts.takes_passwords:
        raise ForbiddenError("this gallery takes no passwords, so none can be forgotten")
    if door.forgotten_passwords.is_over(asker):
        return show(request, ForgottenPage(parts.can_mail, problem=_TOO_OFTEN), 429)
    door.forgotten_passwords.note(asker)
    email = form.text("email", 400)
    response = show(request, ForgottenPage(parts.can_mail, is_sent=parts.can_mail, email=email))
    if parts.can_mail:
        # After the answer: how long it takes would tell whether somebody has this address.
        response.background = BackgroundTask(_send, parts.database, email)
    return response


def _send(database: Database, email: str) -> None:
    with database.write() as db:
        mail_to_forgetful(db, email)
