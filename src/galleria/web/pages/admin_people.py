"""For Curators: studios, which own workflows and keys, and groups, which give roles."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from fastapi import APIRouter, Request
from fastapi.responses import Response
from sqlalchemy.orm import Session

from galleria.errors import InvalidError
from galleria.gallery.actors import Actor, Role
from galleria.gallery.assets.service import delete_subscription, move_users, studio_counts
from galleria.gallery.groups import service as groups
from galleria.gallery.subscriptions import service as studios
from galleria.gallery.subscriptions.service import SubscriptionChange
from galleria.gallery.users.records import User
from galleria.gallery.users.service import UserFilter, find_by_email, list_users
from galleria.web.door import door_of
from galleria.web.forms import Sent
from galleria.web.page import Page, go, show
from galleria.web.pages.home import Choice, choices
from galleria.web.pages.profile import ROLES
from galleria.web.paging import Listing, listing, number_of, window
from galleria.web.visitors import SignedIn

router = APIRouter()

_ROLE_WORDS = [(role.value, words) for role, words in ROLES.items()]


@dataclass(frozen=True)
class Member:
    user_id: str
    name: str
    email: str


@dataclass(frozen=True)
class StudioLine:
    studio_id: str
    name: str
    is_active: bool
    users: int
    workflows: int


@dataclass(frozen=True)
class StudiosPage(Page):
    template: ClassVar[str] = "admin_studios.html"
    section: ClassVar[str] = "admin"

    studios: Listing[StudioLine]
    search: str

    @property
    def title(self) -> str:
        return "Studios"


@dataclass(frozen=True)
class StudioPage(Page):
    template: ClassVar[str] = "admin_studio.html"
    section: ClassVar[str] = "admin"

    studio: StudioLine
    default_worker_tag: str
    members: Sequence[Member]

    @property
    def title(self) -> str:
        return self.studio.name


@dataclass(frozen=True)
class GroupLine:
    group_id: str
    name: str
    role: str
    members: int


@dataclass(frozen=True)
class GroupsPage(Page):
    template: ClassVar[str] = "admin_groups.html"
    section: ClassVar[str] = "admin"

    groups: Listing[GroupLine]
    roles: Sequence[Choice]

    @property
    def title(self) -> str:
        return "Groups"


@dataclass(frozen=True)
class GroupPage(Page):
    template: ClassVar[str] = "admin_group.html"
    section: ClassVar[str] = "admin"

    group_id: str
    name: str
    roles: Sequence[Choice]
    members: Sequence[Member]

    @property
    def title(self) -> str:
        return self.name


@router.get("/admin/studios")
def show_studios(request: Request, visitor: SignedIn, q: str = "", page: str = "") -> Response:
    number, search = number_of(page), q.strip()[:200]
    with door_of(request).parts.database.read() as db:
        found = studios.list_subscriptions(db, visitor.actor, search, window(number))
        counts = studio_counts(db, [studio.id for studio in found])
        lines = [
            StudioLine(studio.id, studio.name, studio.is_active, counts[studio.id].users, counts[studio.id].workflows) for studio in found
        ]
    return show(request, StudiosPage(listing(lines, number, "/admin/studios", {"q": search}), search))


@router.post("/admin/studios")
def create_studio(request: Request, visitor: SignedIn, form: Sent) -> Response:
    with door_of(request).parts.database.write() as db:
        studio = studios.create_subscription(db, visitor.actor, form.text("name", 300))
    return go(request, f"/admin/studios/{studio.id}", "created")


@router.get("/admin/studios/{studio_id}")
def show_studio(request: Request, visitor: SignedIn, studio_id: str) -> Response:
    visitor.actor.require(Role.CURATOR, "look at studios")
    with door_of(request).parts.database.read() as db:
        studio = studios.get_subscription(db, visitor.actor, studio_id)
        counts = studio_counts(db, [studio_id])[studio_id]
        members = [_member(user) for user in list_users(db, visitor.actor, UserFilter(subscription_id=studio_id))]
        line = StudioLine(studio.id, studio.name, studio.is_active, counts.users, counts.workflows)
        page = StudioPage(line, studio.default_worker_tag, members)
    return show(request, page)


@router.post("/admin/studios/{studio_id}")
def change_studio(request: Request, visitor: SignedIn, form: Sent, studio_id: str) -> Response:
    change = SubscriptionChange(
        name=form.text("name", 300), is_active=form.is_ticked("is_active"), default_worker_tag=form.text("default_worker_tag", 100)
    )
    with door_of(request).parts.database.write() as db:
        studios.change_subscription(db, visitor.actor, studio_id, change)
    return go(request, f"/admin/studios/{studio_id}", "saved")


@router.post("/admin/studios/{studio_id}/members")
def move_member(request: Request, visitor: SignedIn, form: Sent, studio_id: str) -> Response:
    with door_of(request).parts.database.write() as db:
        move_users(db, visitor.actor, studio_id, [_user_named(db, visitor.actor, form.text("email", 400)).id])
    return go(request, f"/admin/studios/{studio_id}", "saved")


@router.post("/admin/studios/{studio_id}/delete")
def delete_studio(request: Request, visitor: SignedIn, form: Sent, studio_id: str) -> Response:
    with door_of(request).parts.database.write() as db:
        delete_subscription(db, visitor.actor, studio_id)
    return go(request, "/admin/studios", "deleted")


@router.get("/admin/groups")
def show_groups(request: Request, visitor: SignedIn, page: str = "") -> Response:
    number = number_of(page)
    with door_of(request).parts.database.read() as db:
        found = groups.list_groups(db, visitor.actor, window(number))
        counts = groups.member_counts(db, [group.id for group in found])
        lines = [GroupLine(group.id, group.name, group.role.value, counts.get(group.id, 0)) for group in found]
    return show(request, GroupsPage(listing(lines, number, "/admin/groups"), choices(_ROLE_WORDS, Role.VIEWER.value)))


@router.post("/admin/groups")
def create_group(request: Request, visitor: SignedIn, form: Sent) -> Response:
    with door_of(request).parts.database.write() as db:
        group = groups.create_group(db, visitor.actor, form.text("name", 300), _role(form.text("role")))
    return go(request, f"/admin/groups/{group.id}", "created")


@router.get("/admin/groups/{group_id}")
def show_group(request: Request, visitor: SignedIn, group_id: str) -> Response:
    visitor.actor.require(Role.CURATOR, "look at groups")
    with door_of(request).parts.database.read() as db:
        group = groups.get_group(db, visitor.actor, group_id)
        members = [_member(user) for user in groups.members_of(db, visitor.actor, group_id)]
        page = GroupPage(group.id, group.name, choices(_ROLE_WORDS, group.role.value), members)
    return show(request, page)


@router.post("/admin/groups/{group_id}")
def change_group(request: Request, visitor: SignedIn, form: Sent, group_id: str) -> Response:
    with door_of(request).parts.database.write() as db:
        groups.change_group(db, visitor.actor, group_id, form.text("name", 300), _role(form.text("role")))
    return go(request, f"/admin/groups/{group_id}", "saved")


@router.post("/admin/groups/{group_id}/members")
def change_members(request: Request, visitor: SignedIn, form: Sent, group_id: str) -> Response:
    """Put somebody in by his e-mail, or take somebody out by his id."""
    with door_of(request).parts.database.write() as db:
        if form.text("remove"):
            groups.remove_member(db, visitor.actor, group_id, form.text("remove", 24))
        else:
            visitor.actor.require(Role.CURATOR, "put users into a group")
            groups.add_members(db, visitor.actor, group_id, [_user_named(db, visitor.actor, form.text("email", 400)).id])
    return go(request, f"/admin/groups/{group_id}", "saved")


@router.post("/admin/groups/{group_id}/delete")
def delete_group(request: Request, visitor: SignedIn, form: Sent, group_id: str) -> Response:
    with door_of(request).parts.database.write() as db:
        groups.delete_group(db, visitor.actor, group_id, with_members=True)
    return go(request, "/admin/groups", "deleted")


def _member(user: User) -> Member:
    return Member(user.id, user.full_name, user.email)


def _role(text: str) -> Role:
    if text not in [role.value for role in Role]:
        raise InvalidError("choose a role")
    return Role(text)


def _user_named(db: Session, actor: Actor, email: str) -> User:
    actor.require(Role.CURATOR, "look users up")
    user = find_by_email(db, email)
    if user is None:
        raise InvalidError(f"nobody has the e-mail {email[:100]!r}")
    return user
