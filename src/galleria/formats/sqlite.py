"""SQLite: a table or a query is read; tables are made, replaced, emptied and filled."""

import sqlite3
from collections.abc import Generator, Iterator, Sequence
from contextlib import closing, contextmanager
from shutil import copyfile

import polars as pl
from polars.io.plugins import register_io_source

from galleria.errors import InvalidError, UnsupportedError
from galleria.fields.columns import columns
from galleria.fields.names import unique_names
from galleria.fields.types import Field
from galleria.formats.format import Circumstances, Content, Format, Source, Target, Writing
from galleria.formats.options import Options
from galleria.formats.sql.sqlite_merge import merge_rows
from galleria.formats.sql.sqlite_types import column_declaration, declared_field, seen_field, series_of, stored_value
from galleria.formats.sql.writes import Action, Order, order_of
from galleria.table.table import Table

_BATCH = 50_000
_SAMPLE = 1_000
"""Rows of a query that are looked at for the types of its columns."""
_HEADER = b"SQLite format 3\0"
_READING = {sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ, sqlite3.SQLITE_FUNCTION, sqlite3.SQLITE_RECURSIVE, sqlite3.SQLITE_PRAGMA}


class Sqlite(Format):
    name = "SQLite"
    codes = (36,)
    extensions = (".sqlite", ".sqlite3", ".db", ".db3")

    def read(self, source: Source, options: Options, around: Circumstances) -> Content:
        """The part is a table or a query. A column's type is what it declares; a query's are those of its first 1,000 rows."""
        with source.path.open("rb") as file:
            head = file.read(len(_HEADER))
        if head not in (_HEADER, b""):
            raise InvalidError(f'"{source.name}" cannot be read: it is damaged or no SQLite database')
        if options.text("PreSQL").strip() or options.text("PostSQL").strip():
            raise UnsupportedError("format SQLite", "Pre and Post SQL of an input are not supported: a database is opened for reading only")
        reading = _Reading(source, _query(source))
        fields = reading.fields()
        frame = register_io_source(reading.batches(fields), schema={field.name: field.dtype for field in fields})
        return Content(Table(frame, fields))

    def write(self, table: Table, target: Target, options: Options, around: Circumstances) -> Writing:
        """The part is the table. All rows are written or, where one fails, none."""
        if not target.part:
            raise InvalidError(f'"{target.name}" needs the name of a table behind |||.')
        order = order_of(target.part, options)

        def finish(rows: pl.DataFrame) -> None:
            if not target.path.exists() and target.previous is not None:
                copyfile(target.previous, target.path)
            _write(target, rows, table.fields, order)

        return Writing(table.frame.select(stored_value(field) for field in table.fields), finish)


class _Reading:
    def __init__(self, source: Source, query: str) -> None:
        self.source = source
        self.query = query

    def fields(self) -> tuple[Field, ...]:
        origin = f"File: {self.source.name}|||{self.source.part}"
        with closing(self._connection()) as connection, self._told():
            declared = {str(row[1]): str(row[2] or "") for row in connection.execute(f"PRAGMA table_info({_quoted(self.source.part)})")}
            cursor = connection.execute(self.query)
            names = [str(one[0]) for one in cursor.description]
            sample = cursor.fetchmany(_SAMPLE)
        fields = (
            declared_field(name, declared.get(name, ""), origin) or seen_field(name, [row[at] for row in sample], origin)
            for at, name in enumerate(names)
        )
        return tuple(field.renamed(name) for field, name in zip(fields, unique_names(names), strict=True))

    def batches(self, fields: Sequence[Field]):
        def source(
            with_columns: list[str] | None, predicate: pl.Expr | None, n_rows: int | None, batch_size: int | None
        ) -> Iterator[pl.DataFrame]:
            names = [field.name for field in fields] if with_columns is None else with_columns
            left = n_rows
            with closing(self._connection()) as connection, self._told():
                cursor = connection.execute(self.query)
                while left is None or left > 0:
                    rows = cursor.fetchmany(_BATCH if left is None else min(_BATCH, left))
                    if not rows:
                        return
                    left = None if left is None else left - len(rows)
                    wanted = [(at, field) for at, field in enumerate(fields) if field.name in names]
                    frame = pl.DataFrame([series_of([row[at] for row in rows], field) for at, field in wanted]).select(columns(names))
                    yield frame if predicate is None else frame.filter(predicate)

        return source

    def _connection(self) -> sqlite3.Connection:
        path = self.source.path.absolute()
        # What was written last may wait beside the file: SQLite adds it, or says that it cannot.
        waits = path.with_name(f"{path.name}-wal").exists()
        connection = sqlite3.connect(f"{path.as_uri()}?mode=ro{'' if waits else '&immutable=1'}", uri=True, check_same_thread=False)
        connection.set_authorizer(_may_read)
        return connection

    @contextmanager
    def _told(self) -> Generator[None]:
        try:
            yield
        except (sqlite3.Error, sqlite3.Warning, UnicodeError) as error:
            raise InvalidError(f'"{self.source.name}" cannot be read: {error}') from error


def _may_read(action: int, *_: str | None) -> int:
    """A query may read this database and nothing else."""
    return sqlite3.SQLITE_OK if action in _READING else sqlite3.SQLITE_DENY


def _may_write(action: int, *_: str | None) -> int:
    return sqlite3.SQLITE_DENY if action == sqlite3.SQLITE_ATTACH else sqlite3.SQLITE_OK


def _query(source: Source) -> str:
    part = source.part.strip().rstrip(";")
    if not part:
        raise InvalidError(f'"{source.name}" needs the name of a table, or a query, behind |||.')
    is_query = part.split(None, 1)[0].upper() in ("SELECT", "WITH", "VALUES")
    return part if is_query else f"SELECT * FROM {_quoted(part)}"


def _quoted(name: str) -> str:
    plain = name.strip()
    for opening, closing_ in (("`", "`"), ('"', '"'), ("[", "]"), ("'", "'")):
        if len(plain) > 1 and plain.startswith(opening) and plain.endswith(closing_):
            plain = plain[1:-1]
            break
    return '"' + plain.replace('"', '""') + '"'


def _write(target: Target, rows: pl.DataFrame, fields: Sequence[Field], order: Order) -> None:
    table = _quoted(target.part)
    columns = ", ".join(f"{_quoted(field.name)} {column_declaration(field)}" for field in fields)
    names = ", ".join(_quoted(field.name) for field in fields)
    try:
        with closing(sqlite3.connect(target.path, isolation_level=None)) as connection:
            connection.set_authorizer(_may_write)
            connection.execute("BEGIN")
            _run(connection, order.before)
            if order.action is Action.OVERWRITE:
                connection.execute(f"DROP TABLE IF EXISTS {table}")
            if order.action in (Action.CREATE, Action.OVERWRITE):
                connection.execute(f"CREATE TABLE {table} ({columns})")
            elif order.action is Action.EMPTY_AND_APPEND:
                connection.execute(f"DELETE FROM {table}")
            if order.action in (Action.UPDATE, Action.UPSERT):
                merge_rows(connection, table, [one.name for one in fields], rows, inserts=order.action is Action.UPSERT)
            else:
                places = ", ".join("?" * len(fields))
                connection.executemany(f"INSERT INTO {table} ({names}) VALUES ({places})", rows.iter_rows())
            _run(connection, order.after)
            connection.execute("COMMIT")
    except (sqlite3.Error, sqlite3.Warning) as error:
        raise InvalidError(f'"{target.name}|||{target.part}" cannot be written: {error}') from error


def _run(connection: sqlite3.Connection, statements: str) -> None:
    """Run statements that the workflow holds, one by one: what they change belongs to the same transaction."""
    rest = statements.strip()
    while rest:
        end = next((at + 1 for at, one in enumerate(rest) if one == ";" and sqlite3.complete_statement(rest[: at + 1])), len(rest))
        connection.execute(rest[:end])
        rest = rest[end:].strip()
