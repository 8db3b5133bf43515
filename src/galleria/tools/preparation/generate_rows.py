"""Makes rows: a first value, and another one for as long as a condition holds."""

from dataclasses import dataclass
from functools import partial
from typing import ClassVar

import polars as pl

from galleria.fields.columns import columns
from galleria.fields.conversion import problem_query
from galleria.formula.compile import assign
from galleria.table.table import Table
from galleria.tools.configuration import Configuration
from galleria.tools.contract import Anchor, Built, Context, Inputs, Tool
from galleria.tools.expressions import compiled, compiled_condition
from galleria.tools.new_field import ComputedField, read_computed_field, with_target
from galleria.tools.repeating import Repetition, step_of


@dataclass(frozen=True)
class GenerateRows(Tool):
    plugins: ClassVar = ("AlteryxBasePluginsGui.GenerateRows.GenerateRows",)
    inputs: ClassVar = (Anchor("Input", optional=True),)

    computed: ComputedField
    first: str
    condition: str
    following: str

    @classmethod
    def read(cls, config: Configuration) -> "GenerateRows":
        return cls(
            read_computed_field(config), config.value("Expression_Init"), config.value("Expression_Cond"), config.value("Expression_Loop")
        )

    def build(self, inputs: Inputs, context: Context) -> Built:
        """For each incoming row, or once without an input: the row with each value. Incoming order, then that of the values."""
        # Without an input there is one row of nothing; a frame needs a column to have a row.
        table = inputs.find("Input") or Table(pl.LazyFrame({"\0nothing": [0]}), ())
        target = self.computed.target(table.fields, f"GenerateRows: {self.following}")
        fields = with_target(table.fields, target)
        first = assign(compiled(self.first, table.fields, context), target)
        following = compiled(self.following, fields, context)
        repetition = Repetition(
            target,
            compiled_condition(self.condition, fields, context).value,
            assign(following, target).value,
            step_of(self.following, target),
        )
        started = table.frame.with_columns(first.value.alias(target.name)).select(columns(field.name for field in fields))
        schema = {field.name: field.dtype for field in fields}
        frame = started.map_batches(partial(_repeated, repetition), schema=schema)
        problems = {}
        if first.problem is not None:
            problems = {target.name: problem_query(table.frame, first.problem, context.problem_limit)}
        return Built({"Output": Table(frame, tuple(fields))}, problems=problems)


def _repeated(repetition: Repetition, first: pl.DataFrame) -> pl.DataFrame:
    return repetition.all_rows(first)
