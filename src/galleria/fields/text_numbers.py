"""Text read as numbers, as the original engine does it: as far as it goes, with a word about the rest.

Source: OpenYXDB, `formula.md` 6 and 7. Empty text is Null without a word.
"""

import re
from collections.abc import Callable
from decimal import ROUND_HALF_UP, Decimal, localcontext
from functools import partial
from typing import Any

import polars as pl

from galleria.fields.rare import each, mapped, with_exceptions
from galleria.fields.types import Field, FieldType

_BLANKS = " \t\r\n\v\f\u00a0"
_WHOLE = re.compile(rf"[{_BLANKS}]*([+-]?[0-9]+)")
_HEXADECIMAL = re.compile(r"0[xX]([0-9a-fA-F]+)")
_DOUBLE = re.compile(r"[ \t\r\n]*([+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+))(?:[eEdD]([+-]?[0-9]+))?")
_FIXED = re.compile(r"([+-]?)([0-9]*)(?:\.([0-9]+))?")
INT32 = (-(2**31), 2**31 - 1)
INT64 = (-(2**63), 2**63 - 1)

Read = tuple[int | None, str | None]


def whole_of_text(text: pl.Expr, kind: FieldType, *, assigned: bool) -> pl.Expr:
    """Text as an integer field of that type keeps it."""
    parse = partial(read_whole, kind=kind, assigned=assigned)
    limits = _limits(kind, assigned=assigned)

    def values(column: pl.Series) -> pl.Series:
        fast = column.cast(pl.Int64, strict=False)
        odd = (fast.is_null() & column.is_not_null()) | ~fast.is_between(*limits)
        return with_exceptions(fast, column, odd, lambda rest: each(rest, lambda item: parse(item)[0], pl.Int64()))

    return mapped(text, values, pl.Int64())


def whole_problem(text: pl.Expr, kind: FieldType, *, assigned: bool) -> pl.Expr:
    """What `whole_of_text` has to say."""
    parse = partial(read_whole, kind=kind, assigned=assigned)
    limits = _limits(kind, assigned=assigned)

    def problems(column: pl.Series) -> pl.Series:
        fast = column.cast(pl.Int64, strict=False)
        odd = (fast.is_null() & column.is_not_null()) | ~fast.is_between(*limits)
        nothing = pl.repeat(None, len(column), dtype=pl.String, eager=True)
        return with_exceptions(nothing, column, odd, lambda rest: each(rest, lambda item: parse(item)[1], pl.String()))

    return mapped(text, problems, pl.String())


def wholes_together(text: pl.Expr, target: Field, *, assigned: bool) -> pl.Expr:
    """A struct of what `whole_of_text` (as the target's dtype) and `whole_problem` give, each text read once."""
    parse = partial(read_whole, kind=target.type, assigned=assigned)
    limits = _limits(target.type, assigned=assigned)

    def both(column: pl.Series) -> pl.Series:
        fast = column.cast(pl.Int64, strict=False)
        odd = (fast.is_null() & column.is_not_null()) | ~fast.is_between(*limits)
        return _together(fast, column, odd, parse, target.dtype)

    return text.map_batches(both, return_dtype=_pair(target.dtype), is_elementwise=True)


def doubles_together(text: pl.Expr, target: Field) -> pl.Expr:
    """As `wholes_together`, of `double_of_text` and `double_problem`."""

    def both(column: pl.Series) -> pl.Series:
        fast = column.cast(pl.Float64, strict=False)
        return _together(fast, column, _odd_doubles(column, fast), read_double, target.dtype)

    return text.map_batches(both, return_dtype=_pair(target.dtype), is_elementwise=True)


def _together(
    fast: pl.Series, texts: pl.Series, odd: pl.Series, read: Callable[[str], tuple[Any, str | None]], dtype: pl.DataType
) -> pl.Series:
    problems = pl.repeat(None, len(texts), dtype=pl.String, eager=True)
    rows = odd.fill_null(value=False).arg_true()
    if not rows.is_empty():
        found = [read(text) for text in texts.gather(rows).to_list()]
        fast = fast.scatter(rows, pl.Series([value for value, _ in found], dtype=fast.dtype))
        problems = problems.scatter(rows, pl.Series([problem for _, problem in found], dtype=pl.String))
    return pl.DataFrame({"value": fast.cast(dtype), "problem": problems}).to_struct(texts.name)


def _pair(dtype: pl.DataType) -> pl.Struct:
    return pl.Struct({"value": dtype, "problem": pl.String()})


def read_whole(text: str, kind: FieldType, *, assigned: bool) -> Read:
    """Value and problem of one text.

    `assigned`: an expression's text is written into the field; else one field is copied into another, where `0x` starts a
    hexadecimal number, the unread rest is told in other words, and narrow fields check their range.
    """
    limits, name = (INT64, "an Int64") if kind is FieldType.INT64 else (INT32, "an Int32")
    found, base = (None, 10) if assigned else (_HEXADECIMAL.match(text), 16)
    if found is None:
        found, base = _WHOLE.match(text), 10
    if found is None:
        return None, f"{text} is not a number." if text else None
    value = int(found[1], base)
    if not limits[0] <= value <= limits[1]:
        return None, f"{text} does not fit in {name}."
    return _narrowed(value, kind, _unread(text, found.end(), assigned=assigned), assigned=assigned)


def _narrowed(value: int, kind: FieldType, problem: str | None, *, assigned: bool) -> Read:
    if kind not in _NARROW:
        return value, problem
    low, high = _NARROW[kind]
    if low <= value <= high:
        return value, problem
    if not assigned:
        return None, f"{value} does not fit in the type {kind}"
    # The original cuts the bits off: 300 written into a Byte is 44.
    return (value - low) % (high - low + 1) + low, problem


def _unread(text: str, end: int, *, assigned: bool) -> str | None:
    if end == len(text):
        return None
    if text[end] == ",":
        return f"{text} stopped converting at a comma. It might be invalid."
    return f"{text} was not fully converted" if assigned else f"{text} lost information in translation"


def _limits(kind: FieldType, *, assigned: bool) -> tuple[int, int]:
    del assigned
    return _NARROW.get(kind) or (INT64 if kind is FieldType.INT64 else INT32)


def double_of_text(text: pl.Expr) -> pl.Expr:
    """Text as a Float64; too large is infinity."""

    def values(column: pl.Series) -> pl.Series:
        fast = column.cast(pl.Float64, strict=False)
        if fast.null_count() == column.null_count() and fast.is_finite().all():
            return fast
        return with_exceptions(
            fast, column, _odd_doubles(column, fast), lambda rest: each(rest, lambda item: read_double(item)[0], pl.Float64())
        )

    return mapped(text, values, pl.Float64())


def double_problem(text: pl.Expr, prefix: str = "") -> pl.Expr:
    """What `double_of_text` has to say, `prefix` first."""

    def problems(column: pl.Series) -> pl.Series:
        odd = _odd_doubles(column, column.cast(pl.Float64, strict=False))
        nothing = pl.repeat(None, len(column), dtype=pl.String, eager=True)
        return with_exceptions(
            nothing, column, odd, lambda rest: each(rest, lambda item: _prefixed(prefix, read_double(item)[1]), pl.String())
        )

    return mapped(text, problems, pl.String())


def _prefixed(prefix: str, problem: str | None) -> str | None:
    return None if problem is None else prefix + problem


def _odd_doubles(column: pl.Series, fast: pl.Series) -> pl.Series:
    # Words such as "inf" and "nan" are no numbers here, though Polars reads them.
    return (fast.is_null() & column.is_not_null()) | ~fast.is_finite()


def read_double(text: str) -> tuple[float | None, str | None]:
    """Value and problem of one text."""
    found = _DOUBLE.match(text)
    if found is None:
        return None, f"{text} is not a valid number." if text else None
    value = float(f"{found[1]}e{found[2]}" if found[2] else found[1])
    if found.end() == len(text):
        return value, None
    if text[found.end()] == ",":
        return value, f"{text} stopped converting at a comma. It might be invalid."
    return value, f"{text} lost information in translation"


def decimal_of_text(text: pl.Expr, target: Field) -> pl.Expr:
    """Text as a Decimal(38, scale)."""
    return mapped(text, partial(_decimals, target=target), pl.Decimal(38, target.scale))


def decimal_problem(text: pl.Expr, target: Field) -> pl.Expr:
    def problems(column: pl.Series) -> pl.Series:
        nothing = pl.repeat(None, len(column), dtype=pl.String, eager=True)
        odd = ~_is_plain_decimal(column, target)
        return with_exceptions(nothing, column, odd, lambda rest: each(rest, lambda item: read_decimal(item, target)[1], pl.String()))

    return mapped(text, problems, pl.String())


def read_decimal(text: str, target: Field) -> tuple[Decimal | None, str | None]:
    """Value and problem of one text for a FixedDecimal field; digits beyond the scale are rounded half up."""
    found = _FIXED.fullmatch(text)
    if not text:
        return None, None
    if found is None or not (found[2] or (found[3] and found[1] != "+")):
        return None, f'"{text}" is not a valid FixedDecimal. FixedDecimal values must be of the form: -nnn.nn'
    with localcontext(prec=400):
        value = Decimal(f"{found[1]}{found[2] or '0'}.{found[3] or '0'}").quantize(Decimal(1).scaleb(-target.scale), ROUND_HALF_UP)
    shown = f"{'+' if found[1] == '+' else ''}{value:f}"
    if len(shown) > target.size:
        return None, f'"{shown}" was too long to fit in this FixedDecimal'
    if len(found[3] or "") > target.scale:
        cut = text if len(text) <= 64 else text[:64] + "..."
        return value, f'"{cut}" has too many digits after the decimal and was truncated.'
    return value, None


def _decimals(column: pl.Series, target: Field) -> pl.Series:
    dtype = pl.Decimal(38, target.scale)
    plain = _is_plain_decimal(column, target)
    fast = column.set(~plain, None).cast(dtype, strict=False)
    return with_exceptions(
        fast, column, ~plain & column.is_not_null(), lambda rest: each(rest, lambda item: read_decimal(item, target)[0], dtype)
    )


def _is_plain_decimal(column: pl.Series, target: Field) -> pl.Series:
    """Texts that need no rounding, no leading zero, and surely fit; Null is plain too."""
    digits = rf"\.[0-9]{{1,{target.scale}}}" if target.scale else r"\.\B"
    room = max(target.size - 1 - target.scale - (target.scale > 0), 1)
    return column.str.contains(rf"\A-?[0-9]{{1,{room}}}(?:{digits})?\z").fill_null(value=True)


_NARROW = {FieldType.BYTE: (0, 255), FieldType.INT16: (-(2**15), 2**15 - 1)}
