"""SQLite databases: tables and queries read, tables written in all ways."""

import sqlite3
from contextlib import closing
from datetime import date, datetime
from pathlib import Path

import pytest

from galleria.errors import GalleriaError, InvalidError, UnsupportedError
from galleria.fields.types import Field, FieldType
from tests.formats.tables import EVERY_TYPE, read, table_of, write

TABLE = table_of([(Field("id", FieldType.INT32), [1, 2]), (Field("na me", FieldType.V_WSTRING, 20), ["é", None])])


@pytest.fixture
def database(tmp_path: Path) -> Path:
    path = tmp_path / "x.sqlite"
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript("""
            CREATE TABLE "my towns" (
                id INTEGER PRIMARY KEY, name VARCHAR(40), since DATE, seen TIMESTAMP, ok BOOLEAN, rate DECIMAL(5,2), any, data BLOB
            );
            INSERT INTO "my towns" VALUES (1, 'Łódź', '1423-07-29', '2024-02-29T07:08:09', 1, 1.25, 5, x'00ff');
            INSERT INTO "my towns" (id) VALUES (2);
            CREATE TABLE odd (id INTEGER, day DATE); INSERT INTO odd VALUES ('abc', 'yesterday');
        """)
    return path


@pytest.mark.parametrize("part", ["my towns", "`my towns`", "[my towns]", 'SELECT * FROM "my towns"'])
def test_tables_and_queries_are_read(database: Path, part: str) -> None:
    table = read(database, part).table
    types = [(field.name, field.type.value, field.size) for field in table.fields]
    rows = table.frame.collect().rows()
    if part.startswith("SELECT"):
        assert [kind for _, kind, _ in types] == ["Int64", "V_WString", "V_WString", "V_WString", "Int64", "Double", "Int64", "Blob"]
    else:
        assert types[1:4] == [("name", "V_WString", 40), ("since", "Date", 10), ("seen", "DateTime", 19)]
        assert rows[0][:7] == (1, "Łódź", date(1423, 7, 29), datetime(2024, 2, 29, 7, 8, 9), True, 1.25, 5)
    assert rows[1] == (2, *[None] * 7)


def test_values_of_another_kind_than_declared_are_refused_in_words(database: Path) -> None:
    with pytest.raises(GalleriaError, match='"id" holds values that are no Int64'):
        read(database, "odd").table.frame.collect()


@pytest.mark.parametrize("part", ["", "nowhere", "SELECT nothing", "DELETE FROM odd", "SELECT load_extension('x')"])
def test_what_cannot_be_read_is_refused(database: Path, part: str) -> None:
    with pytest.raises(InvalidError, match=r"x\.sqlite"):
        read(database, part).table.frame.collect()


@pytest.mark.parametrize("row", [1, 2_000])
def test_a_text_that_is_none_is_refused_in_words(tmp_path: Path, row: int) -> None:
    with closing(sqlite3.connect(tmp_path / "x.sqlite")) as connection:
        connection.execute("CREATE TABLE t (name TEXT)")
        connection.executemany("INSERT INTO t VALUES (?)", [("a",)] * row)
        connection.execute("INSERT INTO t VALUES (CAST(x'ff' AS TEXT))")
        connection.commit()
    with pytest.raises(GalleriaError, match=r"cannot be read: .* decode"):
        read(tmp_path / "x.sqlite", "t").table.frame.collect()


def test_a_query_cannot_reach_other_databases(database: Path, tmp_path: Path) -> None:
    with pytest.raises(InvalidError, match="not authorized"):
        read(database, f"WITH x AS (SELECT 1) SELECT * FROM pragma_database_list('{tmp_path}')")
    with pytest.raises(InvalidError):
        write(TABLE, database, "new", PreSQL=f"ATTACH '{tmp_path}/other.db' AS other")


def test_rows_that_are_not_in_the_file_yet_are_read(database: Path, tmp_path: Path) -> None:
    with closing(sqlite3.connect(database)) as connection:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute('INSERT INTO "my towns" (id) VALUES (3)')
        connection.commit()
        assert read(database, "my towns").table.frame.collect().height == 3


def test_every_type_there_and_back(tmp_path: Path) -> None:
    table = table_of(EVERY_TYPE)
    write(table, tmp_path / "x.sqlite", "all types", OutputOption="Create")
    found = read(tmp_path / "x.sqlite", "all types").table
    frame, wanted = found.frame.collect(), table.frame.collect()
    for name in ("bool", "byte", "int16", "int32", "int64", "double", "string", "v_wstring", "date", "time", "datetime", "blob"):
        assert frame[name].to_list() == wanted[name].to_list(), name
    assert frame["decimal"].to_list() == [-1234.567, 0.001, None]


def test_tables_are_made_appended_to_emptied_and_replaced(tmp_path: Path) -> None:
    path = tmp_path / "x.sqlite"
    write(TABLE, path, "t", OutputOption="Create")
    with pytest.raises(InvalidError, match='"t" already exists'):
        write(TABLE, path, "t", OutputOption="Create")
    write(TABLE, path, "t", OutputOption="Append")
    assert read(path, "t").table.frame.collect().height == 4
    write(TABLE, path, "t", OutputOption="DeleteAppend", PostSQL="UPDATE t SET id = id + 10; DELETE FROM t WHERE id = 12;")
    assert read(path, "t").table.frame.collect().rows() == [(11, "é")]
    write(table_of([(Field("x", FieldType.BOOL), [True])]), path, "t", OutputOption="Overwrite")
    assert read(path, "t").table.names == ["x"]
    with pytest.raises(UnsupportedError, match="Warn"):
        write(TABLE, path, "t", OutputOption="Update: Warn on Update Failure")


def test_rows_are_updated_by_their_primary_key(tmp_path: Path) -> None:
    path = tmp_path / "x.sqlite"
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript('CREATE TABLE t (ID INTEGER PRIMARY KEY, "na me" TEXT, more TEXT)')
        connection.execute("INSERT INTO t VALUES (1, 'a', 'kept')")
        connection.commit()
    with pytest.raises(InvalidError, match="no row for 1 of the keys"):
        write(TABLE, path, "t", OutputOption="Update")
    assert read(path, "t").table.frame.collect().rows() == [(1, "a", "kept")]
    again = table_of([(Field("id", FieldType.INT32), [1, 2, 2]), (Field("na me", FieldType.V_WSTRING, 20), ["é", "x", "last"])])
    write(again, path, "t", OutputOption="Update; Insert if New")
    assert read(path, "t").table.frame.collect().rows() == [(1, "é", "kept"), (2, "last", None)]
    write(TABLE, path, "t", OutputOption="Update")
    assert read(path, "t").table.frame.collect().rows() == [(1, "é", "kept"), (2, None, None)]
    write(TABLE, path, "keyless", OutputOption="Create")
    with pytest.raises(InvalidError, match="primary key, which it lacks"):
        write(TABLE, path, "keyless", OutputOption="Upsert")


@pytest.mark.parametrize("option", ["PreSQL", "PostSQL"])
def test_statements_around_a_reading_are_refused(database: Path, option: str) -> None:
    with pytest.raises(UnsupportedError, match="opened for reading only"):
        read(database, "odd", **{option: "DELETE FROM odd"})


def test_a_failing_statement_leaves_nothing_behind(tmp_path: Path) -> None:
    path = tmp_path / "x.sqlite"
    write(TABLE, path, "t", OutputOption="Create")
    with pytest.raises(InvalidError, match="cannot be written"):
        write(TABLE, path, "t", OutputOption="Append", PostSQL="nonsense")
    assert read(path, "t").table.frame.collect().height == 2


def test_what_is_no_database_is_refused(tmp_path: Path) -> None:
    (tmp_path / "x.sqlite").write_bytes(b"no database at all, but long enough")
    with pytest.raises(InvalidError, match="cannot be read"):
        read(tmp_path / "x.sqlite", "t")
