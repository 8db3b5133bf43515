"""Rows and columns of nothing but Null, and how they are left out."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import polars as pl

from galleria.fields.columns import column
from galleria.fields.types import Field
from galleria.messages import counted
from galleria.table.table import Table
from galleria.tools.contract import Context, Say, Seen, info

_ROWS, _COLUMNS = "rows", "columns"
# No field is called so: a document cannot hold this character.
_NUMBER = "\0number of rows"


@dataclass(frozen=True)
class NullRemoval:
    rows: bool = False
    columns: bool = False

    def facts(self, table: Table, context: Context) -> Mapping[str, pl.LazyFrame]:
        """For columns it must be known which hold a value."""
        if not self.columns or context.checking:
            return {}
        counts = [column(name).count().alias(name) for name in table.names]
        return {_COLUMNS: table.frame.select(pl.len().alias(_NUMBER), *counts)}

    def fields(self, table: Table, context: Context) -> list[Field]:
        """The fields that stay; all of them when there are no rows."""
        values = context.facts.get(_COLUMNS)
        if values is None or not values[_NUMBER].item():
            return list(table.fields)
        return [field for field in table.fields if values[field.name].item()]

    def frame(self, table: Table) -> pl.LazyFrame:
        """The rows that stay, with all columns."""
        return table.frame.filter(~_is_empty(table)) if self.rows else table.frame

    def tallies(self, table: Table, context: Context) -> dict[str, pl.LazyFrame]:
        """What `messages` needs."""
        tallies: dict[str, pl.LazyFrame] = {}
        if self.rows:
            tallies[_ROWS] = table.frame.select(_is_empty(table).sum().cast(pl.Int64))
        if self.columns:
            tallies[_COLUMNS] = pl.LazyFrame({_COLUMNS: [len(table.fields) - len(self.fields(table, context))]})
        return tallies


def removal_messages(seen: Seen) -> Iterable[Say]:
    """How many went; nothing where none did."""
    for what, noun in ((_ROWS, "null row"), (_COLUMNS, "null column")):
        if what in seen.tallies and (count := seen.tallies[what].item()):
            yield info(f"{counted(count, noun)} {'was' if count == 1 else 'were'} removed")


def _is_empty(table: Table) -> pl.Expr:
    # Rows of no columns are not rows.
    return pl.all_horizontal(column(name).is_null() for name in table.names) if table.names else pl.lit(value=True)
