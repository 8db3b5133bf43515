"""Lay out, rename, describe and remove districts. What lies in them is `workflows.placing`'s to say."""

from collections.abc import Sequence
from dataclasses import dataclass, fields

from sqlalchemy import ColumnElement, func, select, true
from sqlalchemy.orm import Session

from galleria.database.base import new_id
from galleria.errors import ConflictError, InvalidError, NotFoundError
from galleria.gallery.actors import Actor, Role
from galleria.gallery.audit import service as audit
from galleria.gallery.audit.service import Event
from galleria.gallery.districts.records import District

ENTITY = "District"
LONGEST = 10_000
"""Characters of a description."""
MOST = 500


@dataclass(frozen=True)
class DistrictChange:
    """None: stays as it is."""

    title: str | None = None
    description: str | None = None
    is_active: bool | None = None


def create_district(db: Session, actor: Actor, title: str, description: str = "") -> District:
    """Lay out a district with nothing in it; its title must be that of no other."""
    actor.require(Role.CURATOR, "make a district")
    if (db.scalar(select(func.count()).select_from(District)) or 0) >= MOST:
        raise ConflictError(f"{MOST} districts are the most")
    district = District(id=new_id(), title=_checked_title(db, title), description=_checked_description(description))
    db.add(district)
    audit.record(db, actor, Event.INSERT, ENTITY, district.id, new={"title": district.title})
    db.flush()
    return district


def _checked_title(db: Session, title: str, own_id: str = "") -> str:
    wanted = title.replace("\0", "").strip()
    if not 1 <= len(wanted) <= 255:
        raise InvalidError("a district's title has 1 to 255 characters")
    others = db.scalars(select(District.title).where(District.id != own_id))
    if wanted.casefold() in [other.casefold() for other in others]:
        raise ConflictError(f"there is a district {wanted!r} already")
    return wanted


def _checked_description(text: str) -> str:
    if len(text) > LONGEST:
        raise InvalidError(f"a district's description has {LONGEST:,} characters at most")
    return text.replace("\0", "").strip()


def seen_by(actor: Actor) -> ColumnElement[bool]:
    """All for a Curator; else the active ones."""
    return true() if actor.is_curator else District.is_active.is_(True)


def list_districts(db: Session, actor: Actor) -> Sequence[District]:
    """List districts by title."""
    actor.require(Role.VIEWER, "look at districts")
    return db.scalars(select(District).where(seen_by(actor)).order_by(func.lower(District.title), District.id)).all()


def find_district(db: Session, actor: Actor, district_id: str) -> District | None:
    """Find a district that the actor sees."""
    return db.scalars(select(District).where(District.id == district_id, seen_by(actor))).first()


def get_district(db: Session, actor: Actor, district_id: str) -> District:
    actor.require(Role.VIEWER, "look at districts")
    district = find_district(db, actor, district_id)
    if district is None:
        raise NotFoundError(f"no district {district_id}")
    return district


def change_district(db: Session, actor: Actor, district_id: str, change: DistrictChange) -> District:
    actor.require(Role.CURATOR, "change a district")
    district = get_district(db, actor, district_id)
    values = {one.name: getattr(change, one.name) for one in fields(change) if getattr(change, one.name) is not None}
    if change.title is not None:
        values["title"] = _checked_title(db, change.title, district_id)
    if change.description is not None:
        values["description"] = _checked_description(change.description)
    audit.change(db, actor, ENTITY, district, values)
    db.flush()
    return district


def delete_district(db: Session, actor: Actor, district_id: str) -> None:
    """Remove a district; the workflows in it stay."""
    actor.require(Role.CURATOR, "delete a district")
    district = get_district(db, actor, district_id)
    audit.record(db, actor, Event.DELETE, ENTITY, district_id, {"title": district.title})
    db.delete(district)
    db.flush()
