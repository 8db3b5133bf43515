"""Make, find and change studios. Who belongs to one is `users`' to say."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from itertools import chain
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from galleria.database.base import new_id
from galleria.database.letters import contains
from galleria.errors import InvalidError, NotFoundError
from galleria.gallery.actors import Actor, Role
from galleria.gallery.audit import service as audit
from galleria.gallery.audit.service import Event
from galleria.gallery.pages import EVERYTHING, Page, batches
from galleria.gallery.subscriptions.records import Subscription

ENTITY = "Subscription"


def create_subscription(db: Session, actor: Actor, name: str, subscription_id: str | None = None) -> Subscription:
    """Make a studio; an id is given only when one moves in from another server."""
    actor.require(Role.CURATOR, "create a studio")
    return open_subscription(db, actor, name, subscription_id)


def open_subscription(db: Session, actor: Actor, name: str, subscription_id: str | None = None) -> Subscription:
    """As `create_subscription`, for verbs that have checked the actor themselves (a new user gets a studio of his own)."""
    studio = Subscription(id=subscription_id or new_id(), name=_checked_name(name))
    db.add(studio)
    audit.record(db, actor, Event.INSERT, ENTITY, studio.id, new={"name": studio.name})
    db.flush()
    return studio


def get_subscription(db: Session, actor: Actor, subscription_id: str) -> Subscription:
    """Find a studio: any for a Curator, else only one's own."""
    studio = db.get(Subscription, subscription_id)
    if studio is None or studio.deleted_at is not None or not (actor.is_curator or actor.subscription_id == subscription_id):
        raise NotFoundError(f"no studio {subscription_id}")
    return studio


def list_subscriptions(db: Session, actor: Actor, name: str = "", page: Page = EVERYTHING) -> Sequence[Subscription]:
    """List studios, the oldest first; `name` is found in theirs in any letter case."""
    actor.require(Role.CURATOR, "list studios")
    query = select(Subscription).where(Subscription.deleted_at.is_(None))
    if name:
        query = query.where(contains(Subscription.name, name))
    return db.scalars(page.of(query.order_by(Subscription.created_at, Subscription.id))).all()


def subscriptions_by_id(db: Session, subscription_ids: Sequence[str]) -> dict[str, Subscription]:
    """Find the studios that a list is about to name; for those who checked the list's actor."""
    found = (db.scalars(select(Subscription).where(Subscription.id.in_(some))) for some in batches(subscription_ids))
    return {studio.id: studio for studio in chain.from_iterable(found)}


@dataclass(frozen=True)
class SubscriptionChange:
    """None: stays as it is."""

    name: str | None = None
    is_active: bool | None = None
    default_worker_tag: str | None = None
    can_share_schedules: bool | None = None
    default_credential_id: str | None = None
    """Empty: none."""
    contact: Mapping[str, Any] | None = None
    expires_at: datetime | None = None
    never_expires: bool | None = None
    """True takes an end away."""


def change_subscription(db: Session, actor: Actor, subscription_id: str, change: SubscriptionChange) -> Subscription:
    actor.require(Role.CURATOR, "change a studio")
    studio = get_subscription(db, actor, subscription_id)
    values = {one.name: getattr(change, one.name) for one in fields(change) if getattr(change, one.name) is not None}
    if change.name is not None:
        values["name"] = _checked_name(change.name)
    if values.pop("never_expires", False):
        values["expires_at"] = None
    if "default_credential_id" in values:
        values["default_credential_id"] = change.default_credential_id or None
    audit.change(db, actor, ENTITY, studio, values)
    db.flush()
    return studio


def _checked_name(name: str) -> str:
    if not 1 <= len(name.strip()) <= 255:
        raise InvalidError("a studio's name has 1 to 255 characters")
    return name.strip()
