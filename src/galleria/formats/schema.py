"""The fields of a table that comes from elsewhere with Polars' own types."""

from collections.abc import Mapping

import polars as pl

from galleria.errors import UnsupportedError
from galleria.fields.columns import column
from galleria.fields.types import Field, FieldType
from galleria.table.table import Table

_SECOND_NS = 1_000_000_000
_KINDS: Mapping[type[pl.DataType], FieldType] = {
    pl.Boolean: FieldType.BOOL,
    pl.UInt8: FieldType.BYTE,
    pl.Int8: FieldType.INT16,
    pl.Int16: FieldType.INT16,
    pl.UInt16: FieldType.INT32,
    pl.Int32: FieldType.INT32,
    pl.UInt32: FieldType.INT64,
    pl.Int64: FieldType.INT64,
    pl.Float32: FieldType.FLOAT,
    pl.Float64: FieldType.DOUBLE,
    pl.String: FieldType.V_WSTRING,
    pl.Categorical: FieldType.V_WSTRING,
    pl.Enum: FieldType.V_WSTRING,
    pl.Date: FieldType.DATE,
    pl.Time: FieldType.TIME,
    pl.Datetime: FieldType.DATETIME,
    pl.Binary: FieldType.BLOB,
    pl.Null: FieldType.V_WSTRING,
}


def table_from(frame: pl.LazyFrame, schema: Mapping[str, pl.DataType], source: str) -> Table:
    """The table with the columns of `schema`; moments lose their zone (they are in UTC then), times their fractions of a second.

    Raises UnsupportedError for lists, structures and durations.
    """
    fields = tuple(_field(name, dtype, source) for name, dtype in schema.items())
    columns = [_value(field, schema[field.name]).alias(field.name) for field in fields]
    return Table(frame.select(columns), fields)


def _field(name: str, dtype: pl.DataType, source: str) -> Field:
    if isinstance(dtype, pl.Decimal):
        scale = dtype.scale
        return Field(name, FieldType.FIXED_DECIMAL, (dtype.precision or 38) + 1 + (scale > 0), scale, source=source)
    if isinstance(dtype, pl.UInt64 | pl.Int128):
        return Field(name, FieldType.FIXED_DECIMAL, 39, source=source)
    kind = _KINDS.get(type(dtype))
    if kind is None:
        raise UnsupportedError(f"column of type {dtype}", f'"{name}" holds what a field cannot: no lists, structures or durations')
    return Field(name, kind, source=source)


def _value(field: Field, dtype: pl.DataType) -> pl.Expr:
    value = column(field.name)
    if isinstance(dtype, pl.Datetime):
        plain = value.dt.convert_time_zone("UTC").dt.replace_time_zone(None) if dtype.time_zone else value
        return plain.dt.truncate("1s").cast(field.dtype)
    if isinstance(dtype, pl.Time):
        return (value.cast(pl.Int64) // _SECOND_NS * _SECOND_NS).cast(pl.Time)
    return value.cast(field.dtype)
