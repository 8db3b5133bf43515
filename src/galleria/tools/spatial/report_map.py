"""Report Map: draws the spatial objects of its streams as a picture for reports, one for all or one for each group."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Self

import polars as pl

from galleria.errors import ToolError
from galleria.fields.columns import column
from galleria.fields.conversion import convert, text_of
from galleria.fields.types import Field, FieldType
from galleria.reports.map_themes import coloured
from galleria.reports.maps import Box, Map, Mark, box_around, draw_map
from galleria.reports.markup import snippet_field
from galleria.spatial.columns import shape_column, shapes_of
from galleria.spatial.library import np, shapely
from galleria.spatial.sphere import DEGREE_M
from galleria.table.table import Table, empty_table
from galleria.tools.configuration import Configuration
from galleria.tools.contract import Anchor, Built, Context, Inputs, Tool, World, warning
from galleria.tools.map_configuration import PLUGIN, Layer, MapConfiguration, Source, read_map
from galleria.tools.spatial_fields import UNITS, spatial_field

if TYPE_CHECKING:
    from galleria.spatial.columns import Shapes

_BOX = Field("BoundingRect", FieldType.SPATIAL, source="Map:")
_GROUP = "Group"
_SHAPE, _THEME, _NUMBER, _LABEL = "shape", "theme", "number", "label"
_MOST_CORNERS = 2_000_000
"""Of one map: more would make a picture that nobody can open."""


@dataclass(frozen=True)
class _Theme:
    layer: Layer
    colours: pl.Series
    """Of each row of the layer's stream."""
    legend: Sequence[tuple[str, str]]
    is_one: bool
    """False where all rows have the layer's own colour."""


@dataclass(frozen=True)
class ReportMap(Tool):
    plugins: ClassVar[Sequence[str]] = (PLUGIN,)
    inputs: ClassVar[Sequence[Anchor]] = (Anchor("Input", multiple=True),)
    acts: ClassVar[bool] = True

    map: MapConfiguration

    @classmethod
    def read(cls, config: Configuration) -> Self:
        return cls(read_map(config))

    def build(self, inputs: Inputs, context: Context) -> Built:
        return Built({"Output": empty_table(self._fields(inputs))})

    def act(self, inputs: Inputs, context: Context, world: World) -> Built:
        """A row for each group, sorted, or one for all; none where nothing is to be drawn."""
        fields = self._fields(inputs)
        whole = {source.wire: _rows(source, _table(inputs, source)) for source in self.map.sources}
        themes = [_theme(layer, whole[layer.wire]) for layer in self.map.layers if layer.wire in whole]
        streams = {wire: rows.with_columns(theme.colours for theme in themes if theme.layer.wire == wire) for wire, rows in whole.items()}
        rows = [(self._picture(parts, themes), group) for group, parts in _groups(streams)]
        drawn = [(*picture, group) for picture, group in rows if picture is not None]
        columns = [
            pl.Series(fields[0].name, [svg for svg, _, _ in drawn], pl.String),
            shape_column(np.array([shapely.box(*box) for _, box, _ in drawn], dtype=object), _BOX.name),
            *(pl.Series(field.name, [group for _, _, group in drawn], field.dtype) for field in fields[2:]),
        ]
        notes = [warning(f'The base map "{self.map.base_map}" is not drawn: it needs licensed data.')] if self.map.base_map else []
        return Built({"Output": Table(pl.DataFrame(columns).lazy(), fields)}, notes=notes)

    def _fields(self, inputs: Inputs) -> tuple[Field, ...]:
        if not self.map.sources:
            raise ToolError("There is nothing to draw: no stream is chosen.")
        tables = [(source, _table(inputs, source)) for source in self.map.sources]
        for source, table in tables:
            for name in (source.theme, source.label):
                if name:
                    table.field(name)
        groups = [table.field(source.group) for source, table in tables if source.group]
        return (snippet_field("Map", "Map"), _BOX, *(field.renamed(_GROUP) for field in groups[:1]))

    def _picture(self, streams: dict[str, pl.DataFrame], themes: Sequence[_Theme]) -> tuple[str, Box] | None:
        """The drawn map and what it shows; None for no objects."""
        shapes = {wire: shapes_of(rows[_SHAPE]) for wire, rows in streams.items()}
        zoomed = [shapes[layer.wire] for layer in self.map.layers if layer.zooms and layer.wire in shapes] or list(shapes.values())
        seen = np.concatenate(zoomed)
        if not len(seen) or np.isnan(bounds := shapely.total_bounds(seen)).any():
            return None
        if sum(int(shapely.get_num_coordinates(one).sum()) for one in shapes.values()) > _MOST_CORNERS:
            raise ToolError(f"A map of more than {_MOST_CORNERS:,} corners cannot be drawn; the Generalize tool leaves some out.")
        least = self.map.minimum * UNITS["Kilometers" if self.map.is_metric else "Miles"] / DEGREE_M
        west, south, east, north = bounds.tolist()
        box = box_around((west, south, east, north), self.map.width, self.map.height, self.map.expand_percent, least)
        marks = [mark for theme in reversed(themes) for mark in _drawn(theme, streams[theme.layer.wire], shapes[theme.layer.wire])]
        legend = [entry for theme in themes if theme.layer.in_legend for entry in theme.legend]
        return draw_map(Map(self.map.width, self.map.height, box, self.map.background, marks, legend if self.map.has_legend else ())), box


def _table(inputs: Inputs, source: Source) -> Table:
    wires = inputs.all()
    found = next((wire.table for wire in wires if wire.name == source.wire), None)
    if found is None:
        raise ToolError(f'The connection "{source.wire}" is missing.')
    return found


def _rows(source: Source, table: Table) -> pl.DataFrame:
    """What a stream gives to the map: objects, themes as texts and numbers, labels, groups."""
    spatial = [field.name for field in table.fields if field.type is FieldType.SPATIAL]
    shape = spatial_field(table, source.shape or (spatial[0] if spatial else ""))
    made = [column(shape.name).alias(_SHAPE)]
    theme = table.field(source.theme) if source.theme else None
    number = Field(_NUMBER, FieldType.DOUBLE)
    made.append((text_of(column(theme.name), theme) if theme else pl.lit(None, pl.String)).alias(_THEME))
    is_number = theme is not None and (theme.type.is_numeric or theme.type.is_text)
    made.append((convert(column(theme.name), theme, number).value if theme and is_number else pl.lit(None, pl.Float64)).alias(_NUMBER))
    label = table.field(source.label) if source.label else None
    made.append((text_of(column(label.name), label) if label else pl.lit(None, pl.String)).alias(_LABEL))
    if source.group:
        made.append(column(table.field(source.group).name).alias(_GROUP))
    return table.frame.select(made).collect()


def _groups(streams: dict[str, pl.DataFrame]) -> Iterator[tuple[Any, dict[str, pl.DataFrame]]]:
    """Each group of the streams that have one, with their rows of it; streams without a group belong to each."""
    grouped = [rows[_GROUP] for rows in streams.values() if _GROUP in rows.columns]
    if not grouped:
        yield None, streams
        return
    for group in pl.concat(grouped).unique().sort().to_list():
        yield (
            group,
            {wire: rows.filter(pl.col(_GROUP).eq_missing(group)) if _GROUP in rows.columns else rows for wire, rows in streams.items()},
        )


def _theme(layer: Layer, rows: pl.DataFrame) -> _Theme:
    """The colours of the layer over all groups, under a name of its own."""
    has_theme = rows[_THEME].null_count() < rows.height
    colours, legend = (
        coloured(layer.theme, rows[_THEME].to_list(), rows[_NUMBER].to_list()) if has_theme else ([layer.fill] * rows.height, [])
    )
    return _Theme(layer, pl.Series(f"colour of {layer.number}", colours, pl.String), legend, has_theme)


def _drawn(theme: _Theme, rows: pl.DataFrame, shapes: Shapes) -> Iterator[Mark]:
    """The objects of the layer's kind."""
    layer = theme.layer
    for shape, label, colour in zip(shapes, rows[_LABEL].to_list(), rows[theme.colours.name].to_list(), strict=True):
        if shape is not None and shapely.get_dimensions(shape) == layer.kind:
            stroke = colour if layer.kind == 1 and theme.is_one else layer.stroke
            look = (layer.stroke_width, layer.opacity, layer.size, layer.point, label or "")
            yield Mark(_rings(shape), layer.kind, colour, stroke, *look)


def _rings(shape: Any) -> list[list[tuple[float, float]]]:
    parts = shapely.get_parts(shapely.orient_polygons(shape))
    outlines = shapely.get_rings(parts) if shapely.get_dimensions(shape) == 2 else parts
    return [[(x, y) for x, y in shapely.get_coordinates(one).tolist()] for one in outlines]
