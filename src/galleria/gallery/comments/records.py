"""What people say about a workflow."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, Text
from sqlalchemy.orm import Mapped, mapped_column

from galleria.database.base import Id, Record, now


class Comment(Record):
    __tablename__ = "comments"
    __table_args__ = (Index(None, "workflow_id", "created_at"), Index(None, "author_id"))

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    workflow_id: Mapped[str] = mapped_column(Id, ForeignKey("workflows.id", ondelete="CASCADE"))
    author_id: Mapped[str] = mapped_column(Id, ForeignKey("users.id"))
    text: Mapped[str] = mapped_column(Text)
    """Markdown."""
    created_at: Mapped[datetime] = mapped_column(default=now)
    changed_at: Mapped[datetime | None]
