"""Rounding to decimal digits by the exact binary value of a Double, over whole columns; a tie goes away from zero.

A product with a power of ten is kept exact as a sum of two Doubles (Dekker, Veltkamp), so that 1.115 (which is really
1.11499999999999999) becomes 1.11, and 74.876925 to five digits 74.87692, as the original's printf has it.
"""

import decimal

import polars as pl

from galleria.fields.rare import each, with_exceptions

_SPLITTER = 134217729.0
_EXACT_BELOW = 2.0**53


def round_significant(column: pl.Series, digits: int) -> pl.Series:
    """To `digits` significant digits, for values from 0.1 to 1e15."""
    size = column.abs()
    steps = pl.Series([10.0**power for power in range(digits + 1)])
    whole_digits = pl.Series(values=[0] * len(size), dtype=pl.UInt32)
    for power in range(digits):
        whole_digits = whole_digits + (size >= 10.0**power).cast(pl.UInt32)
    scale = steps.gather(digits - whole_digits)
    return _scaled(size, scale) / scale * column.sign()


def scaled_to(column: pl.Series, places: int) -> pl.Series:
    """Each value times 10 to the power `places`, rounded to a whole number: a Decimal(38, 0), exact.

    Null where it is no finite number or has more than 38 digits.
    """
    size = column.abs()
    if places > 22:
        return each(column, lambda value: _exactly(value, places), pl.Decimal(38, 0))
    scale = pl.repeat(10.0**places, len(column), dtype=pl.Float64, eager=True)
    fast = (_scaled(size, scale) * column.sign()).fill_nan(None)
    beyond = ~(fast.abs() < _EXACT_BELOW)
    inside = fast.set(beyond.fill_null(value=False), None).cast(pl.Int64, strict=False).cast(pl.Decimal(38, 0))
    return with_exceptions(inside, column, beyond, lambda rest: each(rest, lambda value: _exactly(value, places), pl.Decimal(38, 0)))


def _scaled(size: pl.Series, scale: pl.Series) -> pl.Series:
    """`size` (not negative) times `scale` (a power of ten up to 1e22), rounded to a whole number."""
    product = size * scale
    rest = _product_error(size, scale, product)
    whole = product.round(0)
    # Not to be added: beside a half, the rest would vanish.
    over = product - whole
    up = (over > 0.5) | ((over == 0.5) & (rest >= 0))
    down = (over < -0.5) | ((over == -0.5) & (rest < 0))
    return whole + up.cast(pl.Float64) - down.cast(pl.Float64)


def _product_error(left: pl.Series, right: pl.Series, product: pl.Series) -> pl.Series:
    left_high, left_low = _split(left)
    right_high, right_low = _split(right)
    return ((left_high * right_high - product) + left_high * right_low + left_low * right_high) + left_low * right_low


def _split(value: pl.Series) -> tuple[pl.Series, pl.Series]:
    spread = value * _SPLITTER
    high = spread - (spread - value)
    return high, value - high


def _exactly(value: float, places: int) -> decimal.Decimal | None:
    if value != value or value in (float("inf"), float("-inf")):
        return None
    with decimal.localcontext(prec=400, rounding=decimal.ROUND_HALF_UP):
        scaled = decimal.Decimal(value).scaleb(places).to_integral_value()
    return scaled if abs(scaled) < 10**38 else None
