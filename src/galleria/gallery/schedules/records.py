"""Schedules: when a workflow is to run by itself."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from galleria.database.base import Id, Record, now, words
from galleria.gallery.schedules.recurrence import Overlap


class Schedule(Record):
    __tablename__ = "schedules"
    __table_args__ = (
        Index(None, "workflow_id"),
        Index(None, "owner_id"),
        Index("ix_schedules_due", "next_run_at", postgresql_where=text("is_enabled"), sqlite_where=text("is_enabled = 1")),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    name: Mapped[str] = mapped_column(String(256), default="")
    comment: Mapped[str] = mapped_column(Text, default="")
    workflow_id: Mapped[str] = mapped_column(Id, ForeignKey("workflows.id"))
    owner_id: Mapped[str] = mapped_column(Id, ForeignKey("users.id"))
    is_enabled: Mapped[bool] = mapped_column(default=True)
    iteration: Mapped[dict[str, Any]]
    """What `recurrence.Iteration` writes and reads."""
    timezone: Mapped[str] = mapped_column(String(64), default="")
    """IANA name; empty for UTC. The iteration's times are this zone's wall-clock times."""
    overlap: Mapped[Overlap] = mapped_column(words(Overlap, "overlap"), default=Overlap.QUEUE)
    priority: Mapped[int] = mapped_column(default=0)
    worker_tag: Mapped[str] = mapped_column(String(100), default="")
    credential_id: Mapped[str | None] = mapped_column(Id)
    answers: Mapped[dict[str, Any]] = mapped_column(default=dict)
    next_run_at: Mapped[datetime | None]
    """None once nothing is to come."""
    last_run_at: Mapped[datetime | None]
    last_job_id: Mapped[str | None] = mapped_column(Id)
    run_count: Mapped[int] = mapped_column(default=0)
    last_error: Mapped[str] = mapped_column(Text, default="")
    """Why the last time brought no job; empty when it did."""
    created_at: Mapped[datetime] = mapped_column(default=now)
    changed_at: Mapped[datetime] = mapped_column(default=now, onupdate=now)
    changed_by: Mapped[str | None] = mapped_column(Id)
