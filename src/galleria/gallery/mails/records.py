"""Mails to people: each on its way, or what became of it; and which kinds somebody does not want."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from galleria.database.base import Id, Record, now, words


class Kind(StrEnum):
    INVITATION = "invitation"
    RESET = "reset"
    """A link that signs somebody in who has forgotten his password."""
    FAILURE = "failure"
    """A run of a followed workflow failed."""
    CHANGE = "change"
    """A followed workflow is another one than before."""
    COMMENT = "comment"
    REQUEST = "request"
    """Somebody asks for access, or was answered."""


class Progress(StrEnum):
    WAITING = "waiting"
    SENT = "sent"
    FAILED = "failed"


class Mail(Record):
    __tablename__ = "mails"
    __table_args__ = (
        Index(None, "user_id", "kind", "created_at"),
        Index(None, "created_at"),
        Index("ix_mails_due", "next_try_at", postgresql_where=text("progress = 'waiting'"), sqlite_where=text("progress = 'waiting'")),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    user_id: Mapped[str] = mapped_column(Id, ForeignKey("users.id", ondelete="CASCADE"))
    recipient: Mapped[str] = mapped_column(String(320))
    kind: Mapped[Kind] = mapped_column(words(Kind, "kind"))
    about_id: Mapped[str] = mapped_column(Id, default="")
    """What it is about, so that nobody gets many about the same in a short time; empty: nothing in particular."""
    subject: Mapped[str] = mapped_column(String(300))
    text_sealed: Mapped[str] = mapped_column(Text)
    """It may hold a link that signs somebody in; emptied when the mail has gone."""
    progress: Mapped[Progress] = mapped_column(words(Progress, "progress"), default=Progress.WAITING)
    attempts: Mapped[int] = mapped_column(default=0)
    next_try_at: Mapped[datetime | None]
    answer: Mapped[str] = mapped_column(Text, default="")
    """What the last try came to."""
    created_at: Mapped[datetime] = mapped_column(default=now)
    ended_at: Mapped[datetime | None]


class MutedMail(Record):
    """A kind of mail that somebody does not want."""

    __tablename__ = "muted_mails"

    user_id: Mapped[str] = mapped_column(Id, ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    kind: Mapped[Kind] = mapped_column(words(Kind, "kind"), primary_key=True)
