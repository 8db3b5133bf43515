"""For Curators: accounts and connection strings that runs use, and who may use them. What is secret is never shown again."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from fastapi import APIRouter, Request
from fastapi.responses import Response
from sqlalchemy.orm import Session

from galleria.errors import InvalidError
from galleria.gallery.actors import Role
from galleria.gallery.connections import service as connections
from galleria.gallery.connections.records import ConnectionShare, Origin
from galleria.gallery.connections.service import NewConnection
from galleria.gallery.credentials import service as credentials
from galleria.gallery.credentials.records import CredentialShare
from galleria.gallery.groups.service import groups_by_id, list_groups
from galleria.gallery.shares.records import Party
from galleria.gallery.subscriptions.service import subscriptions_by_id
from galleria.gallery.users.service import find_by_email, users_by_id
from galleria.web.door import door_of
from galleria.web.forms import Form, Sent
from galleria.web.page import Page, go, show
from galleria.web.pages.home import Choice
from galleria.web.paging import Listing, listing, number_of, window
from galleria.web.visitors import SignedIn, Visitor

router = APIRouter()


@dataclass(frozen=True)
class User:
    """Somebody who may use a secret."""

    party: str
    party_id: str
    name: str


@dataclass(frozen=True)
class SecretLine:
    secret_id: str
    name: str
    detail: str
    """Of a connection: its string, passwords replaced by stars."""
    users: Sequence[User]


@dataclass(frozen=True)
class CredentialsPage(Page):
    template: ClassVar[str] = "admin_credentials.html"
    section: ClassVar[str] = "admin"

    secrets: Listing[SecretLine]
    groups: Sequence[Choice]

    @property
    def title(self) -> str:
        return "Credentials"


@dataclass(frozen=True)
class ConnectionsPage(Page):
    template: ClassVar[str] = "admin_connections.html"
    section: ClassVar[str] = "admin"

    secrets: Listing[SecretLine]
    groups: Sequence[Choice]

    @property
    def title(self) -> str:
        return "Connections"


@router.get("/admin/credentials")
def show_credentials(request: Request, visitor: SignedIn, page: str = "") -> Response:
    visitor.actor.require(Role.CURATOR, "see all credentials")
    number = number_of(page)
    with door_of(request).parts.database.read() as db:
        found = credentials.list_credentials(db, visitor.actor, window(number))
        users = _users(db, [(share.credential_id, share) for share in credentials.shares_of(db, [one.id for one in found])])
        lines = [SecretLine(one.id, one.user_name, "", users.get(one.id, ())) for one in found]
        shown = CredentialsPage(listing(lines, number, "/admin/credentials"), _groups(db, visitor))
    return show(request, shown)


@router.post("/admin/credentials")
def create_credential(request: Request, visitor: SignedIn, form: Sent) -> Response:
    with door_of(request).parts.database.write() as db:
        credentials.create_credential(db, visitor.actor, form.text("name", 400), form.raw("password"))
    return go(request, "/admin/credentials", "created")


@router.post("/admin/credentials/{secret_id}")
def change_credential(request: Request, visitor: SignedIn, form: Sent, secret_id: str) -> Response:
    visitor.actor.require(Role.CURATOR, "change a credential")
    with door_of(request).parts.database.write() as db:
        match form.text("deed"):
            case "share":
                credentials.share_credential(db, visitor.actor, secret_id, *_wanted(db, form))
            case "password":
                credentials.change_password(db, visitor.actor, secret_id, form.raw("password"))
            case "delete":
                credentials.delete_credential(db, visitor.actor, secret_id, with_shares=True)
            case _:
                credentials.unshare_credential(db, visitor.actor, secret_id, *_present(form))
    return go(request, "/admin/credentials", "saved")


@router.get("/admin/connections")
def show_connections(request: Request, visitor: SignedIn, page: str = "") -> Response:
    visitor.actor.require(Role.CURATOR, "see all data connections")
    number = number_of(page)
    with door_of(request).parts.database.read() as db:
        found = connections.list_connections(db, visitor.actor, Origin.SERVER, window(number))
        users = _users(db, [(share.connection_id, share) for share in connections.shares_of(db, [one.id for one in found])])
        lines = [SecretLine(one.id, one.name, one.address, users.get(one.id, ())) for one in found]
        shown = ConnectionsPage(listing(lines, number, "/admin/connections"), _groups(db, visitor))
    return show(request, shown)


@router.post("/admin/connections")
def create_connection(request: Request, visitor: SignedIn, form: Sent) -> Response:
    new = NewConnection(form.text("name", 300), form.text("address", 10_000), form.text("type", 100))
    with door_of(request).parts.database.write() as db:
        connections.create_connection(db, visitor.actor, new)
    return go(request, "/admin/connections", "created")


@router.post("/admin/connections/{secret_id}")
def change_connection(request: Request, visitor: SignedIn, form: Sent, secret_id: str) -> Response:
    visitor.actor.require(Role.CURATOR, "change a data connection")
    with door_of(request).parts.database.write() as db:
        match form.text("deed"):
            case "share":
                connections.share_connection(db, visitor.actor, secret_id, *_wanted(db, form))
            case "delete":
                connections.delete_connection(db, visitor.actor, secret_id)
            case _:
                connections.unshare_connection(db, visitor.actor, secret_id, *_present(form))
    return go(request, "/admin/connections", "saved")


def _wanted(db: Session, form: Form) -> tuple[Party, str]:
    if form.text("group"):
        return Party.GROUP, form.text("group", 24)
    user = find_by_email(db, form.text("email", 400))
    if user is None:
        raise InvalidError("nobody here has this e-mail")
    return Party.USER, user.id


def _present(form: Form) -> tuple[Party, str]:
    party, _, party_id = form.text("member", 60).partition(" ")
    if party not in [one.value for one in Party]:
        raise InvalidError("choose who is to use it no longer")
    return Party(party), party_id


def _groups(db: Session, visitor: Visitor) -> list[Choice]:
    groups = list_groups(db, visitor.actor)
    return [Choice("", "A group", True), *(Choice(group.id, group.name, False) for group in groups)] if groups else []


def _users(db: Session, shares: Sequence[tuple[str, CredentialShare | ConnectionShare]]) -> Mapping[str, Sequence[User]]:
    ids = {party: [share.party_id for _, share in shares if share.party is party] for party in Party}
    names = {user.id: user.email for user in users_by_id(db, ids[Party.USER]).values()}
    names |= {group.id: f"group {group.name}" for group in groups_by_id(db, ids[Party.GROUP]).values()}
    names |= {studio.id: f"studio {studio.name}" for studio in subscriptions_by_id(db, ids[Party.STUDIO]).values()}
    found: dict[str, list[User]] = {}
    for secret_id, share in shares:
        found.setdefault(secret_id, []).append(User(share.party.value, share.party_id, names.get(share.party_id, "somebody who is gone")))
    return found
