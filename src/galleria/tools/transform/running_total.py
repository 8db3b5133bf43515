"""Adds up values row by row."""

from dataclasses import dataclass
from typing import ClassVar

import polars as pl

from galleria.errors import ToolError
from galleria.fields.columns import column, columns
from galleria.fields.conversion import problem_query
from galleria.fields.names import unique_name
from galleria.fields.types import Field, FieldType
from galleria.table.aggregates import aggregate, beyond_int64
from galleria.table.ordering import sorted_by
from galleria.table.table import Table
from galleria.tools.configuration import Configuration
from galleria.tools.contract import Built, Context, Inputs, Tool


@dataclass(frozen=True)
class RunningTotal(Tool):
    plugins: ClassVar = ("AlteryxBasePluginsGui.RunningTotal.RunningTotal",)

    group: tuple[str, ...]
    totals: tuple[str, ...]

    @classmethod
    def read(cls, config: Configuration) -> "RunningTotal":
        return cls(config.field_names("GroupByFields"), config.field_names("RunningTotalFields"))

    def build(self, inputs: Inputs, context: Context) -> Built:
        """With group fields the rows come sorted by them, and every group starts from nothing. Null adds nothing.

        Where an Int64 is too small for a total, that is told and Null.
        """
        table = inputs.one()
        keys = [table.field(name) for name in self.group]
        base = Table(sorted_by(table.frame, keys), table.fields) if keys else table
        fields = list(table.fields)
        added: dict[str, pl.Expr] = {}
        problems: dict[str, pl.LazyFrame] = {}
        for name in self.totals:
            source = table.field(name)
            total = _total_field(source, [field.name for field in fields])
            wide = pl.Int128() if source.type is FieldType.INT64 else total.dtype
            running = column(source.name).cast(wide).fill_null(0).cum_sum()
            running = running.over(columns(key.name for key in keys)) if keys else running
            added[total.name] = running.cast(total.dtype, strict=False)
            if source.type is FieldType.INT64:
                problems[total.name] = problem_query(base.frame, beyond_int64(running), context.problem_limit)
            fields.append(total)
        return Built({"Output": base.with_columns(added, fields)}, problems=problems)


def _total_field(source: Field, taken: list[str]) -> Field:
    """Int64 for integers, a wider decimal for decimals, Double for the rest: as a sum."""
    if not source.type.is_numeric:
        raise ToolError(f'A running total needs numbers, but the field "{source.name}" is a {source.type}.')
    field = aggregate("Sum", source).field
    return Field(unique_name(f"RunTot_{source.name}", taken), field.type, field.size, field.scale, source=f"RunningTotal: {source.name}")
