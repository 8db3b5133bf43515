"""A real PostgreSQL: every type through it, all ways to write, what it refuses, and the relay that fenced runs use."""

from __future__ import annotations

import socket
import struct
import threading
from collections.abc import Callable, Generator
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import urlsplit

import polars as pl
import psycopg
import pytest

from galleria.connecting.address import Address
from galleria.connecting.known import Databases, connections_of
from galleria.errors import ForbiddenError, GalleriaError, InvalidError
from galleria.fields.types import Field, FieldType
from galleria.formats.options import Options
from galleria.formats.sql.database import read_database, write_database
from galleria.formats.sql.drivers import Driver
from galleria.formats.sql.plain import PlainSession
from galleria.formats.sql.writes import Action, Order
from galleria.table.geojson import wkb_from_geojson
from galleria.table.table import Table
from tests.databases import Databases as Made
from tests.formats.tables import EVERY_TYPE, around, table_of
from tests.forwarding import forwarded

ROWS = table_of([(Field("id", FieldType.INT32), [1, 2]), (Field("Name", FieldType.V_WSTRING, 20), ["é", None])])


@pytest.fixture
def url(databases: Made) -> str:
    return databases.empty_url("postgresql")


@dataclass
class Place:
    url: str
    folder: Path
    databases: Databases

    def read(self, part: str, limit: int = 0, **options: str) -> Table:
        circumstances = replace(around(self.folder), databases=self.databases, record_limit=limit)
        return read_database("aka:it", part, Options(options), circumstances).table

    def rows(self, part: str, **options: str) -> list[tuple[object, ...]]:
        return self.read(part, **options).frame.collect(engine="streaming").rows()

    def write(self, table: Table, part: str, **options: str) -> None:
        writing = write_database(table, "aka:it", part, Options(options), replace(around(self.folder), databases=self.databases))
        assert writing.finish is not None
        writing.finish(writing.query.collect(engine="streaming"))

    def run(self, statements: str) -> None:
        with psycopg.connect(self.url, autocommit=True) as connection:
            connection.execute(statements.encode())


@pytest.fixture
def place(url: str, tmp_path: Path) -> Place:
    return Place(url, tmp_path, Databases(connections_of({"It": url})))


def test_every_type_comes_back(place: Place) -> None:
    table = table_of(EVERY_TYPE)
    place.write(table, "every")
    back = place.read("every")
    expected, found = table.frame.collect(), back.frame.collect(engine="streaming")
    for name in expected.columns[:-1]:
        assert found[name].to_list() == expected[name].to_list(), name
    assert wkb_from_geojson(found["shape"][0]) == expected["shape"][0]
    kinds = {field.name: f"{field.type}({field.size}.{field.scale})" for field in back.fields}
    assert kinds["byte"] == "Int16(2.0)"
    assert kinds["decimal"] == "FixedDecimal(12.3)"
    assert kinds["string"] == "V_WString(5.0)"
    assert kinds["v_wstring"] == "V_WString(1073741823.0)"


@pytest.mark.parametrize(
    ("expression", "kind", "value"),
    [
        (r"E'a\tb\nc\\d\r\be'", "V_WString", "a\tb\nc\\d\r\be"),
        (r"'\N'", "V_WString", "\\N"),
        ("''", "V_WString", ""),
        ("NULL::text", "V_WString", None),
        ("'ab'::char(4)", "WString", "ab  "),
        ("1.50::numeric(4,2)", "FixedDecimal", 1.5),
        ("12.5::numeric", "Double", 12.5),
        ("'Infinity'::float8", "Double", float("inf")),
        ("timestamptz '2024-06-01 12:00+02'", "DateTime", "2024-06-01 10:00:00"),
        ("'{1,2}'::int[]", "V_WString", "{1,2}"),
        ("'{\"a\": 1}'::jsonb", "V_WString", '{"a": 1}'),
        ("'550e8400-e29b-41d4-a716-446655440000'::uuid", "WString", "550e8400-e29b-41d4-a716-446655440000"),
        ("interval '1 day 2 hours'", "V_WString", "P1DT2H"),
    ],
)
def test_a_value_is_read_as_its_type(place: Place, expression: str, kind: str, value: object) -> None:
    table = place.read(f"SELECT {expression} AS x")
    found = table.frame.collect().item()
    assert table.fields[0].type == kind
    assert (str(found) if kind == "DateTime" else float(found) if kind == "FixedDecimal" else found) == value


def test_rows_without_columns_texts_and_nulls_in_one_column_are_kept(place: Place) -> None:
    texts = ["", None, "\\N", 'say "x"', "a,b", "\\.", "\n"]
    place.write(table_of([(Field("only", FieldType.V_WSTRING), list(texts))]), "t")
    assert [row[0] for row in place.rows("t")] == texts
    place.write(Table(pl.LazyFrame(schema={"only": pl.String}), (Field("only", FieldType.V_WSTRING),)), "none")
    assert place.rows("none") == []


def test_tables_are_made_appended_to_emptied_and_replaced(place: Place) -> None:
    place.write(ROWS, '"My Table"', OutputOption="Create")
    with pytest.raises(InvalidError, match="already exists"):
        place.write(ROWS, '"My Table"', OutputOption="Create")
    place.write(ROWS, '"My Table"', OutputOption="Append")
    assert len(place.rows("`My Table`")) == 4
    place.write(ROWS, "[My Table]", OutputOption="DeleteAppend", PostSQL='UPDATE "My Table" SET id = id + 10; SELECT 1')
    assert place.rows('SELECT id FROM "My Table" ORDER BY id') == [(11,), (12,)]
    place.write(table_of([(Field("x", FieldType.BOOL), [True])]), '"My Table"', OutputOption="Overwrite")
    assert place.rows('"My Table"') == [(True,)]
    with pytest.raises(InvalidError, match="has no column id, Name"):
        place.write(ROWS, '"My Table"', OutputOption="Append")


def test_rows_are_updated_by_their_primary_key(place: Place) -> None:
    place.run("CREATE TABLE t (ID int PRIMARY KEY, name text, more text); INSERT INTO t VALUES (1, 'a', 'kept')")
    with pytest.raises(InvalidError, match="no row for 1 of the keys"):
        place.write(ROWS, "t", OutputOption="Update")
    assert place.rows("t") == [(1, "a", "kept")]
    again = table_of([(Field("id", FieldType.INT32), [1, 2, 2]), (Field("name", FieldType.V_WSTRING, 20), ["é", "x", "last"])])
    place.write(again, "public.t", OutputOption="Update; Insert if New")
    assert place.rows("SELECT * FROM t ORDER BY id") == [(1, "é", "kept"), (2, "last", None)]
    place.write(ROWS, "t", OutputOption="Update")
    assert place.rows("SELECT * FROM t ORDER BY id") == [(1, "é", "kept"), (2, None, None)]
    place.run("CREATE TABLE keyless (id int, name text)")
    with pytest.raises(InvalidError, match="primary key, which it lacks"):
        place.write(ROWS, "keyless", OutputOption="Upsert")


@pytest.mark.parametrize("option", ["PreSQL", "PostSQL"])
def test_a_failing_statement_leaves_nothing_behind(place: Place, option: str) -> None:
    place.write(ROWS, "t")
    with pytest.raises(InvalidError, match="refused the rows"):
        place.write(ROWS, "t", OutputOption="DeleteAppend", **{option: "INSERT INTO nowhere VALUES (1)"})
    assert len(place.rows("t")) == 2


def test_statements_run_before_and_after_a_reading_in_its_session(place: Place) -> None:
    before = "CREATE TEMP TABLE kept AS SELECT 7 AS n; CREATE TABLE IF NOT EXISTS seen (n int)"
    table = place.read("SELECT n FROM kept", PreSQL=before, PostSQL="INSERT INTO seen SELECT n + 1 FROM kept")
    assert place.rows("seen") == []
    # However often its rows are wanted, they are asked for once.
    assert [table.frame.collect().item() for _ in range(2)] == [7, 7]
    assert place.rows("seen") == [(8,)]


def test_only_the_wanted_rows_and_columns_come(place: Place) -> None:
    table = place.read("SELECT n, n * 2 AS twice, 'x' AS t FROM generate_series(1, 100000) AS n", limit=1000)
    assert table.frame.select(pl.len()).collect().item() == 1000
    assert table.frame.filter(pl.col("n") > 998).select("twice").head(1).collect().rows() == [(1998,)]


def test_many_rows_wait_in_temporary_files(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("galleria.formats.sql.database._HELD_BYTES", 1 << 20)
    frame = place.read("SELECT n, md5(n::text) AS t FROM generate_series(1, 300000) AS n").frame
    found = frame.select(pl.len(), total=pl.col("n").cast(pl.Int64).sum()).collect(engine="streaming")
    assert found.rows() == [(300000, 300000 * 300001 // 2)]
    assert len(list(place.folder.glob("*.arrow"))) > 1
    assert frame.head(3).collect()["n"].to_list() == [1, 2, 3]


@pytest.mark.parametrize(
    ("part", "words"),
    [
        ("nowhere", 'relation "nowhere" does not exist'),
        ("SELECT 1; SELECT 2", "refused the query"),
        ("", "needs the name of a table"),
        ("WITH x AS (INSERT INTO t VALUES (1) RETURNING id) SELECT * FROM x", "read-only"),
        ("SELECT '4714-11-24 BC'::date", "value that its field cannot hold"),
        ("SELECT 1 / (n - 50000) AS x FROM generate_series(1, 100000) AS n", "division by zero"),
        ("SELECT 'infinity'::timestamp", "value that its field cannot hold"),
    ],
)
def test_what_cannot_be_read_is_refused_in_words(place: Place, part: str, words: str) -> None:
    place.run("CREATE TABLE t (id int)")
    with pytest.raises(GalleriaError, match=words):
        place.rows(part, SessionReadOnly="True")


def test_a_wrong_password_is_told_without_it(place: Place) -> None:
    connect = Databases(connections_of({"it": "postgresql://annabel:geheim99@127.0.0.1:1/x"}))
    with pytest.raises(GalleriaError, match=r"postgresql://127.0.0.1:1/x cannot be reached") as refused:
        Place("", place.folder, connect).read("t")
    assert "geheim99" not in refused.value.message
    assert "annabel" not in refused.value.message


# The way of fenced runs: every connection is made by a function, and libpq is led to it.


@pytest.fixture
def port(url: str) -> Generator[int]:
    with forwarded(url) as port:
        yield port


def fenced(url: str, port: int, folder: Path, connect: Callable[[str, int, float], socket.socket], more: str = "") -> Place:
    name = urlsplit(url).path
    return Place(url, folder, Databases(connections_of({"it": f"postgresql://postgres@db.example:{port}{name}{more}"}), connect=connect))


def test_a_relay_carries_much_both_ways(url: str, port: int, tmp_path: Path) -> None:
    asked: list[tuple[str, int]] = []

    def connect(host: str, at: int, timeout_s: float) -> socket.socket:
        asked.append((host, at))
        return socket.create_connection(("127.0.0.1", at), timeout_s)

    place = fenced(url, port, tmp_path, connect)
    place.write(table_of([(Field("t", FieldType.V_WSTRING), ["x" * 1000] * 20_000)]), "t")
    assert len(place.rows("t")) == 20_000
    assert asked == [("db.example", port)] * 2


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ("?sslmode=require", "offers no encryption"),
        ("?sslmode=verify-full", "offers no encryption"),
        ("?host=/tmp/x", "by host and port only"),
    ],
)
def test_a_relay_refuses_what_it_must_not_do(url: str, port: int, tmp_path: Path, more: str, words: str) -> None:
    def connect(host: str, at: int, timeout_s: float) -> socket.socket:
        return socket.create_connection(("127.0.0.1", at), timeout_s)

    with pytest.raises(GalleriaError, match=words):
        fenced(url, port, tmp_path, connect, more).read("t")


def test_a_strange_server_is_told_no_password_of_this_machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "passwords").write_text("*:*:*:*:geheim")
    (tmp_path / "passwords").chmod(0o600)
    monkeypatch.setenv("PGPASSFILE", str(tmp_path / "passwords"))
    said: list[bytes] = []

    def connect(host: str, at: int, timeout_s: float) -> socket.socket:
        near, far = socket.socketpair()
        threading.Thread(target=_ask_for_a_password, args=(far, said)).start()
        return near

    known = Databases(connections_of({"it": "postgresql://me@evil/x?sslmode=disable"}), connect=connect)
    with pytest.raises(GalleriaError, match="cannot be reached"):
        Place("", tmp_path, known).read("t")
    assert said[0]
    assert b"geheim" not in b"".join(said)


def _ask_for_a_password(near: socket.socket, said: list[bytes]) -> None:
    with near:
        said.append(near.recv(65536))
        near.sendall(struct.pack("!cii", b"R", 8, 3))
        said.append(near.recv(65536))


@pytest.mark.parametrize("name", ["host=127.0.0.1 port=1", "postgresql://127.0.0.1:1/x", "x' host='127.0.0.1", "x service=y"])
def test_a_database_s_name_is_only_a_name(url: str, port: int, tmp_path: Path, name: str) -> None:
    asked: list[tuple[str, int]] = []

    def connect(host: str, at: int, timeout_s: float) -> socket.socket:
        asked.append((host, at))
        return socket.create_connection(("127.0.0.1", at), timeout_s)

    text = f"odbc:Driver=PostgreSQL;Server=db.example;Port={port};UID=postgres;Database={name}"
    with pytest.raises(GalleriaError, match="does not exist"):
        Place("", tmp_path, Databases(connections_of({"it": text}), connect=connect)).read("t")
    assert asked == [("db.example", port)]


@pytest.mark.parametrize(
    "text", ["odbc:Driver=PostgreSQL;Server=db;Port=70000", "odbc:Driver=PostgreSQL;Server=@x", "postgresql:///x?host=/tmp"]
)
def test_no_socket_and_no_impossible_port_is_reached(tmp_path: Path, text: str) -> None:
    def connect(host: str, at: int, timeout_s: float) -> socket.socket:
        raise AssertionError("nothing may be asked for")

    with pytest.raises(GalleriaError, match=r"by host and port only|from 1 to 65535"):
        Place("", tmp_path, Databases(connections_of({"it": text}), connect=connect)).read("t")


def test_what_the_gate_refuses_is_told_in_its_words(url: str, port: int, tmp_path: Path) -> None:
    def connect(host: str, at: int, timeout_s: float) -> socket.socket:
        raise ForbiddenError(f"{host}:{at} is refused")

    with pytest.raises(ForbiddenError, match=r"db\.example:\d+ is refused"):
        fenced(url, port, tmp_path, connect).read("t")


# The way of databases that have a driver with Python's own interface: here psycopg, used as such.


def test_a_plain_driver_reads_and_writes(url: str) -> None:
    driver = Driver("psycopg", "psycopg", lambda address: {"conninfo": url}, types={FieldType.BLOB: "BYTEA"})
    session = PlainSession(driver, Address("other"))
    table = table_of([one for one in EVERY_TYPE if one[0].type is not FieldType.SPATIAL])
    rows = table.frame.collect()
    session.write(Order("every", Action.CREATE, "CREATE TABLE before (n int)", "INSERT INTO before VALUES (1)"), rows, table.fields)
    fields = session.fields("SELECT * FROM every", "")
    found = pl.concat(session.rows("SELECT * FROM every", fields, 0))
    for name in rows.columns:
        assert found[name].to_list() == rows[name].to_list(), name
    assert pl.concat(session.rows("SELECT * FROM every", fields, 2)).height == 2
    with pytest.raises(InvalidError, match="refused the rows"):
        session.write(Order("before", Action.EMPTY_AND_APPEND, after="nonsense"), rows.select("int32"), [Field("n", FieldType.INT32)])
    assert [frame["n"].to_list() for frame in session.rows("SELECT n FROM before", session.fields("SELECT n FROM before", ""), 0)] == [[1]]
    session.close()
