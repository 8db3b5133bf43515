"""Give out keys, find whose key it is, remember nonces."""

import hashlib
import secrets
from dataclasses import dataclass

from sqlalchemy import delete, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from galleria.database.base import now
from galleria.database.connect import vault_of
from galleria.errors import ConflictError, InvalidError
from galleria.gallery.actors import Actor, Role
from galleria.gallery.audit import service as audit
from galleria.gallery.audit.service import Event
from galleria.gallery.groups.service import actor_for
from galleria.gallery.keys.records import ApiKey, Kind, Nonce
from galleria.gallery.subscriptions.records import Subscription
from galleria.gallery.subscriptions.service import get_subscription
from galleria.gallery.users.service import find_user, get_user

ENTITY = "ApiKey"


@dataclass(frozen=True)
class Pair:
    key: str
    """60 upper-case hex digits, unless it was brought along."""
    secret: str
    """64 lower-case hex digits, unless it was brought along."""


@dataclass(frozen=True)
class Consumer:
    """Whose key it is. `actor` is what the caller may do once the signature is right."""

    kind: Kind
    key: str
    secret: str
    actor: Actor


def new_pair() -> Pair:
    return Pair(secrets.token_hex(30).upper(), secrets.token_hex(32))


def user_keys(db: Session, actor: Actor, user_id: str) -> Pair:
    """Show a user's pair to himself or a Curator; the first call makes it. Needs a writing session."""
    user = get_user(db, actor, user_id)
    stored = db.scalars(select(ApiKey).where(ApiKey.user_id == user.id)).first()
    return _shown(db, stored) if stored else set_user_keys(db, actor, user_id, new_pair())


def studio_keys(db: Session, actor: Actor, subscription_id: str) -> Pair:
    """Show a studio's pair to its Artisans and to Curators; the first call makes it. Needs a writing session."""
    actor.require(Role.ARTISAN, "see the keys of a studio")
    studio = get_subscription(db, actor, subscription_id)
    stored = db.scalars(select(ApiKey).where(ApiKey.subscription_id == studio.id)).first()
    return _shown(db, stored) if stored else set_studio_keys(db, actor, subscription_id, new_pair())


def set_user_keys(db: Session, actor: Actor, user_id: str, pair: Pair) -> Pair:
    """Replace a user's pair: by a new one, or by one brought along from another server."""
    user = get_user(db, actor, user_id)
    db.execute(delete(ApiKey).where(ApiKey.user_id == user.id))
    _add(db, pair, user_id=user.id)
    audit.record(db, actor, Event.UPDATE, ENTITY, user.id, new={"kind": Kind.USER.value})
    return pair


def set_studio_keys(db: Session, actor: Actor, subscription_id: str, pair: Pair) -> Pair:
    """Replace a studio's pair, as `set_user_keys`."""
    actor.require(Role.ARTISAN, "change the keys of a studio")
    studio = get_subscription(db, actor, subscription_id)
    db.execute(delete(ApiKey).where(ApiKey.subscription_id == studio.id))
    _add(db, pair, subscription_id=studio.id)
    audit.record(db, actor, Event.UPDATE, ENTITY, studio.id, new={"kind": Kind.STUDIO.value})
    return pair


def find_user_key(db: Session, actor: Actor, user_id: str) -> str | None:
    """Give a user's key without its secret; None where there is none yet."""
    return db.scalars(select(ApiKey.key).where(ApiKey.user_id == get_user(db, actor, user_id).id)).first()


def find_studio_key(db: Session, actor: Actor, subscription_id: str) -> str | None:
    """As `find_user_key`, of a studio."""
    actor.require(Role.ARTISAN, "see the keys of a studio")
    return db.scalars(select(ApiKey.key).where(ApiKey.subscription_id == get_subscription(db, actor, subscription_id).id)).first()


def has_user_keys(db: Session, actor: Actor, user_id: str, pair: Pair) -> bool:
    """Say whether this very pair is the user's."""
    return _has(db, db.scalars(select(ApiKey).where(ApiKey.user_id == get_user(db, actor, user_id).id)).first(), pair)


def has_studio_keys(db: Session, actor: Actor, subscription_id: str, pair: Pair) -> bool:
    """As `has_user_keys`, of a studio."""
    actor.require(Role.ARTISAN, "see the keys of a studio")
    studio = get_subscription(db, actor, subscription_id)
    return _has(db, db.scalars(select(ApiKey).where(ApiKey.subscription_id == studio.id)).first(), pair)


def _has(db: Session, stored: ApiKey | None, pair: Pair) -> bool:
    if stored is None or stored.key != pair.key:
        return False
    return secrets.compare_digest(_shown(db, stored).secret.encode(), pair.secret.encode())


def _add(db: Session, pair: Pair, user_id: str | None = None, subscription_id: str | None = None) -> None:
    if not (0 < len(pair.key) <= 128 and 0 < len(pair.secret) <= 256 and pair.key.isascii() and pair.secret.isascii()):
        raise InvalidError("a key has 1 to 128 and a secret 1 to 256 ASCII characters")
    if db.get(ApiKey, pair.key) is not None:
        raise ConflictError("this key is somebody's already")
    db.add(ApiKey(key=pair.key, user_id=user_id, subscription_id=subscription_id, secret_sealed=vault_of(db).seal(pair.secret)))
    db.flush()


def _shown(db: Session, stored: ApiKey) -> Pair:
    return Pair(stored.key, vault_of(db).open(stored.secret_sealed))


def find_consumer(db: Session, key: str, via: str = "api") -> Consumer | None:
    """Find whose key this is; None for an unknown key, and for one whose user or studio is inactive, expired or not API-enabled."""
    stored = db.get(ApiKey, key)
    actor = _actor_of(db, stored, via) if stored is not None else None
    if stored is None or actor is None:
        return None
    return Consumer(Kind.USER if stored.user_id else Kind.STUDIO, key, _shown(db, stored).secret, actor)


def find_actor(db: Session, key: str, via: str = "api") -> Actor | None:
    """As `find_consumer`, for those who know that the caller has the secret."""
    stored = db.get(ApiKey, key)
    return _actor_of(db, stored, via) if stored is not None else None


def _actor_of(db: Session, stored: ApiKey, via: str) -> Actor | None:
    return _user_actor(db, stored.user_id, via) if stored.user_id else _studio_actor(db, stored.subscription_id, via)


def _user_actor(db: Session, user_id: str, via: str) -> Actor | None:
    user = find_user(db, user_id)
    if user is None or not user.is_api_enabled:
        return None
    actor = actor_for(db, user, via)
    return None if actor.role is Role.NO_ACCESS else actor


def _studio_actor(db: Session, subscription_id: str | None, via: str) -> Actor | None:
    studio = db.get(Subscription, subscription_id)
    if studio is None or not studio.is_active or (studio.expires_at is not None and studio.expires_at <= now()):
        return None
    return Actor(role=Role.ARTISAN, subscription_id=studio.id, via=via)


def remember_nonce(db: Session, key: str, nonce: str, timestamp_s: int) -> bool:
    """Note that this nonce was used; False when it had been, by whatever process.

    Call it in a transaction of its own and only after the signature was found right, else strangers could fill the table
    and burn other people's nonces.
    """
    digest = hashlib.sha256(f"{len(key)}:{key}:{timestamp_s}:{nonce}".encode()).hexdigest()
    insert = postgresql.insert if db.get_bind().dialect.name == "postgresql" else sqlite.insert
    added = db.execute(insert(Nonce).values(digest=digest, timestamp_s=timestamp_s).on_conflict_do_nothing().returning(Nonce.digest))
    return added.first() is not None


def purge_nonces(db: Session, before_s: int) -> None:
    """Forget nonces whose timestamp lies before this one (seconds since 1970): outside the window, which refuses them anyway."""
    db.execute(delete(Nonce).where(Nonce.timestamp_s < before_s))
