"""Who asks for access to a workflow, and what came of it.

```
         grant                    decline
Waiting ───────► Granted   Waiting ───────► Declined ── ask ──► Waiting
```
"""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from galleria.database.base import Id, Record, now, words


class Outcome(StrEnum):
    WAITING = "waiting"
    GRANTED = "granted"
    DECLINED = "declined"


class AccessRequest(Record):
    """One a person and workflow; asking again makes it wait again.

    Kept as well where there is no such workflow: whoever asks must not find out.
    """

    __tablename__ = "access_requests"
    __table_args__ = (Index(None, "workflow_id", "outcome"),)

    user_id: Mapped[str] = mapped_column(Id, ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    workflow_id: Mapped[str] = mapped_column(Id, primary_key=True)
    id: Mapped[str] = mapped_column(Id, unique=True)
    name: Mapped[str] = mapped_column(String(300))
    """As the link said that he had; what it is really called is not told before it is granted."""
    text: Mapped[str] = mapped_column(Text, default="")
    outcome: Mapped[Outcome] = mapped_column(words(Outcome, "outcome"), default=Outcome.WAITING)
    answer: Mapped[str] = mapped_column(Text, default="")
    """What the owner said to it."""
    answered_by: Mapped[str | None] = mapped_column(Id)
    asked_at: Mapped[datetime] = mapped_column(default=now)
    answered_at: Mapped[datetime | None]
