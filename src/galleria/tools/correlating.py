"""What the correlation macros share: two number fields, perhaps a group, and one measure over each group's pairs."""

from collections.abc import Sequence

import polars as pl

from galleria.fields.columns import column
from galleria.fields.conversion import convert
from galleria.fields.types import Field, FieldType
from galleria.table.table import Table
from galleria.tools.answers import MacroAnswers

LEFT, RIGHT = "left", "right"
"""What a measure calls the two numbers."""
RESULT = Field("Result", FieldType.DOUBLE)


def group_of(answers: MacroAnswers) -> str:
    """The field to group by; empty for all rows together."""
    return answers.text("Select Field to Group By") if answers.flag("Enable Group By") else ""


def correlated(table: Table, variables: Sequence[str], by: str, group: Field, measure: pl.Expr, *, whole_pairs: bool = False) -> Table:
    """`Result`, one row, or one a group, sorted; `group` says how the field `by` is shown.

    `whole_pairs` leaves out rows without one of the numbers. No row for no rows: the macros summarize.
    """
    fields = [table.field(name) for name in variables]
    columns = [convert(column(field.name), field, RESULT).value.alias(side) for field, side in zip(fields, (LEFT, RIGHT), strict=True)]
    if by:
        field = table.field(by)
        columns.insert(0, convert(column(field.name), field, group).value.alias(group.name))
    pairs = table.frame.select(columns)
    if whole_pairs:
        pairs = pairs.drop_nulls([LEFT, RIGHT])
    result = measure.alias(RESULT.name)
    if by:
        return Table(pairs.group_by(group.name).agg(result).sort(group.name), (group, RESULT))
    return Table(pairs.select(result, pl.len().alias(LEFT)).filter(pl.col(LEFT) > 0).select(RESULT.name), (RESULT,))
