"""Bells between processes: one rings when it has committed, others wait for it.

PostgreSQL's NOTIFY carries the ring. On SQLite a ring counts up a half of the file's own number (`user_version`, which nothing else
uses); a waiter looks at it whenever the log is written to, or every few milliseconds where that cannot be noticed. Half of
all channels share a counter there.
A waiter must look for itself what there is to do: rings may be missed while nobody listens, and may mean nothing.
"""

import time
import zlib
from pathlib import Path
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from galleria.database.connect import Database, is_postgresql
from galleria.database.file_watch import FileWatch, find_watch

_NOTIFY = text("SELECT pg_notify(:channel, '')")
_BITS = 15
_MOST_RINGS = 1 << _BITS
_POLL_S = 0.02
_COMMIT_WITHIN_S = 0.01
"""The log is written to just before the change counter moves."""
_COMMIT_POLL_S = 0.0005
_DOUBT_S = 1.0
"""A writer can lose the processor between the two; the counter moves without any further sign, so it is looked at for so long."""


def ring(db: Session, channel: str) -> None:
    """Ring when the transaction commits."""
    if is_postgresql(db):
        db.execute(_NOTIFY, {"channel": channel})
    else:
        connection = db.connection()
        numbers = connection.exec_driver_sql("PRAGMA user_version").scalar_one()
        shift = _shift(channel)
        rings = _rings(numbers, shift)
        connection.exec_driver_sql(f"PRAGMA user_version = {numbers + (((rings + 1) % _MOST_RINGS - rings) << shift)}")


def _shift(channel: str) -> int:
    return _BITS * (zlib.crc32(channel.encode()) >> 2 & 1)


def _rings(numbers: int, shift: int) -> int:
    return numbers >> shift & (_MOST_RINGS - 1)


class Bell:
    """Waits for rings; keeps a connection of its own. Start to listen first, then look for work, then wait."""

    def __init__(self, database: Database, channel: str) -> None:
        self._database = database
        self._channel = channel
        self._connection: Any = None
        self._version = self._rings = 0
        self._doubt_until = 0.0
        self._watch: FileWatch | None = None

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
            self._version, self._rings = self._number("data_version"), self._count()
            assert self._database.engine.url.database is not None
            # Reading made sure that the log is there; it stays the same file while a connection is open.
            self._watch = find_watch(Path(f"{self._database.engine.url.database}-wal"))

    def wait(self, timeout_s: float) -> bool:
        """Wait for a ring; True when there was one since the last wait."""
        self.listen()
        return self._wait_for_notify(timeout_s) if self._database.is_postgresql else self._watch_file(timeout_s)

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None
        if self._watch is not None:
            self._watch.close()
            self._watch = None

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
            if self._is_new() and self._rang():
                return True
            now = time.monotonic()
            if (remaining_s := deadline - now) <= 0:
                return False
            if self._watch is None:
                time.sleep(min(_POLL_S, remaining_s))
            elif self._watch.wait(min(_POLL_S, remaining_s) if now < self._doubt_until else remaining_s):
                self._doubt_until = time.monotonic() + _DOUBT_S
                self._settle()

    def _settle(self) -> None:
        """The log was written to: wait until the commit can be seen."""
        until = time.monotonic() + _COMMIT_WITHIN_S
        while self._number("data_version") == self._version and time.monotonic() < until:
            time.sleep(_COMMIT_POLL_S)

    def _is_new(self) -> bool:
        version, self._version = self._version, self._number("data_version")
        return version != self._version

    def _rang(self) -> bool:
        rings, self._rings = self._rings, self._count()
        return rings != self._rings

    def _count(self) -> int:
        return _rings(self._number("user_version"), _shift(self._channel))

    def _number(self, name: str) -> int:
        return self._connection.execute(f"PRAGMA {name}").fetchone()[0]
