"""Objects changed by distances: circles around points, wider and narrower, with fewer corners, with round ones.

Each object, or each part of a tall one, is laid flat for that: longitudes are shortened by the cosine of the latitude of its middle,
as the original does for trade areas (each of whose corners equals what the original saved).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, cast

from galleria.spatial.library import np, shapely
from galleria.spatial.sphere import DEGREE_M

if TYPE_CHECKING:
    from galleria.spatial.columns import Numbers, Shapes

_CORNERS = 100
_SAME = 0.01
"""By what share a degree of longitude may differ in length within a part of an object that is laid flat as one."""
_MOST_BANDS = 500
_POLYGONS = (3, 6)
"""The numbers that shapely has for polygons and for several of them."""


def circles(shapes: Shapes, radius_m: Numbers) -> Shapes:
    """Polygons of 100 corners around the centres of objects, from the east clockwise; None where the radius is none or not positive."""
    centre = shapely.centroid(shapes)
    usable = ~shapely.is_missing(centre) & ~shapely.is_empty(centre) & (radius_m > 0)
    made = np.full(len(shapes), None, dtype=object)
    x, y = shapely.get_x(centre[usable]), shapely.get_y(centre[usable])
    high = radius_m[usable] / DEGREE_M
    wide = high / np.maximum(np.cos(np.radians(y)), 1e-9)
    turn = np.linspace(2 * np.pi, 0.0, _CORNERS + 1)
    corners = np.stack([x[:, None] + wide[:, None] * np.cos(turn), y[:, None] + high[:, None] * np.sin(turn)], axis=2)
    corners[:, -1] = corners[:, 0]
    if len(corners):
        made[usable] = shapely.polygons(corners)
    return made


def rings(shapes: Shapes, inner_m: Numbers, outer_m: Numbers) -> Shapes:
    """What lies between two circles; the whole outer one where the inner radius is 0."""
    outer, inner = circles(shapes, outer_m), circles(shapes, inner_m)
    return cast("Shapes", np.where(shapely.is_missing(inner), outer, shapely.difference(outer, inner)))


def circles_apart(shapes: Shapes, radius_m: Numbers) -> Shapes:
    """Circles of which each keeps what is nearer to its own centre than to any other; those with the same centre are the same."""
    made = circles(shapes, radius_m)
    usable = np.flatnonzero(~shapely.is_missing(made))
    centres = shapely.get_coordinates(shapely.centroid(shapes[usable]))
    if len(usable) < 2:
        return made
    scale = np.full(len(usable), max(np.cos(np.radians(centres[:, 1].mean())), 1e-9))
    flat, at = np.unique(centres * [scale[0], 1.0], axis=0, return_inverse=True)
    if len(flat) < 2:
        return made
    rounds = _stretched(made[usable], scale)
    around = shapely.box(*shapely.total_bounds(rounds))
    cells = shapely.get_parts(shapely.voronoi_polygons(shapely.multipoints(flat), extend_to=around, ordered=True))
    made[usable] = _stretched(shapely.intersection(rounds, cells[at]), 1 / scale)
    return made


def buffered(shapes: Shapes, size_m: Numbers, tolerance: float) -> Shapes:
    """Polygons whose outline runs `size_m` around the objects, inside of polygons where it is negative.

    Corners are left out that lie within `tolerance` (a share of the size) of the outline. Of a tall object every part is as wide
    as at its own latitude. Source: a river's banks from Minnesota to Louisiana that the original made out of widened states.
    """

    def grown(flat: Shapes, degrees: Numbers) -> Shapes:
        return shapely.buffer(flat, degrees, quad_segs=_CORNERS // 4)

    def fewer(flat: Shapes, degrees: Numbers) -> Shapes:
        return shapely.simplify(flat, np.abs(degrees) * tolerance)

    _, south, _, north = shapely.bounds(shapes).T
    steepest = np.tan(np.radians(np.clip(np.maximum(np.abs(south), np.abs(north)), 0, 85)))
    bands = np.minimum(np.ceil(np.radians(north - south) * steepest / _SAME), _MOST_BANDS)
    is_tall = (bands > 1) & ((size_m > 0) | ((size_m < 0) & np.isin(shapely.get_type_id(shapes), _POLYGONS)))
    others = shapes.copy()
    others[is_tall] = None
    made = _laid_flat(others, size_m, grown)
    for at in np.flatnonzero(is_tall):
        # What is taken away from inside is what lies near the outline.
        base = shapes[at] if size_m[at] > 0 else shapely.boundary(shapes[at])
        parts = _bands(base, int(bands[at]))
        wide = shapely.union_all(_laid_flat(parts, np.full(len(parts), abs(size_m[at])), grown))
        made[at] = wide if size_m[at] > 0 else shapely.difference(shapes[at], wide)
    return _laid_flat(made, size_m, fewer) if tolerance else made


def _bands(shape: Any, count: int) -> Shapes:
    """The parts of an object between that many and one parallels; together they are the object."""
    _, south, _, north = shapely.bounds(shape)
    edges = np.linspace(float(south), float(north), count + 1)
    return shapely.intersection(shape, shapely.box(-1000, edges[:-1], 1000, edges[1:]))


def generalized(shapes: Shapes, threshold_m: Numbers) -> Shapes:
    """Fewer corners: every one left out is within the threshold of the new outline (Ramer, Douglas and Peucker)."""
    return _laid_flat(shapes, threshold_m, lambda flat, degrees: shapely.simplify(flat, degrees))


def smoothed(shapes: Shapes, radius_m: Numbers, doublings: int) -> Shapes:
    """Round corners: a quadratic spline from within `radius_m` before each corner to as far behind it, `2 ** doublings` points each."""

    def rounded(flat: Shapes, degrees: Numbers) -> Shapes:
        return np.array([_rounded(shape, radius, doublings) for shape, radius in zip(flat, degrees, strict=True)], dtype=object)

    return _laid_flat(shapes, radius_m, rounded)


def _laid_flat(shapes: Shapes, sizes_m: Numbers, change: Callable[[Shapes, Numbers], Shapes]) -> Shapes:
    """`change` of objects laid flat and of sizes in degrees of latitude, put back."""
    usable = np.flatnonzero(~shapely.is_missing(shapes) & ~shapely.is_empty(shapes) & ~np.isnan(sizes_m))
    made = np.full(len(shapes), None, dtype=object)
    if not len(usable):
        return made
    box = shapely.bounds(shapes[usable])
    scale = np.maximum(np.cos(np.radians((box[:, 1] + box[:, 3]) / 2)), 1e-9)
    changed = change(_stretched(shapes[usable], scale), sizes_m[usable] / DEGREE_M)
    made[usable] = _stretched(changed, 1 / scale)
    return made


def _stretched(shapes: Shapes, scale: Numbers) -> Shapes:
    places, row = shapely.get_coordinates(shapes, return_index=True)
    places[:, 0] *= scale[row]
    return shapely.set_coordinates(shapes.copy(), places)


def _rounded(shape: Any, radius: float, doublings: int) -> Any:
    if shape.geom_type == "Polygon":
        rings = [_spline(np.asarray(ring.coords)[:-1], radius, doublings, closed=True) for ring in (shape.exterior, *shape.interiors)]
        return shapely.Polygon(rings[0], rings[1:])
    if shape.geom_type == "LineString":
        return shapely.LineString(_spline(np.asarray(shape.coords), radius, doublings, closed=False))
    if hasattr(shape, "geoms"):
        return type(shape)([_rounded(part, radius, doublings) for part in shape.geoms])
    return shape


def _spline(corners: Numbers, radius: float, doublings: int, *, closed: bool) -> Numbers:
    before, after = np.roll(corners, 1, axis=0), np.roll(corners, -1, axis=0)
    start, end = _towards(corners, before, radius), _towards(corners, after, radius)
    count = int(2**doublings)
    share = ((np.arange(count) + 0.5) / count)[None, :, None]
    curves = (1 - share) ** 2 * start[:, None] + 2 * share * (1 - share) * corners[:, None] + share**2 * end[:, None]
    if closed:
        return curves.reshape(-1, 2)
    return np.concatenate([corners[:1], curves[1:-1].reshape(-1, 2), corners[-1:]])


def _towards(corners: Numbers, others: Numbers, radius: float) -> Numbers:
    """The places at most `radius` from each corner, and at most half way to the other."""
    way = others - corners
    length = np.hypot(way[:, 0], way[:, 1])
    share = np.minimum(0.5, radius / np.where(length > 0, length, 1.0))
    return corners + way * share[:, None]
