"""SQLite's types and ours. SQLite lets a column hold anything: what a column declares is what it should hold."""

import re
from collections.abc import Sequence
from typing import cast

import polars as pl

from galleria.errors import InvalidError
from galleria.fields.columns import column
from galleria.fields.conversion import text_of
from galleria.fields.types import Field, FieldType
from galleria.table.geojson import geojson_from_wkb

Value = int | float | str | bytes | None

_LENGTH = re.compile(r"CHAR\s*\(\s*([0-9]+)\s*\)", re.IGNORECASE)
_DECLARED = (
    ("BOOL", FieldType.BOOL),
    ("TINYINT|SMALLINT|INT2", FieldType.INT16),
    ("INT", FieldType.INT64),
    ("CHAR|CLOB|TEXT|STRING|UUID|JSON", FieldType.V_WSTRING),
    ("DATETIME|TIMESTAMP", FieldType.DATETIME),
    ("DATE", FieldType.DATE),
    ("TIME", FieldType.TIME),
    ("BLOB|BINARY", FieldType.BLOB),
    ("REAL|FLOA|DOUB|NUMERIC|DECIMAL|NUMBER", FieldType.DOUBLE),
)
_COLUMN_TYPES = {
    FieldType.BOOL: "BOOLEAN",
    FieldType.BYTE: "SMALLINT",
    FieldType.INT16: "SMALLINT",
    FieldType.INT32: "INTEGER",
    FieldType.INT64: "BIGINT",
    FieldType.FLOAT: "REAL",
    FieldType.DOUBLE: "DOUBLE",
    FieldType.DATE: "DATE",
    FieldType.TIME: "TIME",
    FieldType.DATETIME: "DATETIME",
    FieldType.BLOB: "BLOB",
}
_FORMS = {FieldType.DATE: "%Y-%m-%d", FieldType.TIME: "%H:%M:%S%.f", FieldType.DATETIME: "%Y-%m-%d %H:%M:%S%.f"}


def declared_field(name: str, declaration: str, source: str) -> Field | None:
    """The field that a column's declaration asks for; None where it declares nothing that we know."""
    for pattern, kind in _DECLARED:
        if re.search(pattern, declaration, re.IGNORECASE):
            length = _LENGTH.search(declaration)
            return Field(name, kind, int(length[1]) if length and kind is FieldType.V_WSTRING else 0, source=source)
    return None


def seen_field(name: str, values: Sequence[Value], source: str) -> Field:
    """The field that holds the values of a column that declares no type."""
    found = {type(value) for value in values} - {type(None)}
    if bytes in found:
        kind = FieldType.BLOB
    elif str in found or not found:
        kind = FieldType.V_WSTRING
    else:
        kind = FieldType.DOUBLE if float in found else FieldType.INT64
    return Field(name, kind, source=source)


def series_of(values: Sequence[Value], field: Field) -> pl.Series:
    """The values as the field's; raises InvalidError where one is of another kind."""
    try:
        if field.type.is_text:
            return pl.Series(field.name, [value if value is None else _text(value) for value in values], pl.String)
        if field.type.is_temporal:
            texts = pl.Series(field.name, values, pl.String).str.replace("T", " ", literal=True)
            return pl.select(texts.str.strptime(field.dtype, _FORMS[field.type])).to_series()  # pyright: ignore[reportArgumentType] - the type is one of three
        if field.type is FieldType.BOOL:
            return pl.Series(field.name, [None if value is None else bool(cast("int", value)) for value in values], pl.Boolean)
        if field.type is FieldType.DOUBLE:
            return pl.Series(field.name, [None if value is None else float(value) for value in values], pl.Float64)
        return pl.Series(field.name, values, field.dtype)
    except (TypeError, ValueError, OverflowError, pl.exceptions.PolarsError) as error:
        raise InvalidError(f'The column "{field.name}" holds values that are no {field.type}: cast them in a query.') from error


def column_declaration(field: Field) -> str:
    if field.type.is_text:
        return f"VARCHAR({field.size})" if field.size < 1_000_000 else "TEXT"
    if field.type is FieldType.FIXED_DECIMAL:
        return f"DECIMAL({field.size - 1 - (field.scale > 0)}, {field.scale})"
    return _COLUMN_TYPES.get(field.type, "TEXT")


def stored_value(field: Field) -> pl.Expr:
    """The column as SQLite keeps it: dates and times as ISO texts, spatial objects as GeoJSON."""
    value = column(field.name)
    if field.type is FieldType.SPATIAL:
        return value.map_elements(geojson_from_wkb, return_dtype=pl.String)
    if field.type.is_temporal or field.type is FieldType.FIXED_DECIMAL:
        return text_of(value, field).alias(field.name)
    return value.cast(pl.Int8) if field.type is FieldType.BOOL else value


def _text(value: str | float | bytes) -> str:
    return value.decode("utf-8") if isinstance(value, bytes) else str(value)
