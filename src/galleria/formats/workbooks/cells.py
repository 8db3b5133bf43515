"""Values on their way into the cells of a workbook."""

from collections.abc import Sequence
from datetime import date, datetime, time

import polars as pl

from galleria.errors import InvalidError
from galleria.fields.columns import column
from galleria.fields.conversion import text_of
from galleria.fields.types import Field, FieldType
from galleria.formats.sizes import trouble_of
from galleria.table.geojson import geojson_from_wkb

Value = float | int | str | bool | date | datetime | time | None

MOST_ROWS, MOST_COLUMNS = 1_048_576, 16_384
LONGEST_TEXT = 32_767
NUMBER_FORMATS = {FieldType.DATE: "yyyy-mm-dd", FieldType.TIME: "hh:mm:ss", FieldType.DATETIME: "yyyy-mm-dd hh:mm:ss"}
_EXACT_WHOLE = 2**53
_FIRST_DAY = pl.date(1900, 3, 1)
"""Before it, workbooks count days wrongly: such dates are written as texts."""


def cell_values(field: Field) -> pl.Expr:
    """The column as cells can hold it: texts cut to their length, numbers that a cell would spoil as texts, Null for NaN."""
    value = column(field.name)
    if field.type is FieldType.SPATIAL:
        return value.map_elements(geojson_from_wkb, return_dtype=pl.String)
    if field.type is FieldType.BLOB:
        return value.bin.encode("base64")
    if field.type.is_text:
        return value.str.head(LONGEST_TEXT)
    if field.type in (FieldType.DOUBLE, FieldType.FLOAT):
        return pl.when(value.is_finite()).then(value)
    return value.cast(pl.Float64) if field.type is FieldType.FIXED_DECIMAL else value


def spoilt(field: Field) -> pl.Expr | None:
    """Whether a value must be written as a text, because a cell could not hold it exactly; None where that cannot be."""
    value = column(field.name)
    if field.type is FieldType.INT64:
        return ~value.is_between(-_EXACT_WHOLE, _EXACT_WHOLE)
    if field.type is FieldType.FIXED_DECIMAL and field.size > 16:
        return value.cast(pl.Float64).cast(field.dtype, strict=False).ne_missing(value)
    if field.type in (FieldType.DATE, FieldType.DATETIME):
        return value.cast(pl.Date) < _FIRST_DAY
    return None


def columns_of(frame: pl.DataFrame, fields: Sequence[Field]) -> list[list[Value]]:
    """The columns of a table as lists of what their cells hold; raises InvalidError on what no sheet can hold."""
    check_size(frame.height + 1, len(fields))
    columns: list[list[Value]] = []
    for field in fields:
        values: list[Value] = frame.select(cell_values(field)).to_series().to_list()
        condition = spoilt(field)
        if condition is not None:
            places = frame.select(condition.fill_null(value=False)).to_series().arg_true()
            texts = frame[places.to_list()].select(text_of(column(field.name), field)).to_series() if len(places) else ()
            for place, text in zip(places, texts, strict=True):
                values[place] = text
        columns.append(values)
    return columns


def check_size(rows: int, columns: int) -> None:
    if rows > MOST_ROWS:
        raise InvalidError(
            f"The data is too large for a sheet: {rows - 1:,} records, and a sheet has room for {MOST_ROWS - 1:,} below its header."
        )
    if columns > MOST_COLUMNS:
        raise InvalidError(f"The data is too large for a sheet: {columns:,} fields, and a sheet has room for {MOST_COLUMNS:,}.")


def long_texts(frame: pl.LazyFrame, fields: Sequence[Field], limit: int) -> pl.LazyFrame | None:
    """The texts that are too long for a cell, as a `trouble` query."""
    found: dict[str, pl.Expr] = {}
    for field in fields:
        if field.type.is_text and field.size > LONGEST_TEXT:
            value = column(field.name)
            told = pl.concat_str(pl.lit('"'), value.str.head(97), pl.lit('..." was truncated'))
            found[field.name] = pl.when(value.str.len_chars() > LONGEST_TEXT).then(told)
    return trouble_of(frame, found, limit)
