"""Dates moved, subtracted, and cut to a unit of time."""

import polars as pl

from galleria.errors import UnsupportedError
from galleria.fields.dates import text_of_date
from galleria.formula.by_row import by_row
from galleria.formula.date_moves import moved, moved_text, moved_texts
from galleria.formula.date_units import Unit, unit_for
from galleria.formula.kinds import DATE, DATETIME, TEXT, TIME, Kind
from galleria.formula.moments import as_moment
from galleria.formula.operand import Operand
from galleria.formula.registry import Outcome, Site, function


@function("DateTimeAdd(moment: Any, number: Int, unit: String) -> DateTime|Date|Time|String", detailed=True)
def add(site: Site, moment: Operand, number: Operand, unit: Operand) -> Outcome:
    """The moment, moved by a whole number of units; months and years stop at the end of a month.

    A Date moved by days or more stays a Date; text stays text, with as many digits as it had.
    """
    kind = moment.type.kind
    given = as_moment(moment.with_problem(None), "DateTimeAdd")
    if kind is Kind.NULL:
        return Outcome(pl.lit(None, pl.String), given.problem, TEXT)
    if not unit.is_constant:
        text = moment.expression if kind is Kind.TEXT else text_of_date(moment.expression, moment.type.field_type)
        value = by_row(
            lambda item, count, name: moved_text(item, count, unit_for(name, unit.position)),
            pl.String(),
            [text, number.expression, unit.expression],
        )
        return Outcome(value, given.problem, TEXT)
    step = unit_for(unit.constant_text or "", unit.position)
    if kind is Kind.TEXT:
        return Outcome(moved_texts(moment.expression, number.expression, step), given.problem, TEXT)
    if step.digits > 6:
        raise UnsupportedError("DateTimeAdd", "dates of a field have microseconds; finer units can be added to text")
    there = moved(given.expression, number.expression, step)
    if kind is Kind.TIME:
        return Outcome(there.dt.time(), type=TIME)
    if kind is Kind.DATE and step.is_whole_days:
        return Outcome(there.dt.date(), type=DATE)
    return Outcome(there, type=DATETIME)


@function("DateTimeDiff(later: DateTime, earlier: DateTime, unit: String) -> Int", detailed=True)
def difference(site: Site, later: Operand, earlier: Operand, unit: Operand) -> pl.Expr:
    """How many whole units `later` comes behind `earlier`; months are complete on the same day, or at a month's end."""
    if not unit.is_constant:
        raise UnsupportedError("DateTimeDiff", "the unit must be a constant")
    step = unit_for(unit.constant_text or "", unit.position)
    if step.months:
        return _months_between(later.expression, earlier.expression, step)
    apart = (later.expression - earlier.expression).dt.total_microseconds()
    if not step.microseconds:
        return apart * 10 ** (step.digits - 6)
    whole = apart.abs() // step.microseconds
    return pl.when(apart < 0).then(-whole).otherwise(whole)


def _months_between(later: pl.Expr, earlier: pl.Expr, step: Unit) -> pl.Expr:
    forward = later >= earlier
    first, last = pl.when(forward).then(earlier).otherwise(later), pl.when(forward).then(later).otherwise(earlier)
    months = (last.dt.year().cast(pl.Int64) - first.dt.year()) * 12 + (last.dt.month().cast(pl.Int64) - first.dt.month())
    day_in_month = (pl.duration(days=first.dt.day().cast(pl.Int64))) + _time_of_day(first)
    day_reached = (pl.duration(days=last.dt.day().cast(pl.Int64))) + _time_of_day(last)
    at_end = (last.dt.day() == last.dt.days_in_month()) & (first.dt.day() >= last.dt.day()) & (_time_of_day(last) >= _time_of_day(first))
    complete = months - pl.when((day_reached < day_in_month) & ~at_end).then(1).otherwise(0)
    whole = complete // step.months
    return pl.when(forward).then(whole).otherwise(-whole)


def _time_of_day(moment: pl.Expr) -> pl.Expr:
    return moment - moment.dt.truncate("1d")


@function("DateTimeTrim(moment: DateTime, unit: String) -> DateTime", detailed=True)
def trim_moment(site: Site, moment: Operand, unit: Operand) -> pl.Expr:
    """The start of the year, month, day, hour, minute, second or fraction of one; `firstofmonth`; the last second of the `lastofmonth`."""
    if not unit.is_constant:
        raise UnsupportedError("DateTimeTrim", "the unit must be a constant")
    name = (unit.constant_text or "").strip().lower()
    value = moment.expression
    if name == "firstofmonth":
        return value.dt.truncate("1mo")
    if name == "lastofmonth":
        return value.dt.truncate("1mo").dt.offset_by("1mo") - pl.duration(seconds=1)
    step = unit_for(name, unit.position)
    if step.months:
        return value.dt.truncate("1y" if step.months == 12 else "1mo")
    return value if step.digits > 6 else value.dt.truncate(f"{step.microseconds}us")
