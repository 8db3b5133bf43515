"""WKB taken apart: any byte order, heights and measures left out, the extended form of PostGIS too."""

import struct
from array import array
from dataclasses import dataclass
from enum import Enum
from typing import TypeAlias

from galleria.errors import InvalidError

Points: TypeAlias = "array[float]"
"""x, y, x, y, ..."""

_HAS_Z, _HAS_M, _HAS_SRID = 0x80000000, 0x40000000, 0x20000000


class GeometryKind(Enum):
    POINT = "point"
    MULTIPOINT = "multipoint"
    LINE = "line"
    POLYGON = "polygon"


@dataclass(frozen=True)
class Part:
    """A point, a line or a ring."""

    points: Points
    is_hole: bool = False


def parts_of(data: bytes) -> tuple[GeometryKind, list[Part]]:
    """The kind of a geometry and its parts; raises InvalidError for damaged ones and for mixed collections."""
    try:
        found = _Reader(data).geometry()
    except (struct.error, IndexError, RecursionError) as error:
        raise InvalidError("a spatial object is damaged: it is no WKB") from error
    kinds = {kind for kind, _ in found}
    parts = [part for _, some in found for part in some]
    if len(kinds) != 1:
        raise InvalidError("a collection of different kinds of spatial objects cannot be stored")
    kind = kinds.pop()
    return (GeometryKind.MULTIPOINT if kind is GeometryKind.POINT and len(parts) > 1 else kind), parts


class _Reader:
    def __init__(self, data: bytes) -> None:
        self.data = data
        self.at = 0

    def geometry(self) -> list[tuple[GeometryKind, list[Part]]]:
        order = "<" if self.data[self.at] else ">"
        code: int = struct.unpack_from(f"{order}I", self.data, self.at + 1)[0]
        self.at += 9 if code & _HAS_SRID else 5
        plain = code & 0x1FFFFFFF
        dimensions = 2 + bool(code & _HAS_Z) + bool(code & _HAS_M) + (0, 1, 1, 2)[min(plain // 1000, 3)]
        match plain % 1000:
            case 1:
                points = self._points(order, dimensions, 1)
                return [(GeometryKind.POINT, [Part(points)] if points[0] == points[0] else [])]
            case 2:
                return [(GeometryKind.LINE, [Part(self._points(order, dimensions, self._count(order)))])]
            case 3:
                rings = [self._points(order, dimensions, self._count(order)) for _ in range(self._count(order))]
                return [(GeometryKind.POLYGON, [Part(ring, is_hole=at > 0) for at, ring in enumerate(rings)])]
            case 4 | 5 | 6 | 7 as collection:
                found = [one for _ in range(self._count(order)) for one in self.geometry()]
                return found or [(_EMPTY[collection], [])]
            case other:
                raise InvalidError(f"a spatial object has the type {other}, which is not known")

    def _count(self, order: str) -> int:
        self.at += 4
        return struct.unpack_from(f"{order}I", self.data, self.at - 4)[0]

    def _points(self, order: str, dimensions: int, count: int) -> Points:
        size = 8 * dimensions * count
        if len(self.data) - self.at < size:
            raise InvalidError("a spatial object is damaged: it is no WKB")
        values = array("d", struct.unpack_from(f"{order}{dimensions * count}d", self.data, self.at))
        self.at += size
        if dimensions == 2:
            return values
        points = array("d", bytes(16 * count))
        points[::2], points[1::2] = values[::dimensions], values[1::dimensions]
        return points


_EMPTY = {4: GeometryKind.POINT, 5: GeometryKind.LINE, 6: GeometryKind.POLYGON, 7: GeometryKind.POINT}
