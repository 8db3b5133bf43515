"""Forgot your password: a link by mail. What the page says is the same for an address that nobody has."""

from dataclasses import dataclass
from typing import ClassVar

from fastapi import APIRouter, Request
from fastapi.responses import Response
from starlette.background import BackgroundTask

from galleria.database.connect import Database
from galleria.gallery.sessions.letters import mail_to_forgetful
from galleria.web.door import door_of
from galleria.web.forms import Sent
from galleria.web.page import Page, show

router = APIRouter()


@dataclass(frozen=True)
class ForgottenPage(Page):
    template: ClassVar[str] = "forgotten.html"

    can_mail: bool
    is_sent: bool = False
    email: str = ""

    @property
    def title(self) -> str:
        return "Forgot your password?"


@router.get("/forgotten")
def show_forgotten(request: Request) -> Response:
    return show(request, ForgottenPage(door_of(request).parts.can_mail))


@router.post("/forgotten")
def send_link(request: Request, form: Sent) -> Response:
    parts = door_of(request).parts
    email = form.text("email", 400)
    response = show(request, ForgottenPage(parts.can_mail, is_sent=parts.can_mail, email=email))
    if parts.can_mail:
        # After the answer: how long it takes would tell whether somebody has this address.
        response.background = BackgroundTask(_send, parts.database, email)
    return response


def _send(database: Database, email: str) -> None:
    with database.write() as db:
        mail_to_forgetful(db, email)
