"""Pairs of objects of two columns: that lie to each other in a certain way, or near each other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from galleria.spatial.library import np, shapely
from galleria.spatial.nearest import to_objects
from galleria.spatial.sphere import DEGREE_M, bearings, distances_m

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from galleria.spatial.columns import Numbers, Shapes

    Places = NDArray[np.int64]

INTERSECTS, CONTAINS, WITHIN, BOXES = "Intersects", "Contains", "Within", "BoundingRectOverlaps"
_PAIRS_AT_ONCE = 500_000


def related(targets: Shapes, universe: Shapes, relation: str) -> tuple[Places, Places]:
    """The places of all pairs that lie to each other so, by target, then by universe.

    `relation` is one of the names above or DE-9IM patterns separated by `|`, of which one must hold. To intersect, the
    insides must share a place. A Null lies to nothing.
    """
    tree = shapely.STRtree(universe)
    at, other = cast("tuple[Places, Places]", tree.query(targets, predicate=_PREDICATES.get(relation)))
    if relation not in (CONTAINS, WITHIN, BOXES):
        held = _held(targets[at], universe[other], relation)
        at, other = at[held], other[held]
    order = np.lexsort((other, at))
    return at[order], other[order]


_PREDICATES = {INTERSECTS: "intersects", CONTAINS: "contains", WITHIN: "within"}


def _held(targets: Shapes, universe: Shapes, relation: str) -> NDArray[np.bool_]:
    if relation == INTERSECTS:
        return ~shapely.touches(targets, universe)
    held = np.zeros(len(targets), dtype=bool)
    for pattern in relation.split("|"):
        held |= shapely.relate_pattern(targets, universe, pattern)
    return held


@dataclass(frozen=True)
class Neighbours:
    """Pairs of places in two columns; for each target the nearest first."""

    target: Places
    universe: Places
    rank: Places
    """From 1 for each target."""
    distance_m: Numbers
    bearing: Numbers
    """Degrees clockwise from north, from the target to the nearest place of the other; NaN where the target is within it."""


def neighbours(targets: Shapes, universe: Shapes, count: int, most_m: float, *, ignores_zero: bool) -> Neighbours:
    """For the centre of each target up to `count` objects within `most_m`. Equally near ones keep their order."""
    centre = shapely.centroid(targets)
    usable = np.flatnonzero(~shapely.is_missing(centre) & ~shapely.is_empty(centre))
    others = np.flatnonzero(~shapely.is_missing(universe) & ~shapely.is_empty(universe))
    found: list[Neighbours] = []
    if len(others) and count > 0:
        search = _Search(universe[others], count, most_m, ignores_zero)
        step = max(1, _PAIRS_AT_ONCE // len(others))
        for start in range(0, len(usable), step):
            rows = usable[start : start + step]
            found.append(search.around(rows, shapely.get_x(centre[rows]), shapely.get_y(centre[rows]), others))
    whole, real = np.zeros(0, dtype=np.int64), np.zeros(0)
    return _joined(found) if found else Neighbours(whole, whole, whole, real, real)


class _Search:
    def __init__(self, universe: Shapes, count: int, most_m: float, ignores_zero: bool) -> None:
        self.universe, self.count, self.most_m, self.ignores_zero = universe, count, most_m, ignores_zero
        self.tree = shapely.STRtree(universe)
        self.corner = _corners(universe)

    def around(self, rows: Places, x: Numbers, y: Numbers, others: Places) -> Neighbours:
        at, other = self._candidates(x, y)
        near = to_objects(x[at], y[at], self.universe[other])
        kept = (near.distance_m <= self.most_m) & ~((near.distance_m == 0) & self.ignores_zero)
        at, other, distance = at[kept], other[kept], near.distance_m[kept]
        way = bearings(x[at], y[at], near.x[kept], near.y[kept])
        order = np.lexsort((other, distance, at))
        at, other, distance, way = at[order], other[order], distance[order], way[order]
        starts = np.r_[True, at[1:] != at[:-1]] if len(at) else np.zeros(0, dtype=bool)
        rank = np.arange(len(at)) - np.maximum.accumulate(np.where(starts, np.arange(len(at)), 0)) + 1
        first = rank <= self.count
        return Neighbours(rows[at[first]], others[other[first]], rank[first], distance[first], way[first])

    def _candidates(self, x: Numbers, y: Numbers) -> tuple[Places, Places]:
        """All pairs of which one of the nearest could be one: within the distance of the last of the nearest first corners."""
        corner_m = distances_m(x[:, None], y[:, None], self.corner[None, :, 0], self.corner[None, :, 1])
        if self.ignores_zero:
            at, other = self.tree.query(shapely.points(x, y), predicate="intersects")
            corner_m[at, other] = np.inf
        reach = np.full(len(x), self.most_m)
        if self.count < corner_m.shape[1]:
            reach = np.minimum(reach, np.partition(corner_m, self.count - 1, axis=1)[:, self.count - 1])
        high = reach / DEGREE_M * 1.001 + 1e-9
        poleward = np.minimum(np.abs(y) + high, 90.0)
        wide = np.where(poleward > 89.0, 360.0, np.minimum(high / np.maximum(np.cos(np.radians(poleward)), 1e-3), 360.0))
        boxes = shapely.box(x - wide, y - high, x + wide, y + high)
        return cast("tuple[Places, Places]", tuple(self.tree.query(boxes)))


def _corners(universe: Shapes) -> Numbers:
    """The first corner of each object."""
    places, row = shapely.get_coordinates(universe, return_index=True)
    return places[np.unique(row, return_index=True)[1]]


def _joined(found: Sequence[Neighbours]) -> Neighbours:
    return Neighbours(
        *(np.concatenate([getattr(one, name) for one in found]) for name in ("target", "universe", "rank", "distance_m", "bearing"))
    )
