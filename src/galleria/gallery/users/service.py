"""Make, find and change users; turn one into an actor."""

import re
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from galleria.database.base import new_id, now
from galleria.errors import ConflictError, InvalidError, NotFoundError
from galleria.gallery.actors import Actor, Role
from galleria.gallery.audit import service as audit
from galleria.gallery.audit.service import Event
from galleria.gallery.subscriptions.records import Subscription
from galleria.gallery.subscriptions.service import open_subscription
from galleria.gallery.users.records import User

ENTITY = "User"
_EMAIL = re.compile(r"[^\s@<>\"',;]{1,64}@[^\s@<>\"',;]{1,255}")


@dataclass(frozen=True)
class NewUser:
    email: str
    role: Role = Role.EVALUATED
    first_name: str = ""
    last_name: str = ""
    subscription_id: str | None = None
    """None: a studio of his own is made."""
    user_id: str | None = None
    """Given only when the user moves in from another server."""
    can_schedule: bool = False
    can_set_priority: bool = False
    can_assign_jobs: bool = False
    can_create_collections: bool = False
    default_worker_tag: str = ""
    timezone: str = ""
    is_api_enabled: bool = True


def create_user(db: Session, actor: Actor, new: NewUser) -> User:
    """Make a user. Raises ConflictError for an e-mail that somebody has, in any letter case."""
    actor.require(Role.CURATOR, "create a user")
    email = new.email.strip()
    if not _EMAIL.fullmatch(email):
        raise InvalidError(f"{email[:80]!r} is no e-mail address")
    if find_by_email(db, email) is not None:
        raise ConflictError(f"a user with the e-mail {email} exists")
    user = User(
        id=new.user_id or new_id(),
        email=email,
        role=new.role,
        first_name=new.first_name,
        last_name=new.last_name,
        subscription_id=_studio_for(db, actor, new),
        can_schedule=new.can_schedule,
        can_set_priority=new.can_set_priority,
        can_assign_jobs=new.can_assign_jobs,
        can_create_collections=new.can_create_collections,
        default_worker_tag=new.default_worker_tag,
        timezone=new.timezone,
        is_api_enabled=new.is_api_enabled,
    )
    db.add(user)
    audit.record(db, actor, Event.INSERT, ENTITY, user.id, new={"email": email, "role": new.role.value})
    db.flush()
    return user


def _studio_for(db: Session, actor: Actor, new: NewUser) -> str:
    if new.subscription_id is None:
        name = f"{new.first_name} {new.last_name}".strip() or new.email.partition("@")[0]
        return open_subscription(db, actor, name).id
    if db.get(Subscription, new.subscription_id) is None:
        raise InvalidError(f"no studio {new.subscription_id}")
    return new.subscription_id


def get_user(db: Session, actor: Actor, user_id: str) -> User:
    """Find a user: anybody for a Curator, else only oneself."""
    user = db.get(User, user_id)
    if user is None or not (actor.is_curator or actor.user_id == user_id):
        raise NotFoundError(f"no user {user_id}")
    return user


def find_by_email(db: Session, email: str) -> User | None:
    """Find a user by e-mail in any letter case; for the doors, which then check for themselves."""
    return db.scalars(select(User).where(func.lower(User.email) == email.strip().lower())).first()


def effective_role(db: Session, user: User) -> Role:
    """Decide what an Evaluated user may do."""
    return Role.VIEWER if user.role is Role.EVALUATED else user.role


def actor_for(db: Session, user: User, via: str) -> Actor:
    """Give the actor that a user is at this moment; one who is inactive or expired has no access."""
    is_out = not user.is_active or (user.expires_at is not None and user.expires_at <= now())
    role = Role.NO_ACCESS if is_out else effective_role(db, user)
    return Actor(
        role=role,
        user_id=user.id,
        subscription_id=user.subscription_id,
        email=user.email,
        via=via,
        can_schedule=user.can_schedule or role is Role.CURATOR,
        can_set_priority=user.can_set_priority or role is Role.CURATOR,
        can_assign_jobs=user.can_assign_jobs or role is Role.CURATOR,
        can_create_collections=user.can_create_collections,
    )
