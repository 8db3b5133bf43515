"""Objects combined, cut and intersected, on the original's grid of a millionth of a degree.

Results hold only what the kinds of the operands call for: what two polygons share is polygons, not the points where they touch.
Source: help page "Spatial Process Results", 2018.3; results saved by the original have six decimals.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, cast

from galleria.spatial.library import np, shapely

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from galleria.spatial.columns import Shapes

GRID = 1e-6
_POINT, _LINE, _POLYGON = 0, 1, 2
_MULTI = ("MultiPoint", "MultiLineString", "MultiPolygon")


def combined(first: Shapes, second: Shapes) -> Shapes:
    """Both as one; where one is Null, the other. Null for a line and a polygon, and for points."""
    made = _of_kinds(shapely.union, first, second, {(_LINE, _LINE): _LINE, (_POLYGON, _POLYGON): _POLYGON})
    return _or_other(made, first, second)


def cut(cutter: Shapes, shape: Shapes) -> Shapes:
    """`shape` without `cutter`; the whole of it where the cutter is Null. Lines and points cannot cut what is more than they are."""
    kinds = {(one, other): other for one in (_POINT, _LINE, _POLYGON) for other in (_POINT, _LINE, _POLYGON) if one >= other}
    made = _of_kinds(_without, cutter, shape, kinds)
    return cast("Shapes", np.where(shapely.is_missing(cutter), shape, made))


def intersection(first: Shapes, second: Shapes) -> Shapes:
    """What both share: of the kind of the lesser one."""
    kinds = {(one, other): min(one, other) for one in (_POINT, _LINE, _POLYGON) for other in (_POINT, _LINE, _POLYGON)}
    return _of_kinds(shapely.intersection, first, second, kinds)


def inverse_intersection(first: Shapes, second: Shapes) -> Shapes:
    """What lies in one of two polygons only; where one is Null, the other."""
    return _or_other(_of_kinds(shapely.symmetric_difference, first, second, {(_POLYGON, _POLYGON): _POLYGON}), first, second)


def all_combined(shapes: Sequence[Any]) -> Any:
    """One object of any number of them, None for none."""
    known = [shape for shape in shapes if shape is not None]
    if len(known) < 2:
        return known[0] if known else None
    return shapely.union_all(known, grid_size=GRID)


def all_intersected(shapes: Sequence[Any]) -> Any:
    """What all of them share, None for nothing."""
    known = [shape for shape in shapes if shape is not None]
    if not known:
        return None
    found = np.array(known[:1], dtype=object)
    for shape in known[1:]:
        found = intersection(found, np.array([shape], dtype=object))
    return found[0]


def _without(cutter: Shapes, shape: Shapes, grid_size: float) -> Shapes:
    rest = np.full(len(shape), shapely.GeometryCollection(), dtype=object)
    left = ~shapely.covers(cutter, shape)
    rest[left] = shapely.difference(shape[left], cutter[left], grid_size=grid_size)
    return rest


def _or_other(made: Shapes, first: Shapes, second: Shapes) -> Shapes:
    alone = np.where(shapely.is_missing(first), second, first)
    return cast("Shapes", np.where(shapely.is_missing(first) | shapely.is_missing(second), alone, made))


def _of_kinds(operation: Callable[..., Any], first: Shapes, second: Shapes, kinds: dict[tuple[int, int], int]) -> Shapes:
    """`operation` of the rows whose kinds are among `kinds`, and of its result what is of the kind they say."""
    one, other = shapely.get_dimensions(first), shapely.get_dimensions(second)
    made = np.full(len(first), None, dtype=object)
    for (first_kind, second_kind), kind in kinds.items():
        rows = np.flatnonzero((one == first_kind) & (other == second_kind))
        if len(rows):
            made[rows] = only(operation(first[rows], second[rows], grid_size=GRID), kind)
    return made


def only(shapes: Shapes, kind: int) -> Shapes:
    """The parts of that kind; None where there are none."""
    mixed = (shapely.get_type_id(shapes) == 7) | (shapely.get_dimensions(shapes) != kind)
    for row in np.flatnonzero(mixed).tolist():
        parts = shapely.get_parts(shapely.get_parts(shapes[row]))
        wanted: NDArray[np.object_] = parts[shapely.get_dimensions(parts) == kind]
        shapes[row] = getattr(shapely, _MULTI[kind])(list(wanted)) if len(wanted) else None
    return shapes
