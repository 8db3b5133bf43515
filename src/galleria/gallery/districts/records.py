"""Districts: parts of the gallery that curators lay out, each with a title and what is to be found there."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from galleria.database.base import Id, Record, now


class District(Record):
    __tablename__ = "districts"

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    """Also the tag by which the Web API names it."""
    title: Mapped[str] = mapped_column(String(255))
    description: Mapped[str] = mapped_column(Text, default="")
    """Markdown."""
    is_active: Mapped[bool] = mapped_column(default=True)
    """One that is not is seen by Curators alone."""
    created_at: Mapped[datetime] = mapped_column(default=now)


class Placing(Record):
    """A workflow in a district."""

    __tablename__ = "district_workflows"
    __table_args__ = (Index(None, "workflow_id"),)

    district_id: Mapped[str] = mapped_column(Id, ForeignKey("districts.id", ondelete="CASCADE"), primary_key=True)
    workflow_id: Mapped[str] = mapped_column(Id, ForeignKey("workflows.id", ondelete="CASCADE"), primary_key=True)
