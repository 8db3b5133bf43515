"""Keys of several streams, made comparable: text with text, number with number, the rest with its own kind."""

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from galleria.errors import ToolError
from galleria.fields.columns import column
from galleria.fields.promotion import promote
from galleria.fields.types import Field, FieldType
from galleria.table.select_list import stream_column, stream_columns
from galleria.table.table import Table


def key_name(position: int) -> str:
    return f"key {position}"


def key_columns(keys: Sequence[Field], others: Sequence[Sequence[Field]]) -> list[pl.Expr]:
    """The columns `keys` as `key 0`, `key 1`, ..., each of a type in which it can be compared with its place in all of `others`.

    `others` are lists of the same length. Texts compare with case, Null equals Null. Raises ToolError where types cannot meet.
    """
    together = [[key, *(other[position] for other in others)] for position, key in enumerate(keys)]
    return [column(key.name).cast(_common(met)).alias(key_name(i)) for i, (key, met) in enumerate(zip(keys, together, strict=True))]


@dataclass(frozen=True)
class Side:
    """One stream of a join by values."""

    frame: pl.LazyFrame
    """Its `stream_columns`, and keys that had to be cast."""
    by: list[str]
    """The columns to compare with those of the other side."""


def sides(tables: Sequence[Table], keys: Sequence[Sequence[Field]]) -> list[Side]:
    """Streams, each with its own number in its columns' names, and what to join them by."""
    made: list[Side] = []
    for stream, (table, own) in enumerate(zip(tables, keys, strict=True)):
        types = [_common([key[position] for key in keys]) for position in range(len(own))]
        is_cast = [field.dtype != kind for field, kind in zip(own, types, strict=True)]
        casts = [
            column(field.name).cast(kind).alias(key_name(i)) for i, (field, kind) in enumerate(zip(own, types, strict=True)) if is_cast[i]
        ]
        by = [key_name(i) if is_cast[i] else stream_column(stream, table.names.index(field.name)) for i, field in enumerate(own)]
        made.append(Side(table.frame.select(*stream_columns(table, stream), *casts), by))
    return made


def is_inexact(keys: Sequence[Field]) -> bool:
    """Whether one of them is a Float or Double."""
    return any(key.type in (FieldType.FLOAT, FieldType.DOUBLE) for key in keys)


def _common(fields: Sequence[Field]) -> pl.DataType:
    kinds = {field.type for field in fields}
    if len(kinds) == 1 or all(kind.is_numeric or kind is FieldType.BOOL for kind in kinds):
        return promote(fields).dtype
    if all(kind.is_text for kind in kinds):
        return pl.String()
    first, other = fields[0], next(field for field in fields if field.type is not fields[0].type)
    raise ToolError(
        f'The fields "{first.name}" ({first.type}) and "{other.name}" ({other.type}) cannot be joined. Numeric fields can only be '
        "joined to other numeric fields, string fields to other string fields, and any other field to one of its own type."
    )
