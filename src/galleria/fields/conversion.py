"""From one field type to another, with the original engine's rules and messages.

Source: OpenYXDB (`formula.md` 6, `tools.md` 2.6).
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import partial

import polars as pl

from galleria.errors import InvalidError, UnsupportedError
from galleria.fields import objects, text_dates, text_numbers
from galleria.fields.dates import date_of_serial, serial_problem, text_of_date
from galleria.fields.fitting import Fit
from galleria.fields.number_text import text_of_double
from galleria.fields.rare import mapped
from galleria.fields.rounding import scaled_to
from galleria.fields.text_fit import fit_problem, fitted
from galleria.fields.types import V_WSTRING_MAX, Field, FieldType

_MOST_DIGITS = 38
_EXACT_WHOLE = {FieldType.DOUBLE: 2**52, FieldType.FLOAT: 2**23}


@dataclass(frozen=True)
class Converted:
    value: pl.Expr
    """Of the target field's `dtype`."""
    problem: pl.Expr | None = None
    """Text: what to report for the row (`abc is not a number.`), Null where all is well. None where nothing can go wrong."""
    together: pl.Expr | None = None
    """Where it is cheaper to work both out at once: a struct of `value` and `problem`. For columns, not for constants."""
    fit: Fit | None = None
    """Where the text is right but for its length and its characters: many of these are cheaper at once. Not for constants either."""


def problem_query(frame: pl.LazyFrame, problem: pl.Expr, limit: int) -> pl.LazyFrame:
    """One row: `count` of the problems in `frame` and the first `limit` `texts` (all for 0), in row order."""
    texts = frame.select(texts=problem).drop_nulls()
    kept = pl.col("texts").head(limit) if limit else pl.col("texts")
    return texts.select(count=pl.len(), texts=kept.implode())


def problems_by_field(frame: pl.LazyFrame, fields: Sequence[str], limit: int) -> pl.LazyFrame:
    """By `field` what `problem_query` gives of all: a row for each that has a `problem` in `frame`, in the order of `fields`."""
    kept = pl.col("problem").head(limit) if limit else pl.col("problem")
    found = frame.group_by("field", maintain_order=True).agg(count=pl.len(), texts=kept)
    return found.sort(pl.col("field").replace_strict({name: place for place, name in enumerate(fields)}, return_dtype=pl.Int64))


def convert(value: pl.Expr, source: Field, target: Field, *, assigned: bool = False) -> Converted:
    """The value of a `source` field as a `target` field keeps it.

    `assigned`: the result of an expression is written into the field, which differs from copying one field into another in
    few ways: a Double written into a date counts as days, text written into a whole number is told in other words.
    Raises InvalidError where the original refuses the pair, UnsupportedError for a FixedDecimal of more than 38 digits.
    """
    if target.type is FieldType.FIXED_DECIMAL and target.size - 1 - (target.scale > 0) > _MOST_DIGITS:
        raise UnsupportedError(f"FixedDecimal {target.size}.{target.scale}", f'"{target.name}" needs more than {_MOST_DIGITS} digits')
    if source.type is target.type and (source.size, source.scale) == (target.size, target.scale):
        return Converted(value)
    if target.type.is_binary or source.type.is_binary:
        return _binary(value, source, target)
    if target.type.is_text:
        return _to_text(value, source, target)
    if target.type.is_temporal:
        return _to_date(value, source, target, assigned=assigned)
    if target.type is FieldType.FIXED_DECIMAL:
        return _to_decimal(value, source, target)
    if target.type is FieldType.BOOL:
        return Converted(_truth(value, source))
    return _to_number(value, source, target, assigned=assigned)


def text_of(value: pl.Expr, source: Field) -> pl.Expr:
    """A value of any field as text, uncut: spatial objects as GeoJSON, blobs as their size."""
    if source.type.is_text:
        return value
    if source.type is FieldType.BLOB:
        return pl.concat_str(value.bin.size().cast(pl.String), pl.lit(" Bytes"))
    if source.type is FieldType.SPATIAL:
        return objects.geojson_of_shape(value)
    if source.type is FieldType.BOOL:
        return pl.when(value).then(pl.lit("True")).when(~value).then(pl.lit("False"))
    if source.type in (FieldType.DOUBLE, FieldType.FLOAT):
        return text_of_double(value.cast(pl.Float64), 15 if source.type is FieldType.DOUBLE else 7)
    return text_of_date(value, source.type) if source.type.is_temporal else value.cast(pl.String)


def _to_text(value: pl.Expr, source: Field, target: Field) -> Converted:
    text = text_of(value, source)
    longest = source.size if source.type.is_text else _LONGEST.get(source.type, source.size)
    narrows = source.type.is_wide and not target.type.is_wide
    if not narrows and (longest <= target.size or target.size >= V_WSTRING_MAX):
        return Converted(text)
    return Converted(fitted(text, target), fit_problem(text, target), fit=Fit(text, target))


def _to_number(value: pl.Expr, source: Field, target: Field, *, assigned: bool) -> Converted:
    if source.type is FieldType.BOOL:
        return Converted(value.cast(target.dtype))
    if target.type in (FieldType.DOUBLE, FieldType.FLOAT):
        return _to_double(value, source, target)
    if source.type is FieldType.FIXED_DECIMAL or source.type.is_text or source.type.is_temporal:
        text = text_of(value, source)
        whole = text_numbers.whole_of_text(text, target.type, assigned=assigned)
        return Converted(
            whole.cast(target.dtype),
            text_numbers.whole_problem(text, target.type, assigned=assigned),
            text_numbers.wholes_together(text, target, assigned=assigned),
        )
    if source.type.is_integer and _is_wider(target.type, source.type):
        return Converted(value.cast(target.dtype))
    rounded = value if source.type.is_integer else _half_away(value)
    narrow = rounded.cast(target.dtype, strict=False)
    return Converted(narrow, _does_not_fit(narrow.is_null() & value.is_not_null(), value, source, target))


def _half_away(value: pl.Expr) -> pl.Expr:
    """The whole number next to a Double, half away from zero, still as a Double."""
    wide = value.cast(pl.Float64)
    return wide + pl.when(wide < 0).then(-0.5).otherwise(0.5)


def _to_double(value: pl.Expr, source: Field, target: Field) -> Converted:
    if source.type.is_text or source.type.is_temporal:
        text = text_of(value, source)
        value = text_numbers.double_of_text(text).cast(target.dtype)
        return Converted(value, text_numbers.double_problem(text), text_numbers.doubles_together(text, target))
    exact = _EXACT_WHOLE[target.type]
    if source.type is FieldType.INT64 or (source.type is FieldType.INT32 and target.type is FieldType.FLOAT):
        return Converted(value.cast(target.dtype), _does_not_fit(~value.is_between(-exact, exact), value, source, target))
    return Converted(value.cast(target.dtype))


def _does_not_fit(where: pl.Expr, value: pl.Expr, source: Field, target: Field) -> pl.Expr:
    return pl.when(where).then(pl.concat_str(text_of(value, source), pl.lit(f" does not fit in the type {target.type}")))


def _to_decimal(value: pl.Expr, source: Field, target: Field) -> Converted:
    dtype = target.dtype
    if source.type is FieldType.BOOL or source.type.is_integer:
        fixed = value.cast(pl.Int64).cast(pl.Decimal(_MOST_DIGITS, 0)).cast(dtype, strict=False)
    elif source.type in (FieldType.DOUBLE, FieldType.FLOAT):
        whole = mapped(value.cast(pl.Float64), partial(scaled_to, places=target.scale), pl.Decimal(_MOST_DIGITS, 0))
        fixed = _moved_point(whole, target.scale)
    else:
        text = text_of(value, source)
        return Converted(text_numbers.decimal_of_text(text, target), text_numbers.decimal_problem(text, target))
    room = target.size - target.scale - (target.scale > 0)
    # A sign takes one of the places before the point.
    fits = (fixed < 10 ** min(room, _MOST_DIGITS - target.scale)) & (fixed > -(10 ** min(max(room - 1, 0), _MOST_DIGITS - target.scale)))
    shown = pl.when(fixed.is_null()).then(text_of(value, source)).otherwise(fixed.cast(pl.String))
    problem = pl.concat_str(pl.lit('"'), shown, pl.lit(f'" does not fit in Fixed Decimal {target.size}.{target.scale}'))
    return Converted(pl.when(fits).then(fixed), pl.when(value.is_not_null() & ~fits.fill_null(value=False)).then(problem))


def _moved_point(whole: pl.Expr, places: int) -> pl.Expr:
    """A Decimal(38, 0) as the same digits with `places` of them behind the point."""
    return whole * pl.lit(Decimal(1).scaleb(-places), dtype=pl.Decimal(_MOST_DIGITS, places)) if places else whole


def _truth(value: pl.Expr, source: Field) -> pl.Expr:
    if source.type.is_text or source.type.is_temporal:
        # Only the first character counts: "True", "t" and "1" are, "Yes" is not.
        return value.str.contains(r"\A[Tt1-9]") if source.type.is_text else text_of(value, source).str.contains(r"\A[1-9]")
    return value != 0


def _to_date(value: pl.Expr, source: Field, target: Field, *, assigned: bool) -> Converted:
    kinds = (source.type, target.type)
    if kinds == (FieldType.DATE, FieldType.DATETIME):
        return Converted(value.cast(pl.Datetime("us")))
    if kinds == (FieldType.DATETIME, FieldType.DATE):
        return Converted(value.dt.date())
    if kinds == (FieldType.DATETIME, FieldType.TIME):
        return Converted(value.dt.time())
    if assigned and not (source.type.is_text or source.type.is_temporal):
        return _from_serial(value, source, target)
    text = text_of(value, source)
    return Converted(text_dates.date_of_text(text, target.type), text_dates.date_problem(text, target.type))


def _from_serial(value: pl.Expr, source: Field, target: Field) -> Converted:
    if source.type not in (FieldType.DOUBLE, FieldType.FLOAT, FieldType.FIXED_DECIMAL):
        name = FieldType.INT32 if source.type in (FieldType.BYTE, FieldType.INT16) else source.type
        raise InvalidError(f"{target.name}: Date/Time fields do not support Conversion from {name}")
    days = value.cast(pl.Float64)
    return Converted(date_of_serial(days, target.type), serial_problem(days))


def _binary(value: pl.Expr, source: Field, target: Field) -> Converted:
    if source.type is target.type:
        return Converted(value)
    if target.type.is_text and source.type is FieldType.BLOB:
        return Converted(text_of(value, source))
    if target.type.is_text:
        wide = replace(source, type=FieldType.V_WSTRING, size=V_WSTRING_MAX)
        return _to_text(text_of(value, source), wide, target)
    if target.type is FieldType.SPATIAL and source.type.is_text:
        return Converted(objects.shape_of_geojson(value), objects.geojson_problem(value))
    raise InvalidError(f'"{target.name}" cannot hold both {source.type} and {target.type}.')


def _is_wider(target: FieldType, source: FieldType) -> bool:
    order = [FieldType.BYTE, FieldType.INT16, FieldType.INT32, FieldType.INT64]
    return order.index(target) >= order.index(source)


_LONGEST = {
    FieldType.BOOL: 5,
    FieldType.BYTE: 3,
    FieldType.INT16: 6,
    FieldType.INT32: 11,
    FieldType.INT64: 20,
    FieldType.FLOAT: 14,
    FieldType.DOUBLE: 22,
    FieldType.DATE: 10,
    FieldType.TIME: 15,
    FieldType.DATETIME: 26,
}
