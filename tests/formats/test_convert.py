"""Outputs in another format than the one they were written in."""

import zipfile
from pathlib import Path

import openpyxl
import pytest

from galleria.errors import GalleriaError, InvalidError, UnsupportedError
from galleria.fields.types import Field, FieldType
from galleria.formats.convert import convert
from galleria.formats.yxdb_layout import holds_shapes
from tests.formats.tables import EVERY_TYPE, read, table_of, write


@pytest.fixture
def database(tmp_path: Path) -> Path:
    columns = [(Field("town", FieldType.STRING, 5), ["Düren", None]), (Field("rate", FieldType.DOUBLE), [1.5, 2.0])]
    write(table_of(columns), tmp_path / "out.yxdb")
    return tmp_path / "out.yxdb"


def test_a_database_becomes_csv(database: Path) -> None:
    target = database.with_name("out.csv")
    convert(database, target)
    assert target.read_bytes() == "town,rate\r\nDüren,1.5\r\n,2\r\n".encode()
    assert sorted(path.name for path in database.parent.iterdir()) == ["out.csv", "out.yxdb"]


def test_a_database_becomes_a_workbook(database: Path) -> None:
    convert(database, database.with_name("out.xlsx"))
    sheet = openpyxl.load_workbook(database.with_name("out.xlsx")).active
    assert [[cell.value for cell in row] for row in sheet] == [["town", "rate"], ["Düren", 1.5], [None, 2]]


def test_csv_and_workbooks_become_databases(database: Path) -> None:
    for extension in (".csv", ".xlsx"):
        convert(database, database.with_name(f"middle{extension}"))
        convert(database.with_name(f"middle{extension}"), database.with_name("back.yxdb"))
        assert read(database.with_name("back.yxdb")).table.frame.collect()["town"].to_list() == ["Düren", None]


def test_a_zip_holds_the_file_as_it_is(database: Path) -> None:
    convert(database, database.with_name("out.zip"))
    with zipfile.ZipFile(database.with_name("out.zip")) as archive:
        assert archive.read("out.yxdb") == database.read_bytes()


def test_every_type_becomes_csv_and_a_workbook(tmp_path: Path) -> None:
    write(table_of(EVERY_TYPE), tmp_path / "x.yxdb")
    convert(tmp_path / "x.yxdb", tmp_path / "x.csv")
    convert(tmp_path / "x.yxdb", tmp_path / "x.xlsx")


def test_what_cannot_be_is_refused_in_words(tmp_path: Path, database: Path) -> None:
    with pytest.raises(UnsupportedError, match=r"format \.tde"):
        convert(database, tmp_path / "out.tde")
    (tmp_path / "broken.yxdb").write_bytes(b"no")
    with pytest.raises(GalleriaError, match="cannot be read"):
        convert(tmp_path / "broken.yxdb", tmp_path / "out.csv")
    write(table_of([(Field("a", FieldType.BOOL), [True] * 1_048_576)]), tmp_path / "long.yxdb")
    with pytest.raises(InvalidError, match="1,048,576 records, and a sheet has room for 1,048,575"):
        convert(tmp_path / "long.yxdb", tmp_path / "long.xlsx")
    write(table_of([(Field("a", FieldType.V_WSTRING, 40_000), ["x" * 32_767, "x" * 32_768])]), tmp_path / "wide.yxdb")
    with pytest.raises(InvalidError, match="xlsx has no room for 1 value of the field a"):
        convert(tmp_path / "wide.yxdb", tmp_path / "wide.xlsx")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["broken.yxdb", "long.yxdb", "out.yxdb", "wide.yxdb"]


def test_a_spatial_database_becomes_all_files_of_a_shapefile(tmp_path: Path) -> None:
    point = bytes.fromhex("0101000000000000000000F03F0000000000000040")
    write(table_of([(Field("n", FieldType.INT32), [7]), (Field("SpatialObj", FieldType.SPATIAL), [point])]), tmp_path / "out.yxdb")
    assert holds_shapes(tmp_path / "out.yxdb")
    convert(tmp_path / "out.yxdb", tmp_path / "new.shp.zip")
    with zipfile.ZipFile(tmp_path / "new.shp.zip") as archive:
        assert {"out.shp", "out.shx", "out.dbf", "out.prj"} <= set(archive.namelist())
        archive.extractall(tmp_path / "in")
    back = read(tmp_path / "in" / "out.shp").table.frame.collect()
    assert back["n"].to_list() == [7]
    assert back["SpatialObj"].to_list() == [point]
    convert(tmp_path / "out.yxdb", tmp_path / "new.kml")
    assert "1.0,2.0" in (tmp_path / "new.kml").read_text("utf-8")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in", "new.kml", "new.shp.zip", "out.yxdb"]


def test_a_database_without_shapes_says_so(database: Path) -> None:
    assert not holds_shapes(database)
