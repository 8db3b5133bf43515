"""For Curators: accounts and connection strings that runs use, and who may use them. What is secret is never shown again."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from fastapi import APIRouter, Request
from fastapi.responses import Response

from galleria.gallery.actors import Role
from galleria.gallery.connections import service as connections
from galleria.gallery.connections.records import ConnectionShare, Origin
from galleria.gallery.connections.service import NewConnection
from galleria.gallery.credentials import service as credentials
from galleria.gallery.credentials.records import CredentialShare
from galleria.web import secrets
from galleria.web.door import door_of
from galleria.web.forms import Sent
from galleria.web.page import Page, go, show
from galleria.web.pages.home import Choice
from galleria.web.paging import Listing, listing, number_of, window
from galleria.web.secrets import SecretLine, circles, secret_lines
from galleria.web.visitors import SignedIn

router = APIRouter()


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
        lines = secret_lines(db, visitor.actor, found, CredentialShare, credentials.ENTITY)
        shown = CredentialsPage(listing(lines, number, "/admin/credentials"), circles(db, visitor.actor))
    return show(request, shown)


@router.post("/admin/credentials")
def create_credential(request: Request, visitor: SignedIn, form: Sent) -> Response:
    visitor.actor.require(Role.CURATOR, "create a credential of the gallery")
    with door_of(request).parts.database.write() as db:
        credentials.create_credential(db, visitor.actor, form.text("name", 400), form.raw("password"))
    return go(request, "/admin/credentials", "created")


@router.post("/admin/credentials/{secret_id}")
def change_credential(request: Request, visitor: SignedIn, form: Sent, secret_id: str) -> Response:
    visitor.actor.require(Role.CURATOR, "change a credential")
    with door_of(request).parts.database.write() as db:
        secrets.change_credential(db, visitor.actor, form, secret_id)
    return go(request, "/admin/credentials", "saved")


@router.get("/admin/connections")
def show_connections(request: Request, visitor: SignedIn, page: str = "") -> Response:
    visitor.actor.require(Role.CURATOR, "see all data connections")
    number = number_of(page)
    with door_of(request).parts.database.read() as db:
        found = connections.list_connections(db, visitor.actor, Origin.SERVER, window(number))
        lines = secret_lines(db, visitor.actor, found, ConnectionShare, connections.ENTITY)
        shown = ConnectionsPage(listing(lines, number, "/admin/connections"), circles(db, visitor.actor))
    return show(request, shown)


@router.post("/admin/connections")
def create_connection(request: Request, visitor: SignedIn, form: Sent) -> Response:
    visitor.actor.require(Role.CURATOR, "create a data connection of the gallery")
    new = NewConnection(form.text("name", 300), form.text("address", 10_000), form.text("type", 100))
    with door_of(request).parts.database.write() as db:
        connections.create_connection(db, visitor.actor, new)
    return go(request, "/admin/connections", "created")


@router.post("/admin/connections/{secret_id}")
def change_connection(request: Request, visitor: SignedIn, form: Sent, secret_id: str) -> Response:
    visitor.actor.require(Role.CURATOR, "change a data connection")
    with door_of(request).parts.database.write() as db:
        secrets.change_connection(db, visitor.actor, form, secret_id)
    return go(request, "/admin/connections", "saved")
