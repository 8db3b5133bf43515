"""Rows of a SQLite table updated by its primary key, within the transaction that the caller began."""

import sqlite3
from collections.abc import Sequence

import polars as pl

from galleria.errors import InvalidError
from galleria.formats.sql.naming import quoted

_STAGE = "temp.galleria_rows"


def merge_rows(connection: sqlite3.Connection, table: str, names: Sequence[str], rows: pl.DataFrame, *, inserts: bool) -> None:
    """Update the rows with the same key; others are inserted or fail all. `table` stands in quotes. Of rows with one key the last holds."""
    key = [str(row[1]) for row in connection.execute(f"PRAGMA table_info({table})") if row[5]]
    folded = {name.casefold(): name for name in names}
    if not key or not {name.casefold() for name in key} <= folded.keys():
        raise InvalidError(f"the table {table} is updated by its primary key, which it lacks or which the rows do not hold")
    key = [folded[name.casefold()] for name in key]
    columns, keys = ", ".join(map(quoted, names)), ", ".join(map(quoted, key))
    connection.execute(f"CREATE TEMP TABLE galleria_rows AS SELECT {columns} FROM {table} WHERE 0")
    places = ", ".join("?" * len(names))
    connection.executemany(f"INSERT INTO {_STAGE} ({columns}) VALUES ({places})", rows.iter_rows())
    connection.execute(f"DELETE FROM {_STAGE} WHERE rowid NOT IN (SELECT max(rowid) FROM {_STAGE} GROUP BY {keys})")
    if not inserts:
        same = " AND ".join(f"there.{quoted(name)} = given.{quoted(name)}" for name in key)
        query = f"SELECT count(*) FROM {_STAGE} AS given WHERE NOT EXISTS (SELECT 1 FROM {table} AS there WHERE {same})"
        strangers = connection.execute(query).fetchone()[0]
        if strangers:
            raise InvalidError(f"the table {table} has no row for {strangers} of the keys to update; nothing was changed")
    changes = ", ".join(f"{quoted(name)} = excluded.{quoted(name)}" for name in names if name not in key)
    action = f"DO UPDATE SET {changes}" if changes else "DO NOTHING"
    # Without a condition, SQLite takes ON CONFLICT for a join's ON.
    connection.execute(f"INSERT INTO {table} ({columns}) SELECT {columns} FROM {_STAGE} WHERE 1 ON CONFLICT ({keys}) {action}")
    connection.execute(f"DROP TABLE {_STAGE}")
