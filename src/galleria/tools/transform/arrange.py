"""Turns columns into rows as laid out by hand."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

import polars as pl

from galleria.errors import ToolError
from galleria.fields.columns import column, columns
from galleria.fields.conversion import convert
from galleria.fields.names import unique_names
from galleria.fields.promotion import promote
from galleria.fields.types import Field, FieldType
from galleria.table.table import Table
from galleria.tools.configuration import Configuration
from galleria.tools.contract import Built, Context, Inputs, Tool

_NONE = ("", "[none]")


@dataclass(frozen=True)
class Column:
    name: str
    is_text: bool
    """The cells are texts, not names of fields."""
    cells: tuple[str, ...]
    """One for each output row of an incoming row."""


@dataclass(frozen=True)
class Arrange(Tool):
    plugins: ClassVar = ("AlteryxBasePluginsGui.Arrange.Arrange",)

    keys: tuple[str, ...]
    columns: tuple[Column, ...]

    @classmethod
    def read(cls, config: Configuration) -> "Arrange":
        rows = [[cell.text for cell in row.each("c")] for row in config.each("OutputFields/Data/r")]
        heads = list(config.each("OutputFields/Columns/Column"))
        if not heads or not rows:
            raise ToolError("At least one output column and one row must be laid out.")
        made = [
            Column(head.attribute("name"), head.attribute("type") == "text", tuple(row[i] if i < len(row) else "" for row in rows))
            for i, head in enumerate(heads)
        ]
        return cls(config.field_names("KeyFields"), tuple(made))

    def build(self, inputs: Inputs, context: Context) -> Built:
        """The incoming order; for each row one for each laid-out row, in that order. A cell of nothing is Null."""
        table = inputs.one()
        keys = [table.field(name) for name in self.keys]
        names = unique_names([*(key.name for key in keys), *(one.name for one in self.columns)])
        added = [_field(one, table).renamed(name) for one, name in zip(self.columns, names[len(keys) :], strict=True)]
        lists = [_cells(one, field, table).alias(field.name) for one, field in zip(self.columns, added, strict=True)]
        frame = table.frame.select(*columns(key.name for key in keys), *lists).explode([field.name for field in added])
        return Built({"Output": Table(frame, (*keys, *added))})


def _sources(one: Column, table: Table) -> list[Field | None]:
    return [None if cell in _NONE else table.field(cell) for cell in one.cells]


def _field(one: Column, table: Table) -> Field:
    """A field that holds all cells of a column."""
    if one.is_text:
        is_wide = any(ord(character) > 255 for cell in one.cells for character in cell)
        return Field(one.name, FieldType.V_WSTRING if is_wide else FieldType.V_STRING, max(*map(len, one.cells), 1))
    fields = [source for source in _sources(one, table) if source is not None]
    return replace(promote(fields), description="") if fields else Field(one.name, FieldType.STRING, 1)


def _cells(one: Column, field: Field, table: Table) -> pl.Expr:
    """A list of the column's values, for each row."""
    if one.is_text:
        values: Sequence[pl.Expr] = [pl.lit(cell or None, pl.String) for cell in one.cells]
    else:
        nothing = pl.lit(None, field.dtype)
        values = [nothing if source is None else convert(column(source.name), source, field).value for source in _sources(one, table)]
    return pl.concat_list(values)
