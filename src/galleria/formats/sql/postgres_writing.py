"""Rows into a PostgreSQL table, in one transaction: all of them, with Pre and Post SQL, or nothing."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Protocol

import polars as pl

from galleria.errors import InvalidError
from galleria.fields.types import Field
from galleria.formats.sql.naming import quoted, quoted_table
from galleria.formats.sql.postgres_types import declaration
from galleria.formats.sql.writes import Action, Order

if TYPE_CHECKING:
    import psycopg

_PIECE_ROWS = 100_000
_STAGE = "galleria_rows"
_NUMBER = "galleria_row_number"


class Session(Protocol):
    connection: psycopg.Connection[tuple[object, ...]]

    def told(self, what: str) -> AbstractContextManager[None]: ...


def write_rows(session: Session, order: Order, rows: pl.DataFrame, fields: Sequence[Field]) -> None:
    """Do what the order says with rows in the form of `to_copy`."""
    table = quoted_table(order.table)
    with session.told("refused the rows"), session.connection.transaction():
        _execute(session, order.before)
        if order.action is Action.OVERWRITE:
            _execute(session, f"DROP TABLE IF EXISTS {table}")
        if order.action in (Action.CREATE, Action.OVERWRITE):
            columns = ", ".join(f"{quoted(field.name)} {declaration(field)}" for field in fields)
            _execute(session, f"CREATE TABLE {table} ({columns})")
        elif order.action is Action.EMPTY_AND_APPEND:
            _execute(session, f"DELETE FROM {table}")
        names = _column_names(session, table, fields)
        if order.action in (Action.UPDATE, Action.UPSERT):
            _merge(session, order, table, names, rows)
        else:
            _copy(session, table, names, rows)
        _execute(session, order.after)


def _execute(session: Session, statements: str) -> None:
    if statements.strip():
        session.connection.execute(statements.encode())


def _column_names(session: Session, table: str, fields: Sequence[Field]) -> list[str]:
    """The table's own columns for the fields, whatever their letter case. Raises InvalidError where one is missing."""
    found = session.connection.execute(
        "SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped ORDER BY attnum", [table]
    ).fetchall()
    there = [str(name) for (name,) in found]
    folded = {name.casefold(): name for name in there}
    names = [field.name if field.name in there else folded.get(field.name.casefold(), "") for field in fields]
    missing = [field.name for field, name in zip(fields, names, strict=True) if not name]
    if missing:
        raise InvalidError(f"the table {table} has no column {', '.join(missing)}")
    return names


def _key(session: Session, table: str) -> list[str]:
    found = session.connection.execute(
        "SELECT attname FROM pg_index JOIN pg_attribute ON attrelid = indrelid AND attnum = ANY(indkey)"
        " WHERE indisprimary AND indrelid = %s::regclass ORDER BY attnum",
        [table],
    ).fetchall()
    return [str(name) for (name,) in found]


def _copy(session: Session, table: str, names: Sequence[str], rows: pl.DataFrame) -> None:
    columns = ", ".join(quoted(name) for name in names)
    statement = f"COPY {table} ({columns}) FROM STDIN (FORMAT csv, NULL '\\N')".encode()
    with session.connection.cursor() as cursor, cursor.copy(statement) as copy:
        for piece in rows.iter_slices(_PIECE_ROWS):
            # Texts in quotes and Null without: the two are never the same.
            text = piece.write_csv(
                include_header=False, quote_style="non_numeric", null_value="\\N", datetime_format="%Y-%m-%d %H:%M:%S%.6f"
            )
            copy.write(text.encode())


def _merge(session: Session, order: Order, table: str, names: Sequence[str], rows: pl.DataFrame) -> None:
    """Update the rows with the same key and, for an upsert, insert the others. Of several rows with one key the last holds."""
    key = _key(session, table)
    if not key or not set(key) <= set(names):
        raise InvalidError(f"the table {table} is updated by its primary key, which it lacks or which the rows do not hold")
    columns = ", ".join(quoted(name) for name in names)
    _execute(session, f"CREATE TEMP TABLE {_STAGE} ON COMMIT DROP AS SELECT {columns} FROM {table} WHERE false")
    _execute(session, f"ALTER TABLE {_STAGE} ADD COLUMN {_NUMBER} bigserial")
    _copy(session, _STAGE, names, rows)
    keys = ", ".join(quoted(name) for name in key)
    newest = f"SELECT DISTINCT ON ({keys}) {columns} FROM {_STAGE} ORDER BY {keys}, {_NUMBER} DESC"
    rest = [name for name in names if name not in key]
    if order.action is Action.UPSERT:
        changes = ", ".join(f"{quoted(name)} = EXCLUDED.{quoted(name)}" for name in rest)
        on_conflict = f"DO UPDATE SET {changes}" if rest else "DO NOTHING"
        _execute(session, f"INSERT INTO {table} ({columns}) {newest} ON CONFLICT ({keys}) {on_conflict}")
        return
    same = " AND ".join(f"there.{quoted(name)} = given.{quoted(name)}" for name in key)
    strangers = f"SELECT count(*) FROM ({newest}) AS given WHERE NOT EXISTS (SELECT 1 FROM {table} AS there WHERE {same})"
    row = session.connection.execute(strangers.encode()).fetchone()
    if row and row[0]:
        raise InvalidError(f"the table {table} has no row for {row[0]} of the keys to update; nothing was changed")
    if rest:
        changes = ", ".join(f"{quoted(name)} = given.{quoted(name)}" for name in rest)
        _execute(session, f"UPDATE {table} AS there SET {changes} FROM ({newest}) AS given WHERE {same}")
