"""Numbers and dates recognised in a table whose file keeps no types: for looking at it, never for running."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from galleria.fields.columns import column
from galleria.fields.types import Field, FieldType
from galleria.table.table import Table

_WITHOUT_TYPES = (".csv", ".txt", ".tsv")
_DATE = "%Y-%m-%d"


def sharpened(table: Table, source: Path) -> Table:
    """The table with each text field that holds nothing but numbers as Double, nothing but dates as Date; empty texts as Null.

    Files of formats that keep types come back as they are.
    """
    texts = [field for field in table.fields if field.type.is_text]
    if source.suffix.lower() not in _WITHOUT_TYPES or not texts:
        return table
    facts = table.frame.select(fact for field in texts for fact in _facts(field)).collect(engine="streaming").row(0, named=True)
    columns: dict[str, pl.Expr] = {}
    fields = {field.name: field for field in table.fields}
    for field in texts:
        there = facts[f"{field.name}:there"]
        if there and facts[f"{field.name}:numbers"] == there:
            columns[field.name], fields[field.name] = _number(field), Field(field.name, FieldType.DOUBLE)
        elif there and facts[f"{field.name}:dates"] == there:
            columns[field.name], fields[field.name] = _date(field), Field(field.name, FieldType.DATE)
    return table.with_columns(columns, list(fields.values())) if columns else table


def _facts(field: Field) -> list[pl.Expr]:
    there = column(field.name).str.len_bytes() > 0
    return [
        there.sum().alias(f"{field.name}:there"),
        _number(field).is_not_null().sum().alias(f"{field.name}:numbers"),
        _date(field).is_not_null().sum().alias(f"{field.name}:dates"),
    ]


def _number(field: Field) -> pl.Expr:
    return column(field.name).cast(pl.Float64, strict=False)


def _date(field: Field) -> pl.Expr:
    return column(field.name).str.to_date(_DATE, strict=False)
