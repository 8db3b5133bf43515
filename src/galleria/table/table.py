"""A table on its way through a workflow: a lazy frame, and what Polars does not keep about its columns."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import polars as pl

from galleria.fields.columns import columns as named
from galleria.fields.names import get_field
from galleria.fields.types import Field


class Rows:
    """The identity of a sequence of rows: tables that share it have the same number of rows, in the same order."""


@dataclass(frozen=True, eq=False)
class Table:
    frame: pl.LazyFrame
    fields: tuple[Field, ...]
    """One for each column of the frame, same names, same order; the column has the field's `dtype`."""
    rows: Rows = field(default_factory=Rows)

    @property
    def names(self) -> list[str]:
        return [field.name for field in self.fields]

    def field(self, name: str) -> Field:
        """The field of that name in any letter case; raises ToolError."""
        return get_field(self.fields, name)

    def same_rows(self, frame: pl.LazyFrame, fields: Sequence[Field]) -> "Table":
        """The table that `frame` is, which must have this one's rows in this one's order: they are counted once."""
        return replace(self, frame=frame, fields=tuple(fields))

    def with_columns(self, columns: Mapping[str, pl.Expr], fields: Sequence[Field]) -> "Table":
        """This table with `columns` computed, then laid out as `fields`; same rows."""
        frame = self.frame.with_columns(value.alias(name) for name, value in columns.items()) if columns else self.frame
        return self.same_rows(frame.select(named(field.name for field in fields)), fields)

    def select(self, fields: Sequence[Field]) -> "Table":
        """Only these columns, in this order; same rows."""
        return self.same_rows(self.frame.select(named(field.name for field in fields)), fields)


def empty_table(fields: Sequence[Field]) -> Table:
    """No rows, these columns."""
    return Table(pl.LazyFrame(schema={field.name: field.dtype for field in fields}), tuple(fields))
