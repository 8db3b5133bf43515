"""Sign-ins that are open: whose one is, which others a user has, and is he still the one who knows the password."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from galleria.database.base import now
from galleria.database.connect import Database
from galleria.gallery.actors import Actor
from galleria.gallery.audit import service as audit
from galleria.gallery.audit.service import Event
from galleria.gallery.sessions.passwords import fits
from galleria.gallery.sessions.records import SignInLink, WebSession
from galleria.gallery.sessions.service import digest_of, find_signed_in, is_locked, note_failure
from galleria.gallery.users.records import User
from galleria.gallery.users.service import ENTITY, find_user


@dataclass(frozen=True)
class Presence:
    """Somebody who is signed in at this moment."""

    actor: Actor
    name: str
    timezone: str
    """IANA name; empty for UTC."""
    signed_in_at: datetime
    expires_at: datetime


def find_presence(db: Session, token: str, via: str = "web") -> Presence | None:
    """As `find_signed_in`, with what pages say about the user."""
    actor = find_signed_in(db, token, via)
    session = db.get(WebSession, digest_of(token))
    user = find_user(db, actor.user_id or "") if actor is not None else None
    if actor is None or session is None or user is None:
        return None
    return Presence(actor, user.full_name, user.timezone, session.created_at, session.expires_at)


@dataclass(frozen=True)
class OpenSession:
    session_id: str
    """Names it for `end_session`; nobody can sign in with it."""
    signed_in_at: datetime
    expires_at: datetime
    is_this: bool


def sessions_of(db: Session, actor: Actor, token: str) -> Sequence[OpenSession]:
    """List the actor's own sign-ins, the latest first; `token` tells which of them is asking."""
    query = select(WebSession).where(WebSession.user_id == actor.user_id, WebSession.expires_at > now())
    mine = digest_of(token)
    return [
        OpenSession(session.digest, session.created_at, session.expires_at, session.digest == mine)
        for session in db.scalars(query.order_by(WebSession.created_at.desc()))
    ]


def end_other_sessions(db: Session, actor: Actor, token: str) -> int:
    """End all sign-ins of the actor but this one; gives how many."""
    others = delete(WebSession).where(WebSession.user_id == actor.user_id, WebSession.digest != digest_of(token))
    ended = len(db.execute(others.returning(WebSession.digest)).all())
    if ended:
        audit.record(db, actor, Event.SIGN_OUT, ENTITY, actor.user_id or "", new={"others": ended})
    return ended


def find_link_user(db: Session, token: str) -> User | None:
    """Find whom a sign-in link would sign in, without using it up."""
    link = db.get(SignInLink, digest_of(token))
    return find_user(db, link.user_id) if link is not None and link.expires_at > now() else None


def is_password(database: Database, actor: Actor, password: str) -> bool:
    """Say whether this is the signed-in actor's own password. Wrong ones are counted as for a sign-in."""
    with database.read() as db:
        user = find_user(db, actor.user_id or "")
        hashed = user.password_hash if user is not None and not is_locked(user) else None
    if fits(password, hashed):
        return True
    with database.write() as db:
        user = find_user(db, actor.user_id or "")
        if user is not None and not is_locked(user):
            note_failure(db, actor, user)
    return False
