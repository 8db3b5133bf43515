"""The older Pearson Correlation: how strongly two number fields rise and fall together, in all rows or in groups."""

from dataclasses import dataclass
from typing import ClassVar

import polars as pl

from galleria.fields.columns import column
from galleria.fields.conversion import convert
from galleria.fields.types import Field, FieldType
from galleria.table.table import Table
from galleria.tools.answers import MacroAnswers
from galleria.tools.configuration import Configuration
from galleria.tools.contract import Anchor, Built, Context, Inputs, Tool

_LEFT, _RIGHT = "left", "right"
_GROUP = Field("Group", FieldType.STRING, 255)
_RESULT = Field("Result", FieldType.DOUBLE)


@dataclass(frozen=True)
class PearsonGroups(Tool):
    macros: ClassVar = ("PearsonCorrCoeff.yxmc",)
    inputs: ClassVar = (Anchor("Input", aliases=("Field Selection",)),)
    outputs: ClassVar = ("Output17",)

    variables: tuple[str, str]
    group: str
    """Empty for all rows together."""

    @classmethod
    def read(cls, config: Configuration) -> "PearsonGroups":
        answers = MacroAnswers(config)
        group = answers.text("Select Field to Group By") if answers.flag("Enable Group By") else ""
        return cls((answers.mapped("Variable1"), answers.mapped("Variable2")), group)

    def build(self, inputs: Inputs, context: Context) -> Built:
        """One row, or one a group, sorted. Null where nothing varies."""
        table = inputs.one()
        numbers = [
            convert(column(field.name), field, _RESULT).value.alias(side)
            for field, side in zip(map(table.field, self.variables), (_LEFT, _RIGHT), strict=True)
        ]
        measure = _correlation().alias(_RESULT.name)
        if not self.group:
            # The macro summarizes, which makes no row of none.
            frame = table.frame.select(numbers).select(measure, pl.len().alias(_LEFT)).filter(pl.col(_LEFT) > 0).select(_RESULT.name)
            return Built({"Output17": Table(frame, (_RESULT,))})
        field = table.field(self.group)
        group = convert(column(field.name), field, _GROUP).value.alias(_GROUP.name)
        frame = table.frame.select(group, *numbers).group_by(_GROUP.name).agg(measure).sort(_GROUP.name)
        return Built({"Output17": Table(frame, (_GROUP, _RESULT))})


def _correlation() -> pl.Expr:
    """Means and spreads are those of each field's own numbers, products those of the rows that have both."""
    left, right = (pl.col(side) - pl.col(side).mean() for side in (_LEFT, _RIGHT))
    spread = (left * left).sum() * (right * right).sum()
    return pl.when(spread != 0).then((left * right).sum() / spread.sqrt())
