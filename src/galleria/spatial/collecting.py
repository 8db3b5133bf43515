"""One object of many: functions over lists of objects, such as groups gather them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import polars as pl

from galleria.spatial.columns import as_written, computed, shape_column
from galleria.spatial.library import np


def collected(function: Callable[[Sequence[Any]], Any], lists: pl.Expr) -> pl.Expr:
    """`function` of the objects in each list of WKB, None among them for Null; a column of WKB."""

    def made(column: pl.Series) -> pl.Series:
        lengths = column.list.len().fill_null(0).to_numpy()
        shapes = as_written(column.explode(empty_as_null=False, keep_nulls=False))
        ends = np.cumsum(lengths)
        groups = [shapes[end - length : end].tolist() for end, length in zip(ends.tolist(), lengths.tolist(), strict=True)]
        results = np.full(len(groups), None, dtype=object)
        for place, group in enumerate(groups):
            results[place] = function(group)
        return shape_column(results, column.name)

    return computed(made, pl.Binary(), lists)
