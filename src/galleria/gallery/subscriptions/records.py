"""Subscriptions, which users know as studios."""

from datetime import datetime
from typing import Any

from sqlalchemy import Index, String
from sqlalchemy.orm import Mapped, mapped_column

from galleria.database.base import Id, Record, now


class Subscription(Record):
    __tablename__ = "subscriptions"
    __table_args__ = (Index(None, "name"),)

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    name: Mapped[str] = mapped_column(String(255))
    is_active: Mapped[bool] = mapped_column(default=True)
    default_worker_tag: Mapped[str] = mapped_column(String(100), default="")
    """Given to jobs of this studio whose workflow names none."""
    can_share_schedules: Mapped[bool] = mapped_column(default=False)
    default_credential_id: Mapped[str | None] = mapped_column(Id)
    contact: Mapped[dict[str, Any] | None]
    """`name`, `email`, `company`, `address`: the primary contact."""
    expires_at: Mapped[datetime | None]
    deleted_at: Mapped[datetime | None]
    """A deleted studio keeps its row, for the jobs that name it."""
    created_at: Mapped[datetime] = mapped_column(default=now)
