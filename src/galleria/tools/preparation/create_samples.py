"""Deals rows into samples for estimation, validation and holdout, by chance."""

from dataclasses import dataclass
from typing import ClassVar

import polars as pl

from galleria.errors import ToolError
from galleria.fields.columns import column, columns
from galleria.table.ordering import numbered
from galleria.table.table import Table
from galleria.tools.answers import MacroAnswers
from galleria.tools.configuration import Configuration
from galleria.tools.contract import Built, Context, Inputs, Tool

# No field is called so: a document cannot hold this character.
_PLACE = "\0place"
_SEEDS = 2**32


@dataclass(frozen=True)
class CreateSamples(Tool):
    macros: ClassVar = ("Create_Samples.yxmc",)
    outputs: ClassVar = ("Estimation", "Validation", "Holdout")

    estimation: float
    validation: float
    """Percent of all rows."""
    seed: int

    @classmethod
    def read(cls, config: Configuration) -> "CreateSamples":
        answers = MacroAnswers(config)
        estimation, validation = answers.number("estimation pct"), answers.number("validation pct")
        if estimation < 0 or validation < 0 or estimation + validation > 100:
            raise ToolError(f"The samples cannot take {estimation:g} and {validation:g} percent of the rows.")
        seed = answers.number("rand seed")
        if not 0 <= seed < _SEEDS or seed != int(seed):
            raise ToolError(f"The seed must be a whole number from 0 to {_SEEDS - 1}, not {answers.text('rand seed')}.")
        return cls(estimation, validation, int(seed))

    def build(self, inputs: Inputs, context: Context) -> Built:
        """Rows keep their order. The same seed deals the same rows."""
        table = inputs.one()
        frame, row = numbered(table.frame, table.names)
        place = pl.col(row).hash(self.seed).rank("ordinal")
        dealt = frame.with_columns(place.alias(_PLACE)).cache()
        first = (pl.len() * (self.estimation / 100)).round()
        second = first + (pl.len() * (self.validation / 100)).round()
        samples = {
            "Estimation": column(_PLACE) <= first,
            "Validation": (column(_PLACE) > first) & (column(_PLACE) <= second),
            "Holdout": column(_PLACE) > second,
        }
        rows = columns(table.names)
        return Built({name: Table(dealt.filter(is_in).select(rows), table.fields) for name, is_in in samples.items()})
