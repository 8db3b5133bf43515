"""What spatial objects are, and how they lie to each other."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from typing import Any

import polars as pl

from galleria.errors import ToolError
from galleria.formula import shapes
from galleria.formula.registry import function

_MATRIX = re.compile("[TF*012]{9}", re.IGNORECASE)
_KINDS = {
    "Point": "Point",
    "MultiPoint": "MultiPoint",
    "LineString": "Line",
    "LinearRing": "Line",
    "MultiLineString": "Line",
    "Polygon": "Polygon",
    "MultiPolygon": "Polygon",
}


@function("ST_Contains(outer: Spatial, inner: Spatial) -> Bool")
def contains(outer: pl.Expr, inner: pl.Expr) -> pl.Expr:
    """Whether the first contains the second; False for Null."""
    return _relation(outer, inner, lambda one, other: one.contains(other))


@function("ST_Within(inner: Spatial, outer: Spatial) -> Bool")
def within(inner: pl.Expr, outer: pl.Expr) -> pl.Expr:
    """Whether the first lies within the second; False for Null."""
    return _relation(inner, outer, lambda one, other: one.within(other))


@function("ST_Intersects(first: Spatial, second: Spatial) -> Bool")
def intersects(first: pl.Expr, second: pl.Expr) -> pl.Expr:
    """Whether the insides of two shapes share a place; touching is not enough; False for Null."""
    return _relation(first, second, lambda one, other: one.intersects(other) and not one.touches(other))


@function("ST_Touches(first: Spatial, second: Spatial) -> Bool")
def touches(first: pl.Expr, second: pl.Expr) -> pl.Expr:
    """Whether two shapes share places of their edges only; False for Null."""
    return _relation(first, second, lambda one, other: one.touches(other))


@function("ST_TouchesOrIntersects(first: Spatial, second: Spatial) -> Bool")
def touches_or_intersects(first: pl.Expr, second: pl.Expr) -> pl.Expr:
    """Whether two shapes share any place; False for Null."""
    return _relation(first, second, lambda one, other: one.intersects(other))


@function("ST_Relate(first: Spatial, second: Spatial, relation: String) -> Bool")
def relate(first: pl.Expr, second: pl.Expr, relation: pl.Expr) -> pl.Expr:
    """Whether two shapes lie to each other as a DE-9IM pattern says (`T*F**F***`); False for Null."""
    return shapes.of_shapes(_relates, pl.Boolean(), [first, second], relation).fill_null(value=False)


def _relates(one: Any, other: Any, pattern: str) -> bool:
    if not _MATRIX.fullmatch(pattern):
        raise ToolError(f'"{pattern[:40]}" is no DE-9IM pattern: nine of T, F, *, 0, 1 and 2.')
    return one.relate_pattern(other, pattern.upper())


def _relation(first: pl.Expr, second: pl.Expr, test: Callable[[Any, Any], bool]) -> pl.Expr:
    return shapes.of_shapes(test, pl.Boolean(), [first, second]).fill_null(value=False)


@function("ST_Dimension(shape: Spatial) -> Int")
def dimension(shape: pl.Expr) -> pl.Expr:
    """0 for points, 1 for lines, 2 for polygons."""
    return shapes.of_shape(_dimension, pl.Int64(), shape)


def _dimension(item: Any) -> int:
    return max(({"Point": 0, "Polygon": 2}.get(part.geom_type, 1) for part in shapes.parts_of(item)), default=0)


@function("ST_ObjectType(shape: Spatial) -> String")
def object_type(shape: pl.Expr) -> pl.Expr:
    """`Point`, `MultiPoint`, `Line`, `Polygon`, or `Collection`."""
    return shapes.of_shape(lambda item: _KINDS.get(item.geom_type, "Collection"), pl.String(), shape)


@function("ST_NumParts(shape: Spatial) -> Int")
def number_of_parts(shape: pl.Expr) -> pl.Expr:
    """How many single points, lines or polygons the shape is made of; each hole of a polygon counts as one."""
    return shapes.of_shape(_number_of_parts, pl.Int64(), shape)


def _number_of_parts(item: Any) -> int:
    return sum(1 + len(getattr(part, "interiors", ())) for part in shapes.parts_of(item))


@function("ST_NumPoints(shape: Spatial) -> Int")
def number_of_points(shape: pl.Expr) -> pl.Expr:
    """How many corners the shape has; the last of a ring, which is its first again, counts."""
    return shapes.of_shape(lambda item: len(shapes.points_of(item)), pl.Int64(), shape)


@function("ST_MD5(shape: Spatial) -> String")
def md5(shape: pl.Expr) -> pl.Expr:
    """The MD5 of the shape's bytes (WKB, which differs from the original's own form), in small hexadecimal digits."""
    return shapes.of_shape(lambda item: hashlib.md5(item.wkb, usedforsecurity=False).hexdigest(), pl.String(), shape)
