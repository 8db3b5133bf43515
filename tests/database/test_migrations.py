"""The migrated schema is the records' schema, on both databases, and two processes may migrate at once."""

import multiprocessing
import re
from pathlib import Path

import pytest
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from galleria.database import migrations
from galleria.database.connect import Database, connect
from galleria.database.migrate import migrate
from galleria.gallery.tables import all_tables
from tests.databases import Databases, new_vault

_POSTGRESQL = {
    "columns": """SELECT table_name, column_name, data_type, character_maximum_length, is_nullable, column_default, is_identity
                  FROM information_schema.columns WHERE table_schema = 'public' AND table_name <> 'alembic_version'""",
    "indexes": "SELECT indexdef FROM pg_indexes WHERE schemaname = 'public' AND tablename <> 'alembic_version'",
    "constraints": """SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint
                      WHERE connamespace = 'public'::regnamespace AND conrelid::regclass::text <> 'alembic_version'""",
}


def schema(connection: Connection) -> dict[str, set[str]]:
    """Everything that the database itself says about its tables, in a form that two databases can be compared by."""
    if connection.dialect.name == "postgresql":
        return {what: {str(tuple(row)) for row in connection.execute(text(query))} for what, query in _POSTGRESQL.items()}
    rows = connection.execute(text("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%'"))
    return {name: set(_parts(sql)) for name, sql in rows if name != "alembic_version"}


def _parts(sql: str) -> list[str]:
    """Cut a CREATE statement at the commas between its columns and constraints."""
    body = re.sub(r"\s+", " ", sql).strip()
    if body.startswith("CREATE TABLE"):
        body = body.partition("(")[2].rpartition(")")[0]
    parts = [""]
    for piece in body.split(","):
        is_open = parts[-1].count("(") > parts[-1].count(")")
        parts = [*parts[:-1], f"{parts[-1]},{piece}"] if is_open else [*parts, piece]
    return [part.strip() for part in parts[1:]]


def made_from_records(databases: Databases, kind: str) -> dict[str, set[str]]:
    database = connect(databases.empty_url(kind), new_vault())
    all_tables().create_all(database.engine)
    with database.engine.connect() as connection:
        found = schema(connection)
    database.close()
    return found


def test_migrations_make_the_tables_that_the_records_describe(databases: Databases, database_kind: str) -> None:
    wanted = made_from_records(databases, database_kind)
    with databases.opened(database_kind) as database, database.engine.connect() as connection:
        found = schema(connection)
    assert found.keys() == wanted.keys()
    for what, parts in wanted.items():
        assert sorted(found[what]) == sorted(parts), what
    assert sum(len(parts) for parts in wanted.values()) > 200


def _migrate(url: str) -> None:
    database = connect(url, new_vault())
    migrate(database.engine)
    database.close()


def test_two_processes_migrate_at_once_and_both_are_content(databases: Databases, database_kind: str) -> None:
    url = databases.empty_url(database_kind)
    newest = max(path.name for path in (Path(migrations.__path__[0]) / "versions").glob("0*.py"))[:4]
    spawn = multiprocessing.get_context("spawn")
    processes = [spawn.Process(target=_migrate, args=(url,)) for _ in range(3)]
    for process in processes:
        process.start()
    for process in processes:
        process.join(300)
    assert [process.exitcode for process in processes] == [0, 0, 0]
    database = connect(url, new_vault())
    with database.read() as db:
        assert db.execute(text("SELECT version_num FROM alembic_version")).all() == [(newest,)]
        assert db.execute(text("SELECT count(*) FROM users")).scalar() == 0
    database.close()


def test_a_failed_migration_leaves_nothing_behind(databases: Databases, database_kind: str) -> None:
    database = connect(databases.empty_url(database_kind), new_vault())
    try:
        _spoil(database)
        with pytest.raises(DBAPIError, match="jobs"):
            migrate(database.engine)
        with database.engine.connect() as connection:
            found = str(schema(connection))
        assert "jobs" in found
        assert "users" not in found
    finally:
        database.close()


def _spoil(database: Database) -> None:
    with database.write() as db:
        db.execute(text("CREATE TABLE jobs (x INTEGER)"))
