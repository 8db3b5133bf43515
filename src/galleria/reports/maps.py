"""Maps drawn as SVG: points, lines and polygons in degrees, laid flat around their middle. Texts in them are escaped."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from galleria.reports.charts.shapes import area, rectangle, words

Place = tuple[float, float]
"""Longitude and latitude, or pixels."""
Box = tuple[float, float, float, float]
"""West, south, east, north in degrees."""

_ENTRY = 16
"""Height of an entry of the legend, in pixels."""


@dataclass(frozen=True)
class Mark:
    """An object on the map, and how it looks."""

    rings: Sequence[Sequence[Place]]
    """A place each for points; lines; or closed rings, holes against the direction of what they are in."""
    kind: int
    """0 points, 1 lines, 2 polygons."""
    fill: str = "none"
    stroke: str = "none"
    stroke_width: float = 1.0
    opacity: float = 1.0
    size: float = 8.0
    """Pixels across, of points."""
    point: str = "circle"
    label: str = ""


@dataclass(frozen=True)
class Map:
    width: float
    height: float
    """Pixels."""
    box: Box
    background: str
    marks: Sequence[Mark]
    legend: Sequence[tuple[str, str]] = field(default=())
    """Texts and their colours."""


def box_around(bounds: Box, width: float, height: float, expand_percent: float, minimum: float) -> Box:
    """What a map of that shape shows: all of `bounds` and some percent more, at least `minimum` degrees high or wide."""
    west, south, east, north = bounds
    shrink = max(math.cos(math.radians((south + north) / 2)), 0.01)
    more = 1 + expand_percent / 100
    wide, high = (max((east - west) * shrink * more, minimum, 1e-6), max((north - south) * more, 1e-6))
    wide, high = max(wide, high * width / height), max(high, wide * height / width)
    x, y = (west + east) / 2, (south + north) / 2
    return x - wide / shrink / 2, y - high / 2, x + wide / shrink / 2, y + high / 2


def draw_map(picture: Map) -> str:
    """The map as an `svg` element."""
    parts = [rectangle(0, 0, picture.width, picture.height, picture.background)]
    for mark in picture.marks:
        parts.extend(_drawn(mark, picture))
    parts.extend(_legend(picture))
    size = f'width="{picture.width:g}" height="{picture.height:g}" viewBox="0 0 {picture.width:g} {picture.height:g}"'
    return f"<svg {size}>{''.join(parts)}</svg>"


def _drawn(mark: Mark, picture: Map) -> Iterator[str]:
    rings = [[_pixel(place, picture) for place in ring] for ring in mark.rings]
    if mark.kind == 0:
        for ring in rings:
            yield _point(ring[0], mark)
    else:
        closed = " Z" if mark.kind == 2 else ""
        d = " ".join(f"M {' '.join(f'{x:.2f},{y:.2f}' for x, y in ring)}{closed}" for ring in rings)
        fill = mark.fill if mark.kind == 2 else "none"
        look = f'fill="{fill}" fill-opacity="{mark.opacity:g}" stroke="{mark.stroke}" stroke-width="{mark.stroke_width:g}"'
        yield f'<path d="{d}" {look}/>'
    if mark.label and rings:
        xs, ys = zip(*(place for ring in rings for place in ring), strict=True)
        yield words(((min(xs) + max(xs)) / 2, (min(ys) + max(ys)) / 2 - (mark.size if mark.kind == 0 else 0)), mark.label, 11)


def _point(at: Place, mark: Mark) -> str:
    x, y = at
    half = mark.size / 2
    match mark.point:
        case "square":
            return rectangle(x - half, y - half, mark.size, mark.size, mark.fill, mark.opacity)
        case "triangle":
            return area([(x, y - half), (x + half, y + half), (x - half, y + half)], mark.fill, mark.opacity)
        case "diamond":
            return area([(x, y - half), (x + half, y), (x, y + half), (x - half, y)], mark.fill, mark.opacity)
        case "star":
            turns = [(math.pi * step / 5, half if step % 2 == 0 else half * 0.4) for step in range(10)]
            return area([(x + r * math.sin(turn), y - r * math.cos(turn)) for turn, r in turns], mark.fill, mark.opacity)
        case "flag":
            return area([(x, y), (x, y - mark.size), (x + half, y - 0.75 * mark.size), (x, y - half)], mark.fill, mark.opacity)
        case _:
            return f'<circle cx="{x:.2f}" cy="{y:.2f}" r="{half:g}" fill="{mark.fill}" opacity="{mark.opacity:g}"/>'


def _pixel(place: Place, picture: Map) -> Place:
    west, south, east, north = picture.box
    return (place[0] - west) / (east - west) * picture.width, (north - place[1]) / (north - south) * picture.height


def _legend(picture: Map) -> Iterator[str]:
    if picture.legend:
        wide = 30 + 7 * max(len(text) for text, _ in picture.legend)
        yield rectangle(6, 6, wide, 10 + _ENTRY * len(picture.legend), "#ffffff", 0.85)
        for number, (text, colour) in enumerate(picture.legend):
            top = 12 + _ENTRY * number
            yield rectangle(12, top, 10, 10, colour)
            yield words((28, top + 9), text, 11, "start")
