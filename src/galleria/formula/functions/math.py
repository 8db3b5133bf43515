"""Numbers: rounding, remainders, powers, logarithms, chance."""

import math
from collections.abc import Callable

import polars as pl

from galleria.fields.chance import fresh_seed
from galleria.fields.division import quotient
from galleria.fields.number_text import text_of_double
from galleria.formula.by_row import by_row, by_value
from galleria.formula.functions.angles import finite
from galleria.formula.geodesy import METRES_A_MILE, distance_m
from galleria.formula.kinds import Kind, ValueType
from galleria.formula.operand import Operand
from galleria.formula.registry import Outcome, Site, function

_LARGEST_FACTORIAL = 170


@function("Abs(number: Number) -> Number", detailed=True)
def absolute(site: Site, number: Operand) -> Outcome:
    """The number without its sign."""
    bounds = number.type.bounds
    kind = ValueType(Kind.NUMBER, None if bounds is None else (0, max(-bounds[0], bounds[1], 0)))
    return Outcome(number.expression.cast(kind.dtype).abs(), type=kind)


@function("Ceil(number: Double, multiple: Double = 1) -> Number", detailed=True)
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
        return to_whole(quotient(value, step)) * step
    step = multiple.constant
    if not isinstance(step, float | int) or step == 0 or not math.isfinite(step):
        return pl.lit(None, dtype=pl.Float64)
    step = abs(float(step))
    if step == 1:
        return to_whole(value)
    # The original divides by the step itself: the average of 100 and 124.83 is 112.41 in hundredths, 112.415 is 112.42.
    steps = to_whole(quotient(value, step))
    # A whole number of hundredths is divided by 100 to give the nearest Double to it: 0.01 itself is no exact number.
    inverse = round(1 / step) if step < 1 else 0
    return quotient(steps, inverse) if inverse and 1 / inverse == step else steps * step


@function("SmartRound(number: Double) -> Number")
def smart_round(number: pl.Expr) -> Outcome:
    """The nearest multiple of a value that depends on the size of the number: 15.1 gives 15, 25.9 gives 26, 8.43 gives 8.4.

    No published text says which multiple belongs to which size. Results of real workflows show fortieths of the power of ten
    below numbers from 1.5 to 2.6 times that power, and tenths from 5.4 to 8.5 times; others give Null and a conversion error.
    """
    power = pl.lit(10.0).pow(_log10(number.abs()).floor())
    size = number.abs() / power
    fortieths, tenths = size.is_between(1.5, 2.6), size.is_between(5.4, 8.5)
    steps = power * pl.when(fortieths).then(40.0).when(tenths).then(10.0) / power.pow(2)
    rounded = (number * steps).round(0, mode="half_away_from_zero") / steps
    told = pl.concat_str(pl.lit("SMARTROUND: which multiple belongs to the size of "), text_of_double(number), pl.lit(" is not known"))
    result = pl.when(number == 0).then(0.0).otherwise(rounded)
    return Outcome(result, pl.when(result.is_null() & number.is_not_null()).then(told))


@function("Mod(number: Int, divisor: Int) -> Int")
def modulo(number: pl.Expr, divisor: pl.Expr) -> pl.Expr:
    """The remainder of a division of whole numbers, with the sign of `number`; decimals are cut off first; Null for divisor 0."""
    size = pl.when(divisor != 0).then(divisor.abs())
    rest = number % size
    return pl.when((number < 0) & (rest != 0)).then(rest - size).otherwise(rest)


@function("Pow(number: Double, exponent: Double) -> Number")
def power(number: pl.Expr, exponent: pl.Expr) -> pl.Expr:
    """The number to the power of the exponent; Null where that is no finite number."""
    return finite(number.pow(exponent))


@function("Sqrt(number: Double) -> Number")
def square_root(number: pl.Expr) -> pl.Expr:
    """The square root; Null for a negative number."""
    return pl.when(number >= 0).then(number.sqrt())


@function("Exp(number: Double) -> Number")
def exponential(number: pl.Expr) -> pl.Expr:
    """e to the power of the number; Null where that is too large."""
    return finite(number.exp())


@function("Log(number: Double) -> Number")
def logarithm(number: pl.Expr) -> pl.Expr:
    """The natural logarithm; Null for 0 and less."""
    return pl.when(number > 0).then(number.log())


@function("Log10(number: Double) -> Number")
def decimal_logarithm(number: pl.Expr) -> pl.Expr:
    """The logarithm to base 10; Null for 0 and less."""
    return _log10(number)


def _log10(number: pl.Expr) -> pl.Expr:
    # Polars divides two natural logarithms, which makes 2.9999999999999996 of 1000.
    rough = pl.when(number > 0).then(number.log10())
    whole = rough.round(0)
    return pl.when(pl.lit(10.0).pow(whole) == number).then(whole).otherwise(rough)


@function("Factorial(number: Int) -> Number")
def factorial(number: pl.Expr) -> pl.Expr:
    """The product of the whole numbers from 1 to the number; Null below 0 and above 170."""
    return by_value(lambda value: float(math.factorial(value)) if 0 <= value <= _LARGEST_FACTORIAL else None, pl.Float64(), number)


@function("Distance(from_latitude: Double, from_longitude: Double, to_latitude: Double, to_longitude: Double) -> Number")
def distance(from_latitude: pl.Expr, from_longitude: pl.Expr, to_latitude: pl.Expr, to_longitude: pl.Expr) -> pl.Expr:
    """Miles between two places on the ellipsoid WGS 84."""
    return by_row(
        _distance_miles,
        pl.Float64(),
        [from_latitude, from_longitude, to_latitude, to_longitude],
    )


def _distance_miles(from_latitude: float, from_longitude: float, to_latitude: float, to_longitude: float) -> float | None:
    metres = distance_m(from_latitude, from_longitude, to_latitude, to_longitude)
    return None if metres is None else metres / METRES_A_MILE


@function("Rand() -> Number", volatile=True)
def random_number() -> pl.Expr:
    """A number by chance, from 0 up to but not 1, another for every row."""
    return chance()


@function("RandInt(most: Int) -> Int", volatile=True)
def random_whole_number(most: pl.Expr) -> pl.Expr:
    """A whole number by chance, from 0 to `most`, another for every row; 0 for Null."""
    return (chance() * (most.fill_null(0) + 1)).floor().cast(pl.Int64)


def chance() -> pl.Expr:
    """Numbers from 0 up to 1 that depend on the row's place: the same wherever the expression is asked twice for a row."""
    return (pl.int_range(pl.len()).hash(fresh_seed()) // 2**11).cast(pl.Float64) / 2.0**53
