"""A table that is there already, in the shape of a tool: what feeds a macro from outside."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import polars as pl

from galleria.compiler.plan import Key, Step
from galleria.table.table import Table
from galleria.tools.configuration import Configuration
from galleria.tools.contract import Built, Context, Inputs, Tool


@dataclass(frozen=True)
class Given(Tool):
    inputs = ()
    table: Table

    @classmethod
    def read(cls, config: Configuration) -> Self:
        raise AssertionError("no document holds this")

    def build(self, inputs: Inputs, context: Context) -> Built:
        return Built({"Output": self.table})


@dataclass
class Slot:
    """A place in a query for rows that change from one pass to the next; the columns stay."""

    rows: pl.DataFrame

    def lazy(self) -> pl.LazyFrame:
        """A frame that reads what the slot holds whenever it is collected."""
        return pl.LazyFrame(schema=self.rows.schema).map_batches(
            lambda _: self.rows,
            predicate_pushdown=False,
            projection_pushdown=False,
            slice_pushdown=False,
            validate_output_schema=False,
            schema=self.rows.schema,
        )


def given_step(key: Key, table: Table) -> Step:
    return Step(key, "given", Given(table), {})
