"""Numbers: rounding, powers, logarithms, angles."""

import math
from collections.abc import Callable

import polars as pl

from galleria.formula.kinds import Kind, ValueType
from galleria.formula.operand import Operand
from galleria.formula.registry import Outcome, Site, function


@function("Abs(number: Number) -> Number", detailed=True)
def absolute(site: Site, number: Operand) -> Outcome:
    """The number without its sign."""
    bounds = number.type.bounds
    kind = ValueType(Kind.NUMBER, None if bounds is None else (0, max(-bounds[0], bounds[1], 0)))
    return Outcome(number.expression.cast(kind.dtype).abs(), type=kind)


@function("Ceil(number: Double, multiple: Double = 1) -> Number", aliases=["Ceiling"], detailed=True)
def ceil(site: Site, number: Operand, multiple: Operand) -> pl.Expr:
    """The next whole number up, or the next multiple of `multiple`; Null for a multiple of 0."""
    return _by_steps(number, multiple, lambda steps: steps.ceil())


@function("Floor(number: Double, multiple: Double = 1) -> Number", detailed=True)
def floor(site: Site, number: Operand, multiple: Operand) -> pl.Expr:
    """The next whole number down, or the next multiple of `multiple`; Null for a multiple of 0."""
    return _by_steps(number, multiple, lambda steps: steps.floor())


@function("Round(number: Double, multiple: Double) -> Number", detailed=True)
def round_to(site: Site, number: Operand, multiple: Operand) -> pl.Expr:
    """The nearest multiple of `multiple`, halves away from zero; Null for a multiple of 0."""
    return _by_steps(number, multiple, lambda steps: steps.round(0, mode="half_away_from_zero"))


def _by_steps(number: Operand, multiple: Operand, to_whole: Callable[[pl.Expr], pl.Expr]) -> pl.Expr:
    value = number.expression
    if not multiple.is_constant:
        step = pl.when(multiple.expression != 0).then(multiple.expression.abs())
        return to_whole(value / step) * step
    step = multiple.constant
    if not isinstance(step, float) or step == 0 or not math.isfinite(step):
        return pl.lit(None, dtype=pl.Float64)
    step = abs(step)
    if step == 1:
        return to_whole(value)
    # Hundredths are counted by multiplying with 100: 0.01 itself is no exact number.
    inverse = round(1 / step) if step < 1 else 0
    if inverse and 1 / inverse == step:
        return to_whole(value * inverse) / inverse
    return to_whole(value / step) * step


@function("Mod(number: Int, divisor: Int) -> Int")
def modulo(number: pl.Expr, divisor: pl.Expr) -> pl.Expr:
    """The remainder of a division of whole numbers, with the sign of `number`; decimals are cut off first; Null for divisor 0."""
    size = pl.when(divisor != 0).then(divisor.abs())
    rest = number % size
    return pl.when((number < 0) & (rest != 0)).then(rest - size).otherwise(rest)
