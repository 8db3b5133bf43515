"""The least, the greatest, and what lies between."""

from collections.abc import Callable, Sequence

import polars as pl

from galleria.formula.by_row import by_row
from galleria.formula.comparison import compare
from galleria.formula.folding import folded
from galleria.formula.kinds import Kind
from galleria.formula.operand import Operand
from galleria.formula.registry import Site, function


@function("Between(value: T, low: T, high: T) -> Bool", detailed=True)
def between(site: Site, value: Operand, low: Operand, high: Operand) -> pl.Expr:
    """Whether the value is neither less than `low` nor greater than `high`; texts in any letter case."""
    return compare(">=", value, low, site.position) & compare("<=", value, high, site.position)


@function("Bound(value: N, low: N, high: N) -> N", detailed=True)
def bound(site: Site, value: Operand, low: Operand, high: Operand) -> pl.Expr:
    """The value, but not less than `low` and not greater than `high`; Null where any of them is Null."""
    least, most = low.expression, high.expression
    inside = pl.when(value.expression < least).then(least).when(value.expression > most).then(most).otherwise(value.expression)
    return pl.when(least.is_not_null() & most.is_not_null()).then(inside)


@function("Max(values: T...) -> T", detailed=True)
def greatest(site: Site, values: Sequence[Operand]) -> pl.Expr:
    """The greatest value; Null counts only where all are Null; texts in any letter case."""
    return _extreme(values, pl.max_horizontal, greater=True)


@function("Min(values: T...) -> T", detailed=True)
def least(site: Site, values: Sequence[Operand]) -> pl.Expr:
    """The least value; Null counts only where all are Null; texts in any letter case."""
    return _extreme(values, pl.min_horizontal, greater=False)


def _extreme(values: Sequence[Operand], horizontal: Callable[[Sequence[pl.Expr]], pl.Expr], *, greater: bool) -> pl.Expr:
    columns = [value.expression for value in values]
    if values[0].type.kind is not Kind.TEXT:
        return horizontal(columns)
    best = columns[0]
    for column in columns[1:]:
        better = folded(column) > folded(best) if greater else folded(column) < folded(best)
        best = pl.when((better | best.is_null()).fill_null(value=False)).then(column).otherwise(best)
    return best


@function("MaxIDX(values: T...) -> Int", detailed=True)
def index_of_greatest(site: Site, values: Sequence[Operand]) -> pl.Expr:
    """The place, from 0, of the first greatest argument; Null where all are Null."""
    return _index_of(values, greatest(site, values))


@function("MinIDX(values: T...) -> Int", detailed=True)
def index_of_least(site: Site, values: Sequence[Operand]) -> pl.Expr:
    """The place, from 0, of the first least argument; Null where all are Null."""
    return _index_of(values, least(site, values))


def _index_of(values: Sequence[Operand], found: pl.Expr) -> pl.Expr:
    index = pl.lit(None, dtype=pl.Int64)
    for place, value in reversed(list(enumerate(values))):
        same = folded(value.expression) == folded(found) if value.type.kind is Kind.TEXT else value.expression == found
        index = pl.when(same).then(pl.lit(place, dtype=pl.Int64)).otherwise(index)
    return index


@function("TopNIDX(number: Int, values: Double...) -> Int")
def index_of_nth_greatest(number: pl.Expr, values: Sequence[pl.Expr]) -> pl.Expr:
    """The place, from 0, of the argument that comes `number` places behind the greatest (0: the greatest itself); Null where none is."""
    return by_row(_nth_greatest, pl.Int64(), [number, *values], nulls=True)


def _nth_greatest(number: int | None, *values: float | None) -> int | None:
    places = sorted((place for place, value in enumerate(values) if value is not None), key=lambda place: -(values[place] or 0))
    return places[number] if number is not None and 0 <= number < len(places) else None
