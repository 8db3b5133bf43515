"""Sign in and out of the web gallery: by password, or by a link that works once."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import delete
from sqlalchemy.orm import Session

from galleria.database.base import now
from galleria.database.connect import Database
from galleria.gallery.actors import Actor, Role
from galleria.gallery.audit import service as audit
from galleria.gallery.audit.service import Event
from galleria.gallery.groups.service import actor_for
from galleria.gallery.sessions.passwords import fits, hash_password
from galleria.gallery.sessions.records import SignInLink, WebSession
from galleria.gallery.users.records import User
from galleria.gallery.users.service import ENTITY, find_by_email, get_user

LINK_ENTITY = "SignInLink"
MOST_FAILURES = 5
LOCKED_S = 15 * 60


@dataclass(frozen=True)
class SignedIn:
    token: str
    """For the cookie; the database has its digest only."""
    actor: Actor


def set_password(database: Database, actor: Actor, user_id: str, password: str) -> None:
    """Give a user a password, by himself or a Curator; ends all his sign-ins and sign-in links, and a lock."""
    hashed = hash_password(password)
    with database.write() as db:
        user = get_user(db, actor, user_id)
        user.password_hash = hashed
        user.failed_logins = 0
        user.locked_at = None
        db.execute(delete(WebSession).where(WebSession.user_id == user_id))
        db.execute(delete(SignInLink).where(SignInLink.user_id == user_id))
        audit.record(db, actor, Event.UPDATE, ENTITY, user_id, new={"password": "changed"})


def sign_in(database: Database, email: str, password: str, lifetime_s: float, via: str = "web") -> SignedIn | None:
    """Sign in with a password; None, whatever the reason: wrong, unknown, inactive, without access, or locked for a while.

    Takes the database and no session, because the hash must not be computed while a transaction is open.
    """
    with database.read() as db:
        user = find_by_email(db, email)
        hashed = user.password_hash if user is not None and not is_locked(user) else None
    is_right = fits(password, hashed)
    with database.write() as db:
        user = find_by_email(db, email)
        if user is None or is_locked(user):
            return None
        actor = actor_for(db, user, via)
        if not is_right or user.password_hash != hashed or actor.role is Role.NO_ACCESS:
            note_failure(db, actor, user)
            return None
        return SignedIn(open_session(db, actor, user, lifetime_s), actor)


def is_locked(user: User) -> bool:
    return user.locked_at is not None and user.locked_at + timedelta(seconds=LOCKED_S) > now()


def note_failure(db: Session, actor: Actor, user: User) -> None:
    user.failed_logins += 1
    if user.failed_logins >= MOST_FAILURES:
        user.locked_at = now()
        user.failed_logins = 0
    audit.record(db, actor, Event.SIGN_IN_FAILED, ENTITY, user.id)


def open_session(db: Session, actor: Actor, user: User, lifetime_s: float) -> str:
    """Sign somebody in whom the caller has made sure of; gives the token for the cookie."""
    token = secrets.token_urlsafe(32)
    moment = now()
    db.execute(delete(WebSession).where(WebSession.expires_at < moment))
    db.add(WebSession(digest=digest_of(token), user_id=user.id, expires_at=moment + timedelta(seconds=lifetime_s)))
    user.failed_logins = 0
    user.locked_at = None
    user.last_login_at = moment
    audit.record(db, actor, Event.SIGN_IN, ENTITY, user.id)
    db.flush()
    return token


def digest_of(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def find_signed_in(db: Session, token: str, via: str = "web") -> Actor | None:
    """Find whose cookie this is; None for one that is unknown, has expired, or whose user has no access any more."""
    session = db.get(WebSession, digest_of(token))
    if session is None or session.expires_at <= now():
        return None
    user = db.get(User, session.user_id)
    actor = actor_for(db, user, via) if user is not None else None
    return None if actor is None or actor.role is Role.NO_ACCESS else actor


def prolong(db: Session, token: str, lifetime_s: float) -> None:
    """Let a sign-in that is in use last; writes only when a tenth of its time has gone. Needs a writing session."""
    session = db.get(WebSession, digest_of(token))
    until = now() + timedelta(seconds=lifetime_s)
    if session is not None and session.expires_at < until - timedelta(seconds=lifetime_s / 10):
        session.expires_at = until


def sign_out(db: Session, actor: Actor, token: str) -> None:
    if db.execute(delete(WebSession).where(WebSession.digest == digest_of(token)).returning(WebSession.digest)).first() is not None:
        audit.record(db, actor, Event.SIGN_OUT, ENTITY, actor.user_id or "")


def new_link(db: Session, actor: Actor, user_id: str, lifetime_s: float = 3600) -> str:
    """Make the token of a link that signs this user in, once. Only Curators, and whoever has a shell on the server."""
    actor.require(Role.CURATOR, "make a sign-in link")
    user = get_user(db, actor, user_id)
    token = secrets.token_urlsafe(32)
    db.execute(delete(SignInLink).where(SignInLink.expires_at < now()))
    db.add(SignInLink(digest=digest_of(token), user_id=user.id, expires_at=now() + timedelta(seconds=lifetime_s)))
    audit.record(db, actor, Event.INSERT, LINK_ENTITY, user.id)
    db.flush()
    return token


def use_link(db: Session, token: str, lifetime_s: float, via: str = "web") -> SignedIn | None:
    """Sign in by a link; None for one that is unknown, used, or expired, or whose user has no access. Needs a writing session."""
    used = db.execute(
        delete(SignInLink).where(SignInLink.digest == digest_of(token), SignInLink.expires_at > now()).returning(SignInLink.user_id)
    ).first()
    user = db.get(User, used[0]) if used else None
    if user is None:
        return None
    actor = actor_for(db, user, via)
    return None if actor.role is Role.NO_ACCESS else SignedIn(open_session(db, actor, user, lifetime_s), actor)
