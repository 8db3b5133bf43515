"""Spatial objects as Alteryx Databases and shapefiles store them (ESRI shape records), and as tables carry them (WKB).

Two dimensions. Outer rings run clockwise, holes counterclockwise; a hole belongs to the smallest outer ring around it.
Source: ESRI Shapefile Technical Description, July 1998; the rings of real files.
"""

import struct
from array import array
from collections.abc import Sequence
from itertools import pairwise

from galleria.errors import InvalidError
from galleria.formats.wkb import GeometryKind, Points, parts_of

_NULL, _POINT, _LINE, _POLYGON, _MULTIPOINT = 0, 1, 3, 5, 8
_KINDS = {GeometryKind.LINE: _LINE, GeometryKind.POLYGON: _POLYGON}


def wkb_from_shape(record: bytes) -> bytes | None:
    """Little-endian WKB; None for the null shape. Heights and measures are dropped. Raises InvalidError."""
    try:
        # The kinds with heights (11, 13, 15, 18) and measures (21 ...) begin like the plain ones.
        kind = struct.unpack_from("<i", record)[0]
        plain = kind % 10 if kind < 30 else kind
        if kind == _NULL:
            return None
        if plain == _POINT:
            return b"\1\1\0\0\0" + _slice(record, 4, 1)
        if plain == _MULTIPOINT:
            count = struct.unpack_from("<i", record, 36)[0]
            points = _slice(record, 40, count)
            return struct.pack("<BII", 1, 4, count) + b"".join(b"\1\1\0\0\0" + points[at : at + 16] for at in range(0, len(points), 16))
        if plain in (_LINE, _POLYGON):
            parts = _parts(record)
            return _lines(parts) if plain == _LINE else _polygons(parts)
    except struct.error as error:
        raise InvalidError("a spatial object is damaged") from error
    raise InvalidError(f"spatial objects of type {kind} are not known")


def polygons_from_rings(rings: Sequence[bytes]) -> bytes:
    """The WKB of rings (x, y pairs) in any direction: one that lies inside an odd number of others is a hole."""
    floats = [_floats(ring) for ring in rings]
    turned: list[bytes] = []
    for at, ring in enumerate(floats):
        depth = sum(_contains(other, ring) for place, other in enumerate(floats) if place != at)
        turned.append(_bytes(_turned(ring, clockwise=depth % 2 == 0)))
    return _polygons(turned)


def shape_from_wkb(data: bytes) -> bytes:
    """The shape record of a WKB geometry. Raises InvalidError."""
    kind, parts = parts_of(data)
    points = [part.points for part in parts]
    if not any(points):
        return struct.pack("<i", _NULL)
    if kind is GeometryKind.POINT:
        return struct.pack("<i2d", _POINT, *points[0][:2])
    if kind is GeometryKind.MULTIPOINT:
        return struct.pack("<i", _MULTIPOINT) + _bounds(points) + struct.pack("<i", len(points)) + b"".join(map(_bytes, points))
    if kind is GeometryKind.POLYGON:
        points = [_turned(part.points, clockwise=not part.is_hole) for part in parts]
    starts: list[int] = []
    at = 0
    for part in points:
        starts.append(at)
        at += len(part) // 2
    head = struct.pack("<i", _KINDS[kind]) + _bounds(points) + struct.pack(f"<2i{len(starts)}i", len(starts), at, *starts)
    return head + b"".join(map(_bytes, points))


def _slice(record: bytes, at: int, count: int) -> bytes:
    points = record[at : at + 16 * count]
    if count < 0 or len(points) != 16 * count:
        raise InvalidError("a spatial object is damaged")
    return points


def _parts(record: bytes) -> list[bytes]:
    part_count, point_count = struct.unpack_from("<2i", record, 36)
    starts = struct.unpack_from(f"<{max(part_count, 0)}i", record, 44)
    points = _slice(record, 44 + 4 * part_count, point_count)
    if list(starts) != sorted(starts) or any(not 0 <= start <= point_count for start in starts):
        raise InvalidError("a spatial object is damaged")
    return [points[16 * start : 16 * end] for start, end in pairwise([*starts, point_count])]


def _lines(parts: Sequence[bytes]) -> bytes:
    lines = [struct.pack("<BII", 1, 2, len(part) // 16) + part for part in parts]
    return lines[0] if len(lines) == 1 else struct.pack("<BII", 1, 5, len(lines)) + b"".join(lines)


def _polygons(parts: Sequence[bytes]) -> bytes:
    rings = [part for part in parts if part]
    if len(rings) == 1:
        return _polygon(rings)
    areas = [_area(_floats(ring)) for ring in rings]
    outer = [[ring] for ring, area in zip(rings, areas, strict=True) if area <= 0]
    if not outer:
        # Written the wrong way round throughout.
        return _multi([[ring] for ring in rings])
    sizes = [-area for area in areas if area <= 0]
    for hole in (ring for ring, area in zip(rings, areas, strict=True) if area > 0):
        around = [at for at, group in enumerate(outer) if _contains(_floats(group[0]), _floats(hole))]
        outer[min(around, key=lambda at: sizes[at]) if around else len(outer) - 1].append(hole)
    return _multi(outer)


def _multi(groups: Sequence[Sequence[bytes]]) -> bytes:
    polygons = [_polygon(group) for group in groups]
    return polygons[0] if len(polygons) == 1 else struct.pack("<BII", 1, 6, len(polygons)) + b"".join(polygons)


def _polygon(rings: Sequence[bytes]) -> bytes:
    closed = [_closed(ring) for ring in rings]
    return struct.pack("<BII", 1, 3, len(closed)) + b"".join(struct.pack("<I", len(ring) // 16) + ring for ring in closed)


def _closed(ring: bytes) -> bytes:
    """The ring with its first point at the end, where the file leaves that out, and with the four points that WKB asks for."""
    if ring[:16] != ring[-16:]:
        ring += ring[:16]
    return ring + ring[:16] * max(4 - len(ring) // 16, 0)


def _floats(points: bytes) -> Points:
    return array("d", points)


def _area(points: Points) -> float:
    """Twice the area; negative for clockwise rings."""
    xs, ys = points[::2], points[1::2]
    return sum(x * next_y - next_x * y for x, y, next_x, next_y in zip(xs, ys, xs[1:], ys[1:], strict=False))


def _contains(ring: Points, other: Points) -> bool:
    """Whether the first point of `other` lies inside `ring`."""
    x, y = other[0], other[1]
    xs, ys = ring[::2], ring[1::2]
    inside = False
    for (x1, x2), (y1, y2) in zip(pairwise(xs), pairwise(ys), strict=True):
        if (y1 > y) != (y2 > y) and x < (x2 - x1) * (y - y1) / (y2 - y1) + x1:
            inside = not inside
    return inside


def _turned(points: Points, *, clockwise: bool) -> Points:
    if (_area(points) <= 0) == clockwise:
        return points
    turned = array("d")
    for at in range(len(points) - 2, -1, -2):
        turned.extend(points[at : at + 2])
    return turned


def _bounds(parts: Sequence[Points]) -> bytes:
    xs = [x for part in parts for x in part[::2]]
    ys = [y for part in parts for y in part[1::2]]
    return struct.pack("<4d", min(xs), min(ys), max(xs), max(ys))


def _bytes(points: Points) -> bytes:
    return struct.pack(f"<{len(points)}d", *points)
