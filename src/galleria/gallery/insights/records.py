"""Insights of an older gallery: kept and listed, not drawn."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from galleria.database.base import Id, Record, now


class Insight(Record):
    __tablename__ = "insights"
    __table_args__ = (Index(None, "name"), Index(None, "owner_id"))

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    name: Mapped[str] = mapped_column(String(300))
    owner_id: Mapped[str] = mapped_column(Id, ForeignKey("users.id"))
    document: Mapped[dict[str, Any]]
    """As it was brought along."""
    updated_at: Mapped[datetime] = mapped_column(default=now, onupdate=now)
