"""What was brought along from other servers: which of their things has become which of ours."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Index, String
from sqlalchemy.orm import Mapped, mapped_column

from galleria.database.base import Id, Record, now, words


class Thing(StrEnum):
    STUDIO = "studio"
    USER = "user"
    WORKFLOW = "workflow"
    INSIGHT = "insight"
    SCHEDULE = "schedule"
    COLLECTION = "collection"


class Brought(Record):
    """Only what has a row here is ever changed by an import."""

    __tablename__ = "brought_things"
    __table_args__ = (Index(None, "server", "thing"),)

    thing: Mapped[Thing] = mapped_column(words(Thing, "thing"), primary_key=True)
    source_id: Mapped[str] = mapped_column(Id, primary_key=True)
    """Its id on the server that it came from."""
    local_id: Mapped[str] = mapped_column(Id)
    server: Mapped[str] = mapped_column(String(300))
    """Name of that server, `gallery.example.com/gallery`: no other server may change the thing."""
    state: Mapped[dict[str, Any]]
    """What the server said last, in our ids: the same again changes nothing, so that what was changed here stays."""
    brought_at: Mapped[datetime] = mapped_column(default=now, onupdate=now)
