"""Write the audit log, within the transaction of the deed itself, and read it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, cast

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from galleria.database.base import new_id
from galleria.gallery.actors import Actor, Role
from galleria.gallery.audit.records import AuditEvent
from galleria.gallery.pages import Page, batches


class Event(StrEnum):
    INSERT = "Insert"
    UPDATE = "Update"
    DELETE = "Delete"
    DOWNLOAD = "Download"
    USE = "Use"
    SIGN_IN = "SignIn"
    SIGN_IN_FAILED = "SignInFailed"
    SIGN_OUT = "SignOut"


def record(
    db: Session,
    actor: Actor,
    event: Event,
    entity: str,
    entity_id: str,
    old: Mapping[str, object] | None = None,
    new: Mapping[str, object] | None = None,
) -> None:
    """Note a deed. Values must be plain JSON and never a secret."""
    db.add(
        AuditEvent(
            id=new_id(),
            entity=entity,
            entity_id=entity_id,
            event=event.value,
            user_id=actor.user_id,
            subscription_id=actor.subscription_id,
            via=actor.via,
            old_values=None if old is None else dict(old),
            new_values=None if new is None else dict(new),
        )
    )


def change(db: Session, actor: Actor, entity: str, record_: Any, values: Mapping[str, object]) -> bool:
    """Set these attributes of a record that has an `id`, and note old and new values of those that differ.

    False, and no note, when nothing differs.
    """
    old = {name: getattr(record_, name) for name in values}
    differing = [name for name in values if old[name] != values[name]]
    if not differing:
        return False
    for name in differing:
        setattr(record_, name, values[name])
    record(
        db,
        actor,
        Event.UPDATE,
        entity,
        record_.id,
        {name: _plain(old[name]) for name in differing},
        {name: _plain(values[name]) for name in differing},
    )
    return True


def _plain(value: object) -> object:
    if isinstance(value, Mapping):
        # What is sealed is no less a secret.
        return {name: "(secret)" if _is_sealed(one) else one for name, one in cast("Mapping[str, object]", value).items()}
    return value.isoformat() if isinstance(value, datetime) else value


def _is_sealed(value: object) -> bool:
    return isinstance(value, Mapping) and "sealed" in value


@dataclass(frozen=True)
class AuditFilter:
    entity: str | None = None
    entity_id: str | None = None
    user_id: str | None = None
    event: str | None = None
    since: datetime | None = None
    """Inclusive."""
    until: datetime | None = None
    """Inclusive."""


def audit_log(db: Session, actor: Actor, wanted: AuditFilter, page: Page) -> Sequence[AuditEvent]:
    """List events, latest first."""
    actor.require(Role.CURATOR, "read the audit log")
    query = select(AuditEvent)
    for column, value in (
        (AuditEvent.entity, wanted.entity),
        (AuditEvent.entity_id, wanted.entity_id),
        (AuditEvent.user_id, wanted.user_id),
        (AuditEvent.event, wanted.event),
    ):
        if value is not None:
            query = query.where(column == value)
    if wanted.since is not None:
        query = query.where(AuditEvent.at >= wanted.since)
    if wanted.until is not None:
        query = query.where(AuditEvent.at <= wanted.until)
    return db.scalars(page.of(query.order_by(AuditEvent.seq.desc()))).all()


def events_about(db: Session, actor: Actor, entity: str, entity_ids: Sequence[str]) -> dict[str, list[AuditEvent]]:
    """List what is known about the things of a list, by their id, the earliest first."""
    actor.require(Role.CURATOR, "read the audit log")
    found: dict[str, list[AuditEvent]] = {}
    for some in batches(entity_ids):
        query = select(AuditEvent).where(AuditEvent.entity == entity, AuditEvent.entity_id.in_(some))
        for event in db.scalars(query.order_by(AuditEvent.seq)):
            found.setdefault(event.entity_id, []).append(event)
    return found


@dataclass(frozen=True)
class Uses:
    count: int
    last_at: datetime


def uses_of(db: Session, entity: str, entity_ids: Sequence[str]) -> dict[str, Uses]:
    """Count how often things of a list of the caller's were used by runs, by their id; one that never was is missing."""
    query = select(AuditEvent.entity_id, func.count(), func.max(AuditEvent.at)).where(AuditEvent.entity == entity)
    query = query.where(AuditEvent.event == Event.USE.value).group_by(AuditEvent.entity_id)
    found = (db.execute(query.where(AuditEvent.entity_id.in_(some))) for some in batches(entity_ids))
    return {entity_id: Uses(count, last_at) for rows in found for entity_id, count, last_at in rows}


def touched(entity: str, since: datetime | None, until: datetime | None) -> Select[str]:
    """Give, as a query for other verbs, the ids of things that something happened to between two moments, inclusive."""
    query = select(AuditEvent.entity_id).where(AuditEvent.entity == entity)
    if since is not None:
        query = query.where(AuditEvent.at >= since)
    if until is not None:
        query = query.where(AuditEvent.at <= until)
    return query
