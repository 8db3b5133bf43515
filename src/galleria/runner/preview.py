"""A look into a table file: its first rows as text, and what can be said of each field in one pass.

```
{"records": 1200, "fields": [{"name", "type", "nulls", "distinct" | null, "minimum" | null, "maximum" | null, "mean" | null,
                              "bars": [[label, count], ...]}],
 "rows": [["a", "1.5", null], ...]}
```

`bars` are the most frequent values of texts and truth values (at most eight, the rest left out), or twelve equal steps
from the smallest to the largest number. Fields beyond the first hundred, and what is very long in a cell, are left out.
"""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import Any

import polars as pl

from galleria.fields.columns import column
from galleria.fields.conversion import text_of
from galleria.fields.types import Field, FieldType
from galleria.formats.convert import table_in
from galleria.runner.mapped_plot import described
from galleria.runner.sharpened import sharpened
from galleria.table.table import Table

ROWS = 200
_MOST_FIELDS = 100
_MOST_BARRED = 40
"""Fields that get bars: each costs a query of its own in the pass."""
_LONGEST_CELL = 300
_STEPS = 12
_MOST_VALUES = 8


def preview(source: Path, scratch: Path) -> dict[str, Any]:
    """Describe the table in a file. Raises as `convert` does."""
    with table_in(source, scratch) as table:
        table = sharpened(table.select(table.fields[:_MOST_FIELDS]), source)
        head, numbers = pl.collect_all([_head(table), _numbers(table)], engine="streaming")
        facts = numbers.row(0, named=True)
        bars = _bars(table, facts)
    return {
        "records": facts["records"],
        "fields": [_described(position, field, facts, bars) for position, field in enumerate(table.fields)],
        "rows": [list(row) for row in head.rows()],
    }


def _head(table: Table) -> pl.LazyFrame:
    cells = [_cell(field).alias(str(position)) for position, field in enumerate(table.fields)]
    return table.frame.head(ROWS).select(cells)


def _cell(field: Field) -> pl.Expr:
    value = column(field.name)
    if field.type is FieldType.SPATIAL and find_spec("shapely") is not None:
        return value.map_batches(described, return_dtype=pl.String, is_elementwise=True)
    if field.type.is_binary:
        return pl.when(value.is_not_null()).then(pl.format("({} bytes)", value.bin.size()))
    text = text_of(value, field)
    return pl.when(text.str.len_chars() > _LONGEST_CELL).then(text.str.slice(0, _LONGEST_CELL) + "…").otherwise(text)


def _numbers(table: Table) -> pl.LazyFrame:
    """One row: how many records there are, and `POSITION:fact` for each field."""
    told: list[pl.Expr] = [pl.len().alias("records")]
    for position, field in enumerate(table.fields):
        value = column(field.name)
        told.append(value.null_count().alias(f"{position}:nulls"))
        if field.type.is_numeric:
            number = value.cast(pl.Float64)
            told += [number.min().alias(f"{position}:low"), number.max().alias(f"{position}:high")]
            told.append(number.mean().alias(f"{position}:mean"))
        if field.type.is_temporal or field.type.is_numeric:
            told += [text_of(value.min(), field).alias(f"{position}:minimum"), text_of(value.max(), field).alias(f"{position}:maximum")]
        if not field.type.is_binary:
            told.append(value.approx_n_unique().alias(f"{position}:distinct"))
    return table.frame.select(told)


def _bars(table: Table, facts: dict[str, Any]) -> dict[int, list[tuple[str, int]]]:
    queries = {
        position: query
        for position, field in enumerate(table.fields[:_MOST_BARRED])
        if (query := _bar_query(position, field, table.frame, facts)) is not None
    }
    counted = pl.collect_all(list(queries.values()), engine="streaming") if queries else []
    return {position: _labelled(frame, facts, position) for position, frame in zip(queries, counted, strict=True)}


def _bar_query(position: int, field: Field, frame: pl.LazyFrame, facts: dict[str, Any]) -> pl.LazyFrame | None:
    value = column(field.name)
    if field.type.is_numeric:
        low, high = facts[f"{position}:low"], facts[f"{position}:high"]
        if low is None or not low < high or high - low == float("inf"):
            return None
        step = ((value.cast(pl.Float64) - low) / (high - low) * _STEPS).floor().clip(0, _STEPS - 1).cast(pl.Int64)
        return frame.select(step.alias("step")).drop_nulls().group_by("step").agg(pl.len().alias("count"))
    if field.type is FieldType.BOOL or field.type.is_text:
        text = _cell(field).alias("value")
        counts = frame.select(text).drop_nulls().group_by("value").agg(pl.len().alias("count"))
        return counts.sort("count", "value", descending=[True, False]).head(_MOST_VALUES)
    return None


def _labelled(frame: pl.DataFrame, facts: dict[str, Any], position: int) -> list[tuple[str, int]]:
    if "value" in frame.columns:
        return [(str(value), int(count)) for value, count in frame.rows()]
    counts = dict(frame.rows())
    low, high = facts[f"{position}:low"], facts[f"{position}:high"]
    width = (high - low) / _STEPS
    return [(f"{low + width * step:.6g} to {low + width * (step + 1):.6g}", int(counts.get(step, 0))) for step in range(_STEPS)]


def _described(position: int, field: Field, facts: dict[str, Any], bars: dict[int, list[tuple[str, int]]]) -> dict[str, Any]:
    mean, distinct = facts.get(f"{position}:mean"), facts.get(f"{position}:distinct")
    return {
        "name": field.name,
        "type": field.type.value,
        "nulls": facts[f"{position}:nulls"],
        "distinct": None if distinct is None else min(distinct, facts["records"]),
        "minimum": facts.get(f"{position}:minimum"),
        "maximum": facts.get(f"{position}:maximum"),
        "mean": None if mean is None else f"{mean:.6g}",
        "bars": bars.get(position, []),
    }
