"""Keep data connections: made by Curators and Members, listed without passwords, opened for runs of those they are shared with."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import ColumnElement, Select, and_, func, or_, select, true
from sqlalchemy.orm import Session

from galleria.connecting.address import shown
from galleria.database.base import new_id
from galleria.database.connect import vault_of
from galleria.database.letters import contains
from galleria.errors import ConflictError, ForbiddenError, InvalidError, NotFoundError
from galleria.gallery.actors import Actor, Role
from galleria.gallery.audit import service as audit
from galleria.gallery.audit.service import Event
from galleria.gallery.connections.records import Connection, ConnectionShare, Origin
from galleria.gallery.pages import EVERYTHING, Page
from galleria.gallery.shares import lending
from galleria.gallery.shares.records import Party
from galleria.gallery.users.records import User

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
    """Keep a connection. A Curator's is the gallery's; a Member's is his own, and lent to him.

    Raises ConflictError for a name that another one of the same origin has, whoever sees that: names are what workflows mean a
    database by, so no second one may slip in between.
    """
    actor.require(Role.MEMBER if new.origin is Origin.SERVER else Role.CURATOR, "create a data connection")
    if actor.user_id is None and not actor.is_curator:
        raise ForbiddenError("only a user keeps a data connection; a studio's key is nobody")
    if not new.address.strip():
        raise InvalidError("a data connection has a connection string")
    connection = Connection(
        id=new.connection_id or new_id(),
        name=_free_name(db, new.name, new.origin, None),
        origin=new.origin,
        type=new.type,
        address=shown(new.address),
        address_sealed=vault_of(db).seal(new.address),
        created_by=actor.user_id,
    )
    db.add(connection)
    audit.record(db, actor, Event.INSERT, ENTITY, connection.id, new={"name": connection.name, "type": connection.type})
    db.flush()
    if not actor.is_curator:
        lending.lend(db, actor, ConnectionShare, ENTITY, connection.id, Party.USER, actor.user_id or "")
    return connection


def _free_name(db: Session, name: str, origin: Origin, connection_id: str | None) -> str:
    name = name.strip()
    if not 1 <= len(name) <= 255:
        raise InvalidError("a data connection's name has 1 to 255 characters")
    query = select(Connection.id).where(func.lower(Connection.name) == name.lower(), Connection.origin == origin)
    if any(other != connection_id for other in db.scalars(query)):
        raise ConflictError(f"a data connection named {name} exists")
    return name


def _usable_by(actor: Actor) -> ColumnElement[bool]:
    """Say which connections runs of the actor may use: the machine's, and those shared with him, his groups and his studio."""
    return or_(Connection.origin == Origin.SYSTEM, Connection.id.in_(lending.lent_to(actor, ConnectionShare)))


def _visible_to(actor: Actor) -> ColumnElement[bool]:
    """All for a Curator; else those that the actor may use, and his own."""
    if actor.is_curator:
        return true()
    return or_(_usable_by(actor), and_(Connection.created_by.is_not(None), Connection.created_by == actor.user_id))


def _get_own(db: Session, actor: Actor, connection_id: str, deed: str) -> Connection:
    connection = get_connection(db, actor, connection_id)
    lending.require_lender(actor, connection.created_by, deed)
    return connection


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


def rename_connection(db: Session, actor: Actor, connection_id: str, name: str) -> Connection:
    connection = _get_own(db, actor, connection_id, "change a data connection")
    audit.change(db, actor, ENTITY, connection, {"name": _free_name(db, name, connection.origin, connection.id)})
    db.flush()
    return connection


def change_address(db: Session, actor: Actor, connection_id: str, address: str) -> Connection:
    """Give a connection another connection string, for instance one with a new password."""
    connection = _get_own(db, actor, connection_id, "change a data connection")
    if not address.strip():
        raise InvalidError("a data connection has a connection string")
    connection.address, connection.address_sealed = shown(address), vault_of(db).seal(address)
    audit.record(db, actor, Event.UPDATE, ENTITY, connection_id, new={"address": "changed"})
    db.flush()
    return connection


def share_connection(db: Session, actor: Actor, connection_id: str, party: Party, party_id: str) -> Connection:
    """Let the runs of a user, group or studio use a connection; sharing twice changes nothing."""
    connection = _get_own(db, actor, connection_id, "share a data connection")
    lending.lend(db, actor, ConnectionShare, ENTITY, connection_id, party, party_id)
    return connection


def unshare_connection(db: Session, actor: Actor, connection_id: str, party: Party, party_id: str) -> Connection:
    """End it; what was not shared is no error."""
    connection = _get_own(db, actor, connection_id, "share a data connection")
    lending.take_back(db, actor, ConnectionShare, ENTITY, connection_id, party, party_id)
    return connection


def delete_connection(db: Session, actor: Actor, connection_id: str) -> None:
    """Remove a connection and its shares."""
    connection = _get_own(db, actor, connection_id, "delete a data connection")
    db.delete(connection)
    audit.record(db, actor, Event.DELETE, ENTITY, connection_id, {"name": connection.name})
    db.flush()


@dataclass(frozen=True)
class Opened:
    """Never to be logged, shown or stored."""

    addresses: Mapping[str, str] = field(default_factory=dict[str, str], repr=False)
    """Whole connection strings by name and by id, both in small letters."""
    vouched: Sequence[str] = field(default=(), repr=False)
    """Those that the gallery or a Curator keeps: what they lead to may be reached, wherever it is."""


def use_connections(db: Session, actor: Actor, job_id: str, is_named: Callable[[Connection], bool]) -> Opened:
    """Open those of the connections that a run of this actor may use and that `is_named` says it names; note the use of each.

    One that is shared with the actor hides one of the machine with the same name. For the worker only.
    """
    found = [connection for connection in db.scalars(select(Connection).where(_opened_for(actor))) if is_named(connection)]
    vault = vault_of(db)
    opened: dict[str, str] = {}
    vouched: list[str] = []
    keepers = {connection.created_by for connection in found if connection.created_by}
    curators = set(db.scalars(_curators().where(User.id.in_(keepers))))
    for connection in sorted(found, key=lambda connection: connection.origin is Origin.SERVER):
        address = vault.open(connection.address_sealed)
        opened |= {connection.name.casefold(): address, connection.id.casefold(): address}
        if connection.created_by is None or connection.created_by in curators:
            vouched.append(address)
        audit.record(db, actor, Event.USE, ENTITY, connection.id, new={"name": connection.name, "jobId": job_id})
    return Opened(opened, vouched)


def _curators() -> Select[str]:
    return select(User.id).where(User.role == Role.CURATOR)


def _opened_for(actor: Actor) -> ColumnElement[bool]:
    """Also for a Curator no connection that some Member keeps for himself: its name may be meant for another database."""
    if not actor.is_curator:
        return _usable_by(actor)
    return or_(_usable_by(actor), Connection.created_by.is_(None), Connection.created_by.in_(_curators()))
