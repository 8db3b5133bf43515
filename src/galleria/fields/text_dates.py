"""Text read as Date, Time and DateTime fields. Source: OpenYXDB, `formula.md` 6; fractions of a second as newer engines have them."""

from collections.abc import Callable
from datetime import timedelta

import polars as pl

from galleria.fields.rare import mapped, with_exceptions
from galleria.fields.types import FieldType

DATETIME = pl.Datetime("us")
_EARLIEST = "1400-01-01"


def date_of_text(text: pl.Expr, kind: FieldType) -> pl.Expr:
    """The value that a field of that type keeps of a text: ISO form only, cut to the field's length; anything else is Null.

    A date alone is midnight as a DateTime; a date with time gives its part to a Date and to a Time.
    """
    function, dtype = _READERS[kind]
    return mapped(text, function, dtype)


def date_problem(text: pl.Expr, kind: FieldType) -> pl.Expr:
    """`"13/01/2020" is not a valid Date` for a text that `date_of_text` makes Null."""
    failed = date_of_text(text, kind).is_null() & text.is_not_null()
    return pl.when(failed).then(pl.concat_str(pl.lit('"'), text, pl.lit(f'" is not a valid {kind}')))


def dates(texts: pl.Series) -> pl.Series:
    """Dates from texts that begin with one; Null elsewhere."""
    head = _cut(texts, 10)
    # Polars also reads `2020-1-5`; the original wants ten characters.
    wrong = (head.str.len_bytes() != 10) | (head < _EARLIEST)
    return head.str.to_date("%Y-%m-%d", strict=False).set(wrong.fill_null(value=False), None)


def times(texts: pl.Series) -> pl.Series:
    """Times from `HH:MM:SS`, with a fraction or behind a date."""
    dated = (texts.str.len_bytes() >= 19).fill_null(value=False)
    if dated.any():
        texts = texts.zip_with(~dated | dates(texts).is_null(), texts.str.slice(11))
    plain = _cut(texts, 8)
    wrong = (plain.str.len_bytes() != 8) | (plain.str.slice(6, 2) == "60")
    found = plain.str.to_time("%H:%M:%S", strict=False).set(wrong.fill_null(value=False), None)
    fraction = (texts.str.slice(8, 1) == ".") & found.is_not_null()
    return with_exceptions(found, texts, fraction, lambda rest: rest.str.slice(0, 15).str.to_time("%H:%M:%S%.f", strict=False))


def datetimes(texts: pl.Series) -> pl.Series:
    """Dates with time, dates alone (as midnight); Null elsewhere. Fractions are read to the microsecond."""
    plain = _cut(texts, 19)
    wrong = (plain.str.len_bytes() != 19) | (plain < _EARLIEST) | (plain.str.slice(17, 2) == "60")
    found = plain.str.to_datetime("%Y-%m-%d %H:%M:%S", strict=False, time_unit="us").set(wrong.fill_null(value=False), None)
    found = with_exceptions(found, texts, texts.str.len_bytes() == 10, lambda rest: dates(rest).cast(DATETIME))
    fraction = (texts.str.len_bytes() > 20) & found.is_not_null()
    return with_exceptions(found, texts, fraction, _with_fraction)


def _with_fraction(texts: pl.Series) -> pl.Series:
    start = texts.str.slice(0, 19).str.to_datetime("%Y-%m-%d %H:%M:%S", strict=False, time_unit="us")
    digits = texts.str.extract(r"\A.{19}\.([0-9]{1,6})").fill_null("0").str.pad_end(6, "0").cast(pl.Int64)
    return start + digits * timedelta(microseconds=1)


def _cut(texts: pl.Series, length: int) -> pl.Series:
    longest = texts.str.len_bytes().max()
    return texts.str.slice(0, length) if isinstance(longest, int) and longest > length else texts


_READERS: dict[FieldType, tuple[Callable[[pl.Series], pl.Series], pl.DataType]] = {
    FieldType.DATE: (dates, pl.Date()),
    FieldType.TIME: (times, pl.Time()),
    FieldType.DATETIME: (datetimes, DATETIME),
}
