"""What Curators decide while the server runs."""

from typing import Any

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from galleria.database.base import Record


class Preference(Record):
    __tablename__ = "preferences"

    id: Mapped[str] = mapped_column(String(24), primary_key=True)
    """Its name: `default_role`."""
    value: Mapped[dict[str, Any]]
    """`{"value": ...}`"""
