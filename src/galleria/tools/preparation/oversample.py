"""Makes a rare value more frequent by leaving out rows that do not have it."""

from dataclasses import dataclass
from typing import ClassVar

import polars as pl

from galleria.errors import ToolError
from galleria.fields.chance import fresh_seed
from galleria.fields.columns import column, columns
from galleria.fields.conversion import text_of
from galleria.table.ordering import numbered
from galleria.table.table import Table
from galleria.tools.answers import MacroAnswers
from galleria.tools.configuration import Configuration
from galleria.tools.contract import Built, Context, Inputs, Tool

# No field is called so: a document cannot hold this character.
_HAS, _DRAW = "\0has", "\0draw"


@dataclass(frozen=True)
class Oversample(Tool):
    macros: ClassVar = ("Oversample_Field.yxmc",)

    field: str
    value: str
    percent: float
    """Of the output that has the value."""

    @classmethod
    def read(cls, config: Configuration) -> "Oversample":
        answers = MacroAnswers(config)
        percent = answers.number("Desired_Pct", 50)
        if not 0 < percent <= 100:
            raise ToolError(f"The desired percentage must be above 0 and at most 100, not {percent:g}.")
        return cls(answers.text("Selected_Field"), answers.text("Oversample_Value"), percent)

    def build(self, inputs: Inputs, context: Context) -> Built:
        """Rows keep their order: all that have the value, and as many others, by chance, as the percentage leaves room for."""
        table = inputs.one()
        has = (text_of(column(table.field(self.field).name), table.field(self.field)) == self.value).fill_null(value=False)
        frame, row = numbered(table.frame, table.names)
        drawn = frame.with_columns(has.alias(_HAS), pl.col(row).hash(fresh_seed()).alias(_DRAW))
        wanted = (column(_HAS).sum() * ((100 - self.percent) / self.percent)).round()
        is_drawn = column(_DRAW).rank("ordinal").over(column(_HAS)) <= wanted
        return Built({"Output": Table(drawn.filter(column(_HAS) | is_drawn).select(columns(table.names)), table.fields)})
