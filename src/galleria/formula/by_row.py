"""Functions of Python applied row by row, for what no column expression can say. Each distinct row is worked out once."""

from collections.abc import Callable, Sequence
from typing import Any

import polars as pl


def by_value(function: Callable[[Any], Any], dtype: pl.DataType, argument: pl.Expr) -> pl.Expr:
    """`function` of every value that is not Null."""
    return by_row(function, dtype, [argument])


Rowwise = Callable[[Any], Any] | Callable[[Any, Any], Any] | Callable[[Any, Any, Any], Any] | Callable[..., Any]
"""A function of one row's values; spelled out so that the parameters of a lambda have a type."""


def by_row(function: Rowwise, dtype: pl.DataType, arguments: Sequence[pl.Expr], *, nulls: bool = False) -> pl.Expr:
    """`function` of the values of a row; Null where an argument is Null, unless `nulls`: then it gets None."""

    def apply(columns: Sequence[pl.Series]) -> pl.Series:
        lists = [column.to_list() for column in same_height(columns)]
        known: dict[tuple[object, ...], object] = {}
        results: list[object] = []
        for row in zip(*lists, strict=True):
            if not nulls and None in row:
                results.append(None)
                continue
            # True and 1 are the same key, but no argument can be either.
            if row not in known:
                if len(known) >= _REMEMBERED:
                    known.clear()
                known[row] = function(*row)
            results.append(known[row])
        return pl.Series(columns[0].name, results, dtype)

    return pl.map_batches(list(arguments), apply, return_dtype=dtype, is_elementwise=True)


_REMEMBERED = 100_000


def same_height(columns: Sequence[pl.Series]) -> list[pl.Series]:
    """The columns, a single value (a literal) repeated for every row of the others."""
    heights = {len(column) for column in columns}
    height = 0 if 0 in heights else max(heights)
    return [column if len(column) == height else column.head(0) if not height else column.new_from_index(0, height) for column in columns]
