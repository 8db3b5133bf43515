"""Data connections: how a run reaches a database, without its workflow knowing the password."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from galleria.database.base import Id, Record, now, words
from galleria.gallery.shares.records import Lent


class Origin(StrEnum):
    SERVER = "server"
    """Made in the gallery, and shared with users, groups or studios."""
    SYSTEM = "system"
    """Made on the machine, for every run on it."""


class Connection(Record):
    __tablename__ = "connections"
    __table_args__ = (Index(None, "origin", "name"), Index(None, "created_by"))

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    name: Mapped[str] = mapped_column(String(255))
    """The alias by which workflows know it."""
    origin: Mapped[Origin] = mapped_column(words(Origin, "origin"))
    type: Mapped[str] = mapped_column(String(100), default="")
    address: Mapped[str] = mapped_column(Text, default="")
    """The connection string as it may be shown: without the password."""
    address_sealed: Mapped[str] = mapped_column(Text)
    """The whole connection string."""
    created_by: Mapped[str | None] = mapped_column(Id)
    """Whose it is; None: the gallery's."""
    created_at: Mapped[datetime] = mapped_column(default=now)


class ConnectionShare(Lent):
    __tablename__ = "connection_shares"
    __table_args__ = (Index(None, "party", "party_id"),)
    thing = "connection_id"

    connection_id: Mapped[str] = mapped_column(Id, ForeignKey("connections.id", ondelete="CASCADE"), primary_key=True)
