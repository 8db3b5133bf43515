"""Groups of users, with a role that they give and with what is shared with them."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from galleria.database.base import Id, Record, now, words
from galleria.gallery.actors import Role


class Group(Record):
    __tablename__ = "groups"
    __table_args__ = (Index(None, "name"),)

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    name: Mapped[str] = mapped_column(String(255))
    role: Mapped[Role] = mapped_column(words(Role, "role"))
    """What its Evaluated members may do; Evaluated itself: the group says nothing about it."""
    created_at: Mapped[datetime] = mapped_column(default=now)


class GroupMember(Record):
    __tablename__ = "group_members"
    __table_args__ = (Index(None, "user_id"),)

    group_id: Mapped[str] = mapped_column(Id, ForeignKey("groups.id", ondelete="CASCADE"), primary_key=True)
    user_id: Mapped[str] = mapped_column(Id, ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    added_at: Mapped[datetime] = mapped_column(default=now)
