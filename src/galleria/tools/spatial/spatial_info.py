"""Measures spatial objects and tells what they are made of."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import polars as pl

from galleria.errors import UnsupportedError
from galleria.fields.columns import column
from galleria.fields.types import Field, FieldType
from galleria.spatial.columns import as_written, computed, from_shapes, measured
from galleria.spatial.library import np, shapely
from galleria.spatial.parts import corner_counts, ends, part_counts, rectangles
from galleria.spatial.sphere import METRES_A_MILE, areas_m2, lengths_m
from galleria.tools.configuration import Configuration
from galleria.tools.contract import Built, Context, Inputs, Tool
from galleria.tools.spatial_fields import appended, spatial_field

if TYPE_CHECKING:
    from galleria.spatial.columns import Numbers, Shapes

PLUGIN = "AlteryxSpatialPluginsGui.SpatialInfo.SpatialInfo"
_KINDS = ("Point", "Line", "Line", "Polygon", "Point", "Line", "Polygon", "Collection")


@dataclass(frozen=True)
class SpatialInfo(Tool):
    plugins: ClassVar[Sequence[str]] = (PLUGIN,)

    field: str
    items: tuple[str, ...]
    """As they are named in documents, in the order of the new fields."""

    @classmethod
    def read(cls, config: Configuration) -> SpatialInfo:
        items = tuple(item.attribute("name") for item in config.each("SelectedItems/Item"))
        for item in items:
            if item not in _ITEMS:
                raise UnsupportedError(PLUGIN, f'the item "{item}"')
        return cls(config.child("SpatialObj").attribute("field"), items)

    def build(self, inputs: Inputs, context: Context) -> Built:
        """Rows keep their order; whatever is asked about a Null is Null."""
        table = inputs.one()
        shape = column(spatial_field(table, self.field).name)
        return Built({"Output": appended(table, [made for item in self.items for made in _ITEMS[item](shape)])})


_Made = Sequence[tuple[Field, pl.Expr]]


def _number(name: str, measure: Callable[[Shapes], Numbers]) -> Callable[[pl.Expr], _Made]:
    return lambda shape: [(Field(name, FieldType.DOUBLE), measured(measure, shape))]


def _numbers(names: Sequence[str], measure: Callable[[Shapes], Sequence[Any]]) -> Callable[[pl.Expr], _Made]:
    """Several fields, each from its place in what `measure` gives."""
    return lambda shape: [(Field(name, FieldType.DOUBLE), measured(_one_of(measure, place), shape)) for place, name in enumerate(names)]


def _objects(names: Sequence[str], make: Callable[[Shapes], Sequence[Any]]) -> Callable[[pl.Expr], _Made]:
    return lambda shape: [(Field(name, FieldType.SPATIAL), from_shapes(_one_of(make, place), shape)) for place, name in enumerate(names)]


def _one_of(function: Callable[[Shapes], Sequence[Any]], place: int) -> Callable[[Shapes], Any]:
    return lambda shapes: function(shapes)[place]


def _count(name: str, count: Callable[[Shapes], Any]) -> Callable[[pl.Expr], _Made]:
    def counted(column: pl.Series) -> pl.Series:
        return pl.Series(count(as_written(column)), dtype=pl.Int32).set(column.is_null(), None)

    return lambda shape: [(Field(name, FieldType.INT32), computed(counted, pl.Int32(), shape))]


def _kind(shape: pl.Expr) -> _Made:
    def told(column: pl.Series) -> pl.Series:
        return pl.Series([None if kind < 0 else _KINDS[kind] for kind in shapely.get_type_id(as_written(column)).tolist()], dtype=pl.String)

    return [(Field("ObjectType", FieldType.V_STRING, 20), computed(told, pl.String(), shape))]


def _centre(shapes: Shapes) -> Sequence[Numbers]:
    centre = shapely.centroid(shapes)
    return shapely.get_x(centre), shapely.get_y(centre)


def _bounds(shapes: Shapes) -> Sequence[Numbers]:
    west, south, east, north = shapely.bounds(shapes).T
    return west, north, east, south


def _ends(shapes: Shapes) -> Sequence[Numbers]:
    first, last = ends(shapes)
    return shapely.get_x(first), shapely.get_y(first), shapely.get_x(last), shapely.get_y(last)


def _box_corners(shapes: Shapes) -> Sequence[Shapes]:
    west, north, east, south = _bounds(shapes)
    known = ~np.isnan(west)
    made = [np.full(len(shapes), None, dtype=object) for _ in range(2)]
    made[0][known], made[1][known] = shapely.points(west[known], north[known]), shapely.points(east[known], south[known])
    return made


_ITEMS: dict[str, Callable[[pl.Expr], _Made]] = {
    "AreaMi": _number("AreaSqMi", lambda shapes: areas_m2(shapes) / METRES_A_MILE**2),
    "AreaKm": _number("AreaSqKm", lambda shapes: areas_m2(shapes) / 1e6),
    "LengthMi": _number("LengthMi", lambda shapes: lengths_m(shapes) / METRES_A_MILE),
    "LengthKm": _number("LengthKm", lambda shapes: lengths_m(shapes) / 1000),
    "CentroidXY": _numbers(("CentroidX", "CentroidY"), _centre),
    "CentroidObj": _objects(("Centroid",), lambda shapes: (shapely.centroid(shapes),)),
    "EndPointsXY": _numbers(("StartX", "StartY", "EndX", "EndY"), _ends),
    "EndPointsObj": _objects(("Start", "End"), ends),
    "BoundingRectXY": _numbers(("BR_Left", "BR_Top", "BR_Right", "BR_Bottom"), _bounds),
    "BoundingRectPoints": _objects(("BR_TopLeft", "BR_BottomRight"), _box_corners),
    "BoundingRectPolygon": _objects(("BR_Polygon",), lambda shapes: (rectangles(shapes),)),
    "NumParts": _count("NumParts", part_counts),
    "NumPoints": _count("NumPoints", corner_counts),
    "ObjectType": _kind,
}
