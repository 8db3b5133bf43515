"""Columns computed fast, with a slow and exact way for the few values that need it."""

from collections.abc import Callable
from typing import Any

import polars as pl


def with_exceptions(fast: pl.Series, source: pl.Series, exceptional: pl.Series, slow: Callable[[pl.Series], pl.Series]) -> pl.Series:
    """`fast`, but where `exceptional` is true what `slow` makes of those values of `source`."""
    rows = exceptional.fill_null(value=False).arg_true()
    return fast if rows.is_empty() else fast.scatter(rows, slow(source.gather(rows)))


def each(column: pl.Series, function: Callable[[Any], object], dtype: pl.DataType) -> pl.Series:
    """`function` of every value that is not Null, one by one."""
    return pl.Series(column.name, [None if value is None else function(value) for value in column.to_list()], dtype)


def mapped(value: pl.Expr, function: Callable[[pl.Series], pl.Series], dtype: pl.DataType) -> pl.Expr:
    """A function from column to column as an expression; row by row independent, so that it streams.

    A literal stays one: a column of one row would not spread over a frame.
    """
    if is_constant(value):
        found = function(pl.select(value).to_series())
        return pl.lit(found.item(), dtype=dtype) if len(found) == 1 else pl.lit(found)
    return value.map_batches(function, return_dtype=dtype, is_elementwise=True)


def is_constant(value: pl.Expr) -> bool:
    """Whether the value depends on no column and on no number of rows."""
    # Columns that are selected by name, as those that look like patterns must be, are not among the root names.
    if value.meta.root_names() or value.meta.has_multiple_outputs():
        return False
    # A text may say len(), too.
    return value.meta.is_literal() or "len()" not in str(value)
