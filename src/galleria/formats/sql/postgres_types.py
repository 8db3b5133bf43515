"""PostgreSQL's types and ours, and its texts of values."""

import polars as pl

from galleria.fields.columns import column
from galleria.fields.types import Field, FieldType
from galleria.table.geojson import geojson_from_wkb

_KINDS = {
    16: FieldType.BOOL,
    17: FieldType.BLOB,
    20: FieldType.INT64,
    21: FieldType.INT16,
    23: FieldType.INT32,
    26: FieldType.INT64,
    700: FieldType.FLOAT,
    701: FieldType.DOUBLE,
    1082: FieldType.DATE,
    1083: FieldType.TIME,
    1114: FieldType.DATETIME,
    1184: FieldType.DATETIME,
}
"""By the number of the type; all others are read as their texts."""
_BPCHAR, _VARCHAR, _NUMERIC, _UUID = 1042, 1043, 1700, 2950
_MOST_DIGITS = 38
_LONGEST_VARCHAR = 10_485_760
_ESCAPES = {"\\\\": "\\", "\\n": "\n", "\\t": "\t", "\\r": "\r", "\\b": "\b", "\\f": "\f", "\\v": "\v"}
_DECLARED = {
    FieldType.BOOL: "boolean",
    FieldType.BYTE: "smallint",
    FieldType.INT16: "smallint",
    FieldType.INT32: "integer",
    FieldType.INT64: "bigint",
    FieldType.FLOAT: "real",
    FieldType.DOUBLE: "double precision",
    FieldType.DATE: "date",
    FieldType.TIME: "time",
    FieldType.DATETIME: "timestamp",
    FieldType.BLOB: "bytea",
    FieldType.SPATIAL: "text",
}


def read_field(name: str, number: int, modifier: int, source: str) -> Field:
    """The field for a column of the type with that number; `modifier` is the type's own (a length, precision and scale) or -1.

    A numeric of any precision, and one with more digits than a FixedDecimal has, is a Double.
    """
    if number in (_BPCHAR, _VARCHAR) and modifier > 4:
        return Field(name, FieldType.WSTRING if number == _BPCHAR else FieldType.V_WSTRING, modifier - 4, source=source)
    if number == _UUID:
        return Field(name, FieldType.WSTRING, 36, source=source)
    if number == _NUMERIC:
        precision, scale = (modifier - 4) >> 16 & 0xFFFF, (modifier - 4) & 0x7FF
        if modifier > 4 and precision <= _MOST_DIGITS and scale <= precision:
            # Sign and point have places of their own in a FixedDecimal's size.
            return Field(name, FieldType.FIXED_DECIMAL, max(precision + 1 + (scale > 0), scale + 2), scale, source=source)
        return Field(name, FieldType.DOUBLE, source=source)
    return Field(name, _KINDS.get(number, FieldType.V_WSTRING), source=source)


def declaration(field: Field) -> str:
    """The type of a column that holds the field."""
    if field.type.is_text:
        return f"varchar({field.size})" if field.size <= _LONGEST_VARCHAR else "text"
    if field.type is FieldType.FIXED_DECIMAL:
        return f"numeric({max(field.size - 1 - (field.scale > 0), field.scale, 1)}, {field.scale})"
    return _DECLARED[field.type]


def from_copy(field: Field) -> pl.Expr:
    """The column as the field's, from the text that COPY gives for it; the session has ISO dates, UTC and hexadecimal bytes."""
    text = column(field.name)
    match field.type:
        case FieldType.BOOL:
            value = text == "t"
        case FieldType.BLOB:
            value = text.str.slice(3).str.decode("hex")
        case FieldType.DATE:
            value = text.str.to_date("%Y-%m-%d")
        case FieldType.TIME:
            value = text.str.to_time("%H:%M:%S%.f")
        case FieldType.DATETIME:
            value = text.str.strip_suffix("+00").str.to_datetime("%Y-%m-%d %H:%M:%S%.f", time_unit="us")
        case kind if kind.is_text:
            escaped = text.str.contains("\\", literal=True)
            value = pl.when(escaped).then(text.str.replace_many(_ESCAPES)).otherwise(text)
        case _:
            value = text.cast(field.dtype)
    return value.alias(field.name)


def to_copy(field: Field) -> pl.Expr:
    """The column as CSV for COPY holds it: bytes in hexadecimal, spatial objects as GeoJSON."""
    value = column(field.name)
    if field.type is FieldType.SPATIAL:
        return value.map_elements(geojson_from_wkb, return_dtype=pl.String)
    if field.type is FieldType.BLOB:
        return pl.format("\\x{}", value.bin.encode("hex")).alias(field.name)
    return value
