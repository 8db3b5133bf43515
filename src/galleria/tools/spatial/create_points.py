"""Makes points of longitudes and latitudes."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import polars as pl

from galleria.errors import UnsupportedError
from galleria.fields.columns import column
from galleria.fields.conversion import convert
from galleria.fields.types import Field, FieldType
from galleria.spatial.columns import computed, numbers_of, shape_column
from galleria.spatial.parts import points
from galleria.spatial.projection import Projection, find_projection
from galleria.table.table import Table
from galleria.tools.configuration import Configuration
from galleria.tools.contract import Built, Context, Inputs, Tool
from galleria.tools.spatial_fields import appended

PLUGIN = "AlteryxSpatialPluginsGui.CreatePoints.CreatePoints"
_CENTROID = Field("Centroid", FieldType.SPATIAL, source="CreatePoints:")
_MODES = {"Double": 1.0, "Int": 1e-6, "Projected": 1.0}


@dataclass(frozen=True)
class CreatePoints(Tool):
    plugins: ClassVar[Sequence[str]] = (PLUGIN,)

    x: str
    y: str
    unit: float
    """How many degrees, or metres of the projection, a unit of the fields is."""
    projection: Projection | None
    """None for degrees of WGS 84."""

    @classmethod
    def read(cls, config: Configuration) -> "CreatePoints":
        mode = config.choice("Mode", list(_MODES), "Double")
        projection = None
        if mode == "Projected":
            projection = find_projection(config.value("Projection"))
            if projection is None:
                raise UnsupportedError(PLUGIN, f'the projection "{config.value("Projection")}"')
        fields = config.child("Fields")
        is_degrees = projection is None or projection.is_degrees
        return cls(fields.attribute("fieldX"), fields.attribute("fieldY"), _MODES[mode], None if is_degrees else projection)

    def build(self, inputs: Inputs, context: Context) -> Built:
        """Rows keep their order. Null where a field is Null or its text is no number."""
        table = inputs.one()
        point = computed(self._points, pl.Binary(), *(_number(table, name) for name in (self.x, self.y)))
        return Built({"Output": appended(table, [(_CENTROID, point)])})

    def _points(self, x: pl.Series, y: pl.Series) -> pl.Series:
        east, north = numbers_of(x) * self.unit, numbers_of(y) * self.unit
        if self.projection is not None:
            east, north = self.projection.degrees(east, north)
        return shape_column(points(east, north))


def _number(table: Table, name: str) -> pl.Expr:
    field = table.field(name)
    return convert(column(field.name), field, Field(field.name, FieldType.DOUBLE)).value
