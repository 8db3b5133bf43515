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
from galleria.gallery.sessions.service import SignedIn as NewSignIn
from galleria.gallery.sessions.service import open_session
from galleria.gallery.users.service import NewUser, get_user
from galleria.http.askers import is_at_the_machine
from galleria.web.door import door_of
from galleria.web.failures import sentence
from galleria.web.forms import Form, Sent
from galleria.web.page import Page, go, show
from galleria.web.pages.sign_in import sign_in_and_go, welcome

router = APIRouter()


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
    takes_password: bool = True

    @property
    def title(self) -> str:
        return "Set up the gallery"


@router.get("/set-up")
def show_set_up(request: Request, code: str = "") -> Response:
    with door_of(request).parts.database.read() as db:
        if not is_empty(db):
            return go(request, "/sign-in")
    takes_password = door_of(request).parts.takes_passwords
    return show(request, SetUpPage(asks_code=not is_at_the_machine(request), code=code[:100], takes_password=takes_password))


@router.post("/set-up")
def set_up(request: Request, form: Sent) -> Response:
    parts = door_of(request).parts
    try:
        _check(request, form)
        new = NewUser(form.text("email", 400), first_name=form.text("first_name", 200), last_name=form.text("last_name", 200))
        curator = create_first_curator(parts.database, new, form.raw("password") if parts.takes_passwords else None)
    except GalleriaError as error:
        return show(request, _again(request, form, sentence(error.message)), 400)
    if parts.takes_passwords:
        return sign_in_and_go(request, form.text("email"), form.raw("password"), "/", "set-up")
    with parts.database.write() as db:
        token = open_session(db, curator, get_user(db, curator, curator.user_id or ""), parts.limits.session_lifetime_s)
    return welcome(request, NewSignIn(token, curator), "/", "set-up")


def _check(request: Request, form: Form) -> None:
    if not is_at_the_machine(request) and not hmac.compare_digest(form.text("code").encode(), door_of(request).set_up_code.encode()):
        raise ForbiddenError("this is not the set-up code; it stands in the server's log, written when the server started")
    if door_of(request).parts.takes_passwords and form.raw("password") != form.raw("repeated"):
        raise InvalidError("the two passwords differ")


def _again(request: Request, form: Form, problem: str) -> SetUpPage:
    return SetUpPage(
        asks_code=not is_at_the_machine(request),
        email=form.text("email"),
        first_name=form.text("first_name"),
        last_name=form.text("last_name"),
        code=form.text("code"),
        problem=problem,
        takes_password=door_of(request).parts.takes_passwords,
    )
