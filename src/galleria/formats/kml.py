"""Google Earth/Maps (.kml): placemarks with what is told of them."""

import struct
from collections.abc import Iterator, Sequence

import polars as pl
from lxml import etree
from lxml.etree import _Element as Element  # pyright: ignore[reportPrivateUsage] - lxml has no public name for it

from galleria.errors import InvalidError
from galleria.fields.names import unique_names
from galleria.fields.types import Field, FieldType
from galleria.formats.dbase_writing import refuse_binary
from galleria.formats.format import Circumstances, Content, Format, Source, Target, Writing
from galleria.formats.kml_writing import texts, write_kml
from galleria.formats.options import Options
from galleria.formats.shapefile_writing import spatial_and_others
from galleria.table.table import Table

_SHAPES = ("Point", "LineString", "LinearRing", "Polygon", "MultiGeometry")


_ROOTS = ("kml", "Document", "Folder", "Placemark")


class Kml(Format):
    name = "Google Earth/Maps"
    codes = (22,)
    extensions = (".kml",)

    def read(self, source: Source, options: Options, around: Circumstances) -> Content:
        """`Name` and `Description`, the extended data as further texts, then `SpatialObj`; heights are dropped."""
        parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
        try:
            placemarks = [_placemark(one) for one in _placemarks_of(etree.parse(str(source.path), parser))]
        except (etree.XMLSyntaxError, OSError, ValueError, struct.error) as error:
            raise InvalidError(f'"{source.name}" cannot be read: it is damaged or no KML ({error})') from error
        keys = list(dict.fromkeys(["Name", "Description", *(key for told, _ in placemarks for key in told)]))
        names = unique_names([*keys, "SpatialObj"])
        columns = [pl.Series(name, [told.get(key) for told, _ in placemarks], pl.String) for key, name in zip(keys, names, strict=False)]
        shapes = pl.Series(names[-1], [shape for _, shape in placemarks], pl.Binary)
        origin = f"File: {source.name}"
        fields = [Field(name, FieldType.V_WSTRING, source=origin) for name in names[:-1]]
        rows = pl.DataFrame([*columns, shapes])
        return Content(Table(rows.lazy(), (*fields, Field(names[-1], FieldType.SPATIAL, source=origin))))

    def write(self, table: Table, target: Target, options: Options, around: Circumstances) -> Writing:
        """A placemark for each record, in degrees of WGS 84; there must be one spatial field."""
        shape, others = spatial_and_others(table.fields, target.name)
        refuse_binary(others, target.name)

        def finish(rows: pl.DataFrame) -> None:
            write_kml(target.path, rows, shape, others)

        return Writing(texts(table.frame, shape, others), finish)


def _placemarks_of(document: etree._ElementTree) -> list[etree._Element]:  # pyright: ignore[reportPrivateUsage] - lxml has no public name for it
    root = document.getroot()
    if etree.QName(root).localname not in _ROOTS:
        raise ValueError(f"it begins with <{etree.QName(root).localname}>")
    return list(root.iter("{*}Placemark"))


def _placemark(element: Element) -> tuple[dict[str, str | None], bytes | None]:
    told: dict[str, str | None] = {"Name": _text(element, "name"), "Description": _text(element, "description")}
    for data in element.iterfind("{*}ExtendedData/{*}Data"):
        told[data.get("name", "Data")] = _text(data, "value")
    for data in element.iterfind("{*}ExtendedData/{*}SchemaData/{*}SimpleData"):
        told[data.get("name", "Data")] = (data.text or "").strip() or None
    shapes = list(_shapes_in(element))
    return told, _collected(shapes) if shapes else None


def _text(element: Element, name: str) -> str | None:
    return (element.findtext(f"{{*}}{name}") or "").strip() or None


def _shapes_in(element: Element) -> Iterator[bytes]:
    """The WKB of each simple shape, those of collections one by one."""
    for child in element:
        kind = etree.QName(child).localname if isinstance(child.tag, str) else ""
        if kind == "MultiGeometry":
            yield from _shapes_in(child)
        elif kind in _SHAPES:
            yield _shape(child, kind)


def _shape(element: Element, kind: str) -> bytes:
    if kind == "Point":
        return struct.pack("<BI2d", 1, 1, *_points(element)[0])
    if kind in ("LineString", "LinearRing"):
        return struct.pack("<BI", 1, 2) + _packed(_points(element))
    outer = element.find("{*}outerBoundaryIs/{*}LinearRing")
    if outer is None:
        raise ValueError("a polygon has no boundary")
    rings = [outer, *element.iterfind("{*}innerBoundaryIs/{*}LinearRing")]
    return struct.pack("<BII", 1, 3, len(rings)) + b"".join(_packed(_points(ring)) for ring in rings)


def _points(element: Element) -> list[tuple[float, float]]:
    found = [tuple(map(float, one.split(",")[:2])) for one in (element.findtext("{*}coordinates") or "").split()]
    if not found or any(len(point) != 2 for point in found):
        raise ValueError("a shape has no coordinates")
    return [(point[0], point[1]) for point in found]


def _packed(points: Sequence[tuple[float, float]]) -> bytes:
    return struct.pack("<I", len(points)) + b"".join(struct.pack("<2d", *point) for point in points)


def _collected(shapes: Sequence[bytes]) -> bytes:
    """One shape as it is, several of a kind as the multiple of that kind, others as a collection."""
    if len(shapes) == 1:
        return shapes[0]
    kinds = {shape[1] for shape in shapes}
    code = kinds.pop() + 3 if len(kinds) == 1 else 7
    return struct.pack("<BII", 1, code, len(shapes)) + b"".join(shapes)
