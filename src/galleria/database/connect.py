"""The connection: SQLite in WAL mode or PostgreSQL, one transaction a `with` block, either reading or writing.

A reading block cannot write, on either database. A writing block on SQLite takes the write lock at its start, because a
transaction that first reads and then wants to write can be refused without waiting.
"""

import threading
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.engine import URL
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.orm import Session

from galleria.database.letters import SQLITE_FUNCTION
from galleria.database.vault import Vault
from galleria.errors import InvalidError

BUSY_TIMEOUT_S = 30.0
LIVES_S = 0.1
"""For so long after its last use nobody asks whether a connection is still there."""
_NOTICED = {
    "connect_timeout": 10,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 25_000,
    "options": "-c tcp_keepalives_idle=10 -c tcp_keepalives_interval=5 -c tcp_keepalives_count=3 -c tcp_user_timeout=25000",
}
"""A network that is cut is noticed within half a minute, on both ends: here a thread would wait for hours for its answer, and there
the locks of a lost worker would keep its jobs from all others."""


@dataclass(frozen=True)
class Database:
    engine: Engine
    vault: Vault

    # Made once: making them takes as long as a small query.
    @cached_property
    def _reading(self) -> Engine:
        return self.engine.execution_options(galleria_access="read", postgresql_readonly=True)

    @cached_property
    def _writing(self) -> Engine:
        return self.engine.execution_options(galleria_access="write")

    @cached_property
    def _turn(self) -> threading.RLock:
        """Whose turn it is to write to a SQLite file in this process: SQLite itself has those who wait look again and again."""
        return threading.RLock()

    @property
    def is_postgresql(self) -> bool:
        return self.engine.dialect.name == "postgresql"

    @contextmanager
    def read(self) -> Generator[Session]:
        """Give a session that sees one moment's data and cannot change it."""
        with Session(self._reading, expire_on_commit=False, autoflush=False, info={"vault": self.vault}) as db:
            yield db

    @contextmanager
    def write(self) -> Generator[Session]:
        """Give a session whose changes are committed at the end of the block, or all undone by an exception."""
        info: dict[str, Any] = {"vault": self.vault, "on_commit": [], "on_rollback": []}
        with self._in_turn(), Session(self._writing, expire_on_commit=False, info=info) as db:
            try:
                yield db
                db.commit()
            except BaseException:
                db.rollback()
                _call(info["on_rollback"])
                raise
        _call(info["on_commit"])

    @contextmanager
    def _in_turn(self) -> Generator[None]:
        # Whoever waited too long finds out from SQLite what is the matter.
        turn = self._turn
        has_turn = not self.is_postgresql and turn.acquire(timeout=BUSY_TIMEOUT_S)
        try:
            yield
        finally:
            if has_turn:
                turn.release()

    def close(self) -> None:
        self.engine.dispose()


def vault_of(db: Session) -> Vault:
    vault = db.info["vault"]
    assert isinstance(vault, Vault)
    return vault


def is_postgresql(db: Session) -> bool:
    return db.get_bind().dialect.name == "postgresql"


def on_commit(db: Session, action: Callable[[], object]) -> None:
    """Have something done outside the database once the block's changes are safe (a file deleted, say)."""
    db.info["on_commit"].append(action)


def on_rollback(db: Session, action: Callable[[], object]) -> None:
    """Have something undone outside the database when the block fails (a stored file removed, say)."""
    db.info["on_rollback"].append(action)


def _call(actions: list[Callable[[], object]]) -> None:
    for action in actions:
        action()


def connect(url: str, vault: Vault, pool_size: int = 10, *, waits_for_disk: bool = False) -> Database:
    """Open the database of this URL, `sqlite:///file` or `postgresql://...`; a SQLite file's folder is made. Nothing is migrated.

    `waits_for_disk` is for SQLite: a commit returns only when a loss of power cannot undo it. PostgreSQL decides that itself.
    """
    parsed = _with_driver(make_url(url))
    if parsed.get_backend_name() == "sqlite":
        return Database(_sqlite_engine(parsed, pool_size, "FULL" if waits_for_disk else "NORMAL"), vault)
    return Database(_postgresql_engine(parsed, pool_size), vault)


def _postgresql_engine(url: URL, pool_size: int) -> Engine:
    # The address may say otherwise, as libpq writes it.
    connect_args = {name: value for name, value in _NOTICED.items() if name not in url.query}
    engine = create_engine(url, pool_size=pool_size, max_overflow=pool_size, hide_parameters=True, connect_args=connect_args)
    event.listen(engine, "checkin", _note_use)
    event.listen(engine, "checkout", _check_life)
    return engine


def _note_use(_connection: Any, record: Any) -> None:
    record.info["used_at"] = time.monotonic()


def _check_life(connection: Any, record: Any, _fairy: object) -> None:
    """Ask whether a connection still lives: a restarted PostgreSQL must not fail a request. None is restarted as fast as this."""
    if time.monotonic() < record.info.get("used_at", 0.0) + LIVES_S:
        return
    from psycopg.pq import ExecStatus

    # The least that a server answers to, and outside of a transaction.
    if connection.pgconn.exec_(b"").status != ExecStatus.EMPTY_QUERY:
        # The pool opens another one.
        raise DisconnectionError("the connection was lost")


def _with_driver(url: URL) -> URL:
    backend = url.get_backend_name()
    if backend in ("postgresql", "postgres"):
        return url.set(drivername="postgresql+psycopg")
    if backend == "sqlite" and url.database not in (None, "", ":memory:"):
        return url
    raise InvalidError(f"a database address starts with sqlite:/// and a file, or with postgresql://, not with {url.drivername!r}")


def _sqlite_engine(url: URL, pool_size: int, synchronous: str) -> Engine:
    assert url.database is not None
    Path(url.database).parent.mkdir(parents=True, exist_ok=True)
    connect_args = {"timeout": BUSY_TIMEOUT_S}
    engine = create_engine(url, pool_size=pool_size, max_overflow=pool_size, hide_parameters=True, connect_args=connect_args)
    event.listen(engine, "connect", partial(_prepare_sqlite, synchronous))
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(synchronous: str, connection: Any, _record: object) -> None:
    # The driver's own transactions start too late and not IMMEDIATE; `_begin_sqlite` does it.
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in ("journal_mode=WAL", f"synchronous={synchronous}", "foreign_keys=ON", "temp_store=MEMORY", "cache_size=-16000"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()
    connection.create_function(SQLITE_FUNCTION, 1, _lower, deterministic=True)


def _lower(text: str | None) -> str | None:
    return None if text is None else text.lower()


def _begin_sqlite(connection: Connection) -> None:
    writes = connection.get_execution_options().get("galleria_access", "write") == "write"
    pooled = connection.connection
    if pooled.info.get("writes") is not writes:
        connection.exec_driver_sql(f"PRAGMA query_only={'OFF' if writes else 'ON'}")
        pooled.info["writes"] = writes
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
