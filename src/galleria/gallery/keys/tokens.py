"""Bearer tokens: given for a user's key and secret, taken by the Web API."""

import hashlib
import hmac
import secrets
from datetime import timedelta

from sqlalchemy import delete
from sqlalchemy.orm import Session

from galleria.database.base import now
from galleria.gallery.actors import Actor
from galleria.gallery.keys.records import BearerToken, Kind
from galleria.gallery.keys.service import find_actor, find_consumer


def issue_token(db: Session, key: str, secret: str, lifetime_s: float, via: str = "webapi") -> str | None:
    """Give a token for a user's pair; None for a wrong pair or a studio's. Needs a writing session."""
    consumer = find_consumer(db, key, via)
    if consumer is None or consumer.kind is not Kind.USER:
        return None
    if not hmac.compare_digest(consumer.secret.encode(), secret.encode()):
        return None
    token = secrets.token_urlsafe(48)
    db.execute(delete(BearerToken).where(BearerToken.expires_at < now()))
    db.add(BearerToken(digest=_digest(token), key=key, expires_at=now() + timedelta(seconds=lifetime_s)))
    db.flush()
    return token


def find_bearer(db: Session, token: str, via: str = "webapi") -> Actor | None:
    """Find whose token this is; None for one that is unknown or expired, or whose user has no access any more."""
    stored = db.get(BearerToken, _digest(token))
    if stored is None or stored.expires_at <= now():
        return None
    return find_actor(db, stored.key, via)


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
