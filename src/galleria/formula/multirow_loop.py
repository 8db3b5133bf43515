"""A recurrence that no column expression says, written out once as a loop in Python over the columns that it needs."""

import polars as pl

from galleria.fields.types import Field
from galleria.formula.multirow_code import write_code
from galleria.formula.multirow_rows import over_rows
from galleria.formula.multirow_scope import MultiRow, RowScope
from galleria.formula.operand import Operand


def looped(operand: Operand, target: Field, scope: RowScope) -> MultiRow:
    """The new column by a loop, row after row; the parts that do not need the row above come to it as columns."""
    code = write_code(operand, target, scope)
    wanted = [scope.is_first().alias("first"), *[expression.alias(f"c{place}") for place, expression in enumerate(code.columns)]]
    dtype = pl.Struct({"value": target.dtype, "problem": pl.String()})

    def run(frame: pl.DataFrame) -> pl.Series:
        rows = frame.select(wanted)
        values, problems = code.function(*[rows[name].to_list() for name in rows.columns])
        return pl.DataFrame({"value": pl.Series(values, dtype=target.dtype), "problem": pl.Series(problems, dtype=pl.String)}).to_struct()

    both = over_rows(run, operand.reads, scope, dtype)
    return MultiRow(both.struct.field("value"), both.struct.field("problem"), "loop")
