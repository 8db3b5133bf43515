"""Input files that were uploaded for a job to read."""

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from galleria.database.base import Id, Record, now


class InputFile(Record):
    __tablename__ = "input_files"
    __table_args__ = (Index(None, "expires_at"),)

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    owner_id: Mapped[str | None] = mapped_column(Id, ForeignKey("users.id"))
    subscription_id: Mapped[str | None] = mapped_column(Id)
    name: Mapped[str] = mapped_column(String(300))
    """The file's name as uploaded, without any folder."""
    storage_key: Mapped[str] = mapped_column(String(200))
    size_bytes: Mapped[int] = mapped_column(BigInteger)
    created_at: Mapped[datetime] = mapped_column(default=now)
    expires_at: Mapped[datetime]
    """Not before the jobs that name it are over."""
