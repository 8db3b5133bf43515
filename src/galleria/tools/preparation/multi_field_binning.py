"""Puts the values of several fields into numbered bins of equal width."""

from dataclasses import dataclass
from typing import ClassVar

import polars as pl

from galleria.errors import ToolError, UnsupportedError
from galleria.fields.columns import column
from galleria.fields.division import quotient
from galleria.fields.names import unique_name
from galleria.fields.types import Field, FieldType
from galleria.tools.answers import MacroAnswers
from galleria.tools.configuration import Configuration
from galleria.tools.contract import Built, Context, Inputs, Tool


@dataclass(frozen=True)
class MultiFieldBinning(Tool):
    macros: ClassVar = ("MultiFieldBinning_v2.yxmc",)

    chosen: tuple[str, ...]
    bins: int

    @classmethod
    def read(cls, config: Configuration) -> "MultiFieldBinning":
        answers = MacroAnswers(config)
        if answers.flag("Radio Button (299)"):
            raise UnsupportedError("Multi-Field Binning by equal records", "which end the bins are counted from is not known")
        bins = int(answers.number("Numeric Up Down (300)"))
        if bins < 1:
            raise ToolError(f"There must be at least 1 bin, not {bins}.")
        ticked = (entry.rpartition("=") for entry in answers.text("List Box (297)").split(","))
        return cls(tuple(name for name, _, tick in ticked if tick.strip().casefold() == "true"), bins)

    def build(self, inputs: Inputs, context: Context) -> Built:
        """Rows keep their order; for each field its bin from 1, after all other fields. Null is in none."""
        table = inputs.one()
        fields = list(table.fields)
        values: dict[str, pl.Expr] = {}
        for name in self.chosen:
            source = table.field(name)
            if not source.type.is_numeric:
                raise ToolError(f'Only numbers are put into bins, but the field "{source.name}" is a {source.type}.')
            field = Field(unique_name(f"{source.name}_Tile_Num", [one.name for one in fields]), FieldType.INT32)
            values[field.name] = self._bin(column(source.name).cast(pl.Float64))
            fields.append(field)
        return Built({"Output": table.with_columns(values, fields)})

    def _bin(self, value: pl.Expr) -> pl.Expr:
        place = quotient((value - value.min()) * self.bins, value.max() - value.min())
        # All values may be the same: then nothing is divided by nothing.
        return (place.fill_nan(0.0).floor().clip(0, self.bins - 1) + 1).cast(pl.Int32)
