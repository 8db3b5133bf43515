"""A session by a driver with Python's own database interface: rows are fetched and sent in batches, field types seen in values."""

from collections.abc import Generator, Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import polars as pl

from galleria.connecting.address import Address
from galleria.errors import GalleriaError, InvalidError, ToolError, UnsupportedError
from galleria.fields.names import unique_names
from galleria.fields.types import Field, FieldType
from galleria.formats.sql.drivers import Driver
from galleria.formats.sql.naming import quoted, quoted_table
from galleria.formats.sql.writes import Action, Order

_SAMPLE = 1_000
_BATCH = 20_000
_SEEN = (
    (bool, FieldType.BOOL),
    (int, FieldType.INT64),
    (float, FieldType.DOUBLE),
    (Decimal, FieldType.DOUBLE),
    (datetime, FieldType.DATETIME),
    (date, FieldType.DATE),
    (time, FieldType.TIME),
    (timedelta, FieldType.TIME),
    (bytes, FieldType.BLOB),
    (str, FieldType.V_WSTRING),
)
"""In this order: a bool is an int to Python, a datetime a date."""


class PlainSession:
    def __init__(self, driver: Driver, address: Address) -> None:
        self.driver = driver
        self.address = address
        with self._told("cannot be reached"):
            self.connection: Any = driver.connect(address)

    def run(self, statements: str) -> None:
        if not statements.strip():
            return
        with self._told("refused the statement"), closing(self.connection.cursor()) as cursor:
            cursor.execute(statements)
        self.connection.commit()

    def fields(self, query: str, source: str) -> tuple[Field, ...]:
        """The query is begun, and the types of its columns are those of its first 1,000 rows."""
        with self._told("refused the query"), closing(self.connection.cursor()) as cursor:
            cursor.execute(query)
            if cursor.description is None:
                raise InvalidError("the statement gives no table: put it into Pre SQL, and read a table or a query")
            description = [tuple(one) for one in cursor.description]
            sample = cursor.fetchmany(_SAMPLE)
        names = unique_names([str(one[0]) for one in description])
        return tuple(
            _seen_field(name, description[at], [row[at] for row in sample if row[at] is not None], source) for at, name in enumerate(names)
        )

    def rows(self, query: str, fields: Sequence[Field], limit: int) -> Iterator[pl.DataFrame]:
        left = limit or None
        with self._told("refused the query"), closing(self.connection.cursor()) as cursor:
            cursor.execute(query)
            while left is None or left > 0:
                batch = cursor.fetchmany(_BATCH if left is None else min(_BATCH, left))
                if not batch:
                    return
                left = None if left is None else left - len(batch)
                yield pl.DataFrame([_series(field, [row[at] for row in batch]) for at, field in enumerate(fields)])

    def write(self, order: Order, rows: pl.DataFrame, fields: Sequence[Field]) -> None:
        if order.action in (Action.UPDATE, Action.UPSERT):
            raise UnsupportedError(f"database {self.address.kind}", "updating by key: append, overwrite, or delete and append")
        try:
            with self._told("refused the rows"), closing(self.connection.cursor()) as cursor:
                self._write(cursor, order, rows, fields)
                self.connection.commit()
        except GalleriaError:
            self.connection.rollback()
            raise

    def _write(self, cursor: Any, order: Order, rows: pl.DataFrame, fields: Sequence[Field]) -> None:
        marks = self.driver.marks
        table = quoted_table(order.table, marks)
        if order.before.strip():
            cursor.execute(order.before)
        if order.action is Action.OVERWRITE:
            cursor.execute(self.driver.drops.format(table))
        if order.action in (Action.CREATE, Action.OVERWRITE):
            declared = (f"{quoted(one.name, marks)} {self.driver.declaration(one.type, one.size, one.scale)}" for one in fields)
            cursor.execute(f"CREATE TABLE {table} ({', '.join(declared)})")
        elif order.action is Action.EMPTY_AND_APPEND:
            cursor.execute(f"DELETE FROM {table}")
        names = ", ".join(quoted(field.name, marks) for field in fields)
        places = ", ".join(self.driver.place.format(at + 1) for at in range(len(fields)))
        statement = f"INSERT INTO {table} ({names}) VALUES ({places})"
        for piece in rows.iter_slices(_BATCH):
            cursor.executemany(statement, piece.rows())
        if order.after.strip():
            cursor.execute(order.after)

    @contextmanager
    def _told(self, what: str) -> Generator[None]:
        try:
            yield
        except GalleriaError:
            raise
        except Exception as error:
            # Every driver has a tree of errors of its own.
            text = " ".join(str(error).split())[:500] or type(error).__name__
            text = text.replace(self.address.password, "***") if len(self.address.password) > 2 else text
            raise ToolError(f"the database {self.address.kind}://{self.address.host}/{self.address.database} {what}: {text}") from error

    def close(self) -> None:
        self.connection.close()


def _seen_field(name: str, described: Sequence[Any], values: Sequence[object], source: str) -> Field:
    kinds = {next((kind for seen, kind in _SEEN if isinstance(value, seen)), FieldType.V_WSTRING) for value in values}
    precision, scale = (described[4], described[5]) if len(described) > 5 else (None, None)
    if values and all(isinstance(value, Decimal) for value in values) and precision and scale is not None and scale <= precision <= 38:
        return Field(name, FieldType.FIXED_DECIMAL, max(precision + 1 + (scale > 0), scale + 2), scale, source=source)
    if kinds == {FieldType.INT64, FieldType.DOUBLE}:
        return Field(name, FieldType.DOUBLE, source=source)
    return Field(name, kinds.pop() if len(kinds) == 1 else FieldType.V_WSTRING, source=source)


def _series(field: Field, values: list[Any]) -> pl.Series:
    """The values as the field's; raises InvalidError where one is of another kind than those seen first."""
    try:
        if field.type.is_text:
            return pl.Series(field.name, [value if value is None or isinstance(value, str) else str(value) for value in values], pl.String)
        if field.type is FieldType.DOUBLE:
            return pl.Series(field.name, [None if value is None else float(value) for value in values], pl.Float64)
        if field.type is FieldType.TIME:
            moments = [(datetime.min + value).time() if isinstance(value, timedelta) else value for value in values]
            return pl.Series(field.name, moments, pl.Time)
        return pl.Series(field.name, values, field.dtype)
    except (TypeError, ValueError, OverflowError, pl.exceptions.PolarsError) as error:
        raise InvalidError(f'The column "{field.name}" holds values that are no {field.type}: cast them in the query.') from error
