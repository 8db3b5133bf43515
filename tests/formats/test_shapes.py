"""Spatial objects between their two forms, held against shapely."""

import struct
from pathlib import Path

import pytest

from galleria.errors import InvalidError
from galleria.fields.types import Field, FieldType
from galleria.formats.shapes import shape_from_wkb, wkb_from_shape
from tests.formats.tables import read, table_of, write

shapely = pytest.importorskip("shapely")

WKT = [
    "POINT (1 2)",
    "MULTIPOINT ((1 2), (3 4))",
    "LINESTRING (0 0, 1 1, 2 0)",
    "MULTILINESTRING ((0 0, 1 1), (5 5, 6 6, 7 5))",
    "POLYGON ((0 0, 10 0, 10 10, 0 10, 0 0))",
    "POLYGON ((0 0, 10 0, 10 10, 0 10, 0 0), (2 2, 4 2, 4 4, 2 4, 2 2), (6 6, 7 6, 7 7, 6 6))",
    "MULTIPOLYGON (((0 0, 10 0, 10 10, 0 10, 0 0), (1 1, 9 1, 9 9, 1 9, 1 1)), ((2 2, 8 2, 8 8, 2 8, 2 2), (3 3, 4 3, 4 4, 3 3)))",
    "POINT Z (1 2 3)",
    "POLYGON Z ((0 0 1, 10 0 1, 10 10 1, 0 0 1))",
    "GEOMETRYCOLLECTION (POINT (1 2), POINT (3 4))",
]


@pytest.mark.parametrize("wkt", WKT)
@pytest.mark.parametrize("byte_order", [0, 1])
def test_geometries_come_back_equal(wkt: str, byte_order: int) -> None:
    geometry = shapely.from_wkt(wkt)
    back = shapely.from_wkb(wkb_from_shape(shape_from_wkb(shapely.to_wkb(geometry, byte_order=byte_order, include_srid=True))))
    flat = shapely.force_2d(geometry)
    wanted = shapely.MultiPoint(list(flat.geoms)) if flat.geom_type == "GeometryCollection" else flat
    assert back.normalize() == wanted.normalize()


def test_rings_are_stored_clockwise_and_holes_counterclockwise() -> None:
    stored = wkb_from_shape(shape_from_wkb(shapely.to_wkb(shapely.from_wkt(WKT[5]))))
    polygon = shapely.from_wkb(stored)
    assert not polygon.exterior.is_ccw
    assert all(hole.is_ccw for hole in polygon.interiors)


def test_databases_keep_holes(tmp_path: Path) -> None:
    shapes: list[object] = [shapely.to_wkb(shapely.from_wkt(wkt)) for wkt in WKT[:7]]
    write(table_of([(Field("shape", FieldType.SPATIAL), [*shapes, None])]), tmp_path / "x.yxdb")
    found = read(tmp_path / "x.yxdb").table.frame.collect()["shape"].to_list()
    assert [shapely.from_wkb(one).normalize() for one in found[:7]] == [shapely.from_wkt(wkt).normalize() for wkt in WKT[:7]]
    assert found[7] is None


@pytest.mark.parametrize("wkt", ["POINT EMPTY", "POLYGON EMPTY", "MULTILINESTRING EMPTY", "GEOMETRYCOLLECTION EMPTY"])
def test_empty_geometries_become_null(wkt: str) -> None:
    assert wkb_from_shape(shape_from_wkb(shapely.to_wkb(shapely.from_wkt(wkt)))) is None


def test_rings_that_files_leave_open_are_closed() -> None:
    record = struct.pack("<i4d2ii6d", 5, 0, 0, 1, 1, 1, 3, 0, 0, 0, 0, 1, 1, 1)
    assert shapely.from_wkb(wkb_from_shape(record)).equals(shapely.from_wkt("POLYGON ((0 0, 0 1, 1 1, 0 0))"))


@pytest.mark.parametrize("data", [b"", b"\1", b"\1\1\0\0\0", b"\1\2\0\0\0\xff\xff\xff\xff", b"\1\x11\0\0\0", b"\1\7\0\0\0\1\0\0\0" * 3000])
def test_damaged_wkb_is_refused(data: bytes) -> None:
    with pytest.raises(InvalidError):
        shape_from_wkb(data)


@pytest.mark.parametrize("record", [b"", b"\5\0\0\0", b"\5\0\0\0" + b"\xff" * 60, b"\x63\0\0\0", b"\1\0\0\0\0"])
def test_damaged_records_are_refused(record: bytes) -> None:
    with pytest.raises(InvalidError):
        wkb_from_shape(record)


def test_mixed_collections_are_refused() -> None:
    with pytest.raises(InvalidError, match="different kinds"):
        shape_from_wkb(shapely.to_wkb(shapely.from_wkt("GEOMETRYCOLLECTION (POINT (1 2), LINESTRING (0 0, 1 1))")))
