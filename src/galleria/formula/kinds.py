"""What an expression can be worth: the kind of a value, and the Polars type that carries it."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import polars as pl

from galleria.fields.types import Field, FieldType


class Kind(StrEnum):
    NUMBER = "Number"
    BOOL = "Bool"
    TEXT = "String"
    DATE = "Date"
    TIME = "Time"
    DATETIME = "DateTime"
    SPATIAL = "SpatialObj"
    BLOB = "Blob"
    NULL = "Null"
    """NULL() before anything says what it should be."""

    @property
    def is_number(self) -> bool:
        """Bool is a number for operators and arguments."""
        return self in (Kind.NUMBER, Kind.BOOL)

    @property
    def is_temporal(self) -> bool:
        return self in (Kind.DATE, Kind.TIME, Kind.DATETIME)

    @property
    def is_text(self) -> bool:
        """Dates are text for operators and arguments."""
        return self is Kind.TEXT or self.is_temporal


INT64 = (-(2**63), 2**63 - 1)
INT128 = (-(2**127), 2**127 - 1)


@dataclass(frozen=True)
class ValueType:
    kind: Kind
    bounds: tuple[int, int] | None = None
    """For whole numbers: the least and the greatest value that is possible, which decides whether Int64 is wide enough. None: a Double.

    For a Bool: what it is as a number. A field's True is 1; that of an operator or a function is -1, as the results of real
    workflows show: `-([a] = [b])` counts upwards.
    """

    @property
    def is_whole(self) -> bool:
        return self.kind is Kind.NUMBER and self.bounds is not None

    @property
    def dtype(self) -> pl.DataType:
        """The Polars type of the value's expression."""
        if self.kind is Kind.NUMBER:
            return number_dtype(self.bounds)
        return _DTYPES[self.kind]

    @property
    def field_type(self) -> FieldType:
        if self.kind is Kind.NUMBER:
            return FieldType.INT64 if self.bounds else FieldType.DOUBLE
        return _FIELD_TYPES[self.kind]


def number_dtype(bounds: tuple[int, int] | None) -> pl.DataType:
    """Int64, or Int128 where that is too narrow, or Float64."""
    if bounds is None:
        return pl.Float64()
    return pl.Int64() if within(bounds, INT64) else pl.Int128()


def within(inner: tuple[int, int], outer: tuple[int, int]) -> bool:
    return outer[0] <= inner[0] and inner[1] <= outer[1]


DOUBLE = ValueType(Kind.NUMBER)
WHOLE = ValueType(Kind.NUMBER, INT64)
BOOL = ValueType(Kind.BOOL, (-1, 0))
"""What operators and functions answer."""
FLAG = ValueType(Kind.BOOL, (0, 1))
"""What fields and constants hold."""
TEXT = ValueType(Kind.TEXT)
DATE = ValueType(Kind.DATE)
TIME = ValueType(Kind.TIME)
DATETIME = ValueType(Kind.DATETIME)
SPATIAL = ValueType(Kind.SPATIAL)
BLOB = ValueType(Kind.BLOB)
NULL = ValueType(Kind.NULL)

_DTYPES: dict[Kind, pl.DataType] = {
    Kind.BOOL: pl.Boolean(),
    Kind.TEXT: pl.String(),
    Kind.DATE: pl.Date(),
    Kind.TIME: pl.Time(),
    Kind.DATETIME: pl.Datetime("us"),
    Kind.SPATIAL: pl.Binary(),
    Kind.BLOB: pl.Binary(),
    Kind.NULL: pl.Null(),
}
_FIELD_TYPES = {
    Kind.BOOL: FieldType.BOOL,
    Kind.TEXT: FieldType.V_WSTRING,
    Kind.DATE: FieldType.DATE,
    Kind.TIME: FieldType.TIME,
    Kind.DATETIME: FieldType.DATETIME,
    Kind.SPATIAL: FieldType.SPATIAL,
    Kind.BLOB: FieldType.BLOB,
    Kind.NULL: FieldType.V_WSTRING,
}
_WHOLE_BOUNDS = {
    FieldType.BYTE: (0, 255),
    FieldType.INT16: (-(2**15), 2**15 - 1),
    FieldType.INT32: (-(2**31), 2**31 - 1),
    FieldType.INT64: INT64,
}
_OTHER_TYPES = {
    FieldType.BOOL: FLAG,
    FieldType.DATE: DATE,
    FieldType.TIME: TIME,
    FieldType.DATETIME: DATETIME,
    FieldType.BLOB: BLOB,
    FieldType.SPATIAL: SPATIAL,
}


def type_of_field(field: Field) -> ValueType:
    """FixedDecimal and Float enter as Double."""
    if field.type.is_text:
        return TEXT
    if field.type.is_numeric:
        return ValueType(Kind.NUMBER, _WHOLE_BOUNDS.get(field.type))
    return _OTHER_TYPES[field.type]


def unify(types: Sequence[ValueType]) -> ValueType | None:
    """The type in which all of them meet: Null fits any, whole numbers meet Doubles, unlike dates meet as text; None where they cannot."""
    known = [kind for kind in types if kind.kind is not Kind.NULL]
    if not known:
        return NULL
    kinds = {known_type.kind for known_type in known}
    if len(kinds) == 1 and kinds != {Kind.NUMBER}:
        return known[0]
    if all(kind.is_number for kind in kinds):
        return ValueType(Kind.NUMBER, hull([item.bounds for item in known]))
    return TEXT if all(kind.is_text for kind in kinds) else None


def hull(bounds: Sequence[tuple[int, int] | None]) -> tuple[int, int] | None:
    """Bounds around all of them; None as soon as one is a Double."""
    known = [item for item in bounds if item is not None]
    if len(known) < len(bounds):
        return None
    return min(low for low, _ in known), max(high for _, high in known)
