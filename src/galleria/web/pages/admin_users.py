"""For Curators: people, what each may do, and links that let them in."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import ClassVar

from fastapi import APIRouter, Request
from fastapi.responses import Response
from sqlalchemy.orm import Session

from galleria.errors import GalleriaError
from galleria.gallery.actors import Role
from galleria.gallery.assets.service import assets_of, deactivate_user
from galleria.gallery.groups.service import effective_role, groups_of
from galleria.gallery.sessions.letters import INVITED_S, invite_by_mail
from galleria.gallery.sessions.service import is_locked, new_link
from galleria.gallery.subscriptions.service import subscriptions_by_id
from galleria.gallery.users.records import User
from galleria.gallery.users.service import NewUser, UserChange, UserFilter, change_user, create_user, get_user, list_users
from galleria.web.door import door_of, gallery_url_of
from galleria.web.failures import sentence
from galleria.web.forms import Form, Sent
from galleria.web.page import Page, go, show
from galleria.web.pages.home import Choice, choices
from galleria.web.pages.profile import ROLES
from galleria.web.paging import Listing, listing, number_of, window
from galleria.web.visitors import SignedIn, Visitor

router = APIRouter()

_ROLE_WORDS = [(role.value, words) for role, words in ROLES.items()]
RIGHTS = (
    ("can_schedule", "Schedule workflows"),
    ("can_set_priority", "Choose the priority of runs"),
    ("can_assign_jobs", "Choose the workers of runs"),
    ("can_create_collections", "Create collections"),
    ("is_api_enabled", "Call the APIs"),
)


@dataclass(frozen=True)
class UserLine:
    user_id: str
    name: str
    email: str
    role: str
    studio: str
    is_active: bool
    last_login_at: datetime | None


@dataclass(frozen=True)
class UsersPage(Page):
    template: ClassVar[str] = "admin_users.html"
    section: ClassVar[str] = "admin"

    users: Listing[UserLine]
    search: str
    roles: Sequence[Choice]
    """To filter by."""
    new_roles: Sequence[Choice]
    can_mail: bool
    problem: str = ""
    email: str = ""

    @property
    def title(self) -> str:
        return "Users"


@dataclass(frozen=True)
class Right:
    name: str
    words: str
    is_given: bool


@dataclass(frozen=True)
class UserPage(Page):
    template: ClassVar[str] = "admin_user.html"
    section: ClassVar[str] = "admin"

    user_id: str
    name: str
    email: str
    first_name: str
    last_name: str
    roles: Sequence[Choice]
    effective: str
    """What he may do at this moment."""
    rights: Sequence[Right]
    studio_id: str
    studio_name: str
    groups: Sequence[str]
    owns: str
    is_active: bool
    is_locked: bool
    created_at: datetime
    last_login_at: datetime | None
    is_self: bool
    can_mail: bool
    link: str = ""
    """A fresh sign-in link, shown once."""
    problem: str = ""

    @property
    def title(self) -> str:
        return self.name


@router.get("/admin/users")
def show_users(request: Request, visitor: SignedIn, q: str = "", role: str = "", page: str = "") -> Response:
    return show(request, _users_page(request, visitor, q.strip()[:200], role, number_of(page)))


@router.post("/admin/users")
def invite(request: Request, visitor: SignedIn, form: Sent) -> Response:
    """Make a user, and send him the link that lets him in, or show it where no mail is sent."""
    role = form.text("role")
    new = NewUser(
        email=form.text("email", 400),
        role=Role(role) if role in ROLES else Role.EVALUATED,
        first_name=form.text("first_name", 200),
        last_name=form.text("last_name", 200),
    )
    try:
        with door_of(request).parts.database.write() as db:
            user = create_user(db, visitor.actor, new)
            if door_of(request).parts.can_mail:
                invite_by_mail(db, visitor.actor, user.id)
                return go(request, f"/admin/users/{user.id}", "invited")
            token = new_link(db, visitor.actor, user.id, INVITED_S)
    except GalleriaError as error:
        page = _users_page(request, visitor, "", "", 1)
        return show(request, replace(page, problem=sentence(error.message), email=new.email), 400)
    return _with_link(request, visitor, user.id, token)


@router.get("/admin/users/{user_id}")
def show_user(request: Request, visitor: SignedIn, user_id: str) -> Response:
    visitor.actor.require(Role.CURATOR, "look at users")
    with door_of(request).parts.database.read() as db:
        page = _user_page(db, visitor, user_id, can_mail=door_of(request).parts.can_mail)
    return show(request, page)


@router.post("/admin/users/{user_id}")
def change(request: Request, visitor: SignedIn, form: Sent, user_id: str) -> Response:
    visitor.actor.require(Role.CURATOR, "change users")
    try:
        with door_of(request).parts.database.write() as db:
            change_user(db, visitor.actor, user_id, _change(form))
    except GalleriaError as error:
        with door_of(request).parts.database.read() as db:
            page = replace(_user_page(db, visitor, user_id, can_mail=door_of(request).parts.can_mail), problem=sentence(error.message))
        return show(request, page, 400)
    return go(request, f"/admin/users/{user_id}", "saved")


@router.post("/admin/users/{user_id}/link")
def make_link(request: Request, visitor: SignedIn, form: Sent, user_id: str) -> Response:
    with door_of(request).parts.database.write() as db:
        if form.text("deed") == "mail":
            invite_by_mail(db, visitor.actor, user_id)
            return go(request, f"/admin/users/{user_id}", "mailed")
        token = new_link(db, visitor.actor, user_id, INVITED_S)
    return _with_link(request, visitor, user_id, token)


@router.post("/admin/users/{user_id}/state")
def change_state(request: Request, visitor: SignedIn, form: Sent, user_id: str) -> Response:
    """Shut a user out, let him in again, or take a lock off."""
    with door_of(request).parts.database.write() as db:
        match form.text("deed"):
            case "deactivate":
                deactivate_user(db, visitor.actor, user_id)
            case "unlock":
                change_user(db, visitor.actor, user_id, UserChange(is_locked=False))
            case _:
                change_user(db, visitor.actor, user_id, UserChange(is_active=True))
    return go(request, f"/admin/users/{user_id}", "saved")


def _change(form: Form) -> UserChange:
    role = form.text("role")
    return UserChange(
        email=form.text("email", 400),
        first_name=form.text("first_name", 200),
        last_name=form.text("last_name", 200),
        role=Role(role) if role in ROLES else None,
        can_schedule=form.is_ticked("can_schedule"),
        can_set_priority=form.is_ticked("can_set_priority"),
        can_assign_jobs=form.is_ticked("can_assign_jobs"),
        can_create_collections=form.is_ticked("can_create_collections"),
        is_api_enabled=form.is_ticked("is_api_enabled"),
    )


def _with_link(request: Request, visitor: Visitor, user_id: str, token: str) -> Response:
    with door_of(request).parts.database.read() as db:
        page = _user_page(db, visitor, user_id, can_mail=door_of(request).parts.can_mail)
        page = replace(page, link=f"{gallery_url_of(request)}/sign-in/{token}")
    return show(request, page, is_secret=True)


def _users_page(request: Request, visitor: Visitor, search: str, role: str, number: int) -> UsersPage:
    wanted = UserFilter(search=search, role=Role(role) if role in ROLES else None)
    with door_of(request).parts.database.read() as db:
        users = list_users(db, visitor.actor, wanted, window(number))
        studios = subscriptions_by_id(db, [user.subscription_id for user in users])
        names = {studio_id: studio.name for studio_id, studio in studios.items()}
        lines = [_line(user, names.get(user.subscription_id, "")) for user in users]
    return UsersPage(
        users=listing(lines, number, "/admin/users", {"q": search, "role": role}),
        search=search,
        roles=choices([("", "Every role"), *((value, value) for value, _ in _ROLE_WORDS)], role),
        new_roles=choices(_ROLE_WORDS, Role.EVALUATED.value),
        can_mail=door_of(request).parts.can_mail,
    )


def _line(user: User, studio: str) -> UserLine:
    return UserLine(user.id, user.full_name, user.email, user.role.value, studio, user.is_active, user.last_login_at)


def _user_page(db: Session, visitor: Visitor, user_id: str, *, can_mail: bool) -> UserPage:
    user = get_user(db, visitor.actor, user_id)
    owned = assets_of(db, visitor.actor, user_id)
    studio = subscriptions_by_id(db, [user.subscription_id]).get(user.subscription_id)
    return UserPage(
        user_id=user.id,
        name=user.full_name,
        email=user.email,
        first_name=user.first_name,
        last_name=user.last_name,
        roles=choices(_ROLE_WORDS, user.role.value),
        effective=ROLES[effective_role(db, user)],
        rights=[Right(name, words, bool(getattr(user, name))) for name, words in RIGHTS],
        studio_id=user.subscription_id,
        studio_name=studio.name if studio else "",
        groups=[group.name for group in groups_of(db, user_id)],
        owns=f"{len(owned.workflows)} workflows, {len(owned.schedules)} schedules, {len(owned.collections)} collections",
        is_active=user.is_active,
        is_locked=is_locked(user),
        created_at=user.created_at,
        last_login_at=user.last_login_at,
        is_self=user.id == visitor.user_id,
        can_mail=can_mail,
    )
