"""Make, find and change users. What an Evaluated one may do is `groups`' to say; what becomes of a leaver's things, `assets`'."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from zoneinfo import available_timezones

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from galleria.database.base import new_id, now
from galleria.database.letters import contains
from galleria.errors import ConflictError, InvalidError, NotFoundError
from galleria.gallery.actors import Actor, Role
from galleria.gallery.audit import service as audit
from galleria.gallery.audit.service import Event
from galleria.gallery.pages import EVERYTHING, Page, batches
from galleria.gallery.subscriptions.records import Subscription
from galleria.gallery.subscriptions.service import open_subscription
from galleria.gallery.users.records import User

ENTITY = "User"
_ODD = r"\s\x00-\x1f\x7f@<>\"(),:;\[\]\\"
"""What an address holds only in quotes, or never: mail programs would read it as something else."""
_EMAIL = re.compile(rf"[^{_ODD}]{{1,64}}@[^{_ODD}']{{1,255}}")


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
    email = _free_email(db, new.email, None)
    _check_timezone(new.timezone)
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


def _free_email(db: Session, email: str, user_id: str | None) -> str:
    email = email.strip()
    if not _EMAIL.fullmatch(email):
        raise InvalidError(f"{email[:80]!r} is no e-mail address")
    other = find_by_email(db, email)
    if other is not None and other.id != user_id:
        raise ConflictError(f"a user with the e-mail {email} exists")
    return email


def _check_timezone(name: str) -> None:
    if name and name not in available_timezones():
        raise InvalidError(f"{name[:80]!r} is no time zone; one is written like Europe/Berlin")


def get_user(db: Session, actor: Actor, user_id: str) -> User:
    """Find a user: anybody for a Curator, else only oneself."""
    user = db.get(User, user_id)
    if user is None or user.deleted_at is not None or not (actor.is_curator or actor.user_id == user_id):
        raise NotFoundError(f"no user {user_id}")
    return user


def find_user(db: Session, user_id: str) -> User | None:
    """Find a user by id; for verbs that give somebody something and have checked their actor."""
    user = db.get(User, user_id)
    return None if user is None or user.deleted_at is not None else user


def find_by_email(db: Session, email: str) -> User | None:
    """Find a user by e-mail in any letter case; for the doors, which then check for themselves."""
    return db.scalars(select(User).where(func.lower(User.email) == email.strip().lower(), User.deleted_at.is_(None))).first()


@dataclass(frozen=True)
class UserFilter:
    subscription_id: str | None = None
    role: Role | None = None
    is_active: bool | None = None
    email: str = ""
    """Found in the e-mail, in any letter case; the same for the names."""
    first_name: str = ""
    last_name: str = ""
    search: str = ""
    """Found in the e-mail or either name."""
    created_since: datetime | None = None
    """Inclusive, as the next."""
    created_until: datetime | None = None


def list_users(db: Session, actor: Actor, wanted: UserFilter | None = None, page: Page = EVERYTHING) -> Sequence[User]:
    """List users, the first to come first."""
    actor.require(Role.CURATOR, "list users")
    wanted = wanted or UserFilter()
    query = select(User).where(User.deleted_at.is_(None))
    for column, value in ((User.subscription_id, wanted.subscription_id), (User.role, wanted.role), (User.is_active, wanted.is_active)):
        if value is not None:
            query = query.where(column == value)
    for column, text in ((User.email, wanted.email), (User.first_name, wanted.first_name), (User.last_name, wanted.last_name)):
        if text:
            query = query.where(contains(column, text))
    if wanted.search:
        query = query.where(or_(*(contains(column, wanted.search) for column in (User.email, User.first_name, User.last_name))))
    if wanted.created_since is not None:
        query = query.where(User.created_at >= wanted.created_since)
    if wanted.created_until is not None:
        query = query.where(User.created_at <= wanted.created_until)
    return db.scalars(page.of(query.order_by(User.created_at, User.id))).all()


def users_by_id(db: Session, user_ids: Sequence[str]) -> dict[str, User]:
    """Find the users that a list is about to name; for those who checked the list's actor."""
    return {user.id: user for some in batches(user_ids) for user in db.scalars(select(User).where(User.id.in_(some)))}


@dataclass(frozen=True)
class UserChange:
    """None: stays as it is."""

    email: str | None = None
    first_name: str | None = None
    last_name: str | None = None
    role: Role | None = None
    is_active: bool | None = None
    is_validated: bool | None = None
    is_api_enabled: bool | None = None
    is_locked: bool | None = None
    can_schedule: bool | None = None
    can_set_priority: bool | None = None
    can_assign_jobs: bool | None = None
    can_create_collections: bool | None = None
    default_worker_tag: str | None = None
    default_credential_id: str | None = None
    """Empty: none."""
    subscription_id: str | None = None
    timezone: str | None = None
    language: str | None = None
    expires_at: datetime | None = None
    never_expires: bool | None = None
    """True takes an end away."""


_OWN = frozenset(("first_name", "last_name", "timezone", "language"))
"""What users may change of themselves."""


def change_user(db: Session, actor: Actor, user_id: str, change: UserChange) -> User:
    """Change a user; names, time zone and language also by himself.

    Raises ConflictError where no active Curator would be left.
    """
    user = get_user(db, actor, user_id)
    values = {one.name: getattr(change, one.name) for one in fields(change) if getattr(change, one.name) is not None}
    if not values.keys() <= _OWN:
        actor.require(Role.CURATOR, "change users")
    if change.email is not None:
        values["email"] = _free_email(db, change.email, user.id)
    _check_timezone(change.timezone or "")
    if change.subscription_id is not None and db.get(Subscription, change.subscription_id) is None:
        raise InvalidError(f"no studio {change.subscription_id}")
    if "default_credential_id" in values:
        values["default_credential_id"] = change.default_credential_id or None
    if values.pop("never_expires", False):
        values["expires_at"] = None
    if "is_locked" in values:
        values.pop("is_locked")
        values |= {"locked_at": user.locked_at or now()} if change.is_locked else {"locked_at": None, "failed_logins": 0}
    if user.role is Role.CURATOR and (change.is_active is False or change.role not in (None, Role.CURATOR)):
        require_other_curator(db, user)
    audit.change(db, actor, ENTITY, user, values)
    db.flush()
    return user


def require_other_curator(db: Session, user: User) -> None:
    """Raise ConflictError when this is the last active Curator: nobody could govern the gallery any more."""
    query = select(func.count()).where(User.role == Role.CURATOR, User.is_active.is_(True), User.id != user.id)
    if user.role is Role.CURATOR and user.is_active and not db.scalar(query.select_from(User)):
        raise ConflictError(f"{user.email} is the last curator; name another one first")
