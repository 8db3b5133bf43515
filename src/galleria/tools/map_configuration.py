"""The configuration of a Report Map: its size, the streams it draws, and how each layer looks."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from galleria.errors import ToolError, UnsupportedError
from galleria.reports.map_themes import Theme
from galleria.tools.configuration import Configuration

PLUGIN = "AlteryxSpatialPluginsGui.ReportMap.ReportMap"
_KINDS = {"points": 0, "lines": 1, "polygons": 2}
_METHODS = ("IndividualValue", "EqualRanges", "EqualRecords", "SmartTile")
_PIXELS = {False: 96.0, True: 96 / 2.54}
"""An inch, a centimetre."""


@dataclass(frozen=True)
class Source:
    """A connected stream, and its fields."""

    wire: str
    shape: str
    """Empty for its first spatial field."""
    group: str
    theme: str
    label: str


@dataclass(frozen=True)
class Layer:
    """How objects of one kind of a stream look."""

    number: int
    wire: str
    kind: int
    """0 points, 1 lines, 2 polygons."""
    fill: str
    stroke: str
    stroke_width: float
    opacity: float
    size: float
    point: str
    theme: Theme
    in_legend: bool
    zooms: bool
    """The map shows all of it."""


@dataclass(frozen=True)
class MapConfiguration:
    width: float
    height: float
    """Pixels."""
    expand_percent: float
    minimum: float
    """The least width, in miles or kilometres."""
    is_metric: bool
    background: str
    base_map: str
    sources: tuple[Source, ...]
    layers: tuple[Layer, ...]
    """The uppermost first."""
    has_legend: bool


def read_map(config: Configuration) -> MapConfiguration:
    """Raises UnsupportedError for streams from files and for themes that are not known."""
    metric = config.flag("IsMetric")
    size = [config.number(name, 6.0) * _PIXELS[metric] for name in ("ImageWidth", "ImageHeight")]
    if min(size) <= 0 or max(size) > 20_000:
        raise ToolError("The width and height of a map must be more than 0, and not more than 20,000 pixels.")
    return MapConfiguration(
        size[0],
        size[1],
        config.number("ExpandExtent"),
        config.number("MinimumWidth"),
        metric,
        _colour(config.value("BackgroundColor"), "#ffffff"),
        config.value("ReferenceMap").strip(),
        tuple(_source(one) for one in config.each("DataConnections/DataConnection")),
        tuple(_layers(config)),
        has_legend=config.child("Legend/LegendStyle").attribute("Position", "None") != "None",
    )


def _source(config: Configuration) -> Source:
    if config.value("FileName").strip():
        raise UnsupportedError(PLUGIN, "a layer from a file; connect an Input Data tool")
    wire = config.value("Connection").strip() or config.attribute("name")
    return Source(wire, *(config.value(name).strip() for name in ("SpatialObj", "GroupField", "ThemeField", "LabelField")))


def _layers(config: Configuration) -> Iterator[Layer]:
    for number, layer in enumerate(config.each("Layers/Layer")):
        kind = _KINDS.get(layer.value("LayerType").strip().casefold())
        shown = not layer.flag("Disable") and not layer.flag("isThemeLayer") and layer.value("DataConnection").strip()
        if kind is not None and shown:
            yield _layer(number, layer, kind)


def _layer(number: int, config: Configuration, kind: int) -> Layer:
    style = config.child(("PointStyle", "LineStyle", "PolygonStyle")[kind])
    colour = _colour(style.attribute("Color"), "#ff0000")
    filled = style.attribute_flag("UseFillColor", default=True)
    return Layer(
        number,
        config.value("DataConnection").strip(),
        kind,
        (_colour(style.attribute("FillColor"), "#988576") if filled else "none") if kind == 2 else colour,
        _colour(style.attribute("OutlineColor"), "#000000") if kind == 2 else colour,
        style.attribute_whole("OutlineSize" if kind == 2 else "Size", 1),
        style.attribute_whole("Opacity", 100) / 100,
        style.attribute_whole("Size", 8),
        style.attribute("StockPointStyle", "circle"),
        _theme(config.child("ThemeStyle")),
        in_legend=config.flag("ShowInLegend", default=True),
        zooms=config.flag("ZoomToLayer", default=True),
    )


def _theme(style: Configuration) -> Theme:
    method = style.attribute("TileMethod", "IndividualValue")
    if method not in _METHODS:
        raise UnsupportedError(PLUGIN, f'themes of the kind "{method}"')
    is_ramp = style.attribute("ColorMethod", "Map") == "Ramp"
    ends = [_colour(style.attribute(name), fallback) for name, fallback in (("StartColor", "#0000ff"), ("EndColor", "#ff0000"))]
    single = [_colour(one.strip(), "#808080") for one in style.attribute("UniqueColors", "#dc143c").split(",")]
    colours = ends if is_ramp or method != "IndividualValue" else single
    return Theme(is_ramp, method, max(2, min(style.attribute_whole("NumTiles", 5), 50)), colours)


def _colour(text: str, fallback: str) -> str:
    """`#rrggbb`; `fallback` for anything else."""
    return text.lower() if re.fullmatch(r"#[0-9a-fA-F]{6}", text) else fallback
