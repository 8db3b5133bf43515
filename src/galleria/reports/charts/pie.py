"""Pies: the share of each label, counter-clockwise from the top."""

import math
from collections.abc import Iterator
from dataclasses import dataclass

from galleria.reports.charts.figure import PALETTE, Figure
from galleria.reports.charts.shapes import Box, words


@dataclass(frozen=True)
class Slice:
    label: str
    value: float
    share: float
    colour: str


def slices_of(figure: Figure) -> list[Slice]:
    """Values of one label are one slice; the largest first unless the figure keeps the order. Nothing of values that are not above zero."""
    series = figure.series[0]
    sums: dict[str, float] = {}
    for label, value in zip(series.x, series.y, strict=True):
        if isinstance(value, float) and math.isfinite(value) and value > 0:
            sums[str(label or "")] = sums.get(str(label or ""), 0.0) + value
    found = list(sums.items())
    if figure.pie.is_sorted:
        found.sort(key=lambda one: -one[1])
    shown = [one for one in found if one[0] not in figure.pie.hidden]
    total = sum(value for _, value in shown) or 1.0
    colours = figure.colours or PALETTE
    # A label that is hidden keeps its colour, as it does when it is shown again.
    places = {label: number for number, (label, _) in enumerate(found)}
    return [Slice(label, value, value / total, colours[places[label] % len(colours)]) for label, value in shown]


def pie(figure: Figure, box: Box) -> Iterator[str]:
    centre = ((box.left + box.right) / 2, (box.top + box.bottom) / 2)
    radius = min(box.right - box.left, box.bottom - box.top) / 2
    begun = 0.0
    for one in slices_of(figure):
        yield _slice(one, begun, centre, radius, radius * figure.pie.hole)
        middle = begun + one.share / 2
        is_wide = one.share > 0.04
        far = radius * ((1 + figure.pie.hole) / 2 if is_wide else 1.08)
        text = _text(figure, one)
        if text:
            yield words(_at(middle, centre, far), text, 12, fill="#ffffff" if is_wide else "#444444")
        begun += one.share


def _text(figure: Figure, one: Slice) -> str:
    known = {"label": one.label, "value": f"{one.value:,.10g}", "percent": f"{one.share * 100:.3g}%"}
    return "\n".join(known[name] for name in ("label", "value", "percent") if name in figure.pie.shows)


def _at(turn: float, centre: tuple[float, float], radius: float) -> tuple[float, float]:
    """A point on a circle, `turn` of a whole turn counter-clockwise from the top."""
    angle = 2 * math.pi * turn
    return centre[0] - radius * math.sin(angle), centre[1] - radius * math.cos(angle)


def _slice(one: Slice, begun: float, centre: tuple[float, float], radius: float, hole: float) -> str:
    end = begun + min(one.share, 0.9999)
    is_large = int(one.share > 0.5)
    (x1, y1), (x2, y2) = _at(begun, centre, radius), _at(end, centre, radius)
    edge = f"M {x1:.2f} {y1:.2f} A {radius:.2f} {radius:.2f} 0 {is_large} 0 {x2:.2f} {y2:.2f}"
    if hole:
        (x3, y3), (x4, y4) = _at(end, centre, hole), _at(begun, centre, hole)
        edge += f" L {x3:.2f} {y3:.2f} A {hole:.2f} {hole:.2f} 0 {is_large} 1 {x4:.2f} {y4:.2f} Z"
    else:
        edge += f" L {centre[0]:.2f} {centre[1]:.2f} Z"
    return f'<path d="{edge}" fill="{one.colour}" stroke="#ffffff" stroke-width="1"/>'
