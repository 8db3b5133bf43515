"""`galleria credential | connection`: what runs sign in with, kept, lent and taken back. What is secret is read, never printed."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from galleria.cli.acting import As, ToGroup, ToStudio, ToUser, acting, party_of
from galleria.cli.printing import AsJson, print_record, print_rows
from galleria.errors import InvalidError

credentials = typer.Typer(no_args_is_help=True, help="Accounts that runs use: keep, lend, change, delete.")
connections = typer.Typer(no_args_is_help=True, help="Connections to databases that runs use: keep, lend, change, delete.")

CredentialId = Annotated[str, typer.Argument(help="The credential's id.")]
ConnectionId = Annotated[str, typer.Argument(help="The connection's id.")]


def read_secret(what: str) -> str:
    """Read a line of standard input: what stands in a command line is read by everybody on the machine."""
    text = sys.stdin.readline().rstrip("\r\n")
    if not text:
        raise InvalidError(f"write the {what} into the command's standard input")
    return text


@credentials.command("add")
def add_credential(
    user_name: Annotated[str, typer.Argument(help="As the account is called.")], as_user: As = "", as_json: AsJson = False
) -> None:
    """Keep an account; its password is read from standard input."""
    from galleria.gallery.credentials.service import create_credential

    password = read_secret("password")
    with acting(as_user) as (db, actor):
        print_record({"credential": create_credential(db, actor, user_name, password).id}, as_json=as_json)


@credentials.command("list")
def list_credentials(as_user: As = "", as_json: AsJson = False) -> None:
    """List accounts, and how often runs used them."""
    from galleria.gallery.audit.service import uses_of
    from galleria.gallery.credentials import service

    with acting(as_user, writes=False) as (db, actor):
        found = service.list_credentials(db, actor)
        uses = uses_of(db, service.ENTITY, [one.id for one in found])
        rows = [{"id": one.id, "name": one.user_name, "uses": uses[one.id].count if one.id in uses else 0} for one in found]
    print_rows(rows, ("id", "name", "uses"), as_json=as_json)


@credentials.command("password")
def set_password(credential: CredentialId, as_user: As = "") -> None:
    """Give an account another password, read from standard input."""
    from galleria.gallery.credentials.service import change_password

    password = read_secret("password")
    with acting(as_user) as (db, actor):
        change_password(db, actor, credential, password)


@credentials.command("share")
def share_credential(credential: CredentialId, user: ToUser = "", group: ToGroup = "", studio: ToStudio = "", as_user: As = "") -> None:
    """Let somebody's runs use an account."""
    from galleria.gallery.credentials import service

    with acting(as_user) as (db, actor):
        service.share_credential(db, actor, credential, *party_of(db, user, group, studio))


@credentials.command("unshare")
def unshare_credential(credential: CredentialId, user: ToUser = "", group: ToGroup = "", studio: ToStudio = "", as_user: As = "") -> None:
    """End that."""
    from galleria.gallery.credentials import service

    with acting(as_user) as (db, actor):
        service.unshare_credential(db, actor, credential, *party_of(db, user, group, studio))


@credentials.command("delete")
def delete_credential(credential: CredentialId, as_user: As = "") -> None:
    """Remove an account; runs that use it will fail."""
    from galleria.gallery.credentials import service

    with acting(as_user) as (db, actor):
        service.delete_credential(db, actor, credential, with_shares=True)


@connections.command("add")
def add_connection(
    name: Annotated[str, typer.Argument(help="By which workflows know it.")], as_user: As = "", as_json: AsJson = False
) -> None:
    """Keep a connection; its connection string is read from standard input."""
    from galleria.gallery.connections.service import NewConnection, create_connection

    address = read_secret("connection string")
    with acting(as_user) as (db, actor):
        print_record({"connection": create_connection(db, actor, NewConnection(name, address)).id}, as_json=as_json)


@connections.command("list")
def list_connections(as_user: As = "", as_json: AsJson = False) -> None:
    """List connections without their passwords, and how often runs used them."""
    from galleria.gallery.audit.service import uses_of
    from galleria.gallery.connections import service
    from galleria.gallery.connections.records import Origin

    with acting(as_user, writes=False) as (db, actor):
        found = service.list_connections(db, actor, Origin.SERVER)
        uses = uses_of(db, service.ENTITY, [one.id for one in found])
        counts = {one.id: uses[one.id].count if one.id in uses else 0 for one in found}
        rows = [{"id": one.id, "name": one.name, "address": one.address, "uses": counts[one.id]} for one in found]
    print_rows(rows, ("id", "name", "address", "uses"), as_json=as_json)


@connections.command("address")
def set_address(connection: ConnectionId, as_user: As = "") -> None:
    """Give a connection another connection string, read from standard input."""
    from galleria.gallery.connections.service import change_address

    address = read_secret("connection string")
    with acting(as_user) as (db, actor):
        change_address(db, actor, connection, address)


@connections.command("share")
def share_connection(connection: ConnectionId, user: ToUser = "", group: ToGroup = "", studio: ToStudio = "", as_user: As = "") -> None:
    """Let somebody's runs use a connection."""
    from galleria.gallery.connections import service

    with acting(as_user) as (db, actor):
        service.share_connection(db, actor, connection, *party_of(db, user, group, studio))


@connections.command("unshare")
def unshare_connection(connection: ConnectionId, user: ToUser = "", group: ToGroup = "", studio: ToStudio = "", as_user: As = "") -> None:
    """End that."""
    from galleria.gallery.connections import service

    with acting(as_user) as (db, actor):
        service.unshare_connection(db, actor, connection, *party_of(db, user, group, studio))


@connections.command("delete")
def delete_connection(connection: ConnectionId, as_user: As = "") -> None:
    """Remove a connection; runs that name it will fail."""
    from galleria.gallery.connections import service

    with acting(as_user) as (db, actor):
        service.delete_connection(db, actor, connection)
