"""Keeps a number or a share of the rows, by chance."""

import hashlib
from dataclasses import dataclass
from typing import ClassVar

import polars as pl

from galleria.errors import ToolError
from galleria.fields.chance import fresh_seed
from galleria.fields.columns import columns
from galleria.table.ordering import numbered, share_of
from galleria.table.table import Table
from galleria.tools.answers import MacroAnswers
from galleria.tools.configuration import Configuration
from galleria.tools.contract import Built, Context, Inputs, Tool


@dataclass(frozen=True)
class RandomSample(Tool):
    macros: ClassVar = ("RandomRecords.yxmc",)

    number: int
    is_percent: bool
    seed: str | None
    """None for other rows in every run."""

    @classmethod
    def read(cls, config: Configuration) -> "RandomSample":
        answers = MacroAnswers(config)
        is_percent = answers.flag("Percent")
        number = answers.text("NPercent" if is_percent else "NNumber") or "10"
        if not number.isdecimal():
            raise ToolError(f"The size of the sample must be a whole number, not {number!r}")
        return cls(int(number), is_percent, answers.text("Seed") if answers.flag("Deterministic") else None)

    def build(self, inputs: Inputs, context: Context) -> Built:
        """Rows keep their order; exactly as many as asked for, as far as there are."""
        table = inputs.one()
        frame, row = numbered(table.frame, table.names)
        place = self._draw(pl.col(row)).rank("ordinal")
        wanted = share_of(pl.len(), self.number) if self.is_percent else pl.lit(self.number)
        return Built({"Output": Table(frame.filter(place <= wanted).select(columns(table.names)), table.fields)})

    def _draw(self, row: pl.Expr) -> pl.Expr:
        """What each row draws: those who draw least are kept."""
        if self.seed is None:
            return row.hash(fresh_seed())
        seed = self.seed

        def draw(rows: pl.Series) -> pl.Series:
            digests = [hashlib.md5(f"{number + 1}{seed}".encode(), usedforsecurity=False).hexdigest() for number in rows]
            return pl.Series(digests, dtype=pl.String)

        return row.map_batches(draw, return_dtype=pl.String, is_elementwise=True)
