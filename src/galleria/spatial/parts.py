"""Objects made of corners, and taken apart: points, rings, parts, ends, boxes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from galleria.spatial.library import np, shapely

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from galleria.spatial.columns import Numbers, Shapes

    Places = NDArray[np.int64]


def points(x: Numbers, y: Numbers) -> Shapes:
    """A point for each row; None where a coordinate is NaN."""
    made = np.full(len(x), None, dtype=object)
    known = ~(np.isnan(x) | np.isnan(y))
    made[known] = shapely.points(x[known], y[known])
    return made


def corners(shapes: Shapes) -> tuple[Numbers, Numbers, Places]:
    """Longitude, latitude and row of every corner, in order; the corner that closes a ring is told once."""
    places, row = shapely.get_coordinates(_opened(shapes), return_index=True)
    return places[:, 0], places[:, 1], row


def corner_counts(shapes: Shapes) -> Places:
    return np.bincount(corners(shapes)[2], minlength=len(shapes))


def part_counts(shapes: Shapes) -> Places:
    """Points, lines, or rings: a hole is a part of its own."""
    return np.bincount(rings(shapes)[1], minlength=len(shapes))


def regions(shapes: Shapes) -> tuple[Shapes, Places]:
    """Every single point, line or polygon with its holes, and its row."""
    parts, row = shapely.get_parts(shapes, return_index=True)
    inner, of_part = shapely.get_parts(parts, return_index=True)
    return inner, row[of_part]


def rings(shapes: Shapes) -> tuple[Shapes, Places, NDArray[np.bool_]]:
    """Every single point, line or ring (as a polygon), its row, and whether it is a hole."""
    parts, row = regions(shapes)
    outlines, of_part = shapely.get_rings(parts, return_index=True)
    others = np.flatnonzero(shapely.get_type_id(parts) != 3)
    found = np.concatenate([shapely.polygons(outlines), parts[others]])
    part = np.concatenate([of_part, others])
    is_hole = np.concatenate([np.r_[False, of_part[1:] == of_part[:-1]][: len(of_part)], np.zeros(len(others), dtype=bool)])
    order = np.argsort(part, kind="stable")
    return found[order], row[part[order]], is_hole[order]


def ends(shapes: Shapes) -> tuple[Shapes, Shapes]:
    """The first and the last corner of each object."""
    x, y, row = corners(shapes)
    first, last = (np.full(len(shapes), None, dtype=object) for _ in range(2))
    rows, start = np.unique(row, return_index=True)
    if not len(rows):
        return first, last
    stop = np.r_[start[1:], len(row)] - 1
    first[rows], last[rows] = shapely.points(x[start], y[start]), shapely.points(x[stop], y[stop])
    return first, last


def rectangles(shapes: Shapes) -> Shapes:
    """The smallest rectangles along the axes around the objects, clockwise from the top left."""
    west, south, east, north = (shapely.bounds(shapes)[:, side] for side in range(4))
    made = np.full(len(shapes), None, dtype=object)
    known = ~np.isnan(west)
    around = ((west, north), (east, north), (east, south), (west, south), (west, north))
    ring = np.stack([np.stack(corner, axis=1)[known] for corner in around], axis=1)
    if len(ring):
        made[known] = shapely.polygons(ring)
    return made


def polyline(shapes: Sequence[Any]) -> Any:
    """The line through the corners of objects in their order; None for fewer than two."""
    places = _places(shapes)
    return shapely.LineString(places) if len(places) > 1 else None


def polygon(shapes: Sequence[Any]) -> Any:
    """The polygon whose corners are those of objects in their order; None for fewer than three."""
    places = _places(shapes)
    return shapely.Polygon(places) if len(places) > 2 else None


def hull(shapes: Sequence[Any]) -> Any:
    """The smallest polygon without dents around objects; a line or a point where they are no more. None for none."""
    known = [shape for shape in shapes if shape is not None]
    return shapely.convex_hull(shapely.GeometryCollection(known)) if known else None


def rectangle(shapes: Sequence[Any]) -> Any:
    """The smallest rectangle along the axes around all of them; None for none."""
    known = [shape for shape in shapes if shape is not None]
    return rectangles(np.array([shapely.GeometryCollection(known)], dtype=object))[0] if known else None


def centre(shapes: Sequence[Any]) -> Any:
    """The centre of all of them together; None for none."""
    known = [shape for shape in shapes if shape is not None]
    return shapely.centroid(shapely.GeometryCollection(known)) if known else None


def _places(shapes: Sequence[Any]) -> Numbers:
    x, y, _ = corners(np.array([shape for shape in shapes if shape is not None], dtype=object))
    return np.stack([x, y], axis=1)


def _opened(shapes: Shapes) -> Shapes:
    """Polygons as lines without the corner that closes each ring."""
    if not (shapely.get_dimensions(shapes) == 2).any():
        return shapes
    opened = shapes.copy()
    for row in np.flatnonzero(shapely.get_dimensions(shapes) == 2).tolist():
        outlines = shapely.get_rings(shapely.get_parts(shapes[row]))
        places = [shapely.get_coordinates(ring)[:-1] for ring in outlines]
        opened[row] = shapely.MultiPoint(np.concatenate(places)) if places else None
    return opened
