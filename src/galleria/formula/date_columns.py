"""Whole columns of dates read by a format."""

import re
from collections.abc import Callable
from datetime import date, datetime, time

import polars as pl

from galleria.fields.rare import each, with_exceptions
from galleria.formula.date_format import split_format
from galleria.formula.date_names import ENGLISH
from galleria.formula.date_parse import Reader
from galleria.formula.kinds import DATE, DATETIME

_FEW = 20_000
# What Polars' own reader takes for the same date as ours does, if the text looks exactly so.
_EXACT = {
    "Y": "(?:1[4-9]|[2-9][0-9])[0-9]{2}",
    "m": "[0-9]{2}",
    "d": "[0-9]{2}",
    "H": "[0-9]{2}",
    "M": "[0-9]{2}",
    "S": "[0-5][0-9]",
    "b": "[A-Za-z]{3}",
    "B": "[A-Za-z]+",
}


def read_column(texts: pl.Series, pattern: str, reader: Reader) -> pl.Series:
    """Dates, Times or Datetimes (`reader.kind`) from texts; Null where one does not follow the format."""
    distinct = texts.unique()
    if len(distinct) <= max(_FEW, len(texts) // 10):
        # The same days come again and again: each is read once.
        known = pl.DataFrame({"text": distinct, "value": _slow(distinct, reader)})
        return pl.DataFrame({"text": texts}).join(known, on="text", how="left", nulls_equal=True, maintain_order="left")["value"]
    return _fast(texts, pattern, reader)


def _slow(texts: pl.Series, reader: Reader) -> pl.Series:
    return each(texts, lambda text: _part(reader.read(text), reader), reader.kind.dtype)


def _part(moment: datetime | None, reader: Reader) -> datetime | date | time | None:
    if moment is None or reader.kind is DATETIME:
        return moment
    return moment.date() if reader.kind is DATE else moment.time()


def _fast(texts: pl.Series, pattern: str, reader: Reader) -> pl.Series:
    tokens = split_format(pattern)
    letters = {letter for letter, _ in tokens if letter}
    if (
        reader.names is not ENGLISH
        or not letters <= _EXACT.keys()
        or (reader.has_date and not {"Y", "m", "d"} <= letters | _month(letters))
    ):
        return _slow(texts, reader)
    exact = "".join(_EXACT[letter] if letter else re.escape(literal) for letter, literal in tokens)
    chrono = "".join(f"%{letter}" if letter else literal.replace("%", "%%") for letter, literal in tokens)
    fits = texts.str.contains(rf"\A{exact}\z").fill_null(value=False)
    plain = texts.set(~fits, None)
    found = _READERS[str(reader.kind.kind)](plain, chrono)
    return with_exceptions(found, texts, texts.is_not_null() & found.is_null(), lambda rest: _slow(rest, reader))


def _month(letters: set[str]) -> set[str]:
    return {"m"} if letters & {"b", "B"} else set()


_READERS: dict[str, Callable[[pl.Series, str], pl.Series]] = {
    "Date": lambda texts, chrono: texts.str.to_date(chrono, strict=False),
    "Time": lambda texts, chrono: texts.str.to_time(chrono, strict=False),
    "DateTime": lambda texts, chrono: texts.str.to_datetime(chrono, strict=False, time_unit="us"),
}
