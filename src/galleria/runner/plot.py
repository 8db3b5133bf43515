"""What a plot of a table shows, computed in one pass: bars, a line, points or a map.

```
{"points": [[label, x | null, y], ...], "left_out": 0}
```

Bars: one for each value of `x`, the largest thirty first. A line: one point for each value of `x`, in its order, thinned to five
hundred. Points: rows as they come, fifteen hundred at most, evenly taken. `x` is a number where the field is one or a
date (seconds since 1970), else null. A map comes as `mapped_plot.py` says.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

import polars as pl

from galleria.errors import InvalidError
from galleria.fields.columns import column
from galleria.fields.conversion import text_of
from galleria.fields.types import Field
from galleria.formats.convert import table_in
from galleria.runner.mapped_plot import mapped
from galleria.runner.sharpened import sharpened
from galleria.table.table import Table

_MOST_BARS = 30
_MOST_ON_LINE = 500
_MOST_POINTS = 1500
_LONGEST_LABEL = 60


class Kind(StrEnum):
    BARS = "bars"
    LINE = "line"
    POINTS = "points"
    MAP = "map"


_HOW: Mapping[str, Callable[[pl.Expr], pl.Expr]] = {
    "count": lambda value: value.len(),
    "sum": lambda value: value.sum(),
    "mean": lambda value: value.mean(),
    "minimum": lambda value: value.min(),
    "maximum": lambda value: value.max(),
}


@dataclass(frozen=True)
class Wanted:
    kind: Kind
    x: str
    """A field's name."""
    y: str
    """A numeric field's name; empty where rows are counted."""
    how: str
    """`count`, `sum`, `mean`, `minimum` or `maximum`: what becomes of the rows of one bar or of one place on the line."""


def wanted_from(data: Mapping[str, Any]) -> Wanted:
    """Read what is wanted; InvalidError for words that are none."""
    try:
        kind = Kind(str(data.get("kind")))
    except ValueError:
        raise InvalidError("a plot is of the kind bars, line, points or map") from None
    how = str(data.get("how") or "count")
    if how not in _HOW:
        raise InvalidError(f"rows are put together by {', '.join(_HOW)}")
    return Wanted(kind, str(data.get("x") or ""), str(data.get("y") or ""), how)


def plot(source: Path, scratch: Path, wanted: Wanted) -> dict[str, Any]:
    """Compute a plot of the table in a file. Raises as `convert` does, and InvalidError for fields that do not fit the kind."""
    with table_in(source, scratch) as table:
        table = sharpened(table, source)
        x, y = _fields(table, wanted)
        if wanted.kind is Kind.MAP:
            return mapped(table, x, y)
        rows = {Kind.BARS: _bars, Kind.LINE: _line, Kind.POINTS: _points}[wanted.kind](table, x, y, wanted)
        total = int(rows.select(pl.len()).collect(engine="streaming").item())
        frame = _taken(rows, wanted.kind, total).collect(engine="streaming")
    left_out = 0 if wanted.kind is Kind.LINE else total - frame.height
    return {"points": [list(row) for row in frame.select("label", "x", "y").rows()], "left_out": left_out}


def _taken(rows: pl.LazyFrame, kind: Kind, total: int) -> pl.LazyFrame:
    if kind is Kind.BARS:
        return rows.head(_MOST_BARS)
    step = -(-total // (_MOST_ON_LINE if kind is Kind.LINE else _MOST_POINTS))
    return rows.gather_every(step) if step > 1 else rows


def _fields(table: Table, wanted: Wanted) -> tuple[Field, Field | None]:
    x = table.field(wanted.x)
    y = table.field(wanted.y) if wanted.y else None
    if y is not None and not y.type.is_numeric:
        raise InvalidError(f"{y.name} holds no numbers")
    if wanted.kind is Kind.POINTS and (y is None or not _is_measured(x)):
        raise InvalidError("points take two fields of numbers or dates")
    if wanted.kind is Kind.LINE and not _is_measured(x):
        raise InvalidError(f"a line goes along numbers or dates, which {x.name} does not hold")
    if x.type.is_binary and wanted.kind is not Kind.MAP:
        raise InvalidError(f"{x.name} holds nothing that can be plotted")
    return x, y


def _is_measured(field: Field) -> bool:
    return field.type.is_numeric or field.type.is_temporal


def _base(table: Table, x: Field, y: Field | None) -> pl.LazyFrame:
    value = column(y.name).cast(pl.Float64) if y is not None else pl.lit(1.0)
    return table.frame.select(_label(x).alias("label"), _number(x).alias("x"), value.alias("y"))


def _label(field: Field) -> pl.Expr:
    text = text_of(column(field.name), field)
    return pl.when(text.str.len_chars() > _LONGEST_LABEL).then(text.str.slice(0, _LONGEST_LABEL) + "…").otherwise(text)


def _number(field: Field) -> pl.Expr:
    value = column(field.name)
    if field.type.is_numeric:
        return value.cast(pl.Float64)
    if field.type.value == "Time":
        return value.cast(pl.Time).cast(pl.Int64).cast(pl.Float64) / 1e9
    if field.type.is_temporal:
        return value.cast(pl.Datetime("us")).cast(pl.Int64).cast(pl.Float64) / 1e6
    return pl.lit(None, pl.Float64)


def _bars(table: Table, x: Field, y: Field | None, wanted: Wanted) -> pl.LazyFrame:
    grouped = _base(table, x, y).group_by("label").agg(pl.col("x").first(), _put_together(wanted).alias("y"))
    return grouped.filter(pl.col("y").is_finite()).sort("y", "label", descending=[True, False])


def _line(table: Table, x: Field, y: Field | None, wanted: Wanted) -> pl.LazyFrame:
    base = _base(table, x, y).filter(pl.col("x").is_not_null())
    grouped = base.group_by("x").agg(pl.col("label").first(), _put_together(wanted).alias("y"))
    return grouped.filter(pl.col("y").is_finite()).sort("x")


def _points(table: Table, x: Field, y: Field | None, wanted: Wanted) -> pl.LazyFrame:
    return _base(table, x, y).filter(pl.col("x").is_finite() & pl.col("y").is_finite())


def _put_together(wanted: Wanted) -> pl.Expr:
    how = _HOW[wanted.how if wanted.y else "count"]
    return how(pl.col("y")).cast(pl.Float64)
