"""Who did what to which thing, and when."""

from datetime import datetime
from typing import Any

from sqlalchemy import Index, String
from sqlalchemy.orm import Mapped, mapped_column

from galleria.database.base import Id, Record, Sequence, now


class AuditEvent(Record):
    __tablename__ = "audit_events"
    __table_args__ = (
        Index(None, "entity", "seq"),
        Index(None, "entity", "entity_id", "seq"),
        Index(None, "user_id", "seq"),
        Index(None, "at"),
        {"sqlite_autoincrement": True},
    )

    seq: Mapped[int] = mapped_column(Sequence, primary_key=True, autoincrement=True)
    id: Mapped[str] = mapped_column(Id, unique=True)
    at: Mapped[datetime] = mapped_column(default=now)
    entity: Mapped[str] = mapped_column(String(40))
    """`User`, `AppInfo`, `Collection` ...: the words of the published API."""
    entity_id: Mapped[str] = mapped_column(Id)
    event: Mapped[str] = mapped_column(String(40))
    """`Insert`, `Update`, `Delete`, or a deed that changes nothing: `Download`, `Use` ..."""
    user_id: Mapped[str | None] = mapped_column(Id)
    """None for a studio's key and for the system; `via` tells which."""
    subscription_id: Mapped[str | None] = mapped_column(Id)
    via: Mapped[str] = mapped_column(String(40), default="")
    old_values: Mapped[dict[str, Any] | None]
    new_values: Mapped[dict[str, Any] | None]
