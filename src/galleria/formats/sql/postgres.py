"""PostgreSQL: a session, what a query gives, and its rows by COPY, which Polars reads as text in pieces."""

from __future__ import annotations

import importlib
import os
import select
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, cast

import polars as pl

from galleria.connecting.address import Address
from galleria.connecting.known import Databases
from galleria.errors import InvalidError, ToolError, UnsupportedError
from galleria.fields.names import unique_names
from galleria.fields.types import Field
from galleria.formats.sql.postgres_types import from_copy, read_field
from galleria.formats.sql.postgres_writing import write_rows
from galleria.formats.sql.relay import relayed_host
from galleria.formats.sql.writes import Order

if TYPE_CHECKING:
    import psycopg
    from psycopg import pq

_PIECE_BYTES = 1 << 22
_CONNECT_S = 30
_SESSION = "SET datestyle = 'ISO, YMD'; SET timezone = 'UTC'; SET bytea_output = 'hex'; SET intervalstyle = 'iso_8601'"


class PostgresSession:
    """A connection to one PostgreSQL database, without a transaction of its own. Errors are told in the server's words."""

    def __init__(self, address: Address, known: Databases, *, read_only: bool = False) -> None:
        self.address = address
        with self.told("cannot be reached"):
            self.connection = _connected(address, known)
            self.connection.execute(_SESSION)
            if read_only:
                self.connection.execute("SET default_transaction_read_only = on")

    def run(self, statements: str) -> None:
        """Run statements that the workflow holds; what they give is dropped."""
        if statements.strip():
            with self.told("refused the statement"):
                self.connection.execute(statements.encode())

    def fields(self, query: str, source: str) -> tuple[Field, ...]:
        """What the query gives, worked out by the server without running it."""
        inner = self.connection.pgconn
        with self.told("refused the query"):
            inner.send_prepare(b"", query.encode())
            self._answer()
            inner.send_describe_prepared(b"")
            answer = self._answer()
        if not answer.nfields:
            raise InvalidError("the statement gives no table: put it into Pre SQL, and read a table or a query")
        names = [(answer.fname(at) or b"").decode() or f"Field_{at + 1}" for at in range(answer.nfields)]
        fields = [read_field(name, answer.ftype(at), answer.fmod(at), source) for at, name in enumerate(names)]
        return tuple(field.renamed(name) for field, name in zip(fields, unique_names(names), strict=True))

    def _answer(self) -> pq.abc.PGresult:
        """Wait for what was sent; the driver's functions that send and wait in one keep the relay's thread from working."""
        from psycopg.generators import execute

        psycopg = driver()
        found = self.connection.wait(execute(self.connection.pgconn))
        status = psycopg.pq.ExecStatus
        if found[-1].status not in (status.COMMAND_OK, status.TUPLES_OK, status.COPY_OUT):
            raise psycopg.errors.error_from_result(found[-1])
        return found[-1]

    def rows(self, query: str, fields: Sequence[Field], limit: int) -> Iterator[pl.DataFrame]:
        """The rows of the query in pieces of some megabytes; at most `limit`, 0 for all."""
        limited = f"SELECT * FROM ({query}\n) AS wanted LIMIT {limit}" if limit else query
        with self.told("refused the query"):
            self.connection.pgconn.send_query(f"COPY ({limited}\n) TO STDOUT".encode())
            self._answer()
            for piece in _pieces(self.connection.pgconn):
                yield _frame(piece, fields)
            self._answer()

    def write(self, order: Order, rows: pl.DataFrame, fields: Sequence[Field]) -> None:
        write_rows(self, order, rows, fields)

    @contextmanager
    def told(self, what: str) -> Generator[None]:
        """Turn the driver's errors into ours."""
        psycopg = driver()
        try:
            yield
        except (psycopg.Error, OSError, UnicodeError) as error:
            raise ToolError(f"the database {told_place(self.address)} {what}: {told_error(error, self.address)}") from error

    def close(self) -> None:
        self.connection.close()


def driver() -> psycopg:  # pyright: ignore[reportGeneralTypeIssues] - the module as its own type
    try:
        return cast("psycopg", importlib.import_module("psycopg"))  # pyright: ignore[reportGeneralTypeIssues] - the module as its own type
    except ImportError as error:
        raise UnsupportedError("database postgresql", "the driver psycopg is not installed: pip install 'galleria[postgres]'") from error


def told_place(address: Address) -> str:
    """A database for a message: kind, host and name, never who logs in."""
    port = f":{address.port}" if address.port else ""
    return f"{address.kind}://{address.host}{port}/{address.database}"


def told_error(error: BaseException, address: Address) -> str:
    """A driver's error in one line, without the password."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    text = " ".join(lines[:3]) or type(error).__name__
    return text.replace(address.password, "***") if len(address.password) > 2 else text


def _connected(address: Address, known: Databases) -> psycopg.Connection[tuple[object, ...]]:
    host, port = address.host or "localhost", address.port or 5432
    is_socket = host.startswith(("/", "@"))
    if known.connect is not None and is_socket:
        raise ToolError("a run on a server reaches databases by host and port only")
    if not 0 < port < 65536:
        raise InvalidError(f"a port is a number from 1 to 65535, not {port}")
    reached = host if known.connect is None else relayed_host(known.connect, host, port, address.ssl_mode)
    return driver().connect(
        host=reached,
        port=port,
        dbname=address.database or address.user or "postgres",
        user=address.user or None,
        password=address.password or None,
        connect_timeout=_CONNECT_S,
        application_name="galleria",
        client_encoding="utf8",
        autocommit=True,
        # Of no meaning on the socket of a relay, which has seen to it.
        sslmode=address.ssl_mode or "prefer",
        # What this machine's own users keep for themselves is for no server that a workflow names.
        passfile=None if known.connect is None else os.devnull,
    )


def _pieces(inner: pq.abc.PGconn) -> Iterator[bytes]:
    """Whole rows, some megabytes at once. The server sends them one by one, and the driver's own loop is slow at that."""
    held: list[bytes | memoryview] = []
    size = 0
    while True:
        length, row = inner.get_copy_data(1)
        if length > 0:
            held.append(row)
            size += length
            if size >= _PIECE_BYTES:
                yield b"".join(held)
                held, size = [], 0
        elif length == 0:
            select.select([inner.socket], [], [])
            inner.consume_input()
        else:
            break
    if held:
        yield b"".join(held)


def _frame(piece: bytes, fields: Sequence[Field]) -> pl.DataFrame:
    texts = pl.read_csv(
        piece,
        has_header=False,
        separator="\t",
        quote_char=None,
        null_values="\\N",
        empty_string_is_null=False,
        schema={field.name: pl.String() for field in fields},
    )
    try:
        return texts.select(from_copy(field) for field in fields)
    except pl.exceptions.PolarsError as error:
        raise InvalidError(f"the database gave a value that its field cannot hold: {str(error).splitlines()[0]}") from error
