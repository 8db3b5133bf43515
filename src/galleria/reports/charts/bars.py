"""Bars: beside each other, on each other, or in front of each other."""

from collections.abc import Iterator
from itertools import pairwise

from galleria.reports.charts.figure import Bars, Figure, Kind, Series
from galleria.reports.charts.scales import Scale
from galleria.reports.charts.shapes import Box, rectangle, words


def bars(figure: Figure, across: Scale, up: Scale, box: Box) -> Iterator[str]:
    """Every bar of the figure, series by series. What lies outside the axes' ranges is cut off."""
    drawn = [series for series in figure.series if series.kind is Kind.BAR]
    ends: dict[tuple[bool, float], list[float]] = {}
    for number, series in enumerate(drawn):
        places, lengths = (up, across) if series.is_horizontal else (across, up)
        width = _width(drawn, places, figure)
        count = len(drawn) if figure.bars is Bars.GROUP else 1
        shift = (number - (count - 1) / 2) * width / count if count > 1 else 0.0
        for place, length, label in _values(series, places, lengths):
            start = 0.0
            if figure.bars is Bars.STACK:
                reached = ends.setdefault((series.is_horizontal, place), [0.0, 0.0])
                start, reached[length < 0] = reached[length < 0], reached[length < 0] + length
            middle = place + shift
            sides = (middle - width / count / 2, middle + width / count / 2)
            yield from _bar(series, places, lengths, sides, (start, start + length), label, box)


def _width(drawn: list[Series], places: Scale, figure: Figure) -> float:
    """Of all bars at one place: as wide as the least distance between two places, less the gap."""
    found = sorted({number for series in drawn for number, _, _ in _values(series, places, places)})
    least = min((other - one for one, other in pairwise(found)), default=1.0)
    return least * (1 - min(max(figure.gap, 0), 0.95))


def _values(series: Series, places: Scale, lengths: Scale) -> Iterator[tuple[float, float, str]]:
    """Place, length and label of each bar that can be drawn."""
    at, long = (series.y, series.x) if series.is_horizontal else (series.x, series.y)
    labels = series.labels or [""] * len(at)
    for one, other, label in zip(at, long, labels, strict=True):
        place = places.number(one)
        length = 0.0 if places is lengths else lengths.number(other)
        if place is not None and length is not None:
            yield place, length, label


def _bar(
    series: Series, places: Scale, lengths: Scale, sides: tuple[float, float], ends: tuple[float, float], label: str, box: Box
) -> Iterator[str]:
    one, other = sorted(places.place(side) for side in sides)
    near, far = sorted(lengths.place(end) for end in ends)
    if series.is_horizontal:
        left, right, top, bottom = near, far, one, other
    else:
        left, right, top, bottom = one, other, near, far
    left, right = max(left, box.left), min(right, box.right)
    top, bottom = max(top, box.top), min(bottom, box.bottom)
    if left > right or top > bottom:
        return
    yield rectangle(left, top, right - left, bottom - top, series.colour, series.opacity)
    if label:
        at = (right - 4, (top + bottom) / 2 + 4) if series.is_horizontal else ((left + right) / 2, top + 13)
        yield words(at, label, 11, "end" if series.is_horizontal else "middle", fill="#ffffff" if bottom - top > 14 else "#444444")
