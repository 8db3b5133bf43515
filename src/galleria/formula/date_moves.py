"""Dates moved by units of time, as columns and as texts of any precision."""

import re
from calendar import monthrange
from collections.abc import Sequence
from datetime import date, datetime, timedelta

import polars as pl

from galleria.formula.by_row import same_height
from galleria.formula.date_units import Unit
from galleria.formula.moments import moments_of_texts

EARLIEST, LATEST = datetime(1400, 1, 1), datetime(9999, 12, 31, 23, 59, 59, 999999)
_ATTO = 10**18
_TEXT = re.compile(r"(?:(\d{4})-(\d\d)-(\d\d))?( (?=\d\d:))?(?:(\d\d):(\d\d):(\d\d)(?:\.(\d{1,18}))?)?")


def moved(moment: pl.Expr, number: pl.Expr, unit: Unit) -> pl.Expr:
    """Datetimes moved by whole units of a microsecond or more; Null outside of the years 1400 to 9999."""
    if unit.months:
        there = moment.dt.offset_by(pl.format("{}mo", number * unit.months))
    else:
        there = moment + (number * unit.microseconds).cast(pl.Duration("us"))
    return pl.when((there >= pl.lit(EARLIEST)) & (there <= pl.lit(LATEST))).then(there)


def moved_texts(text: pl.Expr, number: pl.Expr, unit: Unit) -> pl.Expr:
    """ISO texts moved, written as they were: a date moved by days stays a date, digits of a second stay as many, or become more."""

    def apply(columns: Sequence[pl.Series]) -> pl.Series:
        texts, numbers = same_height(columns)
        frame = pl.DataFrame({"text": texts, "number": numbers})
        length = texts.str.len_bytes()
        plain = length.is_in([10, 19]) if not unit.digits else length == 0
        fast = frame.select(_written(unit)).to_series()
        rest = frame.with_row_index("row").filter(~plain & texts.is_not_null() & numbers.is_not_null())
        slow = [moved_text(item, count, unit) for _, item, count in rest.iter_rows()]
        return fast.scatter(rest["row"], pl.Series(slow, dtype=pl.String)) if slow else fast

    return pl.map_batches([text, number], apply, return_dtype=pl.String, is_elementwise=True)


def _written(unit: Unit) -> pl.Expr:
    text = pl.col("text")
    moment = text.map_batches(moments_of_texts, return_dtype=pl.Datetime("us"))
    if unit.digits:
        return pl.lit(None, dtype=pl.String)
    there = moved(moment, pl.col("number"), unit)
    full = there.dt.strftime("%Y-%m-%d %H:%M:%S")
    if not unit.is_whole_days:
        return full
    return pl.when(text.str.len_bytes() == 10).then(there.dt.date().cast(pl.String)).otherwise(full)


def moved_text(text: str, number: int, unit: Unit) -> str | None:
    """One ISO text moved, with up to 18 digits of a second; None where it is none, or ends outside of the years 1400 to 9999."""
    found = _TEXT.fullmatch(text)
    if found is None or not (found[1] or found[5]) or bool(found[4]) != bool(found[1] and found[5]):
        return None
    try:
        day = date(int(found[1]), int(found[2]), int(found[3])) if found[1] else None
        hours, minutes, seconds = (int(found[part] or 0) for part in (5, 6, 7))
        if hours > 23 or minutes > 59 or seconds > 59 or (day and day.year < EARLIEST.year):
            return None
        second = (hours * 60 + minutes) * 60 + seconds
        return _put_together(day, second, found[8] or "", number, unit, has_time=bool(found[5]))
    except (ValueError, OverflowError):
        return None


def _put_together(day: date | None, second: int, fraction: str, number: int, unit: Unit, *, has_time: bool) -> str | None:
    if unit.months:
        day = None if day is None else _months_later(day, number * unit.months)
    step = number * (unit.seconds * _ATTO if unit.seconds else 10 ** (18 - unit.digits) if unit.digits else 0)
    atto = second * _ATTO + int(fraction.ljust(18, "0")) + step
    days, atto = divmod(atto, 86_400 * _ATTO)
    parts: list[str] = []
    if day is not None:
        day += timedelta(days=days)
        if day.year < EARLIEST.year:
            return None
        parts.append(day.isoformat())
    if has_time or not unit.is_whole_days:
        second, rest = divmod(atto, _ATTO)
        digits = max(len(fraction), unit.digits)
        shown = f".{rest:018d}"[: digits + 1] if digits else ""
        parts.append(f"{second // 3600:02d}:{second // 60 % 60:02d}:{second % 60:02d}{shown}")
    return " ".join(parts)


def _months_later(day: date, months: int) -> date:
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))
