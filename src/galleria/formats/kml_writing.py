"""KML made: a placemark for each record. `Name` and `Description` keep their own elements, other fields become extended data."""

from collections.abc import Iterator, Sequence
from html import escape
from pathlib import Path

import polars as pl

from galleria.fields.columns import column
from galleria.fields.conversion import text_of
from galleria.fields.types import Field
from galleria.formats.wkb import GeometryKind, Part, Points, parts_of

_HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n<kml xmlns="http://www.opengis.net/kml/2.2"><Document>\n'
_OWN = {"name": "name", "description": "description"}
_CONTROLS = {code: None for code in range(32) if code not in (9, 10, 13)}


def texts(frame: pl.LazyFrame, shape: Field, others: Sequence[Field]) -> pl.LazyFrame:
    """The spatial field as it is, all others as texts."""
    return frame.select(column(shape.name), *(text_of(column(field.name), field).alias(field.name) for field in others))


def write_kml(path: Path, rows: pl.DataFrame, shape: Field, others: Sequence[Field]) -> None:
    """Raises InvalidError for a collection of different kinds of objects."""
    with path.open("w", encoding="utf-8", newline="\n") as out:
        out.write(_HEAD)
        columns = [rows[shape.name], *(rows[field.name] for field in others)]
        names = [field.name for field in others]
        for wkb, *values in zip(*(one.to_list() for one in columns), strict=True):
            out.write(f"<Placemark>{''.join(_told(names, values))}{_geometry(wkb) if wkb else ''}</Placemark>\n")
        out.write("</Document></kml>\n")


def _told(names: Sequence[str], values: Sequence[str | None]) -> Iterator[str]:
    told = [(name, value) for name, value in zip(names, values, strict=True) if value is not None]
    for name, value in told:
        if element := _OWN.get(name.lower()):
            yield f"<{element}>{_text(value)}</{element}>"
    data = [f'<Data name="{_text(name)}"><value>{_text(value)}</value></Data>' for name, value in told if name.lower() not in _OWN]
    if data:
        yield f"<ExtendedData>{''.join(data)}</ExtendedData>"


def _text(text: str) -> str:
    return escape(text.translate(_CONTROLS))


def _geometry(wkb: bytes) -> str:
    kind, parts = parts_of(wkb)
    shapes = list(_polygons(parts)) if kind is GeometryKind.POLYGON else [_simple(kind, part) for part in parts]
    return shapes[0] if len(shapes) == 1 else f"<MultiGeometry>{''.join(shapes)}</MultiGeometry>"


def _simple(kind: GeometryKind, part: Part) -> str:
    element = "LineString" if kind is GeometryKind.LINE else "Point"
    return f"<{element}>{_coordinates(part.points)}</{element}>"


def _polygons(parts: Sequence[Part]) -> Iterator[str]:
    open_one: list[str] = []
    for part in parts:
        side = "inner" if part.is_hole else "outer"
        if not part.is_hole and open_one:
            yield f"<Polygon>{''.join(open_one)}</Polygon>"
            open_one = []
        open_one.append(f"<{side}BoundaryIs><LinearRing>{_coordinates(part.points)}</LinearRing></{side}BoundaryIs>")
    if open_one:
        yield f"<Polygon>{''.join(open_one)}</Polygon>"


def _coordinates(points: Points) -> str:
    return f"<coordinates>{' '.join(f'{x!r},{y!r}' for x, y in zip(points[::2], points[1::2], strict=True))}</coordinates>"
