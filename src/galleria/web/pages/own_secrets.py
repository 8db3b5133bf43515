"""One's own credentials and connections, and those that others lend: what runs may use. What is secret is never shown again."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

from fastapi import APIRouter, Request
from fastapi.responses import Response
from sqlalchemy.orm import Session

from galleria.errors import ConflictError, InvalidError
from galleria.gallery.actors import Role
from galleria.gallery.connections import service as connections
from galleria.gallery.connections.records import ConnectionShare, Origin
from galleria.gallery.connections.service import NewConnection
from galleria.gallery.credentials import service as credentials
from galleria.gallery.credentials.records import CredentialShare
from galleria.web import secrets
from galleria.web.door import door_of
from galleria.web.failures import sentence
from galleria.web.forms import Sent
from galleria.web.page import Page, go, show
from galleria.web.pages.home import Choice
from galleria.web.paging import Listing, listing, number_of, window
from galleria.web.secrets import SecretLine, circles, secret_lines
from galleria.web.visitors import SignedIn, Visitor

router = APIRouter()


@dataclass(frozen=True)
class OwnCredentialsPage(Page):
    template: ClassVar[str] = "credentials.html"
    section: ClassVar[str] = "profile"

    secrets: Listing[SecretLine]
    groups: Sequence[Choice]
    can_create: bool
    problem: str = ""

    @property
    def title(self) -> str:
        return "Credentials"


@dataclass(frozen=True)
class OwnConnectionsPage(Page):
    template: ClassVar[str] = "connections.html"
    section: ClassVar[str] = "profile"

    secrets: Listing[SecretLine]
    machine: Sequence[SecretLine]
    """Those of the machine that runs go on, for everybody."""
    groups: Sequence[Choice]
    can_create: bool
    problem: str = ""

    @property
    def title(self) -> str:
        return "Connections"


@router.get("/credentials")
def show_credentials(request: Request, visitor: SignedIn, page: str = "") -> Response:
    with door_of(request).parts.database.read() as db:
        shown = _credentials_page(db, visitor, number_of(page))
    return show(request, shown)


@router.post("/credentials")
def create_credential(request: Request, visitor: SignedIn, form: Sent) -> Response:
    try:
        with door_of(request).parts.database.write() as db:
            credentials.create_credential(db, visitor.actor, form.text("name", 400), form.raw("password"))
    except (ConflictError, InvalidError) as error:
        with door_of(request).parts.database.read() as db:
            page = replace(_credentials_page(db, visitor, 1), problem=sentence(error.message))
        return show(request, page, 400)
    return go(request, "/credentials", "created")


@router.post("/credentials/{credential_id}")
def change_credential(request: Request, visitor: SignedIn, form: Sent, credential_id: str) -> Response:
    with door_of(request).parts.database.write() as db:
        secrets.change_credential(db, visitor.actor, form, credential_id)
    return go(request, "/credentials", "saved")


@router.get("/connections")
def show_connections(request: Request, visitor: SignedIn, page: str = "") -> Response:
    with door_of(request).parts.database.read() as db:
        shown = _connections_page(db, visitor, number_of(page))
    return show(request, shown)


@router.post("/connections")
def create_connection(request: Request, visitor: SignedIn, form: Sent) -> Response:
    new = NewConnection(form.text("name", 300), form.text("address"), form.text("type", 100))
    try:
        with door_of(request).parts.database.write() as db:
            connections.create_connection(db, visitor.actor, new)
    except (ConflictError, InvalidError) as error:
        with door_of(request).parts.database.read() as db:
            page = replace(_connections_page(db, visitor, 1), problem=sentence(error.message))
        return show(request, page, 400)
    return go(request, "/connections", "created")


@router.post("/connections/{connection_id}")
def change_connection(request: Request, visitor: SignedIn, form: Sent, connection_id: str) -> Response:
    with door_of(request).parts.database.write() as db:
        secrets.change_connection(db, visitor.actor, form, connection_id)
    return go(request, "/connections", "saved")


def _credentials_page(db: Session, visitor: Visitor, number: int) -> OwnCredentialsPage:
    found = credentials.list_credentials(db, visitor.actor, window(number))
    lines = secret_lines(db, visitor.actor, found, CredentialShare, credentials.ENTITY)
    can_create = visitor.actor.has(Role.MEMBER)
    return OwnCredentialsPage(listing(lines, number, "/credentials"), circles(db, visitor.actor), can_create)


def _connections_page(db: Session, visitor: Visitor, number: int) -> OwnConnectionsPage:
    found = connections.list_connections(db, visitor.actor, Origin.SERVER, window(number))
    machine = connections.list_connections(db, visitor.actor, Origin.SYSTEM)
    return OwnConnectionsPage(
        listing(secret_lines(db, visitor.actor, found, ConnectionShare, connections.ENTITY), number, "/connections"),
        secret_lines(db, visitor.actor, machine, ConnectionShare, connections.ENTITY),
        circles(db, visitor.actor),
        visitor.actor.has(Role.MEMBER),
    )
