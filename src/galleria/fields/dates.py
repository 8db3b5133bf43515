"""Dates as the original engine writes them: `2024-01-31`, `13:05:00`, `2024-01-31 13:05:00`."""

from datetime import date, datetime

import polars as pl

from galleria.fields.number_text import text_of_double
from galleria.fields.types import FieldType

LAST_SERIAL = 2_958_466
"""Days from 1899-12-30 to the first that is too late: 10000-01-01."""


def text_of_date(value: pl.Expr, kind: FieldType) -> pl.Expr:
    """The text of a Date, Time or DateTime column; fractions of a second only where there are any."""
    if kind is FieldType.DATE:
        return value.cast(pl.String)
    return value.dt.strftime("%H:%M:%S%.f" if kind is FieldType.TIME else "%Y-%m-%d %H:%M:%S%.f")


def date_of_serial(days: pl.Expr, kind: FieldType) -> pl.Expr:
    """Days since 1899-12-30 as Date, Time or DateTime, to the second; Null outside of 1899 to 9999."""
    inside = (days >= 0) & (days < LAST_SERIAL)
    second = (days * 86400 + 0.5).floor().cast(pl.Int64, strict=False)
    moment = (second * 1_000_000).cast(pl.Duration("us")) + pl.lit(datetime(1899, 12, 30)).cast(pl.Datetime("us"))
    result = pl.when(inside).then(moment)
    if kind is FieldType.DATE:
        # The day is cut before the time is rounded.
        return pl.when(inside).then(
            pl.lit(date(1899, 12, 30)) + (days.floor().cast(pl.Int64, strict=False) * 86_400_000_000).cast(pl.Duration("us"))
        )
    return result.dt.time() if kind is FieldType.TIME else result


def serial_problem(days: pl.Expr) -> pl.Expr:
    shown = pl.concat_str(pl.lit('"'), text_of_double(days), pl.lit('" is an invalid datetime - '))
    early = pl.concat_str(shown, pl.lit("Earliest date supported is Dec 30, 1899 (0)"))
    late = pl.concat_str(shown, pl.lit(f"Latest date supported is Dec 31, 9999 ({LAST_SERIAL})"))
    return pl.when(days < 0).then(early).when(days >= LAST_SERIAL).then(late)
