"""Spatial objects (WGS 84 degrees): made, measured, combined."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from typing import Any

import polars as pl

from galleria.errors import UnsupportedError
from galleria.formula import shapes
from galleria.formula.functions.math import chance
from galleria.formula.operand import Operand
from galleria.formula.registry import Site, function
from galleria.spatial.columns import measured
from galleria.spatial.nearest import apart_m
from galleria.spatial.sphere import areas_m2, lengths_m

_SHAPE = pl.Binary()


@function("ST_CreatePoint(longitude: Double, latitude: Double) -> Spatial")
def create_point(longitude: pl.Expr, latitude: pl.Expr) -> pl.Expr:
    """The point at a longitude and a latitude."""
    return shapes.of_shapes(lambda x, y: _shapely().Point(x, y), _SHAPE, [], longitude, latitude)


@function("ST_CreateLine(points: Spatial...) -> Spatial")
def create_line(points: Sequence[pl.Expr]) -> pl.Expr:
    """The line through points and lines, in their order; Null for a single point."""
    return shapes.of_shapes(_line, _SHAPE, points)


@function("ST_CreatePolygon(points: Spatial...) -> Spatial")
def create_polygon(points: Sequence[pl.Expr]) -> pl.Expr:
    """The polygon whose corners are points, or those of lines, in their order; Null for less than three."""
    return shapes.of_shapes(_polygon, _SHAPE, points)


def _line(*items: Any) -> Any:
    points = _all_points(items)
    return _shapely().LineString(points) if len(points) > 1 else None


def _polygon(*items: Any) -> Any:
    points = _all_points(items)
    return _shapely().Polygon(points) if len(points) > 2 else None


def _hull(*items: Any) -> Any:
    return _shapely().GeometryCollection(list(items)).convex_hull


def _rectangle(*items: Any) -> Any:
    return _shapely().box(*_shapely().GeometryCollection(list(items)).bounds)


def _all_points(items: Sequence[Any]) -> list[tuple[float, float]]:
    return [point for item in items for point in shapes.points_of(item)]


def _shapely() -> Any:
    import shapely

    return shapely


@function("ST_Combine(shapes: Spatial...) -> Spatial")
def combine(items: Sequence[pl.Expr]) -> pl.Expr:
    """All of them as one."""
    return shapes.union(items)


@function("ST_Cut(shape: Spatial, cutter: Spatial) -> Spatial")
def cut(shape: pl.Expr, cutter: pl.Expr) -> pl.Expr:
    """The first without the second."""
    return shapes.difference(shape, cutter)


@function("ST_Intersection(shapes: Spatial...) -> Spatial")
def intersection(items: Sequence[pl.Expr]) -> pl.Expr:
    """What all of them share."""

    def shared(first: Any, *others: Any) -> Any:
        for other in others:
            first = first.intersection(other)
        return first

    return shapes.of_shapes(shared, _SHAPE, items)


@function("ST_InverseIntersection(first: Spatial, second: Spatial) -> Spatial")
def inverse_intersection(first: pl.Expr, second: pl.Expr) -> pl.Expr:
    """What lies in one of the two only."""
    return shapes.of_shapes(lambda one, other: one.symmetric_difference(other), _SHAPE, [first, second])


@function("ST_ConvexHull(shapes: Spatial...) -> Spatial")
def convex_hull(items: Sequence[pl.Expr]) -> pl.Expr:
    """The smallest polygon without dents around all of them."""
    return shapes.of_shapes(_hull, _SHAPE, items)


@function("ST_BoundingRectangle(shapes: Spatial...) -> Spatial")
def bounding_rectangle(items: Sequence[pl.Expr]) -> pl.Expr:
    """The smallest rectangle along the axes around all of them."""
    return shapes.of_shapes(_rectangle, _SHAPE, items)


@function("ST_Boundary(shape: Spatial) -> Spatial")
def boundary(shape: pl.Expr) -> pl.Expr:
    """The outline of a polygon, the ends of a line."""
    return shapes.of_shape(lambda item: item.boundary, _SHAPE, shape)


@function("ST_Centroid(shape: Spatial) -> Spatial")
def centroid(shape: pl.Expr) -> pl.Expr:
    """The centre as a point."""
    return shapes.of_shape(lambda item: item.centroid, _SHAPE, shape)


@function("ST_CentroidX(shape: Spatial) -> Number")
def centroid_x(shape: pl.Expr) -> pl.Expr:
    """The longitude of the centre."""
    return _number(shape, lambda item: item.centroid.x if not item.is_empty else None)


@function("ST_CentroidY(shape: Spatial) -> Number")
def centroid_y(shape: pl.Expr) -> pl.Expr:
    """The latitude of the centre."""
    return _number(shape, lambda item: item.centroid.y if not item.is_empty else None)


@function("ST_MinX(shape: Spatial) -> Number")
def min_x(shape: pl.Expr) -> pl.Expr:
    """The westernmost longitude."""
    return _bound(shape, 0)


@function("ST_MinY(shape: Spatial) -> Number")
def min_y(shape: pl.Expr) -> pl.Expr:
    """The southernmost latitude."""
    return _bound(shape, 1)


@function("ST_MaxX(shape: Spatial) -> Number")
def max_x(shape: pl.Expr) -> pl.Expr:
    """The easternmost longitude."""
    return _bound(shape, 2)


@function("ST_MaxY(shape: Spatial) -> Number")
def max_y(shape: pl.Expr) -> pl.Expr:
    """The northernmost latitude."""
    return _bound(shape, 3)


def _bound(shape: pl.Expr, place: int) -> pl.Expr:
    return _number(shape, lambda item: item.bounds[place] if not item.is_empty else None)


def _number(shape: pl.Expr, measure: Callable[[Any], float | None]) -> pl.Expr:
    return shapes.of_shape(measure, pl.Float64(), shape)


@function("ST_PointN(shape: Spatial, number: Int) -> Spatial")
def point_n(shape: pl.Expr, number: pl.Expr) -> pl.Expr:
    """The corner of that number, from 1; Null where there is none."""
    return shapes.of_shapes(_point_n, _SHAPE, [shape], number)


def _point_n(item: Any, number: int) -> Any:
    points = shapes.points_of(item)
    return _shapely().Point(points[number - 1]) if 1 <= number <= len(points) else None


@function("ST_StartPoint(shape: Spatial) -> Spatial")
def start_point(shape: pl.Expr) -> pl.Expr:
    """The first corner."""
    return shapes.of_shape(lambda item: _point_n(item, 1), _SHAPE, shape)


@function("ST_EndPoint(shape: Spatial) -> Spatial")
def end_point(shape: pl.Expr) -> pl.Expr:
    """The last corner."""
    return shapes.of_shape(lambda item: _point_n(item, len(shapes.points_of(item))), _SHAPE, shape)


@function("ST_RandomPoint(shape: Spatial) -> Spatial", volatile=True)
def random_point(shape: pl.Expr) -> pl.Expr:
    """A point by chance inside of the shape, another for every row."""
    return shapes.of_shapes(_random_point, _SHAPE, [shape], chance())


def _random_point(item: Any, seed: float) -> Any:
    dice = random.Random(seed)  # noqa: S311 - a place on a map, no secret
    west, south, east, north = item.bounds
    for _ in range(10_000):
        point = _shapely().Point(dice.uniform(west, east), dice.uniform(south, north))
        if item.contains(point):
            return point
    return item.representative_point()


@function("ST_Area(shape: Spatial, unit: String) -> Number", detailed=True)
def area(site: Site, shape: Operand, unit: Operand) -> pl.Expr:
    """The area in square units (`miles`, `kilometers`, `meters`, `feet`); 0 for points and lines."""
    size = _unit(unit) ** 2
    return measured(lambda items: areas_m2(items) / size, shape.expression)


@function("ST_Length(shape: Spatial, unit: String) -> Number", detailed=True)
def length(site: Site, shape: Operand, unit: Operand) -> pl.Expr:
    """The length of lines, and of the outlines of polygons, in units (`miles`, `kilometers`, `meters`, `feet`)."""
    size = _unit(unit)
    return measured(lambda items: lengths_m(items) / size, shape.expression)


@function("ST_Distance(first: Spatial, second: Spatial, unit: String) -> Number", detailed=True)
def distance_between(site: Site, first: Operand, second: Operand, unit: Operand) -> pl.Expr:
    """The distance of the nearest places of two shapes, in units (`miles`, `kilometers`, `meters`, `feet`)."""
    size = _unit(unit)
    return measured(lambda items, others: apart_m(items, others) / size, first.expression, second.expression)


def _unit(unit: Operand) -> float:
    """Metres of a constant unit; raises FormulaError for any other."""
    if not unit.is_constant:
        raise UnsupportedError("spatial functions", "the unit must be a constant")
    return shapes.metres_of(unit.constant_text or "", unit.position)
