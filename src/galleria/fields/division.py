"""Correctly rounded quotients of columns."""

import math
from collections.abc import Sequence

import polars as pl


def quotient(dividend: pl.Expr, divisor: pl.Expr | float) -> pl.Expr:
    """`dividend / divisor`, as the processor divides two Doubles.

    Polars multiplies a column by the reciprocal of a divisor that is the same for all rows, whether it is a literal, a
    constant column or an aggregate. A third of such quotients are off in their last bit, enough to move a tie that is rounded
    afterwards. Here such a divisor is spread over the rows first.
    """
    if isinstance(divisor, float | int):
        if math.frexp(divisor)[0] in (0.5, -0.5):  # The reciprocal of a power of two is exact.
            return dividend / divisor
        divisor = pl.lit(float(divisor))
    return pl.map_batches([dividend, divisor], _divided, return_dtype=pl.Float64, is_elementwise=True)


def divided(dividend: pl.Series, divisor: pl.Series) -> pl.Series:
    """`quotient` of two columns at hand; either may be a single value for all rows of the other."""
    if len(divisor) == 1:
        divisor = divisor.new_from_index(0, len(dividend))
    return dividend.cast(pl.Float64) / divisor.cast(pl.Float64)


def _divided(both: Sequence[pl.Series]) -> pl.Series:
    return divided(*both)
