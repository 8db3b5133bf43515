"""The finance actions of Summarize: each group's numbers, in their order, are payments.

How documents name these actions and their settings is not published. Read are the names of the functions of expressions
(`FinanceNPV`), with or without `Finance`, and children whose tags speak of a rate, a reinvest rate or a date; whatever else an
action has is refused.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from galleria.errors import ToolError, UnsupportedError
from galleria.fields.columns import column
from galleria.fields.types import Field, FieldType
from galleria.formula.cash_flow import dated_value, modified_rate, modified_rate_dated, root_rate, value_of
from galleria.table.aggregates import Aggregate, as_numbers
from galleria.table.table import Table
from galleria.tools.configuration import Configuration

_NAME = re.compile(r"(?:Finance)?(NPV|XNPV|IRR|XIRR|MIRR|MXIRR|XMIRR)", re.IGNORECASE)
_YEAR_DAYS = 365
_VALUE, _DAY = "value", "day"


@dataclass(frozen=True)
class CashFlow:
    """What is asked of a group's payments."""

    action: str
    kind: str
    """NPV, IRR or MIRR, with an X in front where payments have dates."""
    rate: float = 0.0
    """What money costs a period or, with dates, a year: 0.1 for 10 percent."""
    reinvest_rate: float = 0.0
    date: str = ""
    """The field with the payments' dates."""

    @property
    def is_dated(self) -> bool:
        return self.kind.startswith("X")


def cash_flow(entry: Configuration) -> CashFlow | None:
    """The finance action of a `SummarizeField`, None where it has another; raises UnsupportedError for settings that are not known."""
    action = entry.attribute("action")
    name = _NAME.fullmatch(action)
    if name is None:
        return None
    kind = name[1].upper().replace("MXIRR", "XMIRR")
    found = {_meaning(child, action): child for child in entry.each("*")}
    needed = {"NPV": ["rate"], "MIRR": ["rate", "reinvest rate"]}.get(kind.removeprefix("X"), []) + ["date"] * kind.startswith("X")
    for setting in needed:
        if setting not in found:
            raise UnsupportedError(f"Summarize action {action}", f"it has no setting that is known here as its {setting}")
    rates = [_rate(found[setting], setting) if setting in needed else 0.0 for setting in ("rate", "reinvest rate")]
    date = _written(found["date"]) if "date" in needed else ""
    return CashFlow(action, kind, rates[0], rates[1], date)


def _meaning(child: Configuration, action: str) -> str:
    tag = str(child.element.tag)
    for word, meaning in (("reinvest", "reinvest rate"), ("date", "date"), ("rate", "rate")):
        if word in tag.casefold():
            return meaning
    raise UnsupportedError(f"Summarize action {action}", f"the setting {tag} is not known here")


def _written(child: Configuration) -> str:
    return child.attribute("value") or child.attribute("field") or child.text.strip()


def _rate(child: Configuration, what: str) -> float:
    try:
        rate = float(_written(child))
    except ValueError:
        rate = -1.0
    if not -1 < rate < float("inf"):
        raise ToolError(f"The {what} must be a number above -1, not {_written(child)!r}.")
    return rate


def cash_flow_aggregate(flow: CashFlow, source: Field, table: Table) -> Aggregate:
    """A Double: what the payments are worth on the first date or before the first period, or the rate at which they are worth nothing.

    Payments without a number or a date are left out. Null where there is no payment, or no such rate.
    """
    numbers = as_numbers(flow.action, source)
    made = Field(source.name, FieldType.DOUBLE, source=f"Summarize: {flow.action} - {source.name}")
    value = numbers.value.cast(pl.Float64)
    if not flow.is_dated:
        if flow.kind == "NPV":
            return Aggregate(made, _present(flow, value, value.cum_count()), numbers.problem)
        return Aggregate(made, value.drop_nulls().implode(), numbers.problem, finish=lambda lists: _each(_rate_of(flow), lists))
    day = _day(table.field(flow.date))
    is_known = value.is_not_null() & day.is_not_null()
    if flow.kind == "XNPV":
        days = day.filter(is_known)
        years = (days - days.first()).dt.total_days() / _YEAR_DAYS
        return Aggregate(made, _present(flow, value.filter(is_known), years), numbers.problem)
    pairs = pl.struct(value.alias(_VALUE), day.alias(_DAY)).filter(is_known)
    return Aggregate(made, pairs.implode(), numbers.problem, finish=lambda lists: _each(_dated_rate_of(flow), lists))


def _day(field: Field) -> pl.Expr:
    if field.type not in (FieldType.DATE, FieldType.DATETIME):
        raise ToolError(f'The payments need dates, but the field "{field.name}" is a {field.type}.')
    return column(field.name).cast(pl.Datetime("us"))


def _present(flow: CashFlow, value: pl.Expr, periods: pl.Expr) -> pl.Expr:
    worth = (value / pl.lit(1 + flow.rate).pow(periods.cast(pl.Float64))).sum()
    return pl.when((value.count() > 0) & worth.is_finite()).then(worth)


def _rate_of(flow: CashFlow) -> Callable[[Sequence[Any]], float | None]:
    if flow.kind == "IRR":
        return lambda values: root_rate(lambda rate: value_of(values, rate))
    return lambda values: modified_rate(flow.rate, flow.reinvest_rate, values)


def _dated_rate_of(flow: CashFlow) -> Callable[[Sequence[Any]], float | None]:
    def found(rows: Sequence[Any]) -> float | None:
        pairs = [(row[_VALUE], row[_DAY]) for row in rows]
        if flow.kind == "XIRR":
            return root_rate(lambda rate: dated_value(pairs, rate))
        return modified_rate_dated(flow.rate, flow.reinvest_rate, pairs)

    return found


def _each(function: Callable[[Sequence[Any]], float | None], lists: pl.Expr) -> pl.Expr:
    """`function` of every list; Null of an empty one."""

    def apply(column: pl.Series) -> pl.Series:
        return pl.Series(column.name, [function(row) if row else None for row in column.to_list()], pl.Float64)

    return lists.map_batches(apply, return_dtype=pl.Float64, is_elementwise=True)
