"""Columns by their exact names, whatever characters these have."""

from collections.abc import Iterable
from functools import lru_cache

import polars as pl
import polars.selectors as cs


@lru_cache(maxsize=4096)
def column(name: str) -> pl.Expr:
    """The column of exactly that name: `pl.col` would take `*` and `^...$` for patterns."""
    is_pattern = name == "*" or (name.startswith("^") and name.endswith("$"))
    return cs.by_name(name).as_expr() if is_pattern else pl.col(name)


def columns(names: Iterable[str]) -> list[pl.Expr]:
    return [column(name) for name in names]
