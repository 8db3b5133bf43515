"""How far, and which way, it is from one spatial object of a row to another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import polars as pl

from galleria.errors import UnsupportedError
from galleria.fields.columns import column
from galleria.fields.types import Field, FieldType
from galleria.spatial.columns import computed, number_column, shape_column, shapes_of, without
from galleria.spatial.library import np, shapely
from galleria.spatial.nearest import Nearest, nearest, to_objects
from galleria.spatial.parts import points
from galleria.spatial.sphere import bearings, cardinal
from galleria.tools.configuration import Configuration
from galleria.tools.contract import Built, Context, Inputs, Tool
from galleria.tools.spatial_fields import UNITS, appended, read_units, spatial_field

if TYPE_CHECKING:
    from galleria.spatial.columns import Numbers, Shapes

PLUGIN = "AlteryxSpatialPluginsGui.Distance.Distance"


@dataclass(frozen=True)
class Distance(Tool):
    plugins: ClassVar[Sequence[str]] = (PLUGIN,)

    source: str
    destination: str
    units: str
    tells_distance: bool
    tells_place: bool
    """Append the place that was measured to."""
    to_edge: bool
    """Within a polygon: the distance to its edge as a negative number, not 0."""
    tells_direction: bool
    tells_degrees: bool

    @classmethod
    def read(cls, config: Configuration) -> Distance:
        if config.flag("OutputDriveTimeAndDistance"):
            raise UnsupportedError(PLUGIN, "drive times and drive distances need a licensed road network")
        return cls(
            config.value("SpatialObjSource"),
            config.value("SpatialObjDest"),
            read_units(config, "OutputUnits"),
            tells_distance=config.flag("OutputDistance"),
            tells_place=config.flag("ReturnNearest"),
            to_edge=config.flag("DistToInsideEdge"),
            tells_direction=config.flag("OutputCardinalDirection"),
            tells_degrees=config.flag("OutputDirectionDegrees"),
        )

    def build(self, inputs: Inputs, context: Context) -> Built:
        """Rows keep their order. From the centre of the source; Null where an object is Null."""
        table = inputs.one()
        shapes = [column(spatial_field(table, name).name) for name in (self.source, self.destination)]
        made: list[tuple[Field, pl.Expr]] = []
        if self.tells_distance:
            made.append((Field(f"Distance{self.units}", FieldType.DOUBLE), computed(self._distances, pl.Float64(), *shapes)))
        if self.tells_distance and self.tells_place:
            made.append((Field("InteriorPt", FieldType.SPATIAL), computed(self._places, pl.Binary(), *shapes)))
        if self.tells_direction:
            made.append((Field("Direction", FieldType.STRING, 2), computed(self._directions, pl.String(), *shapes)))
        if self.tells_degrees:
            made.append((Field("DirectionDegrees", FieldType.FLOAT), computed(self._degrees, pl.Float32(), *shapes)))
        return Built({"Output": appended(table, made)})

    def _distances(self, source: pl.Series, destination: pl.Series) -> pl.Series:
        x, y, shapes = _from(source, destination)
        distance = to_objects(x, y, shapes).distance_m
        if self.to_edge:
            within = (distance == 0) & (shapely.get_dimensions(shapes) == 2)
            distance = np.where(within, -nearest(x, y, shapes).distance_m, distance)
        return number_column(distance / UNITS[self.units])

    def _places(self, source: pl.Series, destination: pl.Series) -> pl.Series:
        found = self._found(*_from(source, destination))
        return shape_column(points(found.x, found.y))

    def _directions(self, source: pl.Series, destination: pl.Series) -> pl.Series:
        return pl.Series(cardinal(self._bearings(source, destination)), dtype=pl.String)

    def _degrees(self, source: pl.Series, destination: pl.Series) -> pl.Series:
        return number_column(self._bearings(source, destination)).cast(pl.Float32)

    def _bearings(self, source: pl.Series, destination: pl.Series) -> Numbers:
        x, y, shapes = _from(source, destination)
        found = self._found(x, y, shapes)
        return bearings(x, y, found.x, found.y)

    def _found(self, x: Numbers, y: Numbers, shapes: Shapes) -> Nearest:
        return (nearest if self.to_edge else to_objects)(x, y, shapes)


def _from(source: pl.Series, destination: pl.Series) -> tuple[Numbers, Numbers, Shapes]:
    """The centre of each source, and what it is measured to; NaN and None where one of the two is Null."""
    centre = shapely.centroid(shapes_of(source))
    x, y = shapely.get_x(centre), shapely.get_y(centre)
    return x, y, without(shapes_of(destination), np.isnan(x))
