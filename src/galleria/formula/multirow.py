"""Expressions that see the rows around theirs: `[Row-1:X]`, for the Multi-Row Formula tool.

What does not depend on the new field itself becomes shifted columns. Where `[Row-1:New]` stands for what the row above
came to, the usual recurrences (running sums and counters that start again, values carried on, running extremes) are
recognised and done on whole columns; the rest is written out once as a loop in Python. Source: `tools.md` 5.5.
"""

from collections.abc import Mapping, Sequence

import polars as pl

from galleria.fields.types import Field
from galleria.formula.compile import assign, finish, lower_expression
from galleria.formula.environment import Environment
from galleria.formula.memory import names_in, remembered
from galleria.formula.multirow_loop import looped
from galleria.formula.multirow_patterns import recognise
from galleria.formula.multirow_rows import over_rows
from galleria.formula.multirow_scope import SELF, Missing, MultiRow, RowScope
from galleria.formula.operand import Operand
from galleria.formula.scope import Constant


def compile_multi_row(
    text: str,
    fields: Sequence[Field],
    target: Field,
    environment: Environment,
    *,
    rows: int = 1,
    missing: Missing = Missing.EMPTY,
    groups: Sequence[str] = (),
    extra: Mapping[str, Field | Constant] | None = None,
) -> MultiRow:
    """Compile an expression whose result goes into `target`, a field of `fields` or a new one.

    `[Row-1:Target]` is what the row above came to, after conversion to the target's type; `[Row+1:Target]` and `[Target]`
    are old values, Null for a new field. Rows of other `groups` (names of fields) do not exist for each other; rows of one
    group need not be neighbours, and stay where they are. Raises FormulaError, also for rows further than `rows` away.
    """
    scope = RowScope(fields, target, environment, rows, missing, groups, extra)

    def make() -> tuple[MultiRow, bool]:
        operand = lower_expression(text, scope)
        return _made(operand, fields, target, scope), not operand.is_volatile

    return remembered(("multirow", text, scope.key(names_in(text))), make)


def _made(operand: Operand, fields: Sequence[Field], target: Field, scope: RowScope) -> MultiRow:
    if SELF not in operand.reads:
        return _columns(operand, fields, target, scope)
    found = recognise(operand, target, scope)
    return found if found is not None else looped(operand, target, scope)


def _columns(operand: Operand, fields: Sequence[Field], target: Field, scope: RowScope) -> MultiRow:
    converted = assign(finish(operand, fields), target)
    if not scope.groups:
        return MultiRow(converted.value, converted.problem, "columns")

    def column(value: pl.Expr, dtype: pl.DataType) -> pl.Expr:
        return over_rows(lambda frame: frame.select(value.alias("value")).to_series(), operand.reads, scope, dtype)

    problem = None if converted.problem is None else column(converted.problem, pl.String())
    return MultiRow(column(converted.value, target.dtype), problem, "columns")


__all__ = ["Missing", "MultiRow", "compile_multi_row"]
