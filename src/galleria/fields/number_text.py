"""Numbers as text, in the form of the original engine on Windows. Source: OpenYXDB, `formula.md` 7.

A Double shows up to 15 significant digits (a Float 7), rounded from its exact binary value; it goes to the form `1.5e-07`
where the plain one would need more than 15 digits, leading zeros counted (0.123456789012345 alone stays plain).
"""

from decimal import ROUND_HALF_UP, Context, Decimal
from functools import partial

import polars as pl

from galleria.fields.rare import each, mapped, with_exceptions
from galleria.fields.rounding import round_significant

_CONTEXTS = {digits: Context(prec=digits, rounding=ROUND_HALF_UP) for digits in (7, 15)}


def text_of_double(value: pl.Expr, digits: int = 15) -> pl.Expr:
    """Text of a Float64 (15 digits) or, widened, of a Float32 (7)."""
    return mapped(value, partial(_texts, digits=digits), pl.String())


def number_text(value: float, digits: int = 15) -> str:
    """The text of one number."""
    if value != value or value in (float("inf"), float("-inf")):
        return {"nan": "nan", "inf": "inf", "-inf": "-inf"}[str(value)]
    if not value:
        return "0"
    negative, numerals, exponent = _CONTEXTS[digits].create_decimal(Decimal(value)).as_tuple()
    sign = "-" if negative else ""
    point = len(numerals) + int(exponent)
    shown = "".join(map(str, numerals)).rstrip("0")
    if point > digits or (point < 0 and len(shown) - point >= digits):
        fraction = f".{shown[1:]}" if len(shown) > 1 else ""
        return f"{sign}{shown[0]}{fraction}e{'-' if point < 1 else '+'}{abs(point - 1):02d}"
    if point <= 0:
        return f"{sign}0.{'0' * -point}{shown}"
    whole, fraction = shown[:point].ljust(point, "0"), shown[point:]
    return f"{sign}{whole}.{fraction}" if fraction else f"{sign}{whole}"


def _texts(column: pl.Series, digits: int) -> pl.Series:
    size = column.abs()
    whole = (column == column.round(0)) & (size < 10.0**digits)
    if whole.all():
        return column.cast(pl.Int64, strict=False).cast(pl.String)
    # Up to 15 digits, the shortest text that reads back as the number is the number's 15-digit text without its zeros.
    shortest = column.cast(pl.String)
    fast = pl.select(pl.when(whole).then(column.cast(pl.Int64, strict=False).cast(pl.String)).otherwise(shortest)).to_series()
    small = (size < 0.1) & ~whole
    long = (shortest.str.len_bytes() > digits + 1) & (size >= 0.1) & ~whole & (size < 10.0**digits)
    result = with_exceptions(fast, column, long, partial(_rounded_texts, digits=digits))
    others = small | ~(size < 10.0**digits)
    return with_exceptions(result, column, others, lambda rest: each(rest, partial(number_text, digits=digits), pl.String())).rename(
        column.name
    )


def _rounded_texts(column: pl.Series, digits: int) -> pl.Series:
    rounded = round_significant(column, digits)
    return rounded.cast(pl.String).str.strip_suffix(".0")
