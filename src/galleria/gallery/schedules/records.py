"""Schedules: when a workflow is to run by itself."""

from datetime import datetime
from typing import Any

from sqlalchemy import Enum, Float, ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from galleria.database.base import Id, Record, now, words
from galleria.gallery.schedules.recurrence import Missed, Overlap


def _missed_words(_: object) -> list[str]:
    return [member.value for member in Missed]


# Without a constraint: SQLite adds none to a table that is there.
_MISSED = Enum(Missed, native_enum=False, length=20, create_constraint=False, values_callable=_missed_words)


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
    missed: Mapped[Missed] = mapped_column(_MISSED, default=Missed.ONCE, server_default=Missed.ONCE.value)
    priority: Mapped[int] = mapped_column(default=0)
    worker_tag: Mapped[str] = mapped_column(String(100), default="")
    credential_id: Mapped[str | None] = mapped_column(Id)
    answers: Mapped[dict[str, Any]] = mapped_column(default=dict)
    time_limit_s: Mapped[float | None] = mapped_column(Float)
    """Of each of its runs; None: the worker's own limit."""
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


class Miss(Record):
    """A planned time that brought no job, and why."""

    __tablename__ = "schedule_misses"
    __table_args__ = (Index(None, "schedule_id", "planned_at"), Index(None, "noted_at"))

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    schedule_id: Mapped[str] = mapped_column(Id, ForeignKey("schedules.id", ondelete="CASCADE"))
    planned_at: Mapped[datetime]
    """The first of those that were missed together."""
    count: Mapped[int] = mapped_column(default=1)
    reason: Mapped[str] = mapped_column(Text)
    noted_at: Mapped[datetime] = mapped_column(default=now)
