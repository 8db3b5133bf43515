"""Keep data connections: listed without passwords, opened for runs of those they are shared with."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import ColumnElement, and_, func, or_, select, true
from sqlalchemy.orm import Session

from galleria.connecting.address import shown
from galleria.database.base import new_id
from galleria.database.connect import vault_of
from galleria.database.letters import contains
from galleria.errors import ConflictError, InvalidError, NotFoundError
from galleria.gallery.actors import Actor, Role
from galleria.gallery.audit import service as audit
from galleria.gallery.audit.service import Event
from galleria.gallery.connections.records import Connection, ConnectionShare, Origin
from galleria.gallery.pages import EVERYTHING, Page
from galleria.gallery.shares.records import Party

ENTITY = "DataConnection"


@dataclass(frozen=True)
class NewConnection:
    name: str
    address: str = field(repr=False)
    """The whole connection string, with its password."""
    type: str = ""
    origin: Origin = Origin.SERVER
    connection_id: str | None = None
    """Given only when it moves in from another server."""


def create_connection(db: Session, actor: Actor, new: NewConnection) -> Connection:
    """Keep a connection. Raises ConflictError for a name that another one of the same origin has."""
    actor.require(Role.CURATOR, "create a data connection")
    if not new.address.strip():
        raise InvalidError("a data connection has a connection string")
    connection = Connection(
        id=new.connection_id or new_id(),
        name=_free_name(db, new.name, new.origin, None),
        origin=new.origin,
        type=new.type,
        address=shown(new.address),
        address_sealed=vault_of(db).seal(new.address),
    )
    db.add(connection)
    audit.record(db, actor, Event.INSERT, ENTITY, connection.id, new={"name": connection.name, "type": connection.type})
    db.flush()
    return connection


def _free_name(db: Session, name: str, origin: Origin, connection_id: str | None) -> str:
    name = name.strip()
    if not 1 <= len(name) <= 255:
        raise InvalidError("a data connection's name has 1 to 255 characters")
    query = select(Connection.id).where(func.lower(Connection.name) == name.lower(), Connection.origin == origin)
    if any(other != connection_id for other in db.scalars(query)):
        raise ConflictError(f"a data connection named {name} exists")
    return name


def _visible_to(actor: Actor) -> ColumnElement[bool]:
    """All for a Curator; else the machine's, and those shared with the actor, his groups and his studio."""
    if actor.is_curator:
        return true()
    ways: list[ColumnElement[bool]] = []
    if actor.user_id:
        ways.append(and_(ConnectionShare.party == Party.USER, ConnectionShare.party_id == actor.user_id))
    if actor.group_ids:
        ways.append(and_(ConnectionShare.party == Party.GROUP, ConnectionShare.party_id.in_(actor.group_ids)))
    if actor.subscription_id:
        ways.append(and_(ConnectionShare.party == Party.STUDIO, ConnectionShare.party_id == actor.subscription_id))
    shared = Connection.id.in_(select(ConnectionShare.connection_id).where(or_(*ways)))
    return or_(Connection.origin == Origin.SYSTEM, shared)


def get_connection(db: Session, actor: Actor, connection_id: str) -> Connection:
    connection = db.scalars(select(Connection).where(Connection.id == connection_id, _visible_to(actor))).first()
    if connection is None:
        raise NotFoundError(f"no data connection {connection_id}")
    return connection


def list_connections(db: Session, actor: Actor, origin: Origin, page: Page = EVERYTHING, *, search: str = "") -> Sequence[Connection]:
    """List connections by name; `search` is found in it in any letter case."""
    query = select(Connection).where(Connection.origin == origin, _visible_to(actor))
    if search:
        query = query.where(contains(Connection.name, search))
    return db.scalars(page.of(query.order_by(Connection.name, Connection.id))).all()


def shares_of(db: Session, connection_ids: Sequence[str]) -> Sequence[ConnectionShare]:
    """List with whom connections are shared; for those who got them from a list of their own."""
    query = select(ConnectionShare).where(ConnectionShare.connection_id.in_(connection_ids))
    return db.scalars(query.order_by(ConnectionShare.connection_id, ConnectionShare.party, ConnectionShare.party_id)).all()


def rename_connection(db: Session, actor: Actor, connection_id: str, name: str) -> Connection:
    actor.require(Role.CURATOR, "change a data connection")
    connection = get_connection(db, actor, connection_id)
    audit.change(db, actor, ENTITY, connection, {"name": _free_name(db, name, connection.origin, connection.id)})
    db.flush()
    return connection


def share_connection(db: Session, actor: Actor, connection_id: str, party: Party, party_id: str) -> Connection:
    """Let the runs of a user, group or studio use a connection; sharing twice changes nothing."""
    actor.require(Role.CURATOR, "share a data connection")
    connection = get_connection(db, actor, connection_id)
    if db.get(ConnectionShare, (connection_id, party, party_id)) is None:
        db.add(ConnectionShare(connection_id=connection_id, party=party, party_id=party_id))
        audit.record(db, actor, Event.UPDATE, ENTITY, connection_id, new={"sharedWith": {party.value: party_id}})
        db.flush()
    return connection


def unshare_connection(db: Session, actor: Actor, connection_id: str, party: Party, party_id: str) -> Connection:
    """End it; what was not shared is no error."""
    actor.require(Role.CURATOR, "share a data connection")
    connection = get_connection(db, actor, connection_id)
    share = db.get(ConnectionShare, (connection_id, party, party_id))
    if share is not None:
        db.delete(share)
        audit.record(db, actor, Event.UPDATE, ENTITY, connection_id, {"sharedWith": {party.value: party_id}})
        db.flush()
    return connection


def delete_connection(db: Session, actor: Actor, connection_id: str) -> None:
    """Remove a connection and its shares."""
    actor.require(Role.CURATOR, "delete a data connection")
    connection = get_connection(db, actor, connection_id)
    db.delete(connection)
    audit.record(db, actor, Event.DELETE, ENTITY, connection_id, {"name": connection.name})
    db.flush()


def use_connections(db: Session, actor: Actor, job_id: str, is_named: Callable[[Connection], bool]) -> Mapping[str, str]:
    """Open those of the connections that a run of this actor may use and that `is_named` says it names; note the use of each.

    Gives the whole connection strings by name and by id, both in small letters; one that is shared with the actor hides one of
    the machine with the same name. For the worker only.
    """
    found = [connection for connection in db.scalars(select(Connection).where(_visible_to(actor))) if is_named(connection)]
    vault = vault_of(db)
    opened: dict[str, str] = {}
    for connection in sorted(found, key=lambda connection: connection.origin is Origin.SERVER):
        address = vault.open(connection.address_sealed)
        opened |= {connection.name.casefold(): address, connection.id.casefold(): address}
        audit.record(db, actor, Event.USE, ENTITY, connection.id, new={"name": connection.name, "jobId": job_id})
    return opened
