"""API keys of users and studios, and the nonces that were used with them."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from galleria.database.base import Id, Record, now


class Kind(StrEnum):
    USER = "user"
    STUDIO = "studio"


class ApiKey(Record):
    """A pair of key and secret: of a user, or of a studio."""

    __tablename__ = "api_keys"
    __table_args__ = (
        CheckConstraint("(user_id IS NULL) <> (subscription_id IS NULL)", name="one_owner"),
        Index(None, "user_id", unique=True),
        Index(None, "subscription_id", unique=True),
    )

    key: Mapped[str] = mapped_column(String(128), primary_key=True)
    user_id: Mapped[str | None] = mapped_column(Id, ForeignKey("users.id", ondelete="CASCADE"))
    subscription_id: Mapped[str | None] = mapped_column(Id, ForeignKey("subscriptions.id", ondelete="CASCADE"))
    secret_sealed: Mapped[str] = mapped_column(String(1000))
    created_at: Mapped[datetime] = mapped_column(default=now)


class Nonce(Record):
    """A nonce that was seen; kept for the timestamp window, so that no request is accepted twice."""

    __tablename__ = "nonces"
    __table_args__ = (Index(None, "timestamp_s"),)

    digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    """SHA-256 of key, timestamp and nonce, so that no client decides how long a row is."""
    timestamp_s: Mapped[int] = mapped_column(BigInteger)


class BearerToken(Record):
    """A token of the Web API; only its digest is kept. It ends with the key that it was given for."""

    __tablename__ = "bearer_tokens"
    __table_args__ = (Index(None, "expires_at"), Index(None, "key"))

    digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    key: Mapped[str] = mapped_column(String(128), ForeignKey("api_keys.key", ondelete="CASCADE"))
    expires_at: Mapped[datetime]
