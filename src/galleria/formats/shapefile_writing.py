"""The shapes of a shapefile (.shp) and their places in it (.shx) made of shape records.

Source: ESRI Shapefile Technical Description, July 1998.
"""

import struct
from collections.abc import Sequence
from pathlib import Path

from galleria.errors import InvalidError
from galleria.fields.types import Field, FieldType

_CODE, _VERSION, _HEAD = 9994, 1000, 100
_NULL, _POINT, _MULTIPOINT = 0, 1, 8
_KINDS = {_POINT: "points", 3: "lines", 5: "polygons", _MULTIPOINT: "points"}


def spatial_and_others(fields: Sequence[Field], name: str) -> tuple[Field, list[Field]]:
    """The one spatial field, and the others; raises InvalidError for none or several."""
    spatial = [field for field in fields if field.type is FieldType.SPATIAL]
    if len(spatial) != 1:
        told = ", ".join(f'"{field.name}"' for field in spatial) or "none"
        raise InvalidError(f'"{name}" must be written with one spatial field; there is {told}')
    return spatial[0], [field for field in fields if field is not spatial[0]]


def write_shapes(path: Path, records: Sequence[bytes | None]) -> None:
    """Raises InvalidError where the objects are of several kinds. None is the null shape."""
    shapes = [struct.pack("<i", _NULL) if record is None else record for record in records]
    kinds = {_kind(shape) for shape in shapes} - {_NULL}
    if kinds == {_POINT, _MULTIPOINT}:
        shapes, kinds = [_as_multipoint(shape) for shape in shapes], {_MULTIPOINT}
    if len(kinds) > 1:
        told = " and ".join(sorted({_KINDS[kind] for kind in kinds}))
        raise InvalidError(f'"{path.name}" can hold objects of one kind only; these are {told}')
    kind = next(iter(kinds), _NULL)
    box = _box(shapes)
    at = _HEAD // 2
    with path.open("wb") as out, path.with_suffix(".shx").open("wb") as index:
        out.write(_head(_HEAD + sum(8 + len(shape) for shape in shapes), kind, box))
        index.write(_head(_HEAD + 8 * len(shapes), kind, box))
        for number, shape in enumerate(shapes, 1):
            out.write(struct.pack(">2i", number, len(shape) // 2) + shape)
            index.write(struct.pack(">2i", at, len(shape) // 2))
            at += 4 + len(shape) // 2


def _head(size: int, kind: int, box: tuple[float, ...]) -> bytes:
    return struct.pack(">i20xi", _CODE, size // 2) + struct.pack("<2i8d", _VERSION, kind, *box, 0.0, 0.0, 0.0, 0.0)


def _kind(shape: bytes) -> int:
    return struct.unpack_from("<i", shape)[0]


def _as_multipoint(shape: bytes) -> bytes:
    if _kind(shape) != _POINT:
        return shape
    place = shape[4:20]
    return struct.pack("<i", _MULTIPOINT) + place + place + struct.pack("<i", 1) + place


def _box(shapes: Sequence[bytes]) -> tuple[float, ...]:
    """West, south, east, north of all; zeros for none."""
    boxes = [
        struct.unpack_from("<4d", shape, 4) if _kind(shape) != _POINT else struct.unpack_from("<2d", shape, 4) * 2
        for shape in shapes
        if _kind(shape)
    ]
    if not boxes:
        return 0.0, 0.0, 0.0, 0.0
    west, south, east, north = zip(*boxes, strict=True)
    return min(west), min(south), max(east), max(north)
