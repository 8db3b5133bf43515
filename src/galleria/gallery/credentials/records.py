"""Accounts that runs may use: name and password, and with whom each is shared."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from galleria.database.base import Id, Record, now
from galleria.gallery.shares.records import Lent


class Credential(Record):
    __tablename__ = "credentials"
    __table_args__ = (Index(None, "user_name"), Index(None, "created_by"))

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    user_name: Mapped[str] = mapped_column(String(300))
    """`DOMAIN\\\\name`, or whatever the thing it opens wants."""
    password_sealed: Mapped[str] = mapped_column(Text)
    created_by: Mapped[str | None] = mapped_column(Id)
    created_at: Mapped[datetime] = mapped_column(default=now)
    updated_at: Mapped[datetime] = mapped_column(default=now, onupdate=now)


class CredentialShare(Lent):
    __tablename__ = "credential_shares"
    __table_args__ = (Index(None, "party", "party_id"),)
    thing = "credential_id"

    credential_id: Mapped[str] = mapped_column(Id, ForeignKey("credentials.id", ondelete="CASCADE"), primary_key=True)
