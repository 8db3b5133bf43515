"""Workers that said that they are there."""

from datetime import datetime
from typing import Any

from sqlalchemy import Index, String, false, text
from sqlalchemy.orm import Mapped, mapped_column

from galleria.database.base import Id, Record
from galleria.database.clock import from_now


class WorkerRecord(Record):
    __tablename__ = "workers"
    __table_args__ = (Index(None, "seen_at"),)

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    name: Mapped[str] = mapped_column(String(200), unique=True)
    tags: Mapped[list[Any]]
    runs_unassigned: Mapped[bool]
    slots: Mapped[int]
    started_at: Mapped[datetime] = mapped_column(default=from_now())
    seen_at: Mapped[datetime] = mapped_column(default=from_now())
    doing: Mapped[dict[str, Any] | None]
    """What it is at, in its own words: job ids, memory, load."""
    is_paused: Mapped[bool] = mapped_column(default=False)
    """Takes no further jobs until a Curator lets it."""
    is_drained: Mapped[bool] = mapped_column(default=False, server_default=false())
    """Is to end once its jobs are over, and to take no further ones."""
    least_priority: Mapped[int] = mapped_column(default=0, server_default=text("0"))
    """Takes no job that is less urgent."""
