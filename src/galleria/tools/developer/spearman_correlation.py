"""Spearman Correlation: how strongly the ranks of two number fields rise and fall together, in all rows or in groups."""

from dataclasses import dataclass
from typing import ClassVar

import polars as pl

from galleria.errors import ToolError
from galleria.fields.names import same_name
from galleria.fields.types import Field, FieldType
from galleria.tools.answers import MacroAnswers
from galleria.tools.configuration import Configuration
from galleria.tools.contract import Anchor, Built, Context, Inputs, Tool
from galleria.tools.correlating import LEFT, RIGHT, correlated, group_of

_GROUP = Field("Group", FieldType.V_WSTRING)


@dataclass(frozen=True)
class SpearmanCorrelation(Tool):
    macros: ClassVar = ("SpearmanCorrCoeff.yxmc",)
    inputs: ClassVar = (Anchor("Input", aliases=("Field Selection",)),)
    outputs: ClassVar = ("Output16",)

    variables: tuple[str, str]
    group: str
    """Empty for all rows together."""

    @classmethod
    def read(cls, config: Configuration) -> "SpearmanCorrelation":
        answers = MacroAnswers(config)
        variables = answers.mapped("Variable1"), answers.mapped("Variable2")
        group = group_of(answers)
        if group and any(same_name(group, name) for name in variables):
            raise ToolError("The same field is selected as a Variable and the Group By field.")
        return cls(variables, group)

    def build(self, inputs: Inputs, context: Context) -> Built:
        """One row, or one a group, sorted; rows without one of the numbers are left out. Null where nothing varies."""
        measure = pl.corr(_rank(LEFT), _rank(RIGHT)).fill_nan(None)
        return Built({"Output16": correlated(inputs.one(), self.variables, self.group, _GROUP, measure, whole_pairs=True)})


def _rank(name: str) -> pl.Expr:
    """Equal values share the mean of their ranks."""
    return pl.col(name).rank("average", descending=True)
