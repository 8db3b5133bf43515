"""Bells between processes: one rings when it has committed, others wait for it.

PostgreSQL's NOTIFY carries the ring; on SQLite a waiter watches the file's change counter, so every commit rings every bell.
A waiter must look for itself what there is to do: rings may be missed while nobody listens, and may mean nothing.
"""

import time
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from galleria.database.connect import Database

_POLL_S = 0.02


def ring(db: Session, channel: str) -> None:
    """Ring when the transaction commits."""
    if db.get_bind().dialect.name == "postgresql":
        db.execute(text("SELECT pg_notify(:channel, '')"), {"channel": channel})


class Bell:
    """Waits for rings; keeps a connection of its own. Start to listen first, then look for work, then wait."""

    def __init__(self, database: Database, channel: str) -> None:
        self._database = database
        self._channel = channel
        self._connection: Any = None
        self._version = 0

    def listen(self) -> None:
        """Begin to hear rings; `wait` does it by itself, but what rang before is not heard."""
        if self._connection is not None:
            return
        # Detached: the pool neither waits for it nor hands it to anybody else.
        pooled = self._database.engine.raw_connection()
        pooled.detach()
        self._connection = pooled.dbapi_connection
        if self._database.is_postgresql:
            self._connection.autocommit = True
            self._connection.execute(f'LISTEN "{self._channel}"')
        else:
            self._version = self._data_version()

    def wait(self, timeout_s: float) -> bool:
        """Wait for a ring; True when there was one since the last wait."""
        self.listen()
        return self._wait_for_notify(timeout_s) if self._database.is_postgresql else self._watch_file(timeout_s)

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _wait_for_notify(self, timeout_s: float) -> bool:
        import psycopg

        try:
            rang = any(True for _ in self._connection.notifies(timeout=timeout_s, stop_after=1))
            # Rings that came together are one.
            for _ in self._connection.notifies(timeout=0):
                pass
        except psycopg.OperationalError:
            # The database went away; whoever waits will see that himself, and the next wait connects anew.
            self.close()
            time.sleep(min(timeout_s, 1.0))
            return True
        return rang

    def _watch_file(self, timeout_s: float) -> bool:
        deadline = time.monotonic() + timeout_s
        while True:
            version = self._data_version()
            if version != self._version:
                self._version = version
                return True
            remaining_s = deadline - time.monotonic()
            if remaining_s <= 0:
                return False
            time.sleep(min(_POLL_S, remaining_s))

    def _data_version(self) -> int:
        return self._connection.execute("PRAGMA data_version").fetchone()[0]
