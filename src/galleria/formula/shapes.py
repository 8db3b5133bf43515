"""Spatial objects in columns: WKB bytes of degrees (longitude, latitude). Needs the `spatial` extra, which is loaded only here."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import polars as pl

from galleria.errors import FormulaError
from galleria.fields.objects import import_shapely
from galleria.formula.by_row import Rowwise, same_height
from galleria.spatial.sphere import METRES_A_MILE

_METRES = {
    "miles": METRES_A_MILE,
    "mile": METRES_A_MILE,
    "mi": METRES_A_MILE,
    "kilometers": 1000.0,
    "kilometer": 1000.0,
    "km": 1000.0,
    "meters": 1.0,
    "meter": 1.0,
    "m": 1.0,
    "feet": 0.3048,
    "foot": 0.3048,
    "ft": 0.3048,
}


def metres_of(unit: str, position: int) -> float:
    """The length of a unit, which an area names with `sq` or without; raises FormulaError for an unknown one."""
    try:
        return _METRES[unit.strip().lower().removeprefix("square").removeprefix("sq").strip()]
    except KeyError:
        raise FormulaError(f'"{unit}" is no unit of length; known are miles, kilometers, meters, feet', position) from None


def of_shapes(function: Rowwise, dtype: pl.DataType, shapes: Sequence[pl.Expr], *others: pl.Expr) -> pl.Expr:
    """`function` of the shapes and other values of each row; a shape as the result becomes WKB. Null where anything is Null."""
    import_shapely()
    arguments = [*shapes, *others]
    count = len(shapes)

    def apply(columns: Sequence[pl.Series]) -> pl.Series:
        values = [_geometries(column) if place < count else column.to_list() for place, column in enumerate(same_height(columns))]
        rows = zip(*values, strict=True)
        results = [None if any(item is None for item in row) else _result(function(*row)) for row in rows]
        return pl.Series(columns[0].name, results, dtype)

    return pl.map_batches(arguments, apply, return_dtype=dtype, is_elementwise=True)


def of_shape(function: Callable[[Any], Any], dtype: pl.DataType, shape: pl.Expr) -> pl.Expr:
    """`function` of every shape; a shape as the result becomes WKB."""
    return of_shapes(function, dtype, [shape])


def union(shapes: Sequence[pl.Expr]) -> pl.Expr:
    """All of them as one; Null where any is Null."""
    return of_shapes(_union_of, pl.Binary(), shapes)


def _union_of(first: Any, *others: Any) -> Any:
    for other in others:
        first = first.union(other)
    return first


def difference(shape: pl.Expr, cutter: pl.Expr) -> pl.Expr:
    """The first without the second."""
    return of_shapes(lambda item, knife: item.difference(knife), pl.Binary(), [shape, cutter])


def parts_of(shape: Any) -> list[Any]:
    """The single points, lines and polygons that a shape is made of."""
    return [part for item in shape.geoms for part in parts_of(item)] if hasattr(shape, "geoms") else [shape]


def points_of(shape: Any) -> list[tuple[float, float]]:
    """All corners, in order, rings closed."""
    found: list[tuple[float, float]] = []
    for part in parts_of(shape):
        rings = [part.exterior, *part.interiors] if part.geom_type == "Polygon" else [part]
        for ring in rings:
            found.extend((x, y) for x, y, *_ in ring.coords)
    return found


def _geometries(column: pl.Series) -> list[Any]:
    import shapely

    return [None if wkb is None else _valid(shapely.from_wkb(wkb, on_invalid="ignore")) for wkb in column.to_list()]


def _valid(shape: Any) -> Any:
    """The shape; one whose outline crosses itself is mended, since GEOS would refuse it."""
    import shapely

    if shape is None or shape.is_valid:
        return shape
    return shapely.make_valid(shape)  # pyright: ignore[reportUnknownVariableType] - untyped there


def _result(value: Any) -> Any:
    import shapely

    return shapely.to_wkb(value, include_srid=False) if isinstance(value, shapely.Geometry) else value
