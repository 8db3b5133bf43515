"""What a session with a database does for reading and writing, whatever its driver."""

from collections.abc import Iterator, Sequence
from typing import Protocol

import polars as pl

from galleria.fields.types import Field
from galleria.formats.sql.writes import Order


class Session(Protocol):
    def run(self, statements: str) -> None:
        """Run statements that the workflow holds; what they give is dropped."""
        ...

    def fields(self, query: str, source: str) -> tuple[Field, ...]: ...

    def rows(self, query: str, fields: Sequence[Field], limit: int) -> Iterator[pl.DataFrame]:
        """The rows of the query in pieces; at most `limit`, 0 for all."""
        ...

    def write(self, order: Order, rows: pl.DataFrame, fields: Sequence[Field]) -> None:
        """Do what the order says, in one transaction where the database has them."""
        ...

    def close(self) -> None: ...
