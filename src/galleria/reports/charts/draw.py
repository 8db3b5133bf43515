"""Charts drawn as SVG: bars, lines, points, areas and pies. A picture without script; texts in it are escaped."""

from collections.abc import Iterator, Sequence
from itertools import pairwise

from galleria.reports.charts.bars import bars
from galleria.reports.charts.figure import Axis, AxisType, Bars, Figure, Kind, Series
from galleria.reports.charts.pie import pie, slices_of
from galleria.reports.charts.scales import Scale, scale_for
from galleria.reports.charts.shapes import Box, Point, area, line, path, rectangle, within, words

_GRID = "#e5e5e5"
_ENTRY = 18
"""Height of an entry of the legend, in pixels."""


def draw(figure: Figure) -> str:
    """The chart as an `svg` element."""
    is_pie = any(series.kind is Kind.PIE for series in figure.series)
    legend = _legend_entries(figure, is_pie)
    margins = figure.margins
    right = max(margins.right, _legend_width(legend)) if legend else margins.right
    box = Box(
        margins.left, margins.top, max(figure.width - right, margins.left + 10), max(figure.height - margins.bottom, margins.top + 10)
    )
    parts = [rectangle(0, 0, figure.width, figure.height, figure.background)]
    parts += pie(figure, box) if is_pie else _plot(figure, box)
    if figure.title:
        parts.append(words((figure.width / 2, max(margins.top / 2, 17)), figure.title, 17))
    parts += _legend(legend, box)
    width, height = figure.width * figure.scale, figure.height * figure.scale
    size = f'width="{width:g}" height="{height:g}" viewBox="0 0 {figure.width:g} {figure.height:g}"'
    return f"<svg {size}>{''.join(parts)}</svg>"


def _plot(figure: Figure, box: Box) -> Iterator[str]:
    """Axes, then the series in their order."""
    across, up = _scales(figure, box)
    yield from _axes(figure, across, up, box)
    yield from bars(figure, across, up, box)
    for series in figure.series:
        if series.kind is Kind.SCATTER:
            yield from _points(series, across, up, box)


def _scales(figure: Figure, box: Box) -> tuple[Scale, Scale]:
    has = [(series.kind is Kind.BAR, series.is_horizontal) for series in figure.series]
    upright, lying = (True, False) in has, (True, True) in has
    filled = any(series.is_filled for series in figure.series)
    x_values = [value for series in figure.series for value in series.x]
    y_values = [value for series in figure.series for value in series.y]
    if figure.bars is Bars.STACK:
        totals = list(stacked_ends(figure))
        x_values, y_values = [*x_values, *(totals if lying else [])], [*y_values, *(totals if upright else [])]
    has_markers = any(series.has_markers for series in figure.series)
    half_bar = 0.5 / max(len(set(x_values)), 1)
    x_margin = half_bar if upright and figure.x.type is not AxisType.CATEGORY else 0.05 if has_markers or lying else 0
    y_margin = 0.5 / max(len(set(y_values)), 1) if lying and figure.y.type is not AxisType.CATEGORY else 0.06
    across = scale_for(figure.x, x_values, box.left, box.right, from_zero=lying, margin=x_margin)
    return across, scale_for(figure.y, y_values, box.bottom, box.top, from_zero=upright or filled, margin=y_margin)


def stacked_ends(figure: Figure) -> Iterator[float]:
    """How far stacked bars reach, above and below zero."""
    above: dict[object, float] = {}
    below: dict[object, float] = {}
    for series in figure.series:
        places, lengths = (series.y, series.x) if series.is_horizontal else (series.x, series.y)
        for place, length in zip(places, lengths, strict=True):
            if series.kind is Kind.BAR and isinstance(length, float):
                side = above if length >= 0 else below
                side[place] = side.get(place, 0.0) + length
    yield from above.values()
    yield from below.values()


def _axes(figure: Figure, across: Scale, up: Scale, box: Box) -> Iterator[str]:
    yield from _labels_below(figure.x, across, box)
    yield from _labels_beside(figure.y, up, box)
    for scale, is_across in ((across, True), (up, False)):
        if not scale.categories and min(scale.low, scale.high) <= 0 <= max(scale.low, scale.high):
            zero = scale.place(0)
            yield _upright(zero, box, "#444444") if is_across else _level(zero, box, "#444444")
    if figure.x.has_line:
        yield _level(box.bottom, box, "#444444")
    if figure.y.has_line:
        yield _upright(box.left, box, "#444444")
    if figure.x.title:
        yield words(((box.left + box.right) / 2, figure.height - figure.margins.bottom / 4), figure.x.title, 14)
    if figure.y.title:
        at = (max(figure.margins.left / 4, 14), (box.top + box.bottom) / 2)
        yield words(at, figure.y.title, 14, turned=-90)


def _labels_below(axis: Axis, scale: Scale, box: Box) -> Iterator[str]:
    """The x axis' labels, turned where they would not fit, and its grid."""
    crowded = sum(len(text) * axis.size * 0.6 + 6 for _, text in scale.ticks) > box.right - box.left
    for number, label in scale.ticks:
        x = scale.place(number)
        if axis.has_grid and not scale.categories:
            yield _upright(x, box, _GRID)
        if axis.has_labels:
            at = (x, box.bottom + axis.size + 4)
            yield words(at, label, axis.size, "start", turned=35) if crowded else words(at, label, axis.size)


def _labels_beside(axis: Axis, scale: Scale, box: Box) -> Iterator[str]:
    """The y axis' labels and grid."""
    for number, label in scale.ticks:
        y = scale.place(number)
        if axis.has_grid and not scale.categories:
            yield _level(y, box, _GRID)
        if axis.has_labels:
            yield words((box.left - 6, y + axis.size * 0.35), label, axis.size, "end")


def _upright(x: float, box: Box, stroke: str) -> str:
    return line((x, box.top), (x, box.bottom), stroke)


def _level(y: float, box: Box, stroke: str) -> str:
    return line((box.left, y), (box.right, y), stroke)


def _points(series: Series, across: Scale, up: Scale, box: Box) -> Iterator[str]:
    places: list[Point | None] = []
    for x, y in zip(series.x, series.y, strict=True):
        one, other = across.number(x), up.number(y)
        places.append(None if one is None or other is None else (across.place(one), up.place(other)))
    if series.is_filled and not up.categories:
        zero = min(max(up.place(min(max(0.0, min(up.low, up.high)), max(up.low, up.high))), box.top), box.bottom)
        for run in _runs(places):
            inside = [(min(max(x, box.left), box.right), min(max(y, box.top), box.bottom)) for x, y in run]
            yield area([(inside[0][0], zero), *inside, (inside[-1][0], zero)], series.colour, 0.5)
    if series.has_lines:
        for run in _runs(places):
            yield from _line_within(run, series, box)
    shown = [(place, number) for number, place in enumerate(places) if place and box.holds(place)]
    if series.has_markers:
        see = f' opacity="{series.opacity:g}"' if series.opacity != 1 else ""
        radius = series.marker_size / 2
        yield from (f'<circle cx="{x:.2f}" cy="{y:.2f}" r="{radius:g}" fill="{series.colour}"{see}/>' for (x, y), _ in shown)
    if series.labels:
        yield from (words((x, y - 6), series.labels[number], 12) for (x, y), number in shown)


def _runs(places: Sequence[Point | None]) -> Iterator[list[Point]]:
    """Points without a gap between them: a Null interrupts a line."""
    run: list[Point] = []
    for place in [*places, None]:
        if place is not None:
            run.append(place)
        elif run:
            yield run
            run = []


def _line_within(run: Sequence[Point], series: Series, box: Box) -> Iterator[str]:
    piece: list[Point] = []
    for one, other in pairwise(run):
        cut = within(one, other, box)
        if cut and piece and piece[-1] == cut[0]:
            piece.append(cut[1])
            continue
        if len(piece) > 1:
            yield path(piece, series.colour, series.line_width)
        piece = list(cut) if cut else []
    if len(piece) > 1:
        yield path(piece, series.colour, series.line_width)


def _legend_entries(figure: Figure, is_pie: bool) -> list[tuple[str, str]]:
    """Name and colour of each entry; as the original, none for a single series that is no pie."""
    if not figure.has_legend:
        return []
    if is_pie:
        return [(one.label, one.colour) for one in slices_of(figure)]
    entries = [(series.name, series.colour) for series in figure.series if series.in_legend]
    return entries if len(figure.series) > 1 else []


def _legend_width(entries: Sequence[tuple[str, str]]) -> float:
    return min(40 + max(len(name) for name, _ in entries) * 7, 250)


def _legend(entries: Sequence[tuple[str, str]], box: Box) -> Iterator[str]:
    for number, (name, colour) in enumerate(entries):
        top = box.top + number * _ENTRY
        yield rectangle(box.right + 12, top, 12, 12, colour)
        yield words((box.right + 30, top + 10), name, 12, "start")
