"""Null and what takes its place, messages, and things from outside of the row."""

from collections.abc import Sequence

import polars as pl

from galleria.formula.kinds import NULL
from galleria.formula.registry import Outcome, Site, function


@function("Null() -> Any", detailed=True)
def null(site: Site) -> Outcome:
    """Null, of whatever type is wanted."""
    return Outcome(pl.lit(None), type=NULL)


@function("Coalesce(values: T...) -> T")
def coalesce(values: Sequence[pl.Expr]) -> pl.Expr:
    """The first value that is not Null; all must be of one kind."""
    return pl.coalesce(values)
