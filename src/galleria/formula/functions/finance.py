"""Interest, payments and the worth of cash flows.

The equations are the usual ones; amounts have no sign for their direction: a payment that pays off a present value is positive.
"""

from collections.abc import Callable, Sequence
from typing import Any

import polars as pl

from galleria.formula.by_row import by_row
from galleria.formula.cash_flow import Flow, dated_value, modified_rate, modified_rate_dated, rate_of_annuity, root_rate, value_of
from galleria.formula.functions.angles import finite
from galleria.formula.registry import function


@function("FinanceCAGR(begin: Double, end: Double, years: Double) -> Number")
def cagr(begin: pl.Expr, end: pl.Expr, years: pl.Expr) -> pl.Expr:
    """The yearly growth that leads from a value to another in so many years."""
    return finite((end / begin).pow(1 / years) - 1)


@function("FinanceEffectiveRate(nominal: Double, payments_per_year: Double) -> Number")
def effective_rate(nominal: pl.Expr, payments_per_year: pl.Expr) -> pl.Expr:
    """The yearly rate that a nominal rate comes to when it is paid several times a year."""
    return finite((1 + nominal / payments_per_year).pow(payments_per_year) - 1)


@function("FinanceNominalRate(effective: Double, payments_per_year: Double) -> Number")
def nominal_rate(effective: pl.Expr, payments_per_year: pl.Expr) -> pl.Expr:
    """The nominal yearly rate that comes to an effective one when it is paid several times a year."""
    return finite(payments_per_year * ((1 + effective).pow(1 / payments_per_year) - 1))


@function("FinanceFV(rate: Double, payments: Double, payment: Double, present_value: Double = 0, at_begin: Bool = 0) -> Number")
def future_value(rate: pl.Expr, payments: pl.Expr, payment: pl.Expr, present_value: pl.Expr, at_begin: pl.Expr) -> pl.Expr:
    """What a present value and regular payments are worth after so many payments."""
    growth, annuity = _growth(rate, payments, at_begin)
    return finite(present_value * growth + payment * annuity)


@function("FinancePV(rate: Double, payments: Double, payment: Double, future_value: Double = 0, at_begin: Bool = 0) -> Number")
def present_value(rate: pl.Expr, payments: pl.Expr, payment: pl.Expr, future: pl.Expr, at_begin: pl.Expr) -> pl.Expr:
    """What regular payments and a future value are worth now."""
    growth, annuity = _growth(rate, payments, at_begin)
    return finite((payment * annuity + future) / growth)


@function("FinancePMT(rate: Double, payments: Double, present_value: Double, future_value: Double = 0, at_begin: Bool = 0) -> Number")
def payment(rate: pl.Expr, payments: pl.Expr, present: pl.Expr, future: pl.Expr, at_begin: pl.Expr) -> pl.Expr:
    """The regular payment that a present value and a future value ask for."""
    growth, annuity = _growth(rate, payments, at_begin)
    return finite((present * growth + future) / annuity)


def _growth(rate: pl.Expr, payments: pl.Expr, at_begin: pl.Expr) -> tuple[pl.Expr, pl.Expr]:
    """What 1 grows to, and what payments of 1 come to."""
    growth = (1 + rate).pow(payments)
    annuity = pl.when(rate == 0).then(payments).otherwise((growth - 1) / rate)
    return growth, annuity * pl.when(at_begin).then(1 + rate).otherwise(1)


@function("FinanceNPER(rate: Double, payment: Double, present_value: Double, future_value: Double = 0, at_begin: Bool = 0) -> Number")
def number_of_payments(rate: pl.Expr, amount: pl.Expr, present: pl.Expr, future: pl.Expr, at_begin: pl.Expr) -> pl.Expr:
    """How many payments a present value and a future value ask for."""
    factor = amount * pl.when(at_begin).then(1 + rate).otherwise(1) / rate
    count = ((factor + future) / (factor - present)).log() / (1 + rate).log()
    return finite(pl.when(rate == 0).then((present + future) / amount).otherwise(count))


@function("FinanceRate(payments: Double, payment: Double, present_value: Double, future_value: Double = 0, at_begin: Bool = 0) -> Number")
def rate_per_payment(payments: pl.Expr, amount: pl.Expr, present: pl.Expr, future: pl.Expr, at_begin: pl.Expr) -> pl.Expr:
    """The rate at which so many payments pay a present value and a future value; Null where there is none."""
    return by_row(rate_of_annuity, pl.Float64(), [payments, amount, present, future, at_begin])


@function("FinanceFVSchedule(principal: Double, rates: Double...) -> Number")
def future_value_by_schedule(principal: pl.Expr, rates: Sequence[pl.Expr]) -> pl.Expr:
    """What a value grows to at one rate after another."""
    result = principal
    for rate in rates:
        result = result * (1 + rate)
    return result


@function("FinanceNPV(rate: Double, values: Double...) -> Number")
def net_present_value(rate: pl.Expr, values: Sequence[pl.Expr]) -> pl.Expr:
    """What values at the ends of the coming periods are worth now."""
    return finite(pl.sum_horizontal([value / (1 + rate).pow(period) for period, value in enumerate(values, 1)], ignore_nulls=False))


@function("FinanceIRR(values: Double...) -> Number")
def internal_rate(values: Sequence[pl.Expr]) -> pl.Expr:
    """The rate at which the values, one a period, are worth nothing now; Null where there is none."""
    return by_row(_internal_rate, pl.Float64(), list(values))


def _internal_rate(*flow: float) -> float | None:
    return root_rate(lambda rate: value_of(flow, rate))


def _modified_rate(cost: float, earned: float, *flow: float) -> float | None:
    return modified_rate(cost, earned, flow)


@function("FinanceMIRR(finance_rate: Double, reinvest_rate: Double, values: Double...) -> Number")
def modified_internal_rate(finance_rate: pl.Expr, reinvest_rate: pl.Expr, values: Sequence[pl.Expr]) -> pl.Expr:
    """The internal rate where money paid costs one rate and money received earns another."""
    return by_row(_modified_rate, pl.Float64(), [finance_rate, reinvest_rate, *values])


@function("FinanceXIRR((value: Double, day: DateTime)...) -> Number")
def internal_rate_dated(pairs: Sequence[tuple[pl.Expr, pl.Expr]]) -> pl.Expr:
    """The yearly rate at which the values, each on its day, are worth nothing on the first; Null where there is none."""
    return _dated(_internal_rate_dated, [], pairs)


@function("FinanceXNPV(rate: Double, (value: Double, day: DateTime)...) -> Number")
def net_present_value_dated(rate: pl.Expr, pairs: Sequence[tuple[pl.Expr, pl.Expr]]) -> pl.Expr:
    """What values, each on its day, are worth on the first, at a yearly rate."""
    return _dated(_present_dated, [rate], pairs)


@function("FinanceMXIRR(finance_rate: Double, reinvest_rate: Double, (value: Double, day: DateTime)...) -> Number")
def modified_internal_rate_dated(finance_rate: pl.Expr, reinvest_rate: pl.Expr, pairs: Sequence[tuple[pl.Expr, pl.Expr]]) -> pl.Expr:
    """The yearly internal rate of values, each on its day, where money paid costs one rate and money received earns another."""
    return _dated(modified_rate_dated, [finance_rate, reinvest_rate], pairs)


def _internal_rate_dated(flow: Flow) -> float | None:
    return root_rate(lambda rate: dated_value(flow, rate))


def _present_dated(rate: float, flow: Flow) -> float | None:
    return dated_value(flow, rate)


def _dated(function: Callable[..., float | None], rates: Sequence[pl.Expr], pairs: Sequence[tuple[pl.Expr, pl.Expr]]) -> pl.Expr:
    count = len(rates)

    def apply(*row: Any) -> float | None:
        flow: Flow = list(zip(row[count::2], row[count + 1 :: 2], strict=True))
        return function(*row[:count], flow)

    return by_row(apply, pl.Float64(), [*rates, *[item for pair in pairs for item in pair]])
