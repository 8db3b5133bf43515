"""Row order: sorting as the original engine groups, and numbering rows."""

from collections.abc import Sequence

import polars as pl

from galleria.fields.columns import column, columns
from galleria.fields.names import unique_name
from galleria.fields.types import Field


def sorted_by(frame: pl.LazyFrame, keys: Sequence[Field]) -> pl.LazyFrame:
    """Ascending by `keys`: Null first, texts by code point; equal rows keep their order."""
    return frame.sort(columns(key.name for key in keys), maintain_order=True) if keys else frame


def starts_group(keys: Sequence[Field]) -> pl.Expr:
    """Whether a row's keys differ from those of the row before, in a frame sorted by them. True in the first row."""
    changes = [column(key.name).ne_missing(column(key.name).shift(1)) for key in keys]
    return pl.any_horizontal(*changes, pl.int_range(pl.len()) == 0)


def numbered(frame: pl.LazyFrame, names: Sequence[str]) -> tuple[pl.LazyFrame, str]:
    """The frame with its rows numbered from 0 (Int64) in a column before the others, and that column's name."""
    name = unique_name("row number", names)
    return frame.with_row_index(name).with_columns(pl.col(name).cast(pl.Int64)), name


def position_in_group(keys: Sequence[Field]) -> pl.Expr:
    """0 for the first row of each group, 1 for the second ... (Int64)."""
    return pl.int_range(pl.len(), dtype=pl.Int64).over(columns(key.name for key in keys))


def share_of(size: pl.Expr, percent: int) -> pl.Expr:
    """So many percent of a number of rows, to the nearest whole row (Int64)."""
    return (size.cast(pl.Int64) * percent + 50) // 100
