"""Spearman Correlation: how strongly the ranks of two number fields rise and fall together, in all rows or in groups."""

from dataclasses import dataclass
from typing import ClassVar

import polars as pl

from galleria.errors import ToolError
from galleria.fields.columns import column
from galleria.fields.conversion import convert, text_of
from galleria.fields.names import same_name
from galleria.fields.types import Field, FieldType
from galleria.table.table import Table
from galleria.tools.answers import MacroAnswers
from galleria.tools.configuration import Configuration
from galleria.tools.contract import Anchor, Built, Context, Inputs, Tool

_LEFT, _RIGHT = "left", "right"
_GROUP = Field("Group", FieldType.V_WSTRING)
_RESULT = Field("Result", FieldType.DOUBLE)


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
        group = answers.text("Select Field to Group By") if answers.flag("Enable Group By") else ""
        if group and any(same_name(group, name) for name in variables):
            raise ToolError("The same field is selected as a Variable and the Group By field.")
        return cls(variables, group)

    def build(self, inputs: Inputs, context: Context) -> Built:
        """One row, or one a group, sorted; rows without one of the numbers are left out. Null where nothing varies."""
        table = inputs.one()
        numbers = [_number(table.field(name)).alias(side) for name, side in zip(self.variables, (_LEFT, _RIGHT), strict=True)]
        measure = pl.corr(_rank(_LEFT), _rank(_RIGHT)).fill_nan(None).alias(_RESULT.name)
        if not self.group:
            pairs = table.frame.select(numbers).drop_nulls()
            # The macro summarizes, which makes no row of none.
            frame = pairs.select(measure, pl.len().alias(_LEFT)).filter(pl.col(_LEFT) > 0).select(_RESULT.name)
            return Built({"Output16": Table(frame, (_RESULT,))})
        field = table.field(self.group)
        group = text_of(column(field.name), field).alias(_GROUP.name)
        pairs = table.frame.select(group, *numbers).drop_nulls([_LEFT, _RIGHT])
        frame = pairs.group_by(_GROUP.name).agg(measure).sort(_GROUP.name)
        return Built({"Output16": Table(frame, (_GROUP, _RESULT))})


def _number(field: Field) -> pl.Expr:
    return convert(column(field.name), field, _RESULT).value


def _rank(name: str) -> pl.Expr:
    """Equal values share the mean of their ranks."""
    return pl.col(name).rank("average", descending=True)
