"""Triggers: what is to happen when a run of a workflow is over; and each time that it did, as a delivery.

```
          sent                              Waiting ──► Sent
Waiting ───────► Sent                          │  ▲
   │  ▲                                        │  └── again later, with growing pauses
   │  └─ the try failed, others follow         └────► Failed, after the last try
```
"""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from galleria.database.base import Id, Record, now, words


class Event(StrEnum):
    SUCCESS = "success"
    FAILURE = "failure"
    RECOVERY = "recovery"
    """A success after a failure."""


class Action(StrEnum):
    RUN = "run"
    """Run another workflow."""
    WEBHOOK = "webhook"
    """Call an address."""
    MAIL = "mail"


class Progress(StrEnum):
    WAITING = "waiting"
    SENT = "sent"
    FAILED = "failed"


class Trigger(Record):
    __tablename__ = "triggers"
    __table_args__ = (Index(None, "workflow_id"), Index(None, "target_id"))

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    workflow_id: Mapped[str] = mapped_column(Id, ForeignKey("workflows.id"))
    owner_id: Mapped[str] = mapped_column(Id, ForeignKey("users.id"))
    """With whose rights it acts."""
    events: Mapped[list[Any]]
    action: Mapped[Action] = mapped_column(words(Action, "action"))
    is_enabled: Mapped[bool] = mapped_column(default=True)
    target_id: Mapped[str | None] = mapped_column(Id, ForeignKey("workflows.id"))
    """For a run: the workflow."""
    answers: Mapped[dict[str, Any]] = mapped_column(default=dict)
    """For a run: what `answers.fill` reads, by the target's question."""
    url: Mapped[str] = mapped_column(Text, default="")
    secret_sealed: Mapped[str] = mapped_column(Text, default="")
    """For a webhook: what its calls are signed with."""
    recipients: Mapped[list[Any]] = mapped_column(default=list)
    """For mail: addresses."""
    created_at: Mapped[datetime] = mapped_column(default=now)
    changed_at: Mapped[datetime] = mapped_column(default=now, onupdate=now)


class Delivery(Record):
    __tablename__ = "trigger_deliveries"
    __table_args__ = (
        Index(None, "trigger_id", "created_at"),
        # A job's end sets each trigger off once, whatever happens to those who carry it out.
        Index(None, "job_id", "trigger_id", unique=True),
        Index(
            "ix_trigger_deliveries_due",
            "next_try_at",
            postgresql_where=text("progress = 'waiting'"),
            sqlite_where=text("progress = 'waiting'"),
        ),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    trigger_id: Mapped[str] = mapped_column(Id, ForeignKey("triggers.id", ondelete="CASCADE"))
    job_id: Mapped[str] = mapped_column(Id)
    event: Mapped[Event] = mapped_column(words(Event, "event"))
    body: Mapped[dict[str, Any]] = mapped_column(default=dict)
    """What is told about the job."""
    progress: Mapped[Progress] = mapped_column(words(Progress, "progress"), default=Progress.WAITING)
    attempts: Mapped[int] = mapped_column(default=0)
    next_try_at: Mapped[datetime | None]
    answer: Mapped[str] = mapped_column(Text, default="")
    """What the last try came to: `204`, `connection refused`."""
    made_job_id: Mapped[str | None] = mapped_column(Id)
    """For a run: the job that was queued."""
    created_at: Mapped[datetime] = mapped_column(default=now)
    ended_at: Mapped[datetime | None]
