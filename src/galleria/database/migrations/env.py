"""Alembic's entry: runs inside the transaction that `migrate` or `draft` opened."""

from typing import Any, Literal

from alembic import context
from sqlalchemy import Enum

from galleria.database.base import UtcDateTime

_attributes = context.config.attributes


def _render(kind: str, item: Any, _context: object) -> str | Literal[False]:
    # Migrations are history: they name no type of ours, which may change. The check on an enum's words is to be added by hand.
    if kind == "type" and isinstance(item, UtcDateTime):
        return "sa.DateTime(timezone=True)"
    if kind == "type" and isinstance(item, Enum):
        return f"sa.String(length={item.length})"
    return False


context.configure(
    connection=_attributes["connection"],
    target_metadata=_attributes["metadata"],
    compare_type=True,
    render_item=_render,
    transactional_ddl=True,
)
context.run_migrations()
