"""`galleria run` with connections: by option, by file, by setting."""

from __future__ import annotations

from pathlib import Path

import psycopg
import pytest
from typer.testing import CliRunner

from galleria.cli.app import app
from galleria.errors import GalleriaError
from tests.databases import Databases
from tests.worker.test_connections import copies


@pytest.fixture
def url(databases: Databases) -> str:
    url = databases.empty_url("postgresql")
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("CREATE TABLE t AS SELECT 1 AS n")
    return url


def run(folder: Path, text: str, *words: str) -> int:
    (folder / "w.yxmd").write_text(text)
    result = CliRunner().invoke(app, ["run", str(folder / "w.yxmd"), "--output-dir", str(folder), *words], standalone_mode=False)
    if isinstance(result.exception, GalleriaError):
        raise result.exception
    return result.return_value


def count(url: str, table: str) -> int:
    with psycopg.connect(url) as connection:
        found = connection.execute(f"SELECT count(*) FROM {table}".encode()).fetchone()
    assert found is not None
    return found[0]


def test_a_connection_is_named_by_option_file_or_setting(url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert run(tmp_path, copies("aka:Sales|||t", "aka:sales|||a"), "--connection", f"Sales={url}") == 0
    (tmp_path / "connections.txt").write_text(f"# mine\n\nSales = {url}\n")
    assert run(tmp_path, copies("aka:Sales|||t", "aka:sales|||b"), "--connections", str(tmp_path / "connections.txt")) == 0
    monkeypatch.setenv("GALLERIA_DATA_SOURCES", f"Night={url}")
    assert run(tmp_path, copies("odbc:DSN=Night|||t", "odbc:DSN=night|||c")) == 0
    assert [count(url, table) for table in "abc"] == [1, 1, 1]
    assert run(tmp_path, copies("aka:Other|||t", "aka:Other|||d"), "--connection", f"Sales={url}") == 1


def test_a_file_database_is_reached_by_a_connection(tmp_path: Path) -> None:
    source = "odbc:Driver={SQLite3 ODBC Driver};Database=x.sqlite"
    rows = "aka:Sales|||SELECT 'a' AS x"
    (tmp_path / "other.sqlite").touch()
    assert run(tmp_path, copies(rows, f"{source}|||t"), "--connection", f"Sales=sqlite:///{tmp_path}/other.sqlite") == 0
    assert run(tmp_path, copies(f"{source}|||t", f"{source}|||u", "Overwrite")) == 0
    assert run(tmp_path, copies(f"{source}|||nowhere", f"{source}|||u")) == 1


@pytest.mark.parametrize("words", [("--connection", "geheim"), ("--connections", "none.txt")])
def test_wrong_connections_are_refused_without_being_repeated(tmp_path: Path, words: tuple[str, str]) -> None:
    with pytest.raises(GalleriaError) as refused:
        run(tmp_path, copies("aka:Sales|||t", "aka:Sales|||u"), *words)
    assert "geheim" not in refused.value.message
