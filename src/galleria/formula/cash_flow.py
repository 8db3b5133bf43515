"""The worth of payments over time, and the rates that make them worth nothing."""

import math
from collections.abc import Callable, Sequence
from datetime import datetime
from itertools import pairwise
from typing import Any

Flow = Sequence[tuple[float, datetime]]
_YEAR_DAYS = 365
_BELOW_0 = (-0.999999, -0.99, -0.9, -0.7, -0.5, -0.3, -0.2, -0.1, -0.05, -0.01)
_STEPS = (*_BELOW_0, 0.0, 0.01, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 100.0, 1e4, 1e6)


def real(function: Callable[..., float | complex | None]) -> Callable[..., float | None]:
    """The function, with None for what is no finite real number (powers of negative numbers, divisions by 0)."""

    def guarded(*arguments: Any) -> float | None:
        try:
            value = function(*arguments)
        except (OverflowError, ZeroDivisionError, ValueError):
            return None
        return value if isinstance(value, float | int) and math.isfinite(value) else None

    return guarded


@real
def value_of(flow: Sequence[float], rate: float) -> float:
    """What values, the first now and one a period, are worth now."""
    return sum(value / (1 + rate) ** period for period, value in enumerate(flow))


@real
def dated_value(flow: Flow, rate: float) -> float | None:
    """What values, each on its day, are worth on the first, at a yearly rate; None for a rate of -1 or less."""
    if rate <= -1:
        return None
    return sum(value / (1 + rate) ** _years(flow, day) for value, day in flow)


@real
def modified_rate(cost: float, earned: float, flow: Sequence[float]) -> float | None:
    """The modified internal rate of values one a period."""
    periods = len(flow) - 1
    if cost <= -1 or earned <= -1:
        return None
    received = sum(value * (1 + earned) ** (periods - period) for period, value in enumerate(flow) if value > 0)
    paid = -sum(value / (1 + cost) ** period for period, value in enumerate(flow) if value < 0)
    return (received / paid) ** (1 / periods) - 1 if received > 0 and paid > 0 and periods else None


@real
def modified_rate_dated(cost: float, earned: float, flow: Flow) -> float | None:
    """The modified yearly internal rate of values, each on its day."""
    span = max(_years(flow, day) for _, day in flow)
    if cost <= -1 or earned <= -1:
        return None
    received = sum(value * (1 + earned) ** (span - _years(flow, day)) for value, day in flow if value > 0)
    paid = -sum(value / (1 + cost) ** _years(flow, day) for value, day in flow if value < 0)
    return (received / paid) ** (1 / span) - 1 if received > 0 and paid > 0 and span > 0 else None


def rate_of_annuity(payments: float, payment: float, present: float, future: float, at_begin: object) -> float | None:
    """The rate a period at which `payments` payments pay off a present and a future value."""

    def missing(rate: float) -> float:
        growth = (1 + rate) ** payments
        annuity = payments if abs(rate) < 1e-12 else (growth - 1) / rate
        return payment * annuity * (1 + rate if at_begin else 1) - present * growth - future

    return root_rate(missing)


def root_rate(function: Callable[[float], float | None]) -> float | None:
    """The rate above -1, nearest to 0, at which the function is 0; None where it never changes its sign."""
    check = real(function)
    known = [(rate, value) for rate in _STEPS if (value := check(rate)) is not None]
    brackets = [pair for pair in pairwise(known) if _changes_sign(pair[0][1], pair[1][1])]
    if not brackets:
        return None
    (low, at_low), (high, at_high) = min(brackets, key=lambda pair: min(abs(pair[0][0]), abs(pair[1][0])))
    if 0 in (at_low, at_high):
        return low if at_low == 0 else high
    for _ in range(200):
        middle = (low + high) / 2
        at_middle = check(middle)
        if at_middle is None or middle in (low, high):
            break
        if (at_middle < 0) == (at_low < 0):
            low, at_low = middle, at_middle
        else:
            high = middle
    return (low + high) / 2


def _changes_sign(one: float, other: float) -> bool:
    return 0 in (one, other) or (one < 0) != (other < 0)


def _years(flow: Flow, day: datetime) -> float:
    return (day - flow[0][1]).days / _YEAR_DAYS
