"""Make, find and change studios. Who belongs to one is `users`' to say."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from galleria.database.base import new_id
from galleria.errors import InvalidError, NotFoundError
from galleria.gallery.actors import Actor, Role
from galleria.gallery.audit import service as audit
from galleria.gallery.audit.service import Event
from galleria.gallery.subscriptions.records import Subscription

ENTITY = "Subscription"


def create_subscription(db: Session, actor: Actor, name: str, subscription_id: str | None = None) -> Subscription:
    """Make a studio; an id is given only when one moves in from another server."""
    actor.require(Role.CURATOR, "create a studio")
    return open_subscription(db, actor, name, subscription_id)


def open_subscription(db: Session, actor: Actor, name: str, subscription_id: str | None = None) -> Subscription:
    """As `create_subscription`, for verbs that have checked the actor themselves (a new user gets a studio of his own)."""
    if not name.strip() or len(name) > 200:
        raise InvalidError("a studio's name has 1 to 200 characters")
    studio = Subscription(id=subscription_id or new_id(), name=name.strip())
    db.add(studio)
    audit.record(db, actor, Event.INSERT, ENTITY, studio.id, new={"name": studio.name})
    db.flush()
    return studio


def get_subscription(db: Session, actor: Actor, subscription_id: str) -> Subscription:
    """Find a studio: any for a Curator, else only one's own."""
    studio = db.get(Subscription, subscription_id)
    if studio is None or not (actor.is_curator or actor.subscription_id == subscription_id):
        raise NotFoundError(f"no studio {subscription_id}")
    return studio


def find_subscription_named(db: Session, actor: Actor, name: str) -> Subscription | None:
    """Find the first studio of this name, by id."""
    actor.require(Role.CURATOR, "look for a studio")
    return db.scalars(select(Subscription).where(Subscription.name == name).order_by(Subscription.id).limit(1)).first()
