"""Charting: the chart tool of older documents. Lines, columns, bars, areas and pies of several value fields."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Self

import polars as pl

from galleria.errors import ToolError, UnsupportedError
from galleria.fields.columns import column, columns
from galleria.fields.conversion import text_of
from galleria.reports.charts.figure import PALETTE, Axis, AxisType, Figure, Kind, Margins, Series
from galleria.reports.colours import hex_colour
from galleria.table.table import Table, empty_table
from galleria.tools.charted_rows import MOST_POINTS, charted, charted_fields
from galleria.tools.configuration import Configuration
from galleria.tools.contract import Built, Context, Inputs, Tool, World

_PLUGIN = "AlteryxReportChartGui.AlteryxReportChartGui"
_KINDS = ("Line", "Area", "Column", "Bar", "Pie")
_PIXELS = 96 / 72
"""Of a point, the unit of sizes here."""
_LABEL, _VALUE = "\0label", "\0value {}"


@dataclass(frozen=True)
class Look:
    """Of one series, in the order of the value fields."""

    colour: str
    line_width: float
    dot_size: float
    has_dots: bool
    has_labels: bool


@dataclass(frozen=True)
class Charting(Tool):
    plugins: ClassVar[Sequence[str]] = (_PLUGIN,)
    acts: ClassVar[bool] = True

    kind: str
    label: str
    """The field that names the records; empty where their numbers do."""
    values: tuple[str, ...]
    group: tuple[str, ...]
    rows_are_series: bool
    """Each record is a series over the value fields; otherwise each value field is one over the records."""
    looks: tuple[Look, ...]
    """Over and over."""
    x: Axis
    y: Axis
    limits: tuple[float | None, float | None]
    """Of the value axis; None where the data decides."""
    title: str
    width: float
    height: float
    has_legend: bool

    @classmethod
    def read(cls, config: Configuration) -> Self:
        kind = config.value("ChartType").strip()
        if kind not in _KINDS:
            raise UnsupportedError(_PLUGIN, f"a chart of the type {kind or '(none)'}; lines, areas, columns, bars and pies can be drawn")
        fields = [value.text.strip() for value in config.each("SeriesList/*/Y_ValueField")]
        values = tuple(name for name in fields if name and name != "[None]")
        if not values:
            raise ToolError("The chart has no data: no value field is chosen.")
        general, styles, y = config.child("GeneralStyles"), config.child("ChartTypeStyles"), config.child("YAxis")
        if config.child("OAxis").attribute_flag("UseOpposedAxis"):
            raise UnsupportedError(_PLUGIN, "a second value axis")
        titles = (general.attribute("ChartTitle"), general.attribute("ChartSubTitle"))
        return cls(
            kind=kind,
            label="" if config.value("LabelField") == "[None]" else config.value("LabelField"),
            values=values,
            group=config.field_names("GroupingFields"),
            rows_are_series=styles.attribute("TransposeData") == "Field",
            looks=tuple(_look(config, styles, number) for number in range(1, len(values) + 1)),
            x=_axis(config.child("XAxis"), "X"),
            y=_axis(y, "Y"),
            limits=(_override(y, "YAxisOverrideBaseline", "YAxisBaseline"), _override(y, "YAxisOverrideTopline", "YAxisTopline")),
            title="\n".join(text for text in titles if text),
            width=_size(general, "ChartSizeW", 432),
            height=_size(general, "ChartSizeH", 288),
            has_legend=styles.attribute_flag("ShowChartLegend", default=True),
        )

    def build(self, inputs: Inputs, context: Context) -> Built:
        table = inputs.one()
        for name in (self.label, *self.values):
            if name:
                table.field(name)
        return Built({"Output": empty_table(charted_fields(table, self.group))})

    def act(self, inputs: Inputs, context: Context, world: World) -> Built:
        """One row for each group in the order of its first row, or one for all; none for no rows."""
        self.build(inputs, context)
        table = inputs.one()
        fields = charted_fields(table, self.group)
        numbers = [_number(table, name).alias(_VALUE.format(place)) for place, name in enumerate(self.values)]
        rows = table.frame.select(*columns(field.name for field in fields[:-1]), self._label(table).alias(_LABEL), *numbers).collect()
        return Built({"Output": charted(rows, fields, self._figure)})

    def _label(self, table: Table) -> pl.Expr:
        if not self.label:
            return pl.lit("")
        field = table.field(self.label)
        return text_of(column(field.name), field).fill_null("")

    def _figure(self, rows: pl.DataFrame) -> Figure:
        if len(rows) * len(self.values) > MOST_POINTS:
            raise ToolError(f"A chart of more than {MOST_POINTS:,} points cannot be drawn.")
        labels: list[str] = rows[_LABEL].to_list() if self.label else [str(number) for number in range(1, len(rows) + 1)]
        cells: list[list[float | None]] = [rows[_VALUE.format(place)].to_list() for place in range(len(self.values))]
        named = [(str(name), numbers) for name, numbers in zip(self.values, cells, strict=True)]
        if self.rows_are_series:
            by_row = [list(numbers) for numbers in zip(*cells, strict=True)]
            named, labels = list(zip(labels, by_row, strict=True)), list(self.values)
        if self.kind == "Pie" and len(named) > 1:
            raise ToolError(f"A pie shows one series, and there are {len(named)}.")
        series = [self._series(name, labels, numbers, self.looks[at % len(self.looks)]) for at, (name, numbers) in enumerate(named)]
        places, values = Axis(self.x.title, AxisType.CATEGORY, None, self.x.has_grid, size=self.x.size), self._value_axis(cells)
        return Figure(
            series=series,
            title=self.title,
            width=self.width,
            height=self.height,
            x=values if self.kind == "Bar" else places,
            y=places if self.kind == "Bar" else values,
            margins=Margins(left=60, right=20, top=60 if self.title else 20, bottom=60),
            has_legend=self.has_legend,
            colours=[look.colour for look in self.looks] if self.kind != "Pie" else (),
        )

    def _series(self, name: str, labels: Sequence[str], numbers: Sequence[float | None], look: Look) -> Series:
        is_lying, is_bar = self.kind == "Bar", self.kind in ("Column", "Bar")
        return Series(
            kind=Kind.PIE if self.kind == "Pie" else Kind.BAR if is_bar else Kind.SCATTER,
            name=name,
            x=numbers if is_lying else labels,
            y=labels if is_lying else numbers,
            colour=look.colour,
            has_lines=self.kind in ("Line", "Area"),
            has_markers=self.kind in ("Line", "Area") and look.has_dots,
            is_filled=self.kind == "Area",
            is_horizontal=is_lying,
            labels=["" if number is None else f"{number:g}" for number in numbers] if look.has_labels else (),
            line_width=look.line_width,
            marker_size=look.dot_size,
        )

    def _value_axis(self, cells: Sequence[Sequence[float | None]]) -> Axis:
        low, high = self.limits
        if low == high:
            return self.y
        known = [number for numbers in cells for number in numbers if number is not None]
        low = min([0, *known]) if low is None else low
        high = max([low + 1, *known]) if high is None else high
        return Axis(self.y.title, AxisType.LINEAR, (low, high), self.y.has_grid, size=self.y.size)


def _number(table: Table, name: str) -> pl.Expr:
    field = table.field(name)
    text = text_of(column(field.name), field)
    return (column(field.name) if field.type.is_numeric else text).cast(pl.Float64, strict=False)


def _look(config: Configuration, styles: Configuration, number: int) -> Look:
    """What a series says of itself, or else the chart of all; dots and values are shown where either asks for them."""
    own = config.child(f"StylesSeries{number}")
    if own.attribute_flag("PlotOnOpposedAxis"):
        raise UnsupportedError(_PLUGIN, "a second value axis")
    palette = [colour for text in styles.attribute("SeriesPalette").split(",") if (colour := hex_colour(text))] or list(PALETTE)
    return Look(
        colour=hex_colour(own.attribute("SeriesColor")) or palette[(number - 1) % len(palette)],
        line_width=_points(own, styles, "SeriesBorderWidth", 2),
        dot_size=_points(own, styles, "SeriesDotSize", 6),
        has_dots=any(one.attribute_flag("ShowSeriesDots") for one in (own, styles)),
        has_labels=any(one.attribute_flag("ShowDataPointText") for one in (own, styles)),
    )


def _points(own: Configuration, styles: Configuration, name: str, usual: int) -> float:
    return max(own.attribute_whole(name, styles.attribute_whole(name, usual)), 0)


def _size(general: Configuration, name: str, usual: int) -> float:
    return min(max(general.attribute_whole(name, usual), 40), 4000) * _PIXELS


def _axis(config: Configuration, letter: str) -> Axis:
    size = min(max(config.attribute_whole(f"{letter}AxisLabelSize", 8), 4), 40) * _PIXELS
    has_grid = config.attribute_flag(f"{letter}AxisShowGrid", default=True)
    return Axis(config.attribute(f"{letter}AxisTitle"), AxisType.LINEAR, None, has_grid, size=size)


def _override(axis: Configuration, switch: str, name: str) -> float | None:
    """A limit where the switch is on; raises ToolError where it is no number."""
    if not axis.attribute_flag(switch):
        return None
    text = axis.attribute(name).strip()
    if not re.fullmatch(r"[+-]?\d{1,300}(?:\.\d*)?", text):
        raise ToolError(f"{name} must be a number, not {text!r}")
    return float(text)
