"""Arguments that must be a date, a time or both, whatever they come as, on their way into Polars."""

from datetime import date, datetime

import polars as pl

from galleria.errors import FormulaError
from galleria.fields.rare import mapped, with_exceptions
from galleria.fields.text_dates import DATETIME as DATETIME_DTYPE
from galleria.fields.text_dates import datetimes, times
from galleria.formula.kinds import DATETIME, Kind
from galleria.formula.operand import Operand, join_problems

TIME_DAY = date(1899, 12, 30)
"""The day that a time alone is thought to be on: day 0 of the calendar's numbers."""


def as_moment(item: Operand, function: str) -> Operand:
    """A Datetime of microseconds; text must be in ISO form, else it is Null and a problem. Raises FormulaError for numbers and objects."""
    kind = item.type.kind
    if kind is Kind.NULL:
        return item.with_expression(pl.lit(None, dtype=DATETIME_DTYPE), DATETIME)
    if not kind.is_text:
        raise FormulaError(f"Type mismatch. {kind} provided where a date or a string is required.", item.position)
    if kind is Kind.TEXT:
        value = mapped(item.expression, moments_of_texts, DATETIME_DTYPE)
        return item.with_expression(value, DATETIME).with_problem(join_problems([item.problem, _problem(item, function)]))
    return item.with_expression(_of_temporal(item.expression, kind), DATETIME)


def moments_of_texts(texts: pl.Series) -> pl.Series:
    """Dates with or without time, and times alone; Null for any other text."""
    found = datetimes(texts)
    return with_exceptions(found, texts, found.is_null() & texts.is_not_null(), lambda rest: _on_time_day(times(rest)))


def _on_time_day(column: pl.Series) -> pl.Series:
    return pl.select(_of_temporal(pl.lit(column), Kind.TIME)).to_series()


def _of_temporal(value: pl.Expr, kind: Kind) -> pl.Expr:
    if kind is Kind.DATE:
        return value.cast(DATETIME_DTYPE)
    if kind is Kind.TIME:
        return pl.lit(datetime(TIME_DAY.year, TIME_DAY.month, TIME_DAY.day)).cast(DATETIME_DTYPE) + value.cast(pl.Duration("us"))
    return value


def _problem(item: Operand, function: str) -> pl.Expr:
    bad = mapped(item.expression, lambda column: moments_of_texts(column).is_null() & column.is_not_null(), pl.Boolean())
    told = pl.concat_str(pl.lit(f'{function.upper()}: "'), item.expression, pl.lit('" is not a valid date or time'))
    return pl.when(bad).then(told)
