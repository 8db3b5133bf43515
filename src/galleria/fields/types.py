"""The workflow's own field types, and the Polars type that carries each."""

import re
from dataclasses import dataclass, replace
from enum import StrEnum

import polars as pl

from galleria.errors import InvalidError


class FieldType(StrEnum):
    BOOL = "Bool"
    BYTE = "Byte"
    INT16 = "Int16"
    INT32 = "Int32"
    INT64 = "Int64"
    FIXED_DECIMAL = "FixedDecimal"
    FLOAT = "Float"
    DOUBLE = "Double"
    STRING = "String"
    WSTRING = "WString"
    V_STRING = "V_String"
    V_WSTRING = "V_WString"
    DATE = "Date"
    TIME = "Time"
    DATETIME = "DateTime"
    BLOB = "Blob"
    SPATIAL = "SpatialObj"

    @property
    def is_integer(self) -> bool:
        return self in _INTEGERS

    @property
    def is_numeric(self) -> bool:
        """Byte to Double; Bool is not among them."""
        return self in _NUMERIC

    @property
    def is_text(self) -> bool:
        return self in _TEXT

    @property
    def is_wide(self) -> bool:
        """Text of any Unicode character; the narrow ones hold Latin-1."""
        return self in (FieldType.WSTRING, FieldType.V_WSTRING)

    @property
    def is_variable(self) -> bool:
        return self in (FieldType.V_STRING, FieldType.V_WSTRING)

    @property
    def is_temporal(self) -> bool:
        return self in (FieldType.DATE, FieldType.TIME, FieldType.DATETIME)

    @property
    def is_binary(self) -> bool:
        return self in (FieldType.BLOB, FieldType.SPATIAL)


_INTEGERS = frozenset({FieldType.BYTE, FieldType.INT16, FieldType.INT32, FieldType.INT64})
_NUMERIC = _INTEGERS | {FieldType.FIXED_DECIMAL, FieldType.FLOAT, FieldType.DOUBLE}
_TEXT = frozenset({FieldType.STRING, FieldType.WSTRING, FieldType.V_STRING, FieldType.V_WSTRING})

V_STRING_MAX = 2_147_483_647
V_WSTRING_MAX = 1_073_741_823

_DEFAULT_SIZES = {
    FieldType.BOOL: 1,
    FieldType.BYTE: 1,
    FieldType.INT16: 2,
    FieldType.INT32: 4,
    FieldType.INT64: 8,
    FieldType.FIXED_DECIMAL: 19,
    FieldType.FLOAT: 4,
    FieldType.DOUBLE: 8,
    FieldType.STRING: 254,
    FieldType.WSTRING: 254,
    FieldType.V_STRING: V_STRING_MAX,
    FieldType.V_WSTRING: V_WSTRING_MAX,
    FieldType.DATE: 10,
    FieldType.TIME: 8,
    FieldType.DATETIME: 19,
    FieldType.BLOB: V_STRING_MAX,
    FieldType.SPATIAL: V_STRING_MAX,
}

_BY_NAME = {kind.value.lower(): kind for kind in FieldType}


def field_type(name: str) -> FieldType:
    """The type of that name, whatever its letter case; raises InvalidError on any other text."""
    try:
        return _BY_NAME[name.strip().lower()]
    except KeyError:
        raise InvalidError(f"Unknown field type: {name}") from None


_UNLIMITED = 536_870_911


def asked_size(kind: FieldType, size: int) -> int:
    """The size that a configuration means: for variable texts, 536870911 (old documents' most) and more is all there can be."""
    return _DEFAULT_SIZES[kind] if kind.is_variable and size >= _UNLIMITED else size


@dataclass(frozen=True)
class Field:
    """A column as the workflow knows it."""

    name: str
    type: FieldType
    size: int = 0
    """Characters for text; all characters, sign and point included, for FixedDecimal; else bytes. 0 asks for the type's usual size."""
    scale: int = 0
    """Digits after the point of a FixedDecimal."""
    source: str = ""
    """Where it came from, in the words of the original (`Formula: [a]+1`)."""
    description: str = ""

    def __post_init__(self) -> None:
        if not self.size:
            object.__setattr__(self, "size", _DEFAULT_SIZES[self.type])
        if self.type is FieldType.FIXED_DECIMAL and self.scale > max(self.size - 2, 0):
            raise InvalidError(f'Field: "{self.name}" has too large a scale ({self.scale}) for the precision ({self.size}).')

    def renamed(self, name: str) -> "Field":
        return replace(self, name=name)

    @property
    def dtype(self) -> pl.DataType:
        """The Polars type of the column: Decimal(38, scale) for FixedDecimal, WKB bytes for SpatialObj."""
        if self.type is FieldType.FIXED_DECIMAL:
            return pl.Decimal(38, self.scale)
        return _DTYPES[self.type]


_DTYPES: dict[FieldType, pl.DataType] = {
    FieldType.BOOL: pl.Boolean(),
    FieldType.BYTE: pl.UInt8(),
    FieldType.INT16: pl.Int16(),
    FieldType.INT32: pl.Int32(),
    FieldType.INT64: pl.Int64(),
    FieldType.FLOAT: pl.Float32(),
    FieldType.DOUBLE: pl.Float64(),
    FieldType.DATE: pl.Date(),
    FieldType.TIME: pl.Time(),
    FieldType.DATETIME: pl.Datetime("us"),
    FieldType.BLOB: pl.Binary(),
    FieldType.SPATIAL: pl.Binary(),
    **{kind: pl.String() for kind in _TEXT},
}


_SIZE = re.compile(r"([0-9]{1,18})(?:\.([0-9]{0,18}))?")


def parse_size(text: str | None) -> tuple[int, int]:
    """Size and scale from a configuration's `size`: "254" is (254, 0), "19.2" is (19, 2), nothing is (0, 0)."""
    if not text:
        return 0, 0
    written = _SIZE.fullmatch(text.strip())
    if written is None:
        raise InvalidError(f"a field size must be a number such as 254 or 19.2, not {text!r}")
    return min(int(written[1]), V_STRING_MAX), min(int(written[2] or 0), V_STRING_MAX)
