"""Lays rows out side by side."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import polars as pl

from galleria.errors import ToolError
from galleria.fields.columns import column, columns
from galleria.fields.names import unique_names
from galleria.fields.types import Field
from galleria.table.ordering import sorted_by
from galleria.table.table import Table
from galleria.tools.configuration import Configuration
from galleria.tools.contract import Built, Context, Inputs, Tool

# No field is called so: a document cannot hold this character.
_ROW, _COLUMN = "\0row", "\0column"


@dataclass(frozen=True)
class MakeColumns(Tool):
    plugins: ClassVar = ("AlteryxBasePluginsGui.MakeColumns.MakeColumns",)

    number: int
    is_horizontal: bool
    """Rows are laid out across first, then down; else down first."""
    group: tuple[str, ...]

    @classmethod
    def read(cls, config: Configuration) -> "MakeColumns":
        number = config.whole("NumColumns", 1)
        if number < 1:
            raise ToolError(f"There must be at least 1 column, not {number}.")
        return cls(number, config.flag("IsHorizontal", default=True), config.field_names("GroupFields"))

    def build(self, inputs: Inputs, context: Context) -> Built:
        """Sorted by the group fields, each group laid out by itself; places that are left over are Null."""
        table = inputs.one()
        keys = [table.field(name) for name in self.group]
        others = [field for field in table.fields if field not in keys]
        names = unique_names(
            [*(key.name for key in keys), *(f"Column_{i}_{field.name}" for i in range(1, self.number + 1) for field in others)]
        )
        fields = [field.renamed(name) for field, name in zip([*keys, *others * self.number], names, strict=True)]
        placed = self._placed(sorted_by(table.frame, keys), keys)
        values = [column(field.name).filter(column(_COLUMN) == i).first() for i in range(self.number) for field in others]
        by = [*columns(key.name for key in keys), column(_ROW)]
        cells = [value.alias(field.name) for value, field in zip(values, fields[len(keys) :], strict=True)]
        frame = placed.group_by(by).agg(cells).sort(by).select(columns(field.name for field in fields))
        return Built({"Output": Table(frame, tuple(fields))})

    def _placed(self, frame: pl.LazyFrame, keys: Sequence[Field]) -> pl.LazyFrame:
        """The rows with the row and column that each goes to, from 0."""
        by = columns(key.name for key in keys)
        position = pl.int_range(pl.len(), dtype=pl.Int64)
        size = pl.len().cast(pl.Int64)
        rows = (size + self.number - 1) // self.number
        row, place = (position // self.number, position % self.number) if self.is_horizontal else (position % rows, position // rows)
        return frame.with_columns((row.over(by) if by else row).alias(_ROW), (place.over(by) if by else place).alias(_COLUMN))
