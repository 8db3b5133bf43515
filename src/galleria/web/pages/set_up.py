"""The first page of an empty gallery: whoever put it up becomes its first curator.

From the server's own machine nothing else is asked; from elsewhere a code that the server wrote into its log at the start.
"""

import hmac
from dataclasses import dataclass
from typing import ClassVar

from fastapi import APIRouter, Request
from fastapi.responses import Response

from galleria.errors import ForbiddenError, GalleriaError, InvalidError
from galleria.gallery.sessions.first import create_first_curator, is_empty
from galleria.gallery.sessions.passwords import SHORTEST
from galleria.gallery.users.service import NewUser
from galleria.web.door import door_of
from galleria.web.failures import sentence
from galleria.web.forms import Form, Sent
from galleria.web.page import Page, go, show
from galleria.web.pages.sign_in import sign_in_and_go

router = APIRouter()

_OWN_HOSTS = ("127.0.0.1", "::1", "localhost")


@dataclass(frozen=True)
class SetUpPage(Page):
    template: ClassVar[str] = "set_up.html"

    asks_code: bool
    email: str = ""
    first_name: str = ""
    last_name: str = ""
    code: str = ""
    problem: str = ""
    """Why the form was not taken."""
    shortest_password: int = SHORTEST

    @property
    def title(self) -> str:
        return "Set up the gallery"


@router.get("/set-up")
def show_set_up(request: Request, code: str = "") -> Response:
    with door_of(request).parts.database.read() as db:
        if not is_empty(db):
            return go(request, "/sign-in")
    return show(request, SetUpPage(asks_code=not _is_at_the_machine(request), code=code[:100]))


@router.post("/set-up")
def set_up(request: Request, form: Sent) -> Response:
    try:
        _check(request, form)
        new = NewUser(form.text("email", 400), first_name=form.text("first_name", 200), last_name=form.text("last_name", 200))
        create_first_curator(door_of(request).parts.database, new, form.raw("password"))
    except GalleriaError as error:
        return show(request, _again(request, form, sentence(error.message)), 400)
    return sign_in_and_go(request, form.text("email"), form.raw("password"), "/", "set-up")


def _check(request: Request, form: Form) -> None:
    if not _is_at_the_machine(request) and not hmac.compare_digest(form.text("code").encode(), door_of(request).set_up_code.encode()):
        raise ForbiddenError("this is not the set-up code; it stands in the server's log, written when the server started")
    if form.raw("password") != form.raw("repeated"):
        raise InvalidError("the two passwords differ")


def _again(request: Request, form: Form, problem: str) -> SetUpPage:
    return SetUpPage(
        asks_code=not _is_at_the_machine(request),
        email=form.text("email"),
        first_name=form.text("first_name"),
        last_name=form.text("last_name"),
        code=form.text("code"),
        problem=problem,
    )


def _is_at_the_machine(request: Request) -> bool:
    """A browser on the server's machine: a loopback peer, no proxy in between, and a name for it that no other site can take."""
    peer = request.client.host if request.client else ""
    is_forwarded = any(name in request.headers for name in ("x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "forwarded"))
    return peer in _OWN_HOSTS and not is_forwarded and request.url.hostname in _OWN_HOSTS
