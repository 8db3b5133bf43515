"""Tables out of databases and into them, whichever driver leads there."""

import threading
from collections.abc import Iterator, Sequence
from contextlib import closing
from itertools import chain
from pathlib import Path
from weakref import finalize

import polars as pl
from polars.io.plugins import register_io_source

from galleria.connecting.address import Address, address_of, shown
from galleria.connecting.known import Databases
from galleria.errors import ToolError, UnsupportedError
from galleria.fields.columns import column
from galleria.fields.types import Field
from galleria.formats.format import Circumstances, Content, Writing
from galleria.formats.options import Options
from galleria.formats.sql.drivers import DRIVERS
from galleria.formats.sql.naming import query_of
from galleria.formats.sql.plain import PlainSession
from galleria.formats.sql.postgres import PostgresSession
from galleria.formats.sql.postgres_types import to_copy
from galleria.formats.sql.session import Session
from galleria.formats.sql.writes import order_of
from galleria.table.geojson import geojson_from_wkb
from galleria.table.table import Table

_HELD_BYTES = 64 << 20
"""Rows that are kept in memory; each time they are more they move to a temporary file."""


def read_database(name: str, part: str, options: Options, around: Circumstances) -> Content:
    """A table, or what a query gives. Pre SQL runs at once, the query and Post SQL when rows are first wanted, and only then.

    The SQL is the document's and runs with the rights of whoever the connection logs in. Raises ToolError where the database
    cannot be reached or refuses, UnsupportedError for one without a driver.
    """
    if around.checking:
        raise ToolError("a check connects to no database")
    address = address_of(name, around.databases)
    query = query_of(part, _marks(address))
    session = open_session(address, around.databases, read_only=options.flag("SessionReadOnly"))
    try:
        session.run(options.text("PreSQL"))
        fields = session.fields(query, f"Database: {shown(name)}|||{part}"[:1000])
    except BaseException:
        session.close()
        raise
    reading = _Reading(session, query, fields, around, options.text("PostSQL"))
    return Content(Table(register_io_source(reading.batches, schema={field.name: field.dtype for field in fields}), fields))


def write_database(table: Table, name: str, part: str, options: Options, around: Circumstances) -> Writing:
    """How rows get into a table: all of them, with Pre and Post SQL, in one transaction where the database allows."""
    order = order_of(part, options)

    def finish(rows: pl.DataFrame) -> None:
        address = address_of(name, around.databases)
        with closing(open_session(address, around.databases)) as session:
            session.write(order, rows, table.fields)

    return Writing(table.frame.select(_as_sent(field, name, around) for field in table.fields), finish)


def open_session(address: Address, known: Databases, *, read_only: bool = False) -> Session:
    """Connect; raises UnsupportedError for a kind of database that this run cannot reach."""
    if address.kind == "postgresql":
        return PostgresSession(address, known, read_only=read_only)
    driver = DRIVERS.get(address.kind)
    if driver is None:
        raise UnsupportedError(f"database {address.kind}", "databases of this kind are not supported here")
    if known.connect is not None:
        raise UnsupportedError(
            f"database {address.kind}",
            "a run on a server reaches PostgreSQL only: the driver for this kind makes connections of its own, which the fence refuses",
        )
    return PlainSession(driver, address)


def _marks(address: Address) -> str:
    return DRIVERS[address.kind].marks if address.kind in DRIVERS else '""'


def _as_sent(field: Field, name: str, around: Circumstances) -> pl.Expr:
    if not around.checking and address_of(name, around.databases).kind == "postgresql":
        return to_copy(field)
    value = column(field.name)
    return value.map_elements(geojson_from_wkb, return_dtype=pl.String) if field.type.value == "SpatialObj" else value


class _Reading:
    """Rows that are fetched once, however often they are wanted: a second query might give others."""

    def __init__(self, session: Session, query: str, fields: Sequence[Field], around: Circumstances, after: str) -> None:
        self.session, self.query, self.fields, self.around, self.after = session, query, fields, around, after
        self.lock = threading.Lock()
        self.is_fetched = False
        self.stored: list[Path] = []
        self.held: list[pl.DataFrame] = []
        """What follows upon the stored ones."""
        self.closing = finalize(self, session.close)

    def batches(
        self, with_columns: list[str] | None, predicate: pl.Expr | None, n_rows: int | None, batch_size: int | None
    ) -> Iterator[pl.DataFrame]:
        with self.lock:
            if not self.is_fetched:
                self._fetch()
        left = n_rows
        for piece in chain(map(_stored, self.stored), self.held):
            if left is not None:
                if left <= 0:
                    return
                piece = piece.head(left)
                left -= len(piece)
            chosen = piece if with_columns is None else piece.select(column(name) for name in with_columns)
            yield chosen if predicate is None else chosen.filter(predicate)

    def _fetch(self) -> None:
        size = 0
        try:
            for piece in self.session.rows(self.query, self.fields, self.around.record_limit):
                self.held.append(piece)
                size += piece.estimated_size()
                if size > _HELD_BYTES:
                    self.stored.append(self.around.temporary(".arrow"))
                    pl.concat(self.held).write_ipc(self.stored[-1])
                    self.held, size = [], 0
            self.session.run(self.after)
        finally:
            self.closing()
        self.is_fetched = True


def _stored(path: Path) -> pl.DataFrame:
    return pl.read_ipc(path)
