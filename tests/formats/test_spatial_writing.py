"""Shapefiles, dBase tables, KML, MapInfo and GeoJSON files written, and read again."""

import struct
from datetime import date, datetime, time
from decimal import Decimal
from pathlib import Path

import pytest

from galleria.errors import InvalidError
from galleria.fields.types import Field, FieldType
from galleria.table.geojson import geojson_from_wkb, wkb_from_geojson
from tests.formats.tables import POINT, read, table_of, write

SHAPE = Field("shape", FieldType.SPATIAL)
RING = "[[0, 0], [0, 9], [9, 9], [9, 0], [0, 0]]"
HOLE = "[[2, 2], [4, 2], [4, 4], [2, 2]]"
KINDS = {
    "point": '{"type": "Point", "coordinates": [7.5, 51.25]}',
    "points": '{"type": "MultiPoint", "coordinates": [[7.5, 51.25], [1, 2]]}',
    "line": '{"type": "LineString", "coordinates": [[0, 0], [1, 1.125], [2, 0]]}',
    "lines": '{"type": "MultiLineString", "coordinates": [[[0, 0], [1, 1]], [[5, 5], [6, 6.5]]]}',
    "polygon": f'{{"type": "Polygon", "coordinates": [{RING}, {HOLE}]}}',
    "polygons": f'{{"type": "MultiPolygon", "coordinates": [[{RING}, {HOLE}], [[[20, 20], [20, 21], [21, 21], [20, 20]]]]}}',
}
PLAIN: list[tuple[Field, list[object]]] = [
    (Field("flag", FieldType.BOOL), [True, False, None]),
    (Field("whole", FieldType.INT32), [-(2**31), 7, None]),
    (Field("large", FieldType.INT64), [2**53, -(2**53), None]),
    (Field("exact", FieldType.FIXED_DECIMAL, 12, 3), [Decimal("-1234.567"), Decimal("0.001"), None]),
    (Field("real", FieldType.DOUBLE), [0.1, -123456.789, None]),
    (Field("huge", FieldType.DOUBLE), [1e300, -2.5e-200, None]),
    (Field("text", FieldType.V_WSTRING, 40), ['Dür"en, 7', "x", None]),
    (Field("day", FieldType.DATE), [date(1400, 1, 1), date(9999, 12, 31), None]),
    (Field("moment", FieldType.DATETIME), [datetime(2024, 2, 29, 23, 59, 59), datetime(1899, 12, 30), None]),
    (Field("clock", FieldType.TIME), [time(0, 0, 1), time(23, 59, 59), None]),
]


def shapes_in(path: Path) -> list[str | None]:
    table = read(path).table
    spatial = next(field for field in table.fields if field.type is FieldType.SPATIAL)
    return [wkb and geojson_from_wkb(wkb) for wkb in table.frame.collect()[spatial.name]]


@pytest.mark.parametrize("suffix", ["shp", "kml", "mif", "geojson"])
@pytest.mark.parametrize("kind", KINDS)
def test_objects_come_back(suffix: str, kind: str, tmp_path: Path) -> None:
    wkb = wkb_from_geojson(KINDS[kind])
    path = tmp_path / f"x.{suffix}"
    write(table_of([(SHAPE, [wkb, None])]), path)
    assert shapes_in(path) == [geojson_from_wkb(wkb), None]


@pytest.mark.parametrize("suffix", ["dbf", "shp", "mif"])
def test_values_come_back(suffix: str, tmp_path: Path) -> None:
    columns = PLAIN if suffix == "dbf" else [*PLAIN, (SHAPE, [POINT, None, POINT])]
    path = tmp_path / f"x.{suffix}"
    write(table_of(columns), path)
    rows = read(path).table.frame.collect()
    for field, values in PLAIN:
        assert [_plain(value) for value in rows[field.name].to_list()] == [_plain(value) for value in values], field.name


def _plain(value: object) -> object:
    """Moments are texts in a dBase table, exact numbers Doubles."""
    return str(value) if isinstance(value, datetime | time) else float(value) if isinstance(value, Decimal | int) else value


def test_kml_keeps_name_and_description_apart(tmp_path: Path) -> None:
    columns = [
        (Field("Name", FieldType.V_WSTRING, 20), ["a < b", None]),
        (Field("Description", FieldType.V_WSTRING, 20), ["more", None]),
        (Field("n & m", FieldType.INT32), [7, None]),
        (SHAPE, [POINT, None]),
    ]
    write(table_of(columns), tmp_path / "x.kml")
    assert "<name>a &lt; b</name><description>more</description>" in (tmp_path / "x.kml").read_text("utf-8")
    rows = read(tmp_path / "x.kml").table.frame.collect()
    assert rows.columns == ["Name", "Description", "n & m", "SpatialObj"]
    assert rows.row(0) == ("a < b", "more", "7", POINT)


def test_texts_beyond_windows_1252_are_utf_8_and_the_table_says_so(tmp_path: Path) -> None:
    for text, beside in (("Łódź", True), ("Düren", False)):
        write(table_of([(Field("t", FieldType.V_WSTRING, 20), [text])]), tmp_path / "x.dbf")
        assert read(tmp_path / "x.dbf").table.frame.collect().item() == text
        assert (tmp_path / "x.cpg").exists() == beside


def test_names_are_cut_to_ten_bytes_and_stay_apart(tmp_path: Path) -> None:
    fields = [Field(name, FieldType.BYTE) for name in ("a long name 1", "a long name 2", "längere Namen")]
    write(table_of([(field, [1]) for field in fields]), tmp_path / "x.dbf")
    assert read(tmp_path / "x.dbf").table.names == ["a long nam", "a long na2", "lÃ¤ngere N"]


def test_a_text_that_is_too_long_is_cut_and_told(tmp_path: Path) -> None:
    trouble = write(table_of([(Field("t", FieldType.V_WSTRING, 300), ["é" * 300])]), tmp_path / "x.dbf")
    assert len(read(tmp_path / "x.dbf").table.frame.collect().item()) == 254
    assert "was truncated" in trouble["texts"][0][0]


def test_a_point_among_several_becomes_one_of_several(tmp_path: Path) -> None:
    write(table_of([(SHAPE, [POINT, wkb_from_geojson(KINDS["points"])])]), tmp_path / "x.shp")
    assert struct.unpack_from("<i", (tmp_path / "x.shp").read_bytes(), 32)[0] == 8
    assert [shape[:22] for shape in shapes_in(tmp_path / "x.shp")] == ['{ "type": "MultiPoint"'] * 2


def test_no_rows_make_a_file(tmp_path: Path) -> None:
    for suffix in ("shp", "kml", "mif"):
        write(table_of([(Field("n", FieldType.INT32), []), (SHAPE, [])]), tmp_path / f"x.{suffix}")
        assert read(tmp_path / f"x.{suffix}").table.frame.collect().height == 0


@pytest.mark.parametrize(
    ("name", "columns", "told"),
    [
        ("x.shp", [(SHAPE, [POINT, wkb_from_geojson(KINDS["line"])])], "one kind only; these are lines and points"),
        ("x.shp", [(Field("n", FieldType.BYTE), [1])], "there is none"),
        ("x.kml", [(SHAPE, [POINT]), (Field("more", FieldType.SPATIAL), [POINT])], 'there is "shape", "more"'),
        ("x.dbf", [(SHAPE, [POINT])], 'cannot hold the field "shape"'),
        ("x.mif", [(SHAPE, [POINT]), (Field("b", FieldType.BLOB), [b"x"])], 'cannot hold the field "b"'),
        ("x.dbf", [(Field("t", FieldType.V_WSTRING, 254), ["日" * 200])], "600 bytes in UTF-8"),
    ],
)
def test_what_a_format_cannot_hold_is_refused(name: str, columns: list[tuple[Field, list[object]]], told: str, tmp_path: Path) -> None:
    with pytest.raises(InvalidError, match=told):
        write(table_of(columns), tmp_path / name)
