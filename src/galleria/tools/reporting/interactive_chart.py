"""Interactive Chart: draws bars, lines, points, areas and pies of the rows, one chart for all or one for each batch."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import ClassVar, Self

import polars as pl

from galleria.errors import ToolError
from galleria.fields.columns import column, columns
from galleria.fields.conversion import text_of
from galleria.fields.types import FieldType
from galleria.reports.charts.figure import PALETTE, AxisType, Figure, Kind, Series, Value
from galleria.table.table import Table, empty_table
from galleria.tools.chart_configuration import PLUGIN, ChartConfiguration, Look, Trace, batch_title, read_chart, types_of
from galleria.tools.charted_rows import MOST_POINTS, charted, charted_fields
from galleria.tools.configuration import Configuration
from galleria.tools.contract import Built, Context, Inputs, Tool, World

_FORMS = ("%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M", "%Y-%m-%d", "%H:%M:%S")
"""Of texts on an axis of moments."""


@dataclass(frozen=True)
class InteractiveChart(Tool):
    plugins: ClassVar[Sequence[str]] = (PLUGIN,)
    acts: ClassVar[bool] = True

    chart: ChartConfiguration

    @classmethod
    def read(cls, config: Configuration) -> Self:
        return cls(read_chart(config))

    def build(self, inputs: Inputs, context: Context) -> Built:
        table = inputs.one()
        for name in self.chart.fields:
            table.field(name)
        return Built({"Output": empty_table(charted_fields(table, self.chart.batch_fields))})

    def act(self, inputs: Inputs, context: Context, world: World) -> Built:
        """One row for each batch in the order of its first row, or one for all; none for no rows."""
        self.build(inputs, context)
        table = inputs.one()
        used = {(one := table.field(name)).name: one for name in sorted(self.chart.fields)}.values()
        texts = [text_of(column(one.name), one).alias(_text(one.name)) for one in used]
        rows = table.frame.select(*columns(one.name for one in used), *texts).collect()
        types = self._types(table, rows)
        fields = charted_fields(table, self.chart.batch_fields)
        return Built({"Output": charted(rows, fields, lambda part: self._figure(part, table, types))})

    def _types(self, table: Table, rows: pl.DataFrame) -> tuple[AxisType, AxisType]:
        """Of both axes: as configured, or as the data of all batches is."""
        layout = self.chart.layout
        x = layout.x_type or types_of([_axis_type(table, rows, trace.x_field) for trace in self.chart.traces])
        return x, layout.y_type or types_of([_axis_type(table, rows, trace.y_field) for trace in self.chart.traces])

    def _figure(self, rows: pl.DataFrame, table: Table, types: tuple[AxisType, AxisType]) -> Figure:
        if len(rows) * len(self.chart.traces) > MOST_POINTS:
            raise ToolError(f"A chart of more than {MOST_POINTS:,} points cannot be drawn.")
        layout = self.chart.layout
        series: list[Series] = []
        for trace in self.chart.traces:
            series += self._series(trace, rows, table, types, len(series))
        values = {name: rows[_text(table.field(name).name)][0] or "" for name in self.chart.batch_fields}
        return Figure(
            series=series,
            title=batch_title(self.chart.batch_title, values) if self.chart.batch_title and values else layout.title,
            width=layout.width,
            height=layout.height,
            scale=layout.scale,
            x=replace(layout.x, type=types[0]),
            y=replace(layout.y, type=types[1]),
            bars=layout.bars,
            gap=layout.gap,
            margins=layout.margins,
            has_legend=layout.has_legend,
            pie=self.chart.pie,
            colours=layout.colours,
        )

    def _series(self, trace: Trace, rows: pl.DataFrame, table: Table, types: tuple[AxisType, AxisType], before: int) -> list[Series]:
        """The series of a trace: one, or one for each value of its group field."""
        if not trace.group_field:
            return [_one_series(trace, rows, table, types, trace.name or trace.y_field, trace.look, before)]
        group = _text(table.field(trace.group_field).name)
        made: list[Series] = []
        for part in rows.partition_by(group, maintain_order=True):
            name = part[group][0] or ""
            look = _over(trace.look, trace.group_looks.get(name, Look()), keeps_colour=False)
            made.append(_one_series(trace, part, table, types, name, look, before + len(made)))
        return made


def _one_series(
    trace: Trace, rows: pl.DataFrame, table: Table, types: tuple[AxisType, AxisType], name: str, look: Look, number: int
) -> Series:
    is_pie = trace.kind is Kind.PIE
    x_type, y_type = (AxisType.CATEGORY, AxisType.LINEAR) if is_pie else types
    texts: list[str | None] = rows[_text(table.field(trace.text_field).name)].to_list() if trace.text_field else []
    return Series(
        kind=trace.kind,
        name=name,
        x=_values(rows, table, trace.x_field, x_type, AxisType.CATEGORY if is_pie else AxisType.LINEAR),
        y=_values(rows, table, trace.y_field, y_type, AxisType.LINEAR),
        colour=look.colour or PALETTE[number % len(PALETTE)],
        has_lines=trace.has_lines,
        has_markers=trace.has_markers,
        is_filled=trace.is_filled,
        is_horizontal=trace.is_horizontal,
        labels=[text or "" for text in texts],
        line_width=2 if look.line_width is None else look.line_width,
        marker_size=6 if look.marker_size is None else look.marker_size,
        opacity=1 if look.opacity is None else min(max(look.opacity, 0), 1),
        in_legend=trace.in_legend,
    )


def _over(look: Look, own: Look, *, keeps_colour: bool) -> Look:
    """A group's look where it has one; its colour is its own."""
    merged: Mapping[str, object] = {name: value for name, value in vars(own).items() if value is not None}
    return replace(look if keeps_colour else replace(look, colour=None), **merged)  # pyright: ignore[reportArgumentType] - the names are those of its own fields


def _text(name: str) -> str:
    """The column that holds a field's texts."""
    return f"text of {name}"


def _axis_type(table: Table, rows: pl.DataFrame, name: str) -> AxisType:
    if not name:
        return AxisType.LINEAR
    field = table.field(name)
    if field.type.is_numeric:
        return AxisType.LINEAR
    if field.type.is_temporal:
        return AxisType.DATE
    texts = rows[_text(field.name)]
    is_number = field.type.is_text and texts.cast(pl.Float64, strict=False).null_count() == texts.null_count() < len(texts)
    return AxisType.LINEAR if is_number else AxisType.CATEGORY


def _values(rows: pl.DataFrame, table: Table, name: str, kind: AxisType, missing: AxisType) -> list[Value]:
    """A field's values for an axis; their numbers from 0 where no field is chosen."""
    if not name:
        numbers = range(len(rows))
        return [str(number) for number in numbers] if AxisType.CATEGORY in (kind, missing) else [float(number) for number in numbers]
    field = table.field(name)
    value, text = column(field.name), pl.col(_text(field.name))
    if kind is AxisType.CATEGORY:
        return rows.select(text).to_series().to_list()
    if kind is AxisType.DATE:
        moment = value.cast(pl.Datetime("us"), strict=False) if field.type in (FieldType.DATE, FieldType.DATETIME) else None
        read = pl.coalesce(text.str.to_datetime(form, strict=False, time_unit="us") for form in _FORMS)
        found = read if moment is None else moment
        return rows.select(found.cast(pl.Int64).cast(pl.Float64) / 1e6).to_series().to_list()
    number = value if field.type.is_numeric else text
    return rows.select(number.cast(pl.Float64, strict=False)).to_series().to_list()
