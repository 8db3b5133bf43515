"""Alembic's entry: runs inside the transaction that `migrate` or `draft` opened."""

from typing import Any, Literal

from alembic import context

from galleria.database.base import UtcDateTime

_attributes = context.config.attributes


def _render(kind: str, item: Any, _context: object) -> str | Literal[False]:
    # Migrations are history: they name no type of ours, which may change.
    return "sa.DateTime(timezone=True)" if kind == "type" and isinstance(item, UtcDateTime) else False


context.configure(
    connection=_attributes["connection"],
    target_metadata=_attributes["metadata"],
    compare_type=True,
    render_item=_render,
    transactional_ddl=True,
)
context.run_migrations()
