"""The database's clock as an expression, so that machines whose clocks differ agree on leases."""

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Float, ScalarSelect, literal, select
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import InstrumentedAttribute
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

from galleria.database.base import UtcDateTime


class _FromNow(FunctionElement[datetime]):
    type = UtcDateTime()
    inherit_cache = True


def from_now(seconds: float | ColumnElement[float] = 0) -> ColumnElement[datetime]:
    """Give the moment so many seconds after (or, negative, before) the moment in which the statement runs."""
    return _FromNow(literal(float(seconds)) if isinstance(seconds, int | float) else seconds)


def once_now() -> ScalarSelect[datetime]:
    """Give this moment as one value for the whole statement: to find rows by an index, which PostgreSQL does by no clock that moves on."""
    return select(from_now()).scalar_subquery()


@compiles(_FromNow, "postgresql")
def _postgresql(element: _FromNow, compiler: SQLCompiler, **kwargs: Any) -> str:
    # clock_timestamp(), not now(): a claim may have waited inside its transaction.
    return f"(clock_timestamp() + make_interval(secs => {compiler.process(element.clauses, **kwargs)}))"


@compiles(_FromNow, "sqlite")
def _sqlite(element: _FromNow, compiler: SQLCompiler, **kwargs: Any) -> str:
    # The same text that SQLAlchemy stores, so that moments compare as text.
    return f"strftime('%Y-%m-%d %H:%M:%f000', 'now', ({compiler.process(element.clauses, **kwargs)}) || ' seconds')"


class _Between(FunctionElement[float]):
    type = Float()
    inherit_cache = True


def seconds_between(
    earlier: ColumnElement[Any] | InstrumentedAttribute[Any], later: ColumnElement[Any] | InstrumentedAttribute[Any]
) -> ColumnElement[float]:
    """Give the seconds from the one moment to the other; Null where one of them is."""
    return _Between(earlier, later)


@compiles(_Between, "postgresql")
def _postgresql_between(element: _Between, compiler: SQLCompiler, **kwargs: Any) -> str:
    earlier, later = (compiler.process(one, **kwargs) for one in element.clauses)
    return f"CAST(EXTRACT(EPOCH FROM ({later} - {earlier})) AS double precision)"


@compiles(_Between, "sqlite")
def _sqlite_between(element: _Between, compiler: SQLCompiler, **kwargs: Any) -> str:
    earlier, later = (compiler.process(one, **kwargs) for one in element.clauses)
    return f"((julianday({later}) - julianday({earlier})) * 86400.0)"
