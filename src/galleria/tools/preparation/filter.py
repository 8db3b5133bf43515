"""Splits rows by a test."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar

import polars as pl

from galleria.fields.columns import columns
from galleria.fields.conversion import problem_query
from galleria.fields.names import unique_name
from galleria.table.table import Table
from galleria.tools.configuration import Configuration
from galleria.tools.contract import Built, Context, Inputs, Say, Seen, Tool, info
from galleria.tools.expressions import compiled_condition
from galleria.tools.simple_test import SimpleTest, read_simple_test


@dataclass(frozen=True)
class Filter(Tool):
    plugins: ClassVar = ("AlteryxBasePluginsGui.Filter.Filter",)
    outputs: ClassVar = ("True", "False")

    test: str | SimpleTest
    """An expression, or a field, an operator and what it is compared with."""

    @classmethod
    def read(cls, config: Configuration) -> "Filter":
        is_simple = config.choice("Mode", ("Custom", "Simple"), "Custom") == "Simple"
        # A simple test without an operator was never filled in: the expression beside it counts.
        if is_simple and (config.value("Simple/Operator").strip() or not config.value("Expression").strip()):
            return cls(read_simple_test(config.child("Simple")))
        return cls(config.value("Expression"))

    def build(self, inputs: Inputs, context: Context) -> Built:
        """Both outputs keep the rows' order. A test that is Null is False."""
        table = inputs.one()
        if isinstance(self.test, str):
            test = compiled_condition(self.test, table.fields, context)
        else:
            test = compiled_condition(self.test.expression(table.fields), table.fields, context, extra=self.test.names(table.fields))
        mark = unique_name("passes", table.names)
        # Both outputs read the marked rows: the test is done once.
        marked = table.frame.with_columns(test.value.alias(mark)).cache()
        rows = columns(table.names)
        problems = {} if test.problem is None else {"Filter": problem_query(table.frame, test.problem, context.problem_limit)}
        return Built(
            {
                "True": Table(marked.filter(pl.col(mark)).select(rows), table.fields),
                "False": Table(marked.filter(~pl.col(mark)).select(rows), table.fields),
            },
            problems=problems,
        )

    def messages(self, seen: Seen) -> Iterable[Say]:
        yield info(f"{seen.records_out['True']} records were True and {seen.records_out['False']} were False")
