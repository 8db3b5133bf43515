"""The places of objects that are nearest to points: exact on the sphere, edges straight in degrees."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from galleria.spatial.library import np, shapely
from galleria.spatial.sphere import RADIUS_M, bearings, distances_m

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from galleria.spatial.columns import Numbers, Shapes

_GOLDEN = 0.6180339887498949
_STEPS = 40
_TURNS = 3


@dataclass(frozen=True)
class Nearest:
    """For each row the place and its distance; NaN where there is no object."""

    x: Numbers
    y: Numbers
    distance_m: Numbers


def nearest(x: Numbers, y: Numbers, shapes: Shapes) -> Nearest:
    """Of each object the place nearest to its row's point: a corner, or on an edge; within a polygon its outline counts too."""
    places, row = shapely.get_coordinates(shapes, return_index=True)
    found_x, found_y = places[:, 0], places[:, 1]
    distance = distances_m(x[row], y[row], found_x, found_y)
    edges = _edges(shapes)
    if len(edges.row):
        near = edges.near(x, y)
        row, distance = np.concatenate([row, near.row]), np.concatenate([distance, near.distance_m])
        found_x, found_y = np.concatenate([found_x, near.x]), np.concatenate([found_y, near.y])
    order = np.lexsort((distance, row))
    rows, first = np.unique(row[order], return_index=True)
    best = order[first]
    result = Nearest(*(np.full(len(shapes), np.nan) for _ in range(3)))
    result.x[rows], result.y[rows], result.distance_m[rows] = found_x[best], found_y[best], distance[best]
    return result


def inside(x: Numbers, y: Numbers, shapes: Shapes) -> NDArray[np.bool_]:
    """Whether each point lies in or on its row's object."""
    return shapely.intersects_xy(shapes, x, y)


def to_objects(x: Numbers, y: Numbers, shapes: Shapes) -> Nearest:
    """As `nearest`, but a point within a polygon is there already."""
    found, within = nearest(x, y, shapes), inside(x, y, shapes)
    return Nearest(np.where(within, x, found.x), np.where(within, y, found.y), np.where(within, 0.0, found.distance_m))


def apart_m(shapes: Shapes, others: Shapes) -> Numbers:
    """Metres between the nearest places of two objects of each row, 0 where they share one; NaN for Null."""
    start = shapely.get_point(shapely.shortest_line(shapes, others), 0)
    x, y = shapely.get_x(start), shapely.get_y(start)
    for _ in range(_TURNS):
        there = nearest(x, y, others)
        back = nearest(there.x, there.y, shapes)
        x, y = back.x, back.y
    return cast("Numbers", np.where(shapely.intersects(shapes, others), 0.0, nearest(x, y, others).distance_m))


@dataclass(frozen=True)
class _OnEdges:
    row: NDArray[np.int64]
    x: Numbers
    y: Numbers
    distance_m: Numbers


@dataclass(frozen=True)
class _Edges:
    row: NDArray[np.int64]
    x: Numbers
    y: Numbers
    to_x: Numbers
    to_y: Numbers

    def near(self, x: Numbers, y: Numbers) -> _OnEdges:
        """A place on each edge, exact for those that may hold the nearest place of their row."""
        x, y = x[self.row], y[self.row]
        share = self._flat_share(x, y)
        distance = self._distance(share, x, y)
        least = np.full(int(self.row.max()) + 1, np.inf)
        np.minimum.at(least, self.row, distance)
        promising = np.flatnonzero(distance - self._bend_m() <= least[self.row])
        chosen = _Edges(self.row[promising], self.x[promising], self.y[promising], self.to_x[promising], self.to_y[promising])
        share = chosen._searched(x[promising], y[promising])
        at_x, at_y = chosen._at(share)
        return _OnEdges(chosen.row, at_x, at_y, chosen._distance(share, x[promising], y[promising]))

    def _bend_m(self) -> Numbers:
        """How far an edge may lie off the straight line between its ends on a map around any point, with much to spare."""
        length = distances_m(self.x, self.y, self.to_x, self.to_y)
        steep = np.abs(np.tan(np.radians(np.minimum(np.maximum(np.abs(self.y), np.abs(self.to_y)), 89.9))))
        return length**2 / RADIUS_M * np.maximum(steep, 1.0) + 0.001

    def _at(self, share: Numbers) -> tuple[Numbers, Numbers]:
        return self.x + share * (self.to_x - self.x), self.y + share * (self.to_y - self.y)

    def _distance(self, share: Numbers, x: Numbers, y: Numbers) -> Numbers:
        return distances_m(x, y, *self._at(share))

    def _flat_share(self, x: Numbers, y: Numbers) -> Numbers:
        """Where along each edge the place nearest to the point is, on the map that keeps distances and directions from the point."""
        east, north = _around(x, y, self.x, self.y)
        to_east, to_north = _around(x, y, self.to_x, self.to_y)
        along_east, along_north = to_east - east, to_north - north
        length = along_east**2 + along_north**2
        share = -(east * along_east + north * along_north) / np.where(length > 0, length, 1.0)
        return np.clip(share, 0.0, 1.0)

    def _searched(self, x: Numbers, y: Numbers) -> Numbers:
        """The golden section search, for all edges at once."""
        low, high = np.zeros(len(self.row)), np.ones(len(self.row))
        for _ in range(_STEPS):
            left, right = high - _GOLDEN * (high - low), low + _GOLDEN * (high - low)
            is_left = self._distance(left, x, y) < self._distance(right, x, y)
            low, high = np.where(is_left, low, left), np.where(is_left, right, high)
        return (low + high) / 2


def _around(x: Numbers, y: Numbers, to_x: Numbers, to_y: Numbers) -> tuple[Numbers, Numbers]:
    angle, way = distances_m(x, y, to_x, to_y) / RADIUS_M, np.radians(np.nan_to_num(bearings(x, y, to_x, to_y)))
    return angle * np.sin(way), angle * np.cos(way)


def _edges(shapes: Shapes) -> _Edges:
    parts, row = shapely.get_parts(shapes, return_index=True)
    lines = shapely.get_type_id(parts) == 1
    rings, of_part = shapely.get_rings(parts, return_index=True)
    strings, rows = np.concatenate([parts[lines], rings]), np.concatenate([row[lines], row[of_part]])
    places, line = shapely.get_coordinates(strings, return_index=True)
    joined = np.flatnonzero(line[1:] == line[:-1])
    x, y = places[:, 0], places[:, 1]
    return _Edges(rows[line[joined]], x[joined], y[joined], x[joined + 1], y[joined + 1])
