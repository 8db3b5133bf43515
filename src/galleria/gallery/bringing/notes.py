"""Remembers which thing of another server has become which of ours."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from galleria.database.base import Record, new_id
from galleria.database.connect import Database
from galleria.errors import ConflictError, GalleriaError
from galleria.gallery.actors import Actor
from galleria.gallery.bringing.lines import Deed, Line
from galleria.gallery.bringing.records import Brought, Thing
from galleria.storage.contract import Storage


@dataclass(frozen=True)
class Move:
    """One import: where it comes from, where it goes, how."""

    database: Database
    storage: Storage
    actor: Actor
    server: str
    """The other server's name, see `Access.name`."""
    keep_ids: bool = False
    owners: Mapping[str, str] = field(default_factory=dict[str, str])
    """Our user's id by the e-mail there, in lower case; under the empty text that of everybody else."""
    package_limit_bytes: int = 1 << 30
    folder: Path | None = None
    """Where packages lie while they are read; None for the system's own."""
    are_paused: bool = False
    """Schedules come paused, because the other server goes on running them."""


Ids = dict[str, str]
"""Our id by the id there."""


def known(db: Session, move: Move, thing: Thing, source_id: str) -> Brought | None:
    """Find what was brought before; raises ConflictError when another server brought it."""
    found = db.get(Brought, (thing, source_id))
    if found is not None and found.server != move.server:
        raise ConflictError(f"it was brought along from {found.server}; if that is this same server, say --known-as {found.server}")
    return found


def note(db: Session, move: Move, thing: Thing, source_id: str, local_id: str, state: Mapping[str, Any]) -> None:
    found = db.get(Brought, (thing, source_id))
    if found is None:
        db.add(Brought(thing=thing, source_id=source_id, local_id=local_id, server=move.server, state=dict(state)))
    else:
        found.local_id, found.server, found.state = local_id, move.server, dict(state)
    db.flush()


def id_for(db: Session, move: Move, record: type[Record], source_id: str) -> str:
    """Give the id that a new thing takes; raises ConflictError when its old one is to be kept and is somebody else's."""
    if not move.keep_ids:
        return new_id()
    if db.get(record, source_id) is not None:
        raise ConflictError(f"the id {source_id} is another's here already; without --keep-ids it would get a new one")
    return source_id


def gone(move: Move, thing: Thing, there: frozenset[str]) -> list[Line]:
    """List what was brought once and is not there any more."""
    with move.database.read() as db:
        rows = db.scalars(select(Brought).where(Brought.server == move.server, Brought.thing == thing).order_by(Brought.source_id)).all()
    return [
        Line(thing, Deed.GONE, str(row.state.get("name") or row.state.get("email") or ""), row.source_id, row.local_id)
        for row in rows
        if row.source_id not in there
    ]


class DeletedHere(GalleriaError):
    """The thing was brought before and deleted here since."""


def one_by_one(move: Move, thing: Thing, name: str, source_id: str, bring: Callable[[Session], Line]) -> Line:
    """Bring one thing in a transaction of its own: it is here whole or not at all, and its refusal stops no other."""
    try:
        with move.database.write() as db:
            return bring(db)
    except DeletedHere:
        return Line(thing, Deed.DELETED, name, source_id)
    except GalleriaError as error:
        return Line(thing, Deed.REFUSED, name, source_id, notes=(error.message,))
