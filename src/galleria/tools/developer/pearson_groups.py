"""The older Pearson Correlation: how strongly two number fields rise and fall together, in all rows or in groups."""

from dataclasses import dataclass
from typing import ClassVar

import polars as pl

from galleria.fields.types import Field, FieldType
from galleria.tools.answers import MacroAnswers
from galleria.tools.configuration import Configuration
from galleria.tools.contract import Anchor, Built, Context, Inputs, Tool
from galleria.tools.correlating import LEFT, RIGHT, correlated, group_of

_GROUP = Field("Group", FieldType.STRING, 255)


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
        return cls((answers.mapped("Variable1"), answers.mapped("Variable2")), group_of(answers))

    def build(self, inputs: Inputs, context: Context) -> Built:
        """One row, or one a group, sorted. Null where nothing varies."""
        return Built({"Output17": correlated(inputs.one(), self.variables, self.group, _GROUP, _correlation())})


def _correlation() -> pl.Expr:
    """Means and spreads are those of each field's own numbers, products those of the rows that have both."""
    left, right = (pl.col(side) - pl.col(side).mean() for side in (LEFT, RIGHT))
    spread = (left * left).sum() * (right * right).sum()
    return pl.when(spread != 0).then((left * right).sum() / spread.sqrt())
