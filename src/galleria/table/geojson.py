"""Shapes as GeoJSON text and as WKB, the form in which tables carry them; two dimensions, no library needed."""

import json
import struct
from collections.abc import Callable
from typing import cast

from galleria.errors import InvalidError

_CODES = {
    "point": 1,
    "linestring": 2,
    "polygon": 3,
    "multipoint": 4,
    "multilinestring": 5,
    "multipolygon": 6,
    "geometrycollection": 7,
}
_NAMES = ["Point", "LineString", "Polygon", "MultiPoint", "MultiLineString", "MultiPolygon", "GeometryCollection"]
_HAS_Z, _HAS_M, _HAS_SRID = 0x80000000, 0x40000000, 0x20000000


def wkb_from_geojson(text: str) -> bytes:
    """Little-endian WKB of a GeoJSON geometry; types in any letter case. Raises InvalidError."""
    try:
        return _shape(json.loads(text))
    except (ValueError, TypeError, KeyError, IndexError, AttributeError, RecursionError, struct.error) as error:
        raise InvalidError(f"not a GeoJSON geometry: {text[:80]}") from error


def geojson_from_wkb(data: bytes) -> str:
    """GeoJSON in the spelling of the original (`{ "type": "Point", "coordinates": [ 1.000000, 2.000000 ] }`). Raises InvalidError."""
    try:
        return _Reader(data).shape()
    except (struct.error, IndexError, RecursionError) as error:
        raise InvalidError("not a WKB geometry") from error


def _shape(node: dict[str, object]) -> bytes:
    kind = cast("str", node["type"]).lower()
    code = _CODES[kind]
    head = struct.pack("<BI", 1, code)
    if code == 7:
        return head + _counted(cast("list[object]", node["geometries"]), lambda each: _shape(cast("dict[str, object]", each)))
    return head + _BODIES[code](node["coordinates"])


def _position(value: object) -> bytes:
    x, y = cast("list[float]", value)[:2]
    return struct.pack("<dd", x, y)


def _counted(values: object, write: Callable[[object], bytes]) -> bytes:
    items = cast("list[object]", values)
    return struct.pack("<I", len(items)) + b"".join(map(write, items))


def _line(value: object) -> bytes:
    return _counted(value, _position)


def _polygon(value: object) -> bytes:
    return _counted(value, _line)


def _many(code: int, body: Callable[[object], bytes]) -> Callable[[object], bytes]:
    return lambda value: _counted(value, lambda each: struct.pack("<BI", 1, code) + body(each))


_BODIES: dict[int, Callable[[object], bytes]] = {
    1: _position,
    2: _line,
    3: _polygon,
    4: _many(1, _position),
    5: _many(2, _line),
    6: _many(3, _polygon),
}


class _Reader:
    def __init__(self, data: bytes) -> None:
        self.data = data
        self.at = 0
        self.order = "<"
        self.dimensions = 2

    def number(self) -> int:
        self.at += 4
        return struct.unpack_from(f"{self.order}I", self.data, self.at - 4)[0]

    def head(self) -> int:
        """The geometry's code, 1 to 7; takes byte order and dimensions from it."""
        self.order = "<" if self.data[self.at] else ">"
        self.at += 1
        code = self.number()
        flags, plain = code & 0xE0000000, code & 0x1FFFFFFF
        self.dimensions = 2 + bool(flags & _HAS_Z) + bool(flags & _HAS_M) + (0, 1, 1, 2)[min(plain // 1000, 3)]
        if flags & _HAS_SRID:
            self.at += 4
        if not 1 <= plain % 1000 <= 7:
            raise InvalidError(f"not a WKB geometry: it has the type {code}")
        return plain % 1000

    def shape(self) -> str:
        code = self.head()
        if code == 7:
            return f'{{ "type": "GeometryCollection", "geometries": {self.listed(self.shape)} }}'
        body = {1: self.position, 2: self.line, 3: self.polygon}.get(code)
        coordinates = body() if body else self.listed({4: self.position_of, 5: self.line_of, 6: self.polygon_of}[code])
        return f'{{ "type": "{_NAMES[code - 1]}", "coordinates": {coordinates} }}'

    def listed(self, read: Callable[[], str]) -> str:
        return f"[ {', '.join(read() for _ in range(self.number()))} ]"

    def position(self) -> str:
        values = struct.unpack_from(f"{self.order}{self.dimensions}d", self.data, self.at)
        self.at += 8 * self.dimensions
        return f"[ {values[0]:.6f}, {values[1]:.6f} ]"

    def line(self) -> str:
        return self.listed(self.position)

    def polygon(self) -> str:
        return self.listed(self.line)

    def position_of(self) -> str:
        self.head()
        return self.position()

    def line_of(self) -> str:
        self.head()
        return self.line()

    def polygon_of(self) -> str:
        self.head()
        return self.polygon()
