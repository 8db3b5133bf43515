"""Shapefiles, dBase tables, GeoJSON, KML and MapInfo interchange files, held against shapely where that is there."""

import json
import struct
from datetime import date
from pathlib import Path

import pytest

from galleria.errors import GalleriaError, InvalidError, UnsupportedError
from galleria.fields.types import Field, FieldType
from galleria.formats.shapes import shape_from_wkb
from galleria.table.geojson import geojson_from_wkb, wkb_from_geojson
from tests.formats.tables import POINT, read, table_of, write

SQUARE = wkb_from_geojson(
    '{"type": "Polygon", "coordinates": [[[0, 0], [0, 9], [9, 9], [9, 0], [0, 0]], [[2, 2], [4, 2], [4, 4], [2, 2]]]}'
)


def dbf(path: Path, columns: list[tuple[str, str, int, int]], records: list[bytes], language: int = 0) -> None:
    length = 1 + sum(column[2] for column in columns)
    head = struct.pack("<BBBBIHH17xB2x", 3, 124, 2, 29, len(records), 33 + 32 * len(columns), length, language)
    told = b"".join(struct.pack("<11sc4xBB14x", name.encode(), kind.encode(), size, places) for name, kind, size, places in columns)
    path.write_bytes(head + told + b"\r" + b"".join(records) + b"\x1a")


def shp(path: Path, records: list[bytes]) -> None:
    body = b"".join(struct.pack(">2i", number, len(one) // 2) + one for number, one in enumerate(records, 1))
    path.write_bytes(struct.pack(">i20xi", 9994, 50 + len(body) // 2) + struct.pack("<2i64x", 1000, 1) + body)


COLUMNS = [("CODE", "C", 4, 0), ("NAME", "C", 20, 0), ("N", "N", 9, 0), ("RATE", "N", 8, 3), ("DAY", "D", 8, 0), ("OK", "L", 1, 0)]
RECORDS = [
    b" 01  " + "Düren".encode("latin-1").ljust(20) + b"      -17" + b"   1.250" + b"20240229" + b"T",
    b"*gone" + b" " * 46,
    b"     " + b" " * 20 + b"*********" + b" " * 8 + b"        " + b"?",
]


def test_dbase_tables(tmp_path: Path) -> None:
    dbf(tmp_path / "x.dbf", COLUMNS, RECORDS)
    table = read(tmp_path / "x.dbf").table
    assert [(field.name, field.type.value, field.size) for field in table.fields] == [
        ("CODE", "String", 4),
        ("NAME", "V_String", 20),
        ("N", "Int32", 4),
        ("RATE", "Double", 8),
        ("DAY", "Date", 10),
        ("OK", "Bool", 1),
    ]
    assert table.frame.collect().rows() == [("01", "Düren", -17, 1.25, date(2024, 2, 29), True), (None,) * 6]


def test_what_is_no_number_no_date_and_no_truth_is_told(tmp_path: Path) -> None:
    dbf(tmp_path / "x.dbf", COLUMNS, [b" 01  " + b"x".ljust(20) + b"    1E+99" + b"   1,250" + b"20240231" + b"X", RECORDS[2]])
    content = read(tmp_path / "x.dbf")
    assert content.table.frame.collect().rows() == [("01", "x", None, None, None, None), (None,) * 6]
    assert content.trouble is not None
    told = [(row["field"], row["count"], row["texts"]) for row in content.trouble.collect().rows(named=True)]
    wanted = {"N": '"1E+99" is no Int32', "RATE": '"1,250" is no Double', "DAY": '"20240231" is no Date', "OK": '"X" is no Bool'}
    assert told == [(name, 1, [text]) for name, text in wanted.items()]


def test_mapinfo_dates_that_are_none_are_told(tmp_path: Path) -> None:
    (tmp_path / "x.mif").write_text("COLUMNS 1\n  Day Date\nDATA\nPOINT 1 2\nNONE\n")
    (tmp_path / "x.mid").write_text("20240231\n20240229\n")
    content = read(tmp_path / "x.mif")
    assert content.table.frame.collect()["Day"].to_list() == [None, date(2024, 2, 29)]
    assert content.trouble is not None
    assert content.trouble.collect()["texts"].to_list() == [['"20240231" is no Date']]


def test_whole_numbers_beyond_64_bits_stay_what_they_are(tmp_path: Path) -> None:
    (tmp_path / "x.geojson").write_text('{"type": "Feature", "geometry": null, "properties": {"n": 36893488147419103232}}')
    assert read(tmp_path / "x.geojson").table.frame.collect()["n"].to_list() == ["36893488147419103232"]


@pytest.mark.parametrize(("language", "cpg", "kind"), [(0x03, None, "V_WString"), (0, "UTF-8", "V_WString"), (0, "88591", "V_String")])
def test_dbase_tables_say_their_code_page(tmp_path: Path, language: int, cpg: str | None, kind: str) -> None:
    text = "Düren€" if language else "Düren"
    dbf(tmp_path / "x.dbf", [("NAME", "C", 20, 0)], [b" " + text.encode("utf-8" if cpg == "UTF-8" else "cp1252").ljust(20)], language)
    if cpg:
        (tmp_path / "x.cpg").write_text(cpg)
    table = read(tmp_path / "x.dbf").table
    assert (table.fields[0].type.value, table.frame.collect().rows()) == (kind, [(text,)])


def test_damaged_dbase_tables_are_refused(tmp_path: Path) -> None:
    dbf(tmp_path / "x.dbf", COLUMNS, RECORDS)
    data = (tmp_path / "x.dbf").read_bytes()
    for cut in (0, 20, 40, len(data) - 30):
        (tmp_path / "x.dbf").write_bytes(data[:cut])
        with pytest.raises(InvalidError, match="cannot be read"):
            read(tmp_path / "x.dbf")
    dbf(tmp_path / "x.dbf", [("COUNT", "I", 3, 0)], [b" abc"])
    with pytest.raises(InvalidError, match="cannot be read"):
        read(tmp_path / "x.dbf")
    dbf(tmp_path / "x.dbf", [("NOTE", "M", 10, 0)], [])
    with pytest.raises(UnsupportedError, match="of the type M"):
        read(tmp_path / "x.dbf")


def test_shapefiles(tmp_path: Path) -> None:
    dbf(tmp_path / "X.DBF", [("NAME", "C", 3, 0)], [b" abc", b" def", b" ghi"])
    shp(tmp_path / "x.shp", [shape_from_wkb(POINT), shape_from_wkb(SQUARE), struct.pack("<i", 0)])
    table = read(tmp_path / "x.shp").table
    assert [(field.name, field.type.value) for field in table.fields] == [("NAME", "String"), ("SpatialObj", "SpatialObj")]
    assert table.frame.collect().rows() == [("abc", POINT), ("def", SQUARE), ("ghi", None)]
    (tmp_path / "x.prj").write_text('PROJCS["NAD_1983_UTM_Zone_11N",GEOGCS["GCS"]]')
    with pytest.raises(UnsupportedError, match="NAD_1983_UTM_Zone_11N, not in degrees"):
        read(tmp_path / "x.shp")


def test_null_shapes_of_the_original_are_read(tmp_path: Path) -> None:
    shp(tmp_path / "x.shp", [])
    null = [struct.pack(">2i", number, 6) + bytes(4) for number in (1, 2)]
    point = shape_from_wkb(POINT)
    data = (tmp_path / "x.shp").read_bytes()
    (tmp_path / "x.shp").write_bytes(
        data + b"".join(null) + struct.pack(">2i", 3, len(point) // 2) + point + struct.pack(">2i", 4, 6) + bytes(4)
    )
    assert read(tmp_path / "x.shp").table.frame.collect().rows() == [(None,), (None,), (POINT,), (None,)]


def test_damaged_shapefiles_are_refused(tmp_path: Path) -> None:
    shp(tmp_path / "x.shp", [shape_from_wkb(SQUARE)])
    data = (tmp_path / "x.shp").read_bytes()
    for damaged in (b"", b"no shapes", data[:-20], data[:104] + b"\xff" * 4 + data[108:]):
        (tmp_path / "x.shp").write_bytes(damaged)
        with pytest.raises(InvalidError, match="cannot be read"):
            read(tmp_path / "x.shp")


def test_geojson_there_and_back(tmp_path: Path) -> None:
    columns = [
        (Field("id", FieldType.INT64), [1, 2, None]),
        (Field("name", FieldType.V_WSTRING), ["Łódź", None, 'q"q']),
        (Field("rate", FieldType.DOUBLE), [1.5, 2.0, None]),
        (Field("ok", FieldType.BOOL), [True, None, False]),
        (Field("place", FieldType.SPATIAL), [POINT, SQUARE, None]),
    ]
    write(table_of(columns), tmp_path / "x.geojson")
    assert json.loads((tmp_path / "x.geojson").read_text("utf-8"))["features"][0]["geometry"]["coordinates"] == [7.5, 51.25]
    table = read(tmp_path / "x.geojson").table
    assert [field.type.value for field in table.fields] == ["Int64", "V_WString", "Double", "Bool", "SpatialObj"]
    assert table.frame.collect().rows() == [(1, "Łódź", 1.5, True, POINT), (2, None, 2.0, None, SQUARE), (None, 'q"q', None, False, None)]


KML = """<kml xmlns="http://www.opengis.net/kml/2.2"><Document><Folder>
<Placemark><name>A</name><description>first</description><Point><coordinates>7.5,51.25,100</coordinates></Point></Placemark>
<Placemark><name>B</name><ExtendedData><Data name="n"><value>5</value></Data></ExtendedData>
<Polygon><outerBoundaryIs><LinearRing><coordinates>0,0 0,9 9,9 9,0 0,0</coordinates></LinearRing></outerBoundaryIs>
<innerBoundaryIs><LinearRing><coordinates>2,2 4,2 4,4 2,2</coordinates></LinearRing></innerBoundaryIs></Polygon></Placemark>
<Placemark><MultiGeometry><Point><coordinates>1,2</coordinates></Point><Point><coordinates>3,4</coordinates></Point></MultiGeometry></Placemark>
<Placemark><name>D</name></Placemark>
</Folder></Document></kml>"""


def test_kml(tmp_path: Path) -> None:
    (tmp_path / "x.kml").write_text(KML)
    table = read(tmp_path / "x.kml").table
    rows = table.frame.collect().rows()
    assert table.names == ["Name", "Description", "n", "SpatialObj"]
    assert rows[:2] == [("A", "first", None, POINT), ("B", None, "5", SQUARE)]
    assert geojson_from_wkb(rows[2][3]).startswith('{ "type": "MultiPoint"')
    assert rows[3] == ("D", None, None, None)


MIF = """VERSION 300
CHARSET "WindowsLatin1"
DELIMITER ","
COORDSYS Earth Projection 1, 104
COLUMNS 3
  name char(20)
  n Integer
  day Date
DATA

POINT 7.5 51.25
    SYMBOL (35,0,12)
REGION 2
  5
0 0
0 9
9 9
9 0
0 0
  4
2 2
4 4
4 2
2 2
    PEN (1,2,0)
PLINE MULTIPLE 2
 2
0 0
1 1
 2
2 2
3 3
NONE
"""


def test_mapinfo_interchange_files(tmp_path: Path) -> None:
    (tmp_path / "x.mif").write_text(MIF)
    (tmp_path / "X.MID").write_bytes('"Düren, a",5,20240229\n"",,\nb,x,\nc,1,\n'.encode("latin-1"))
    content = read(tmp_path / "x.mif")
    assert [(field.name, field.type.value, field.size) for field in content.table.fields[:3]] == [
        ("name", "V_String", 20),
        ("n", "Int32", 4),
        ("day", "Date", 10),
    ]
    rows = content.table.frame.collect().rows()
    assert rows[0] == ("Düren, a", 5, date(2024, 2, 29), POINT)
    assert rows[1] == (None, None, None, SQUARE)
    assert geojson_from_wkb(rows[2][3]).startswith('{ "type": "MultiLineString"')
    assert rows[3] == ("c", 1, None, None)
    assert content.trouble is not None
    assert content.trouble.collect()["texts"].to_list() == [["x is not a number."]]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("x.geojson", ""),
        ("x.geojson", '{"type": "FeatureCollection"}'),
        ("x.geojson", '{"type": "Feature", "geometry": {"type": "Blob"}}'),
        ("x.kml", "<kml>"),
        ("x.kml", "<kml>\ud800</kml>"),
        ("x.kml", "<kml><Placemark><Point><coordinates>a,b</coordinates></Point></Placemark></kml>"),
        ("x.mif", "no such"),
        ("x.mif", 'CHARSET "WindowsLatin9999"\nDATA\n'),
        ("x.mif", 'DELIMITER ""\nCOLUMNS 1\n a Integer\nDATA\n'),
        ("x.mif", "DATA\nREGION 1\n4\n0 0\n"),
        ("x.mif", 'COORDSYS Earth Projection 8, 79, "m"\nDATA\n'),
        ("x.mif", "DATA\nELLIPSE 0 0 1 1\n"),
    ],
)
def test_damaged_files_are_refused_in_words(tmp_path: Path, name: str, text: str) -> None:
    (tmp_path / name).write_bytes(text.encode("utf-8", "surrogatepass"))
    (tmp_path / "x.mid").write_text("1\n")
    with pytest.raises(GalleriaError, match=r"cannot be read|coordinate system|of the kind"):
        read(tmp_path / name)
