"""Texts of several fields fitted at once: whole batches are looked at, and the exact way is gone only for columns that need it."""

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from galleria.fields.columns import column
from galleria.fields.text_fit import fit_problem, fitted
from galleria.fields.types import Field

TOLD = pl.List(pl.Struct({"field": pl.String(), "problem": pl.String()}))


@dataclass(frozen=True)
class Fit:
    text: pl.Expr
    """Uncut; it differs from row to row."""
    target: Field


def fitted_together(fits: Sequence[Fit], told: str) -> pl.Expr:
    """A struct of the fitted texts, called as their targets, and of `told`: the problems of the row, Null for none.

    A Python step for each field would cost more than all of its work on a batch of some thousand rows.
    """
    targets = [fit.target for fit in fits]
    names = [target.name for target in targets]
    dtype = pl.Struct({**dict.fromkeys(names, pl.String()), told: TOLD})
    nothing = pl.lit(None, TOLD).alias(told)

    def fit(columns: Sequence[pl.Series]) -> pl.Series:
        texts = pl.DataFrame([values.alias(name) for values, name in zip(columns, names, strict=True)])
        odd = [targets[place] for place in _odd_places(texts, targets)]
        if not odd:
            return texts.with_columns(nothing).to_struct()
        kept = texts.with_columns(fitted(column(target.name), target).alias(target.name) for target in odd)
        return kept.with_columns(texts.select(_told(odd).alias(told)).to_series()).to_struct()

    return pl.map_batches([fit.text for fit in fits], fit, return_dtype=dtype, is_elementwise=True)


def _odd_places(texts: pl.DataFrame, targets: Sequence[Field]) -> Sequence[int]:
    """The places of the texts that may not fit; one look at all of them at once is enough for most batches."""
    longest = texts.select(pl.all().str.len_bytes().max()).row(0)
    odd = {place for place, target in enumerate(targets) if (longest[place] or 0) > target.size}
    narrow = [place for place, target in enumerate(targets) if not target.type.is_wide and place not in odd]
    if narrow:
        some = texts[:, narrow]
        sizes, characters = some.select(pl.all().str.len_bytes().sum()).row(0), some.select(pl.all().str.len_chars().sum()).row(0)
        odd.update(place for place, size, count in zip(narrow, sizes, characters, strict=True) if size != count)
    return sorted(odd)


def _told(targets: Sequence[Field]) -> pl.Expr:
    problems = [(target.name, fit_problem(column(target.name), target)) for target in targets]
    told = pl.concat_list(pl.struct(field=pl.lit(name), problem=problem) for name, problem in problems)
    some = told.list.filter(pl.element().struct.field("problem").is_not_null())
    return pl.when(some.list.len() > 0).then(some)
