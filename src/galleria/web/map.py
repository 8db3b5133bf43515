"""A map as shapes: where the objects of a spatial field lie in a drawing of 720 wide, with degrees at its edges.

Nothing is fetched for it: there are no tiles behind it, only lines of longitude and latitude.
"""

import math
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any, cast

WIDTH = 720.0
_HIGHEST = 520.0
_LOWEST = 200.0
_EDGE = 14.0
_DIRECTIONS = 5
"""Lines of longitude and latitude, about."""
_CLASSES = 5
_MERCATOR_UP_TO = 84.0
"""Degrees from the equator; beyond that the map is drawn in plain degrees."""
_MOST_NAMED = 40
_LEAST_SPAN = 0.002
"""Degrees that a map shows at least: a single point needs something around it."""


@dataclass(frozen=True)
class Shape:
    path: str
    kind: str
    """`point`, `line` or `area`."""
    words: str
    tone: int
    """Which of the classes of the legend; -1 without a number."""
    name: str = ""
    """Written beside a point, where there are few."""
    x: float = 0
    y: float = 0
    """Where the name stands."""


@dataclass(frozen=True)
class Rule:
    """A line of longitude or latitude."""

    at: float
    label: str


@dataclass(frozen=True)
class MapDrawing:
    shapes: Sequence[Shape]
    """Areas first, points last, so that nothing is covered that could be seen."""
    height: float
    across: Sequence[Rule]
    up: Sequence[Rule]
    legend: Sequence[str]
    """What each class of colour stands for; empty where the map shows no numbers."""
    left_out: int
    summary: str

    @property
    def is_empty(self) -> bool:
        return not self.shapes


@dataclass(frozen=True)
class _Sheet:
    """From degrees to places on the drawing."""

    west: float
    low: float
    scale: float
    height: float
    is_mercator: bool
    squeeze: float
    """How much narrower a degree of longitude is than one of latitude, where plain degrees are drawn."""

    def x(self, longitude: float) -> float:
        return round(_EDGE + (longitude - self.west) * self.squeeze * self.scale, 1)

    def y(self, latitude: float) -> float:
        return round(self.height - _EDGE - (_stretched(latitude, is_mercator=self.is_mercator) - self.low) * self.scale, 1)

    def path(self, places: Sequence[Sequence[Sequence[float]]], kind: str) -> str:
        if kind == "point":
            # A line of no length with a round cap is a dot whose size no zoom changes.
            return "".join(f"M{self.x(x):g} {self.y(y):g}h0" for part in places for x, y in part)
        close = "Z" if kind == "area" else ""
        return "".join("M" + "L".join(f"{self.x(x):g} {self.y(y):g}" for x, y in part) + close for part in places)


def map_of(found: Mapping[str, Any], words: str) -> MapDrawing:
    """Lay out what `runner.mapped_plot` gave; `words` say what is drawn."""
    shapes = cast("list[tuple[str | None, float | None, str, list[list[list[float]]]]]", found.get("shapes") or [])
    box, left_out = cast("list[float] | None", found.get("box")), int(found.get("left_out") or 0)
    if box is None or not shapes:
        return MapDrawing((), _LOWEST, (), (), (), left_out, words)
    west, south, east, north = _with_room(box)
    sheet = _sheet(west, south, east, north)
    limits = _limits([value for _, value, _, _ in shapes if value is not None])
    order = ("area", "line", "point")
    are_few = len(shapes) <= _MOST_NAMED
    drawn: list[Shape] = []
    for label, value, kind, places in sorted(shapes, key=lambda shape: order.index(shape[2])):
        tone = -1 if value is None or not limits else bisect_right(limits[1:-1], value)
        shape = Shape(sheet.path(places, kind), kind, _told(label, value), tone)
        x, y = places[0][0]
        drawn.append(replace(shape, name=label or "", x=sheet.x(x) + 7, y=sheet.y(y) + 4) if are_few and kind == "point" else shape)
    return MapDrawing(
        shapes=drawn,
        height=sheet.height,
        across=[Rule(sheet.x(at), _degrees(at, "E", "W")) for at in _rules(west, east)],
        up=[Rule(sheet.y(at), _degrees(at, "N", "S")) for at in _rules(south, north)],
        legend=[f"{_number(low)} to {_number(high)}" for low, high in pairwise(limits)],
        left_out=left_out,
        summary=f"{words}: {len(drawn)} objects between {_degrees(south, 'N', 'S')}, {_degrees(west, 'E', 'W')} and "
        f"{_degrees(north, 'N', 'S')}, {_degrees(east, 'E', 'W')}",
    )


def _with_room(box: Sequence[float]) -> tuple[float, float, float, float]:
    west, south, east, north = box
    aside, above = (max(_LEAST_SPAN - span, 0.06 * span) / 2 for span in (east - west, north - south))
    return west - aside, max(south - above, -90.0), east + aside, min(north + above, 90.0)


def _sheet(west: float, south: float, east: float, north: float) -> _Sheet:
    is_mercator = max(abs(south), abs(north)) < _MERCATOR_UP_TO
    squeeze = 1.0 if is_mercator else max(math.cos(math.radians((south + north) / 2)), 0.2)
    low, high = _stretched(south, is_mercator=is_mercator), _stretched(north, is_mercator=is_mercator)
    wide, tall = (east - west) * squeeze, high - low
    scale = min((WIDTH - 2 * _EDGE) / wide, (_HIGHEST - 2 * _EDGE) / tall)
    height = max(tall * scale + 2 * _EDGE, _LOWEST)
    # What is narrower than the sheet lies in its middle.
    aside = ((WIDTH - 2 * _EDGE) / scale - wide) / 2 / squeeze
    below = ((height - 2 * _EDGE) / scale - tall) / 2
    return _Sheet(west - aside, low - below, scale, round(height, 1), is_mercator, squeeze)


def _stretched(latitude: float, *, is_mercator: bool) -> float:
    return math.degrees(math.asinh(math.tan(math.radians(latitude)))) if is_mercator else latitude


def _rules(low: float, high: float) -> list[float]:
    rough = (high - low) / _DIRECTIONS
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(power * factor for factor in (1, 2, 5, 10) if power * factor >= rough)
    return [number * step for number in range(math.ceil(low / step), math.floor(high / step) + 1)]


def _limits(values: Sequence[float]) -> list[float]:
    """The ends of classes that hold about as many objects each; fewer classes where there are few different numbers."""
    ordered = sorted(value for value in values if math.isfinite(value))
    if not ordered:
        return []
    ends = [ordered[min(len(ordered) * part // _CLASSES, len(ordered) - 1)] for part in range(_CLASSES)]
    distinct = [*dict.fromkeys([*ends, ordered[-1]])]
    return distinct if len(distinct) > 1 else [distinct[0], distinct[0]]


def _told(label: str | None, value: float | None) -> str:
    return ": ".join(part for part in (label or "", "" if value is None else _number(value)) if part)


def _number(value: float) -> str:
    return f"{int(value):,}" if value == int(value) and abs(value) < 1e15 else f"{value:,.4g}"


def _degrees(value: float, positive: str, negative: str) -> str:
    shown = f"{abs(value):.4f}".rstrip("0").rstrip(".")
    return f"{shown}°{'' if shown == '0' else positive if value > 0 else negative}"
