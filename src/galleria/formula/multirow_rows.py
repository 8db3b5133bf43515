"""Whole tables for expressions that look at other rows: brought into order by group, worked on, brought back."""

from collections.abc import Callable, Iterable, Sequence

import polars as pl

from galleria.fields.columns import column
from galleria.formula.multirow_scope import POSITION, REMAINING, RowScope

_ROW = "\0row"


def over_rows(work: Callable[[pl.DataFrame], pl.Series], reads: Iterable[str], scope: RowScope, dtype: pl.DataType) -> pl.Expr:
    """What `work` makes of all rows, as a column. It gets the fields it reads, rows of a group one behind the other.

    With groups, the frame also has the columns `POSITION` and `REMAINING`.
    """
    names: list[str] = sorted({*reads, *scope.groups, *([scope.old.name] if scope.old is not None else [])})
    fields = [name for name in names if not name.startswith("\0")]

    def run(columns: Sequence[pl.Series]) -> pl.Series:
        frame = pl.DataFrame([series.alias(name) for series, name in zip(columns, [_ROW, *fields], strict=True)])
        if not scope.groups:
            return work(frame)
        ordered = _grouped(frame, scope.groups)
        result = work(ordered)
        if ordered[_ROW].is_sorted():
            return result
        return pl.DataFrame({"row": ordered[_ROW], "result": result}).sort("row")["result"]

    rows = pl.int_range(pl.len(), dtype=pl.Int64)
    return pl.map_batches([rows, *[column(name) for name in fields]], run, return_dtype=dtype)


def _grouped(frame: pl.DataFrame, groups: Sequence[str]) -> pl.DataFrame:
    """Rows of a group one behind the other, groups in the order in which they first come."""
    rows = frame.group_by([column(name) for name in groups], maintain_order=True).agg(pl.col(_ROW))[_ROW]
    count = rows.list.len().cast(pl.Int64)
    order = rows.explode() if len(rows) else frame[_ROW]
    ordered = frame if order.is_sorted() else frame.select(pl.all().gather(order))
    first = pl.select((pl.lit(count.cum_sum()) - pl.lit(count)).repeat_by(pl.lit(count)).explode()).to_series()
    size = pl.select(pl.lit(count).repeat_by(pl.lit(count)).explode()).to_series()
    index = pl.int_range(pl.len(), dtype=pl.Int64)
    return ordered.with_columns((index - first).alias(POSITION), (first + size - 1 - index).alias(REMAINING))
