"""Read and change what holds for the whole gallery."""

from dataclasses import dataclass

from sqlalchemy.orm import Session

from galleria.errors import InvalidError
from galleria.gallery.actors import Actor, Role
from galleria.gallery.audit import service as audit
from galleria.gallery.audit.service import Event
from galleria.gallery.preferences.records import Preference

ENTITY = "SystemSettings"
_DEFAULT_ROLE = "default_role"


@dataclass(frozen=True)
class Preferences:
    default_role: Role = Role.VIEWER
    """What an Evaluated user may do who is in no group with a role of its own."""


def preferences(db: Session) -> Preferences:
    role = db.get(Preference, _DEFAULT_ROLE)
    return Preferences(default_role=Preferences.default_role if role is None else Role(role.value["value"]))


def set_default_role(db: Session, actor: Actor, role: Role) -> None:
    """Decide what Evaluated users may do whom no group gives a role."""
    actor.require(Role.CURATOR, "change the default role")
    if role is Role.EVALUATED:
        raise InvalidError("the default role is what Evaluated comes to, so it cannot be Evaluated")
    old = preferences(db).default_role
    db.merge(Preference(id=_DEFAULT_ROLE, value={"value": role.value}))
    audit.record(db, actor, Event.UPDATE, ENTITY, _DEFAULT_ROLE, {"value": old.value}, {"value": role.value})
    db.flush()
