"""What is known about the fields of a stream, as a table that expressions can be evaluated over: a row for each field."""

from collections.abc import Sequence

import polars as pl

from galleria.fields.types import Field, FieldType

FACTS = (
    Field("Name", FieldType.V_WSTRING),
    Field("Type", FieldType.V_STRING),
    Field("Size", FieldType.INT64),
    Field("Scale", FieldType.INT64),
    Field("FieldNumber", FieldType.INT64),
    Field("Source", FieldType.V_WSTRING),
    Field("Description", FieldType.V_WSTRING),
    Field("IsNumeric", FieldType.BOOL),
    Field("IsString", FieldType.BOOL),
    Field("IsDateOrTime", FieldType.BOOL),
    Field("IsStringOrDate", FieldType.BOOL),
    Field("IsSpatial", FieldType.BOOL),
    Field("IsBlob", FieldType.BOOL),
)
"""The names by which expressions of the Dynamic Select tool ask. A missing source or description is the empty text."""


def field_facts(fields: Sequence[Field]) -> pl.DataFrame:
    """A row for each field, in order; columns as `FACTS`. Fields count from 1."""
    rows = [_facts(number, field) for number, field in enumerate(fields, 1)]
    return pl.DataFrame(rows, schema={fact.name: fact.dtype for fact in FACTS}, orient="row")


def _facts(number: int, field: Field) -> tuple[object, ...]:
    kind = field.type
    return (
        field.name,
        str(kind),
        field.size,
        field.scale,
        number,
        field.source,
        field.description,
        kind.is_numeric or kind is FieldType.BOOL,
        kind.is_text,
        kind.is_temporal,
        kind.is_text or kind.is_temporal,
        kind is FieldType.SPATIAL,
        kind is FieldType.BLOB,
    )
