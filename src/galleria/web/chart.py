"""A plot as shapes: where bars, line, points, ticks and labels lie, in a drawing of 720 by 320."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, cast

WIDTH = 720.0
HEIGHT = 320.0
_LEFT = 64.0
_RIGHT = 16.0
_TOP = 12.0
_BOTTOM = 34.0
_TICKS = 5
_DAY_S = 86400


@dataclass(frozen=True)
class Tick:
    at: float
    label: str


@dataclass(frozen=True)
class Dot:
    x: float
    y: float
    words: str


@dataclass(frozen=True)
class Bar:
    label: str
    value: str
    share: int
    """Of the longest one, in percent."""
    is_negative: bool


@dataclass(frozen=True)
class Chart:
    kind: str
    """`bars`, `line` or `points`."""
    bars: Sequence[Bar]
    dots: Sequence[Dot]
    path: str
    """Of the line."""
    across: Sequence[Tick]
    up: Sequence[Tick]
    left_out: int
    """How many bars or rows are not shown."""
    summary: str
    """The plot in words, for those who do not see it."""

    @property
    def is_empty(self) -> bool:
        return not self.bars and not self.dots


def chart_of(found: Mapping[str, Any], kind: str, x_is_moment: bool, words: str) -> Chart:
    """Lay out what `runner.plot` computed. `words` say what is plotted; moments along the bottom are written as dates."""
    points = [(str(label), x, float(y)) for label, x, y in cast("list[tuple[Any, float | None, float]]", found.get("points") or [])]
    left_out = int(found.get("left_out") or 0)
    if kind == "bars":
        return Chart(kind, _bars(points), (), "", (), (), left_out, f"{words}: {len(points)} bars")
    placed = [(label, x, y) for label, x, y in points if x is not None]
    if not placed:
        return Chart(kind, (), (), "", (), (), left_out, words)
    xs, ys = [x for _, x, _ in placed], [y for _, _, y in placed]
    across, up = _Scale(min(xs), max(xs), _LEFT, WIDTH - _RIGHT), _Scale(*_around(min(ys), max(ys), kind), HEIGHT - _BOTTOM, _TOP)
    dots = [Dot(across.at(x), up.at(y), f"{label}: {_number(y)}") for label, x, y in placed]
    return Chart(
        kind=kind,
        bars=(),
        dots=dots,
        path="M" + "L".join(f"{dot.x:.1f} {dot.y:.1f}" for dot in dots) if kind == "line" else "",
        across=[Tick(across.at(value), _moment(value, across.span) if x_is_moment else _number(value)) for value in across.ticks()],
        up=[Tick(up.at(value), _number(value)) for value in up.ticks()],
        left_out=left_out,
        summary=f"{words}: {len(dots)} places, from {_number(min(ys))} to {_number(max(ys))}",
    )


@dataclass(frozen=True)
class _Scale:
    low: float
    high: float
    start: float
    end: float

    @property
    def span(self) -> float:
        return self.high - self.low

    def at(self, value: float) -> float:
        part = (value - self.low) / self.span if self.span else 0.5
        return round(self.start + part * (self.end - self.start), 1)

    def ticks(self) -> list[float]:
        """Round numbers, a handful, within the scale."""
        if not self.span:
            return [self.low]
        rough = self.span / _TICKS
        power = 10.0 ** math.floor(math.log10(rough))
        step = next(power * factor for factor in (1, 2, 5, 10) if power * factor >= rough)
        first = math.ceil(self.low / step)
        return [number * step for number in range(first, math.floor(self.high / step) + 1)]


def _around(low: float, high: float, kind: str) -> tuple[float, float]:
    """A line starts from zero where that does not flatten it."""
    if kind == "line" and low > 0 and low < 0.6 * high:
        return 0.0, high
    return (low, high) if low < high else (low - 1, high + 1)


def _bars(points: Sequence[tuple[str, float | None, float]]) -> list[Bar]:
    longest = max((abs(y) for _, _, y in points), default=0) or 1
    return [Bar("Null" if label == "None" else label, _number(y), round(100 * abs(y) / longest), y < 0) for label, _, y in points]


def _number(value: float) -> str:
    if value == int(value) and abs(value) < 1e15:
        return f"{int(value):,}"
    return f"{value:,.4g}" if abs(value) < 1e6 else f"{value:,.0f}"


def _moment(seconds: float, span: float) -> str:
    try:
        at = datetime.fromtimestamp(seconds, UTC)
    except (OverflowError, ValueError, OSError):
        return ""
    return f"{at:%H:%M}" if span < 2 * _DAY_S else f"{at.day} {at:%b}" if span < 300 * _DAY_S else f"{at:%b %Y}"
