"""One's own profile: name, time zone, password, and where one is signed in."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import ClassVar
from zoneinfo import available_timezones

from fastapi import APIRouter, Request
from fastapi.responses import Response

from galleria.errors import ForbiddenError, GalleriaError, InvalidError
from galleria.gallery.actors import Role
from galleria.gallery.mails.service import CHOSEN, choose_kinds, wanted_kinds
from galleria.gallery.sessions.passwords import SHORTEST
from galleria.gallery.sessions.presence import OpenSession, end_other_sessions, is_password, sessions_of
from galleria.gallery.sessions.service import set_password
from galleria.gallery.subscriptions.service import get_subscription
from galleria.gallery.users.service import UserChange, change_user, get_user
from galleria.gallery.workflows.followers import followed_by
from galleria.web.door import door_of
from galleria.web.failures import sentence
from galleria.web.forms import Form, Sent
from galleria.web.lines import app_path
from galleria.web.page import Page, go, show
from galleria.web.pages.home import Choice
from galleria.web.pages.sign_in import sign_in_and_go
from galleria.web.visitors import SignedIn, Visitor

router = APIRouter()

ROLES = {
    Role.NO_ACCESS: "No access",
    Role.VIEWER: "Viewer: sees and runs what is shared",
    Role.MEMBER: "Member: also sees what the studio has",
    Role.ARTISAN: "Artisan: also publishes",
    Role.CURATOR: "Curator: governs the gallery",
    Role.EVALUATED: "By groups, else the default role",
}


@dataclass(frozen=True)
class ProfilePage(Page):
    template: ClassVar[str] = "profile.html"
    section: ClassVar[str] = "profile"

    first_name: str
    last_name: str
    email: str
    role: str
    studio_name: str
    timezone: str
    timezones: Sequence[str]
    takes_passwords: bool
    """Whether one can sign in with a password at all."""
    has_password: bool
    asks_password: bool
    """Whether changing the password takes the old one."""
    sessions: Sequence[OpenSession]
    mails: Sequence[Choice]
    """Kinds that can be chosen."""
    followed: Sequence[tuple[str, str]]
    """Path and name of workflows."""
    problem: str = ""
    """Of the profile's form."""
    password_problem: str = ""
    shortest_password: int = SHORTEST

    @property
    def title(self) -> str:
        return "Profile"


@router.get("/profile")
def show_profile(request: Request, visitor: SignedIn) -> Response:
    return show(request, _page(request, visitor))


@router.post("/profile")
def change_profile(request: Request, visitor: SignedIn, form: Sent) -> Response:
    change = UserChange(first_name=form.text("first_name", 200), last_name=form.text("last_name", 200), timezone=form.text("timezone", 64))
    try:
        with door_of(request).parts.database.write() as db:
            change_user(db, visitor.actor, visitor.user_id, change)
    except InvalidError as error:
        return show(request, replace(_page(request, visitor), problem=sentence(error.message)), 400)
    return go(request, "/profile", "saved")


@router.post("/profile/mails")
def choose_mails(request: Request, visitor: SignedIn, form: Sent) -> Response:
    wanted = [kind for kind in CHOSEN if kind.value in form.texts("mails")]
    with door_of(request).parts.database.write() as db:
        choose_kinds(db, visitor.actor, wanted)
    return go(request, "/profile", "saved")


@router.post("/profile/password")
def change_password(request: Request, visitor: SignedIn, form: Sent) -> Response:
    """Set a password; all sign-ins end, and this one begins anew."""
    if not door_of(request).parts.takes_passwords:
        raise ForbiddenError("this gallery takes no passwords")
    try:
        _check_new_password(request, visitor, form)
        set_password(door_of(request).parts.database, visitor.actor, visitor.user_id, form.raw("new"))
    except GalleriaError as error:
        return show(request, replace(_page(request, visitor), password_problem=sentence(error.message)), 400)
    return sign_in_and_go(request, visitor.email, form.raw("new"), "/profile", "password")


def _check_new_password(request: Request, visitor: Visitor, form: Form) -> None:
    if form.raw("new") != form.raw("repeated"):
        raise InvalidError("the two new passwords differ")
    is_asked = _page(request, visitor).asks_password
    if is_asked and not is_password(door_of(request).parts.database, visitor.actor, form.raw("password")):
        raise ForbiddenError("this is not your password")


@router.post("/profile/sessions")
def sign_out_elsewhere(request: Request, visitor: SignedIn, form: Sent) -> Response:
    with door_of(request).parts.database.write() as db:
        end_other_sessions(db, visitor.actor, visitor.token)
    return go(request, "/profile", "signed-out-everywhere")


def _page(request: Request, visitor: Visitor) -> ProfilePage:
    with door_of(request).parts.database.read() as db:
        user = get_user(db, visitor.actor, visitor.user_id)
        wanted = wanted_kinds(db, visitor.actor)
        return ProfilePage(
            first_name=user.first_name,
            last_name=user.last_name,
            email=user.email,
            role=ROLES[visitor.actor.role],
            studio_name=get_subscription(db, visitor.actor, user.subscription_id).name,
            timezone=user.timezone,
            timezones=sorted(available_timezones()),
            takes_passwords=door_of(request).parts.takes_passwords,
            has_password=user.password_hash is not None,
            # Somebody who came by a link may set one without knowing the old one: that is what the link is for.
            asks_password=user.password_hash is not None and not visitor.is_fresh,
            sessions=sessions_of(db, visitor.actor, visitor.token),
            mails=[Choice(kind.value, words, kind in wanted) for kind, words in CHOSEN.items()],
            followed=[(app_path(workflow.name, workflow.id), workflow.name) for workflow in followed_by(db, visitor.actor)],
        )
