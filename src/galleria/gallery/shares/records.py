"""Collections: what is shared, and with whom. Below workflows, because who sees one hangs on it."""

from datetime import datetime
from enum import StrEnum
from typing import ClassVar

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from galleria.database.base import Id, Record, now, words


class Shared(StrEnum):
    WORKFLOW = "workflow"
    SCHEDULE = "schedule"
    INSIGHT = "insight"


class Party(StrEnum):
    USER = "user"
    GROUP = "group"
    STUDIO = "studio"


class Collection(Record):
    __tablename__ = "collections"
    __table_args__ = (Index(None, "owner_id"), Index(None, "name"), Index(None, "made_for"))

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    name: Mapped[str] = mapped_column(String(255))
    owner_id: Mapped[str] = mapped_column(Id, ForeignKey("users.id"))
    made_for: Mapped[str | None] = mapped_column(Id)
    """The one workflow that it shares by itself, and goes with; None for those that people made."""
    created_at: Mapped[datetime] = mapped_column(default=now)


class CollectionItem(Record):
    """A workflow, schedule or insight in a collection."""

    __tablename__ = "collection_items"
    __table_args__ = (Index(None, "kind", "item_id"),)

    collection_id: Mapped[str] = mapped_column(Id, ForeignKey("collections.id", ondelete="CASCADE"), primary_key=True)
    kind: Mapped[Shared] = mapped_column(words(Shared, "kind"), primary_key=True)
    item_id: Mapped[str] = mapped_column(Id, primary_key=True)
    added_at: Mapped[datetime] = mapped_column(default=now)
    added_by: Mapped[str | None] = mapped_column(Id)


class CollectionMember(Record):
    """A user, group or studio that a collection is shared with, and what each may do in it."""

    __tablename__ = "collection_members"
    __table_args__ = (Index(None, "party", "party_id"),)

    collection_id: Mapped[str] = mapped_column(Id, ForeignKey("collections.id", ondelete="CASCADE"), primary_key=True)
    party: Mapped[Party] = mapped_column(words(Party, "party"), primary_key=True)
    party_id: Mapped[str] = mapped_column(Id, primary_key=True)
    is_admin: Mapped[bool] = mapped_column(default=False)
    can_add_items: Mapped[bool] = mapped_column(default=False)
    can_remove_items: Mapped[bool] = mapped_column(default=False)
    can_update_items: Mapped[bool] = mapped_column(default=False)
    can_add_members: Mapped[bool] = mapped_column(default=False)
    can_remove_members: Mapped[bool] = mapped_column(default=False)
    expires_at: Mapped[datetime | None]
    added_at: Mapped[datetime] = mapped_column(default=now)
    added_by: Mapped[str | None] = mapped_column(Id)


class Lent(Record):
    """The contract of tables that say to whom something is lent: `thing` names the column of its id, the first of the key."""

    __abstract__ = True
    thing: ClassVar[str]

    party: Mapped[Party] = mapped_column(words(Party, "party"), primary_key=True, sort_order=1)
    party_id: Mapped[str] = mapped_column(Id, primary_key=True, sort_order=2)

    @property
    def thing_id(self) -> str:
        found: str = getattr(self, self.thing)
        return found
