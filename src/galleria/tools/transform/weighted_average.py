"""Averages values by their weights."""

from dataclasses import dataclass
from typing import ClassVar

import polars as pl

from galleria.errors import ToolError
from galleria.fields.columns import column
from galleria.fields.names import unique_names
from galleria.fields.types import Field, FieldType
from galleria.table.aggregates import sum_of_doubles
from galleria.table.table import Table
from galleria.tools.answers import MacroAnswers
from galleria.tools.configuration import Configuration
from galleria.tools.contract import Built, Context, Inputs, Tool

_BETWEEN_GROUPS = '" action="GroupBy"/><SummarizeField field="'
"""The macro keeps its list of group fields as a piece of another tool's configuration."""


@dataclass(frozen=True)
class WeightedAverage(Tool):
    macros: ClassVar = ("WeightedAvg.yxmc",)

    value: str
    weight: str
    name: str
    group: tuple[str, ...]

    @classmethod
    def read(cls, config: Configuration) -> "WeightedAverage":
        answers = MacroAnswers(config)
        for needed in ("Value", "Weight"):
            if not answers.text(needed):
                raise ToolError(f"The {needed} field must be selected.")
        groups = answers.text("GroupFields").split(_BETWEEN_GROUPS)
        name = answers.text("OutputFieldName") or "WeightedAverage"
        return cls(answers.text("Value"), answers.text("Weight"), name, tuple(group for group in groups if group))

    def build(self, inputs: Inputs, context: Context) -> Built:
        """One row a group, sorted by the group fields; Null where the weights are nothing together."""
        table = inputs.one()
        keys = [table.field(name) for name in self.group]
        value, weight = (_number(table.field(name)) for name in (self.value, self.weight))
        total = sum_of_doubles(weight, in_turn=context.is_little)
        average = pl.when(total != 0).then(sum_of_doubles(value * weight, in_turn=context.is_little) / total)
        names = unique_names([*(key.name for key in keys), self.name])
        fields = [*(key.renamed(name) for key, name in zip(keys, names, strict=False)), Field(names[-1], FieldType.DOUBLE)]
        by = [column(key.name).alias(name) for key, name in zip(keys, names, strict=False)]
        if by:
            frame = table.frame.group_by(by).agg(average.alias(names[-1])).sort(names[:-1])
        else:
            frame = table.frame.select(average.alias(names[-1]), pl.len().alias("\0rows")).filter(pl.col("\0rows") > 0).drop("\0rows")
        return Built({"Output": Table(frame, tuple(fields))})


def _number(field: Field) -> pl.Expr:
    if not field.type.is_numeric:
        raise ToolError(f'A weighted average needs numbers, but the field "{field.name}" is a {field.type}.')
    return column(field.name).cast(pl.Float64)
