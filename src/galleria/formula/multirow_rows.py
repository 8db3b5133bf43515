"""Whole tables for expressions that look at other rows: brought into order by group, worked on, brought back."""

from collections.abc import Callable, Iterable, Sequence

import polars as pl

from galleria.fields.columns import column
from galleria.formula.multirow_scope import POSITION, REMAINING, RowScope

_ROW, _GROUP = "\0row", "\0group"


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
    keys = frame[groups[0]] if len(groups) == 1 else frame.select(pl.struct(groups)).to_series()
    frame = frame.with_columns(keys.rank("dense").fill_null(0).alias(_GROUP))
    if not frame[_GROUP].is_sorted():
        frame = frame.sort(_GROUP, _ROW)
    index = pl.int_range(pl.len(), dtype=pl.Int64)
    group = pl.col(_GROUP)
    first = pl.when((group != group.shift(1)).fill_null(value=True)).then(index).forward_fill()
    last = pl.when((group != group.shift(-1)).fill_null(value=True)).then(index).backward_fill()
    return frame.with_columns((index - first).alias(POSITION), (last - index).alias(REMAINING))
