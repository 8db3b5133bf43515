"""Puts the values of several fields into numbered bins: of equal width, or of equal numbers of rows."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar

import polars as pl

from galleria.errors import ToolError
from galleria.fields.columns import column
from galleria.fields.division import quotient
from galleria.fields.names import unique_name
from galleria.fields.types import Field, FieldType
from galleria.table.table import Table
from galleria.tools.answers import MacroAnswers
from galleria.tools.configuration import Configuration
from galleria.tools.contract import Built, Context, Inputs, Say, Seen, Tool, info, warning


@dataclass(frozen=True)
class MultiFieldBinning(Tool):
    macros: ClassVar = ("MultiFieldBinning_v2.yxmc",)

    chosen: tuple[str, ...]
    bins: int
    by_records: bool

    @classmethod
    def read(cls, config: Configuration) -> "MultiFieldBinning":
        answers = MacroAnswers(config)
        by_records = answers.flag("Radio Button (299)")
        bins = int(answers.number("Numeric Up Down (298)" if by_records else "Numeric Up Down (300)"))
        if bins < 1:
            raise ToolError(f"There must be at least 1 bin, not {bins}.")
        ticked = (entry.rpartition("=") for entry in answers.text("List Box (297)").split(","))
        chosen = tuple(name for name, _, tick in ticked if tick.strip().casefold() == "true")
        if not chosen:
            raise ToolError("You must select at least one field for binning.")
        return cls(chosen, bins, by_records)

    def build(self, inputs: Inputs, context: Context) -> Built:
        """Rows keep their order; for each field its bin from 1, after all other fields."""
        table = inputs.one()
        fields = list(table.fields)
        values: dict[str, pl.Expr] = {}
        for name in self.chosen:
            source = table.field(name)
            if not source.type.is_numeric:
                raise ToolError(f'Only numbers are put into bins, but the field "{source.name}" is a {source.type}.')
            field = Field(unique_name(f"{source.name}_Tile_Num", [one.name for one in fields]), FieldType.INT64)
            value = column(source.name).cast(pl.Float64)
            values[field.name] = (self._place(value) if self.by_records else self._interval(value)).cast(pl.Int64)
            fields.append(field)
        return Built({"Output": table.with_columns(values, fields)}, tallies=self._tallies(table, values))

    def messages(self, seen: Seen) -> Iterable[Say]:
        for name, found in seen.tallies.items():
            if found.item() not in (0, self.bins):
                yield (
                    warning(f"A tile was skipped in field {name} because too many records had the same group value.")
                    if self.by_records
                    else info(f"There are omitted bins in field {name} due to a lack of records in some intervals.")
                )

    def _interval(self, value: pl.Expr) -> pl.Expr:
        """Null is in no bin."""
        place = quotient((value - value.min()) * self.bins, value.max() - value.min())
        # All values may be the same: then nothing is divided by nothing.
        return place.fill_nan(0.0).floor().clip(0, self.bins - 1) + 1

    def _place(self, value: pl.Expr) -> pl.Expr:
        """From the greatest value down, Null last; equal values are in the bin of the last of them."""
        last = value.rank("max", descending=True).fill_null(pl.len()).cast(pl.Int64) - 1
        return last * self.bins // pl.len().cast(pl.Int64) + 1

    def _tallies(self, table: Table, values: dict[str, pl.Expr]) -> dict[str, pl.LazyFrame]:
        """How many bins of each field hold something."""
        return {name: table.frame.select(value.n_unique()) for name, value in zip(self.chosen, values.values(), strict=True)}
