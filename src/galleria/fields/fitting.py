"""Texts of several fields fitted at once: whole batches are looked at, and the exact way is gone only for columns that need it."""

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from galleria.fields.text_fit import fit_problem, fitted, may_not_fit
from galleria.fields.types import Field

TOLD = pl.List(pl.Struct({"field": pl.String(), "problem": pl.String()}))


@dataclass(frozen=True)
class Fit:
    text: pl.Expr
    """Uncut; it differs from row to row."""
    target: Field


def fitted_together(fits: Sequence[Fit]) -> pl.Expr:
    """A struct of the fitted texts, called by their places (`0`, `1` ...), and of `told`: the problems of the row, Null for none.

    A Python step for each field would cost more than all of its work on a batch of some thousand rows.
    """
    targets = [fit.target for fit in fits]
    dtype = pl.Struct({**{str(place): pl.String() for place in range(len(fits))}, "told": TOLD})

    def fit(columns: Sequence[pl.Series]) -> pl.Series:
        texts = pl.DataFrame([column.alias(str(place)) for place, column in enumerate(columns)])
        odd = texts.select(may_not_fit(pl.col(str(place)), target).any() for place, target in enumerate(targets)).row(0)
        needed = {str(place): target for place, (target, is_odd) in enumerate(zip(targets, odd, strict=True)) if is_odd}
        values = texts.with_columns(fitted(pl.col(name), target) for name, target in needed.items())
        return values.with_columns(texts.select(_told(needed)).to_series() if needed else _NOTHING).to_struct()

    return pl.map_batches([fit.text for fit in fits], fit, return_dtype=dtype, is_elementwise=True)


_NOTHING = pl.lit(None, TOLD).alias("told")


def _told(targets: dict[str, Field]) -> pl.Expr:
    problems = [(target.name, fit_problem(pl.col(name), target)) for name, target in targets.items()]
    told = pl.concat_list(pl.struct(field=pl.lit(name), problem=problem) for name, problem in problems)
    some = told.list.filter(pl.element().struct.field("problem").is_not_null())
    return pl.when(some.list.len() > 0).then(some).alias("told")
