"""Where values lie along an axis, and which of them are written at it."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from galleria.reports.charts.figure import Axis, AxisType, Value


@dataclass(frozen=True)
class Scale:
    low: float
    high: float
    start: float
    """Where `low` is drawn, in pixels."""
    end: float
    ticks: Sequence[tuple[float, str]]
    """Positions along the axis, as values, and their labels."""
    categories: dict[str, int]
    """Place of each category; empty for other axes."""

    def number(self, value: Value) -> float | None:
        """The value as a number along the axis: of a category, its place; None for what cannot be drawn."""
        if self.categories:
            return None if value is None else self.categories.get(category(value))
        return value if isinstance(value, float) and math.isfinite(value) else None

    def place(self, number: float) -> float:
        return self.start + (number - self.low) / (self.high - self.low) * (self.end - self.start)


def category(value: Value) -> str:
    return value if isinstance(value, str) else f"{value:g}" if value is not None else ""


def scale_for(axis: Axis, values: Iterable[Value], start: float, end: float, *, from_zero: bool, margin: float) -> Scale:
    """The scale on which all values can be drawn. `margin` is the share of the values' width left free at both ends."""
    if axis.type is AxisType.CATEGORY:
        return _categories(axis, values, start, end)
    numbers = [value for value in values if isinstance(value, float) and math.isfinite(value)]
    low, high = axis.range or _spread(numbers, margin, from_zero=from_zero)
    if low == high:
        low, high = _spread([low], 0, from_zero=False)
    count = max(abs(end - start) / (70 if end > start else 40), 2)
    ticks = _moments(low, high, count) if axis.type is AxisType.DATE else _numbers(low, high, count)
    return Scale(low, high, start, end, ticks, {})


def _categories(axis: Axis, values: Iterable[Value], start: float, end: float) -> Scale:
    """In the order in which they come."""
    found: dict[str, int] = {}
    for value in values:
        if value is not None:
            found.setdefault(category(value), len(found))
    low, high = axis.range or (-0.5, max(len(found), 1) - 0.5)
    every = max(math.ceil((high - low) * 14 / max(abs(end - start), 1)), 1)
    ticks = [(float(place), name) for name, place in found.items() if not place % every and low <= place <= high]
    return Scale(low, high, start, end, ticks, found or {"": 0})


def _spread(numbers: Sequence[float], margin: float, *, from_zero: bool) -> tuple[float, float]:
    low, high = (min(numbers), max(numbers)) if numbers else (0.0, 1.0)
    if from_zero:
        low, high = min(low, 0.0), max(high, 0.0)
    if low == high:
        # One is nothing beside a large number.
        room = max(1.0, abs(low) * 1e-9)
        low, high = low - (0 if from_zero and low == 0 else room), high + room
    free = (high - low) * margin
    # Bars stand on zero: nothing is left free below it.
    return (low if from_zero and low == 0 else low - free), (high if from_zero and high == 0 else high + free)


def _numbers(low: float, high: float, count: float) -> list[tuple[float, str]]:
    """Round numbers, about `count` of them."""
    bottom, top = min(low, high), max(low, high)
    rough = (top - bottom) / count
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(power * factor for factor in (1, 2, 5, 10) if power * factor >= rough * 0.999)
    places = max(-math.floor(math.log10(step)), 0)
    first, last = math.ceil(bottom / step - 1e-9), math.floor(top / step + 1e-9)
    return [(number * step, f"{number * step:,.{places}f}") for number in range(first, last + 1)]


_STEPS = [timedelta(seconds=s) for s in (1, 5, 15, 30, 60, 300, 900, 1800, 3600, 10800, 21600, 43200)]
_DAYS = [timedelta(days=d) for d in (1, 2, 7, 14)]
_FIRST_MOMENT, _LAST_MOMENT = (moment.replace(tzinfo=UTC).timestamp() for moment in (datetime(1, 1, 1), datetime(9999, 12, 31)))
_MONTHS = (1, 3, 6, 12, 24, 60, 120, 240, 600, 1200)


def _moments(low: float, high: float, count: float) -> list[tuple[float, str]]:
    """Round moments, about `count` of them. Source of a moment's number: seconds since 1970."""
    epoch = datetime(1970, 1, 1, tzinfo=UTC)
    # The margins of an axis may lie before the year 1 or behind the year 9999.
    low, high = max(low, _FIRST_MOMENT), min(high, _LAST_MOMENT)
    rough = (high - low) / count
    for step in (*_STEPS, *_DAYS):
        if step.total_seconds() >= rough:
            seconds = step.total_seconds()
            form = "%Y-%m-%d" if step >= timedelta(days=1) else "%m-%d %H:%M" if seconds >= 60 else "%H:%M:%S"
            first, last = math.ceil(low / seconds), math.floor(high / seconds)
            return [(n * seconds, (epoch + timedelta(seconds=n * seconds)).strftime(form)) for n in range(first, last + 1)]
    months = next((one for one in _MONTHS if one * 30.44 * 86400 >= rough), _MONTHS[-1])
    begin, end = (epoch + timedelta(seconds=value) for value in (low, high))
    place = (begin.year * 12 + begin.month - 1) // months * months
    found: list[tuple[float, str]] = []
    while place <= end.year * 12 + end.month - 1:
        moment = datetime(max(place // 12, 1), place % 12 + 1, 1, tzinfo=UTC)
        number = (moment - epoch).total_seconds()
        if low <= number <= high:
            found.append((number, moment.strftime("%Y" if months >= 12 else "%Y-%m")))
        place += months
    return found
