"""Sign in by password or by a link that works once, and out again."""

from dataclasses import dataclass, replace
from typing import ClassVar
from urllib.parse import urlencode

from fastapi import APIRouter, Request
from fastapi.responses import Response

from galleria.gallery.sessions import service as sessions
from galleria.gallery.sessions.first import is_empty
from galleria.gallery.sessions.presence import find_link_user
from galleria.gallery.sessions.service import SignedIn as NewSignIn
from galleria.http.askers import asker_of
from galleria.web import cookies
from galleria.web.door import door_of
from galleria.web.forms import Sent
from galleria.web.page import Page, go, own_path, show
from galleria.web.visitors import SignedIn, find_visitor

router = APIRouter()

_WRONG = "No user has this e-mail and password, or too many wrong ones were tried: then wait a quarter of an hour."
_TOO_MANY = "Too many wrong passwords came from your address. Wait a quarter of an hour."
_NOT_HERE = "This gallery takes no passwords."


@dataclass(frozen=True)
class SignInPage(Page):
    template: ClassVar[str] = "sign_in.html"

    next: str
    """The page that was asked for."""
    sign_on: str
    """What the other place to sign in is called; empty where there is none."""
    takes_passwords: bool = True
    email: str = ""
    problem: str = ""
    is_way_out_shown: bool = False
    """Whoever has just signed out may do so there, too."""

    @property
    def title(self) -> str:
        return "Sign in"


@dataclass(frozen=True)
class LinkPage(Page):
    template: ClassVar[str] = "sign_in_link.html"

    token: str
    name: str
    """Of the user whom the link signs in; empty when the link is used up, expired or unknown."""
    next: str = "/"

    @property
    def title(self) -> str:
        return "Sign in"


@router.get("/sign-in")
def show_sign_in(request: Request, next: str = "/", out: str = "") -> Response:
    if find_visitor(request) is not None:
        return go(request, own_path(next))
    with door_of(request).parts.database.read() as db:
        if is_empty(db):
            return go(request, "/set-up")
    page = sign_in_page(request, own_path(next))
    return show(request, replace(page, is_way_out_shown=bool(out and page.sign_on)))


def sign_in_page(request: Request, path: str, email: str = "", problem: str = "") -> SignInPage:
    issuer = door_of(request).issuer
    takes_passwords = door_of(request).parts.takes_passwords
    return SignInPage(path, issuer.settings.name if issuer is not None else "", takes_passwords, email, problem)


@router.post("/sign-in")
def sign_in(request: Request, form: Sent) -> Response:
    return sign_in_and_go(request, form.text("email"), form.raw("password"), own_path(form.text("next") or "/"))


def sign_in_and_go(request: Request, email: str, password: str, path: str, notice: str = "") -> Response:
    """Sign in and show a page of ours, or the sign-in page again."""
    door = door_of(request)
    parts, asker = door.parts, asker_of(request.scope, door.parts.public)
    if not parts.takes_passwords:
        return show(request, sign_in_page(request, path, email, _NOT_HERE), 403)
    if door.wrong_passwords.is_over(asker):
        return show(request, sign_in_page(request, path, email, _TOO_MANY), 429)
    signed_in = sessions.sign_in(parts.database, email[:400], password, parts.limits.session_lifetime_s)
    if signed_in is None:
        door.wrong_passwords.note(asker)
        return show(request, sign_in_page(request, path, email, _WRONG), 401)
    return welcome(request, signed_in, path, notice)


def welcome(request: Request, signed_in: NewSignIn, path: str, notice: str = "") -> Response:
    """Give the browser its session, a fresh one always, so that nobody can have known it before."""
    response = go(request, path, notice)
    cookies.put(request, response, cookies.SESSION, signed_in.token, door_of(request).parts.limits.session_lifetime_s)
    return response


# The page only asks: programs that look at links in mails must not use them up, and nobody is signed in unawares.
@router.get("/sign-in/{token}")
def show_link(request: Request, token: str, next: str = "/") -> Response:
    with door_of(request).parts.database.read() as db:
        user = find_link_user(db, token)
        name = f"{user.full_name}" if user is not None else ""
    return show(request, LinkPage(token, name, own_path(next)), 200 if name else 404, is_secret=True)


@router.post("/sign-in/{token}")
def use_link(request: Request, token: str, form: Sent) -> Response:
    parts = door_of(request).parts
    with parts.database.write() as db:
        signed_in = sessions.use_link(db, token, parts.limits.session_lifetime_s)
    if signed_in is None:
        return show(request, LinkPage(token, ""), 404)
    return welcome(request, signed_in, own_path(form.text("next") or "/"), "linked" if parts.takes_passwords else "")


@router.post("/sign-out")
def sign_out(request: Request, visitor: SignedIn, form: Sent) -> Response:
    with door_of(request).parts.database.write() as db:
        sessions.sign_out(db, visitor.actor, visitor.token)
    request.state.visitor = None
    response = go(request, f"/sign-in?{urlencode({'next': '/', 'out': '1'})}", "signed-out")
    cookies.drop(request, response, cookies.SESSION)
    return response
