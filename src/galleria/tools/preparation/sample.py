"""Keeps some of the rows."""

from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar

import polars as pl

from galleria.errors import ToolError
from galleria.fields.chance import fresh_seed
from galleria.fields.columns import columns
from galleria.fields.types import Field
from galleria.table.ordering import numbered, position_in_group, share_of, sorted_by
from galleria.table.table import Table
from galleria.tools.configuration import Configuration
from galleria.tools.contract import Built, Context, Inputs, Tool


class Mode(StrEnum):
    FIRST = "First"
    LAST = "Last"
    SKIP = "Skip"
    EVERY = "Sample"
    CHANCE = "Random"
    PERCENT = "NPercent"


@dataclass(frozen=True)
class Sample(Tool):
    plugins: ClassVar = ("AlteryxBasePluginsGui.Sample.Sample",)

    mode: Mode
    number: int
    """Rows, or percent for NPercent."""
    group: tuple[str, ...] = ()

    @classmethod
    def read(cls, config: Configuration) -> "Sample":
        mode = Mode(config.choice("Mode", [mode.value for mode in Mode], Mode.FIRST.value))
        number = config.whole("N", 1)
        if number < 0 or (number == 0 and mode in (Mode.EVERY, Mode.CHANCE)):
            raise ToolError(f"N must be at least {int(mode in (Mode.EVERY, Mode.CHANCE))}, not {number}.")
        return cls(mode, number, config.field_names("GroupFields"))

    def build(self, inputs: Inputs, context: Context) -> Built:
        """Rows keep their order; with group fields they come sorted by these, each group sampled by itself."""
        table = inputs.one()
        keys = [table.field(name) for name in self.group]
        frame = self._of_groups(table, keys) if keys else self._of_all(table)
        return Built({"Output": Table(frame, table.fields)})

    def _of_all(self, table: Table) -> pl.LazyFrame:
        match self.mode:
            case Mode.FIRST:
                return table.frame.head(self.number)
            case Mode.LAST:
                return table.frame.tail(self.number)
            case Mode.SKIP:
                return table.frame.slice(self.number)
            case Mode.EVERY:
                return table.frame.gather_every(self.number)
            case _:
                frame, row = numbered(table.frame, table.names)
                return frame.filter(self._is_kept(pl.col(row), pl.len())).select(columns(table.names))

    def _of_groups(self, table: Table, keys: list[Field]) -> pl.LazyFrame:
        by = columns(key.name for key in keys)
        return sorted_by(table.frame, keys).filter(self._is_kept(position_in_group(keys), pl.len().over(by)))

    def _is_kept(self, position: pl.Expr, size: pl.Expr) -> pl.Expr:
        count = size.cast(pl.Int64)
        match self.mode:
            case Mode.FIRST:
                return position < self.number
            case Mode.LAST:
                return position >= count - self.number
            case Mode.SKIP:
                return position >= self.number
            case Mode.EVERY:
                return position % self.number == 0
            case Mode.CHANCE:
                # Each row's number hashed with a fresh seed: every row has the same chance, independently of the others.
                draw = pl.int_range(pl.len()).hash(fresh_seed())
                return draw % (self.number << 32) < (1 << 32)
            case Mode.PERCENT:
                return position < share_of(count, self.number)
