"""The cells of a sheet as typed columns. Source: saved schemas of real workflows."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

import polars as pl

from galleria.fields.number_text import text_of_double
from galleria.fields.types import Field, FieldType

Cell = float | int | str | bool | date | datetime | time | timedelta
"""What a cell holds: the empty text for an empty one and for an error."""

_SIZE = 255
_DAY = timedelta(days=1)
_SECOND_NS = 1_000_000_000
_FIRST_DAY = datetime(1899, 12, 30)
"""Excel's day 0."""
_CELLS_OF = {
    FieldType.BOOL: (bool,),
    FieldType.DOUBLE: (float, int),
    FieldType.DATE: (date,),
    FieldType.DATETIME: (date, timedelta),
    FieldType.TIME: (time, timedelta),
}


@dataclass(frozen=True)
class Kinds:
    """How texts and dates come out, which differs between the two generations of workbooks."""

    always_wide: bool = False
    dates_have_times: bool = False
    empty_is_text: bool = False
    rows_that_decide: int | None = None
    """The first ones, by which a column gets its type; None for all. What is of another type further down becomes Null."""


def typed_column(name: str, cells: Sequence[Cell], kinds: Kinds, *, as_text: bool, source: str) -> tuple[Field, pl.Series]:
    """The field that a column of cells gives, and its values. `as_text` where it is text though its cells do not show it.

    Numbers alone give Double, booleans Bool, dates Date, dates with times DateTime, times Time; anything else, also any
    mixture, gives text of 255 characters or as many as the longest needs. A column without any value is Double.
    """
    values = [None if cell == "" else cell for cell in cells]
    found = {type(value) for value in values[: kinds.rows_that_decide]} - {type(None)}
    kind = FieldType.V_STRING if as_text else _plain_kind(found, values[: kinds.rows_that_decide], kinds)
    if kind is FieldType.V_STRING:
        return _text_column(name, values, kinds, source)
    if kinds.rows_that_decide is not None:
        values = [value if _is_of(value, kind) else None for value in values]
    if kind is FieldType.DOUBLE:
        return Field(name, kind, source=source), pl.Series(name, values, pl.Float64, strict=False)
    if kind is FieldType.DATETIME:
        values = [_moment(value) for value in values]
    if kind is FieldType.TIME:
        values = [(_FIRST_DAY + value).time() if isinstance(value, timedelta) else value for value in values]
    field = Field(name, kind, source=source)
    return field, _to_seconds(pl.Series(name, values, field.dtype), kind)


def _to_seconds(values: pl.Series, kind: FieldType) -> pl.Series:
    """Times rounded to the second: cells keep them as fractions of a day."""
    if kind is FieldType.DATETIME:
        return (values + timedelta(milliseconds=500)).dt.truncate("1s")
    if kind is FieldType.TIME:
        seconds = (values.cast(pl.Int64) + _SECOND_NS // 2) // _SECOND_NS % 86_400
        return (seconds * _SECOND_NS).cast(pl.Time)
    return values


def text_of_cell(cell: Cell) -> str:
    if isinstance(cell, bool):
        return str(cell)
    if isinstance(cell, int | float):
        return pl.select(text_of_double(pl.lit(float(cell)), 15)).item()
    if isinstance(cell, timedelta):
        return text_of_cell(_FIRST_DAY + cell if cell >= _DAY else (_FIRST_DAY + cell).time())
    if isinstance(cell, datetime):
        return (cell + timedelta(milliseconds=500)).isoformat(" ", "seconds")
    if isinstance(cell, time):
        return (datetime.combine(_FIRST_DAY, cell) + timedelta(milliseconds=500)).time().isoformat("seconds")
    return str(cell)


def _plain_kind(found: set[type], values: Sequence[Cell | None], kinds: Kinds) -> FieldType:
    if not found:
        return FieldType.V_STRING if kinds.empty_is_text else FieldType.DOUBLE
    if found <= {float, int}:
        return FieldType.DOUBLE
    if found == {bool}:
        return FieldType.BOOL
    if found == {date}:
        return FieldType.DATETIME if kinds.dates_have_times else FieldType.DATE
    if found <= {time, timedelta} and all(not isinstance(value, timedelta) or timedelta(0) <= value < _DAY for value in values):
        return FieldType.TIME
    return FieldType.DATETIME if found <= {date, datetime, timedelta} else FieldType.V_STRING


def _is_of(value: Cell | None, kind: FieldType) -> bool:
    """Whether a cell can be a value of that type; in Python, but not in a workbook, a truth is a number."""
    return isinstance(value, _CELLS_OF[kind]) and isinstance(value, bool) == (kind is FieldType.BOOL)


def _moment(value: Cell | None) -> datetime | None:
    if isinstance(value, timedelta):
        return _FIRST_DAY + value
    if isinstance(value, date) and not isinstance(value, datetime):
        return datetime.combine(value, time())
    return value if isinstance(value, datetime) else None


def _text_column(name: str, values: Sequence[Cell | None], kinds: Kinds, source: str) -> tuple[Field, pl.Series]:
    texts = [value if value is None or isinstance(value, str) else text_of_cell(value) for value in values]
    column = pl.Series(name, texts, pl.String)
    longest = column.str.len_chars().max()
    wide = kinds.always_wide or bool(column.str.contains(r"[^\x{00}-\x{ff}]").any())
    size = max(_SIZE, longest if isinstance(longest, int) else 0)
    return Field(name, FieldType.V_WSTRING if wide else FieldType.V_STRING, size, source=source), column
