"""How far, how long, how large, which way: as the original measures.

Distances and lengths are those on a sphere of 3956.5625 miles; the help pages say "ellipsoidal", but every distance and
length of the expected results agrees with this sphere to twelve digits and with the ellipsoid to three only. Areas are
those on the ellipsoid WGS 84 of corners rounded to a millionth of a degree (one expected result, equal to 2e-7).
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, cast

from galleria.spatial.library import np, shapely

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from galleria.spatial.columns import Numbers, Shapes

METRES_A_MILE = 1609.344
RADIUS_M = 3956.5625 * METRES_A_MILE
DEGREE_M = math.radians(RADIUS_M)
"""Metres of a degree of latitude."""
_A = 6378137.0
_E2 = (2 - 1 / 298.257223563) / 298.257223563
_POINTS = ("N", "NE", "E", "SE", "S", "SW", "W", "NW")


def distances_m(x: Numbers, y: Numbers, to_x: Numbers, to_y: Numbers) -> Numbers:
    """Metres of the shortest way between places in degrees."""
    x, y, to_x, to_y = (np.radians(value) for value in (x, y, to_x, to_y))
    half = np.sin((to_y - y) / 2) ** 2 + np.cos(y) * np.cos(to_y) * np.sin((to_x - x) / 2) ** 2
    return 2 * RADIUS_M * np.arcsin(np.sqrt(np.minimum(half, 1.0)))


def bearings(x: Numbers, y: Numbers, to_x: Numbers, to_y: Numbers) -> Numbers:
    """Degrees clockwise from north in which the shortest way sets out; NaN where both places are the same."""
    same = (x == to_x) & (y == to_y)
    x, y, to_x, to_y = (np.radians(value) for value in (x, y, to_x, to_y))
    east = np.sin(to_x - x) * np.cos(to_y)
    north = np.cos(y) * np.sin(to_y) - np.sin(y) * np.cos(to_y) * np.cos(to_x - x)
    return cast("Numbers", np.where(same, np.nan, np.degrees(np.arctan2(east, north)) % 360))


def cardinal(degrees: Numbers) -> list[str | None]:
    """The nearest of the eight points of the compass, None for NaN."""
    return [None if math.isnan(one) else _POINTS[round(one / 45) % 8] for one in degrees.tolist()]


def lengths_m(shapes: Shapes) -> Numbers:
    """Metres of all lines, and of the outlines of all polygons; 0 for points."""
    parts, row = shapely.get_parts(shapes, return_index=True)
    lines = shapely.get_type_id(parts) == 1
    rings, of_part = shapely.get_rings(parts, return_index=True)
    strings, rows = np.concatenate([parts[lines], rings]), np.concatenate([row[lines], row[of_part]])
    places, line = shapely.get_coordinates(strings, return_index=True)
    x, y = places[:, 0], places[:, 1]
    steps = np.where(line[1:] == line[:-1], distances_m(x[:-1], y[:-1], x[1:], y[1:]), 0.0) if len(line) else np.zeros(0)
    totals = np.bincount(rows[line[1:]], steps, minlength=len(shapes)) if len(line) else np.zeros(len(shapes))
    return _known(shapes, totals)


def areas_m2(shapes: Shapes) -> Numbers:
    """Square metres of all polygons, holes left out; 0 for points and lines."""
    parts, row = shapely.get_parts(shapes, return_index=True)
    rings, of_part = shapely.get_rings(parts, return_index=True)
    if not len(rings):
        return _known(shapes, np.zeros(len(shapes)))
    places, ring = shapely.get_coordinates(rings, return_index=True)
    corners = cast("Numbers", np.round(places, 6))
    x, y = _A * np.radians(corners[:, 0]), _equal_area(corners[:, 1])
    crosses = np.where(ring[1:] == ring[:-1], x[:-1] * y[1:] - x[1:] * y[:-1], 0.0)
    sizes = np.abs(np.bincount(ring[1:], crosses, minlength=len(rings))) / 2
    is_hole = np.r_[False, of_part[1:] == of_part[:-1]]
    return _known(shapes, np.bincount(row[of_part], np.where(is_hole, -sizes, sizes), minlength=len(shapes)))


def _known(shapes: Shapes, numbers: NDArray[Any]) -> Numbers:
    return cast("Numbers", np.where(shapely.is_missing(shapes), np.nan, numbers))


def _equal_area(latitude: Numbers) -> Numbers:
    """Northing in metres of the cylinder projection that keeps areas."""
    sine, e = np.sin(np.radians(latitude)), math.sqrt(_E2)
    q = (1 - _E2) * (sine / (1 - _E2 * sine * sine) - np.log((1 - e * sine) / (1 + e * sine)) / (2 * e))
    return _A * q / 2
