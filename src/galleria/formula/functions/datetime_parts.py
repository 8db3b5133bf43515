"""Parts of a date as numbers."""

import polars as pl

from galleria.fields.dates import date_of_serial, serial_problem
from galleria.fields.types import FieldType
from galleria.formula.kinds import Kind
from galleria.formula.moments import TIME_DAY, as_moment
from galleria.formula.operand import Operand, as_double
from galleria.formula.registry import Outcome, Site, function


def _dated(moment: pl.Expr, name: str) -> tuple[pl.Expr, pl.Expr]:
    """The moment, Null for a time without a day, and what to say about that."""
    is_time = (moment.dt.date() == TIME_DAY).fill_null(value=False)
    problem = pl.when(is_time).then(pl.lit(f"{name.upper()}: a time has no date"))
    return pl.when(~is_time).then(moment), problem


@function("DateTimeYear(moment: DateTime) -> Int")
def year(moment: pl.Expr) -> Outcome:
    """The year."""
    dated, problem = _dated(moment, "DateTimeYear")
    return Outcome(dated.dt.year().cast(pl.Int64), problem)


@function("DateTimeMonth(moment: DateTime) -> Int")
def month(moment: pl.Expr) -> Outcome:
    """The month, 1 to 12; Null, and a conversion error, for a time without a day."""
    dated, problem = _dated(moment, "DateTimeMonth")
    return Outcome(dated.dt.month().cast(pl.Int64), problem)


@function("DateTimeDay(moment: DateTime) -> Int")
def day(moment: pl.Expr) -> Outcome:
    """The day of the month."""
    dated, problem = _dated(moment, "DateTimeDay")
    return Outcome(dated.dt.day().cast(pl.Int64), problem)


@function("DateTimeHour(moment: DateTime) -> Int")
def hour(moment: pl.Expr) -> pl.Expr:
    """The hour, 0 to 23; 0 for a date alone."""
    return moment.dt.hour().cast(pl.Int64)


@function("DateTimeMinutes(moment: DateTime) -> Int")
def minutes(moment: pl.Expr) -> pl.Expr:
    """The minute of the hour."""
    return moment.dt.minute().cast(pl.Int64)


@function("DateTimeSeconds(moment: DateTime) -> Int")
def seconds(moment: pl.Expr) -> pl.Expr:
    """The second of the minute."""
    return moment.dt.second().cast(pl.Int64)


@function("DateTimeQuarter(moment: DateTime, first_month: Int = 1) -> Int")
def quarter(moment: pl.Expr, first_month: pl.Expr) -> Outcome:
    """The quarter, 1 to 4, of a year whose first quarter begins with month `first_month`."""
    dated, problem = _dated(moment, "DateTimeQuarter")
    since = (dated.dt.month().cast(pl.Int64) - first_month.fill_null(1)) % 12
    return Outcome(since // 3 + 1, problem)


@function("DateTimeWeekNum(moment: DateTime, first_weekday: Int = 1) -> Int")
def week_number(moment: pl.Expr, first_weekday: pl.Expr) -> Outcome:
    """The week of the year, 1 to 54: week 1 holds 1 January, a week begins on `first_weekday` (1 is Sunday, 7 Saturday)."""
    dated, problem = _dated(moment, "DateTimeWeekNum")
    new_year = dated.dt.truncate("1y")
    offset = (new_year.dt.weekday().cast(pl.Int64) + 1 - first_weekday.fill_null(1)) % 7
    return Outcome((dated.dt.ordinal_day().cast(pl.Int64) - 1 + offset) // 7 + 1, problem)


@function("DateTimeWorkDays(last: DateTime, first: DateTime, first_weekday: Int = 2) -> Int")
def work_days(last: pl.Expr, first: pl.Expr, first_weekday: pl.Expr) -> pl.Expr:
    """Working days from `first` to `last`, both counted; the first five days of a week that begins on `first_weekday` (2 is Monday)."""
    shift = pl.duration(days=(first_weekday.fill_null(2) - 2) % 7)
    start, end = (first.dt.date() - shift), (last.dt.date() - shift)
    earlier, later = pl.min_horizontal(start, end), pl.max_horizontal(start, end)
    count = pl.business_day_count(earlier, later + pl.duration(days=1)).cast(pl.Int64)
    counted = pl.when(start > end).then(-count).otherwise(count)
    return pl.when(first.is_not_null() & last.is_not_null()).then(counted)


@function("ToDate(value: Any) -> Date", detailed=True)
def to_date(site: Site, value: Operand) -> Outcome:
    """The day of a date or a text in ISO form, or of a number that counts days from 1899-12-30; Null for other text."""
    moment, problem = _moment(value, "ToDate", FieldType.DATE)
    return Outcome(moment, problem)


@function("ToDateTime(value: Any) -> DateTime", detailed=True)
def to_date_time(site: Site, value: Operand) -> Outcome:
    """The moment of a date or a text in ISO form, or of a number that counts days from 1899-12-30; Null for other text."""
    moment, problem = _moment(value, "ToDateTime", FieldType.DATETIME)
    return Outcome(moment, problem)


def _moment(value: Operand, name: str, kind: FieldType) -> tuple[pl.Expr, pl.Expr | None]:
    if value.type.kind.is_number:
        days = as_double(value).expression
        return date_of_serial(days, kind), serial_problem(days)
    moment = as_moment(value.with_problem(None), name)
    timeless = moment.expression
    if value.type.kind is Kind.TIME:
        timeless = pl.lit(None, dtype=pl.Datetime("us"))
    elif value.type.kind is Kind.TEXT:
        timeless = pl.when(timeless.dt.date() != TIME_DAY).then(timeless)
    return (timeless.dt.date() if kind is FieldType.DATE else timeless), moment.problem
