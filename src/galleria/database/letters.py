"""Texts compared without regard to the letters' case, on both databases."""

from typing import Any

from sqlalchemy import ColumnElement, Integer, String, func, literal, type_coerce
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import InstrumentedAttribute
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

SQLITE_FUNCTION = "lower_unicode"
"""Given to every SQLite connection: SQLite's own `lower` knows the letters of ASCII only."""


class _Lower(FunctionElement[str]):
    type = String()
    inherit_cache = True


@compiles(_Lower)
def _default(element: _Lower, compiler: SQLCompiler, **kwargs: Any) -> str:
    return f"lower({compiler.process(element.clauses, **kwargs)})"


@compiles(_Lower, "sqlite")
def _sqlite(element: _Lower, compiler: SQLCompiler, **kwargs: Any) -> str:
    return f"{SQLITE_FUNCTION}({compiler.process(element.clauses, **kwargs)})"


class _Position(FunctionElement[int]):
    type = Integer()
    inherit_cache = True


@compiles(_Position)
def _strpos(element: _Position, compiler: SQLCompiler, **kwargs: Any) -> str:
    return f"strpos({compiler.process(element.clauses, **kwargs)})"


@compiles(_Position, "sqlite")
def _instr(element: _Position, compiler: SQLCompiler, **kwargs: Any) -> str:
    return f"instr({compiler.process(element.clauses, **kwargs)})"


def holds(column: InstrumentedAttribute[str], text: str) -> ColumnElement[bool]:
    """Say whether a column that was stored in lower case holds this text: faster than `contains`, for long lists."""
    return _Position(column, literal(text.replace("\0", "").lower())) > 0


def contains(column: ColumnElement[Any] | InstrumentedAttribute[Any], text: str) -> ColumnElement[bool]:
    """Say whether a column holds this text, in any letter case; `%` and `_` mean themselves."""
    wanted = text.replace("\0", "").lower()
    # A text of ASCII is found by SQLite itself, some times faster.
    lower = func.lower(column) if wanted.isascii() else _Lower(column)
    return type_coerce(lower, String).contains(wanted, autoescape=True)
