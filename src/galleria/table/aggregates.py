"""Many values become one: the actions of Summarize and the methods of Cross Tab.

Source: cached schemas of real workflows for the types; see `tools.md` 8.1.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

import polars as pl

from galleria.errors import ToolError, UnsupportedError
from galleria.fields.columns import column
from galleria.fields.conversion import convert
from galleria.fields.text_numbers import INT64
from galleria.fields.types import V_STRING_MAX, V_WSTRING_MAX, Field, FieldType


@dataclass(frozen=True)
class Joining:
    """What Concat puts around and between the texts."""

    start: str = ""
    separator: str = ","
    end: str = ""


@dataclass(frozen=True)
class Aggregate:
    field: Field
    """What comes out; its name is the source's."""
    value: pl.Expr
    """For `group_by(...).agg` or `select`; of the field's `dtype`."""
    problem: pl.Expr | None = None
    """Row by row over what goes in: texts that are no numbers."""
    finish: Callable[[pl.Expr], pl.Expr] | None = None
    """What becomes of `value` once the rows are grouped: then it is a list of what each group holds."""
    lost: pl.Expr | None = None
    """As `value`, by group: what is told where the field cannot hold what came out, which is Null then."""


@dataclass(frozen=True)
class Numbers:
    """A column as numbers."""

    value: pl.Expr
    problem: pl.Expr | None


def aggregate(action: str, source: Field, *, joining: Joining = Joining(), percentile: float = 0.5, in_turn: bool = False) -> Aggregate:
    """What `action` makes of the column `source`; Null is left out except where an action counts it.

    First, Last, Concat and the ties of Longest and Shortest go by the order of the rows. `in_turn` adds Doubles one after
    the other, which gives the original's result to the last digit, but holds all of them in memory.
    Raises ToolError where the type does not allow the action, UnsupportedError for an action that is not known.
    """
    if action in _WITHOUT_ZERO:
        return _without_zero(action, source)
    if action in _COUNTS:
        return Aggregate(_made(action, source, FieldType.INT64), _COUNTS[action](source).cast(pl.Int64))
    if action in _CHOICES:
        return Aggregate(source, _CHOICES[action](column(source.name)))
    if action in _LENGTHS:
        return _by_length(action, source)
    if action in ("Concat", "ConcatDistinct"):
        return _concatenated(action, source, joining)
    if action in ("Sum", "Prod"):
        return _total(action, source, in_turn=in_turn)
    if action.removesuffix("No0").replace("Pctl", "Percentile") in _STATISTICS:
        return _statistic(action, source, percentile, in_turn=in_turn)
    raise UnsupportedError(f"Summarize action {action}", "it is not known here")


def _made(action: str, source: Field, kind: FieldType, size: int = 0, scale: int = 0) -> Field:
    return Field(source.name, kind, size, scale, source=f"Summarize: {action} - {source.name}")


def _is_blank(source: Field) -> pl.Expr:
    value = column(source.name)
    return value.is_null() | (value == "") if source.type.is_text else value.is_null()


_COUNTS: dict[str, Callable[[Field], pl.Expr]] = {
    "Count": lambda _: pl.len(),
    "CountNonNull": lambda source: column(source.name).count(),
    "CountNull": lambda source: column(source.name).null_count(),
    "CountDistinct": lambda source: column(source.name).n_unique(),
    "CountDistinctNonNull": lambda source: column(source.name).drop_nulls().n_unique(),
    "CountBlank": lambda source: _is_blank(source).fill_null(value=True).sum(),
    "CountNonBlank": lambda source: (~_is_blank(source)).fill_null(value=False).sum(),
}

_CHOICES: dict[str, Callable[[pl.Expr], pl.Expr]] = {
    "Min": lambda value: value.min(),
    "Max": lambda value: value.max(),
    "First": lambda value: value.first(),
    "Last": lambda value: value.last(),
    # Of several values that are equally frequent, the smallest.
    "Mode": lambda value: value.drop_nulls().mode().sort().first(),
}

_LENGTHS: dict[str, Callable[[pl.Expr], pl.Expr]] = {
    "Longest": lambda lengths: lengths.max(),
    "Shortest": lambda lengths: lengths.min(),
}

_STATISTICS: dict[str, Callable[[pl.Expr, float], pl.Expr]] = {
    "Avg": lambda value, _: value.mean(),
    "Median": lambda value, _: value.median(),
    "StdDev": lambda value, _: _spread(value, value.std()),
    "Variance": lambda value, _: _spread(value, value.var()),
    "Percentile": lambda value, percentile: value.quantile(percentile, "linear"),
}


_WITHOUT_ZERO = ("MinNo0", "MaxNo0", "ModeNo0", "CountNo0")


def _without_zero(action: str, source: Field) -> Aggregate:
    if not source.type.is_numeric:
        raise ToolError(f'The action {action} needs numbers, but the field "{source.name}" is a {source.type}.')
    value = column(source.name)
    value = value.filter(value != 0)
    if action == "CountNo0":
        return Aggregate(_made(action, source, FieldType.INT64), value.count().cast(pl.Int64))
    return Aggregate(source, _CHOICES[action.removesuffix("No0")](value))


def _spread(value: pl.Expr, spread: pl.Expr) -> pl.Expr:
    """A single value does not spread, where Polars gives Null."""
    return pl.when(value.count() == 1).then(0.0).otherwise(spread)


def sum_of_doubles(values: pl.Expr, *, in_turn: bool) -> pl.Expr:
    """Their sum: rounded after every one of them if `in_turn`, otherwise as exact as it gets."""
    return values.drop_nulls().cum_sum().last() if in_turn else values.sum()


def _statistic(action: str, source: Field, percentile: float, *, in_turn: bool) -> Aggregate:
    numbers = as_numbers(action, source)
    value = numbers.value.cast(pl.Float64)
    if action.endswith("No0"):
        value = value.filter(value != 0)
    base = action.removesuffix("No0").replace("Pctl", "Percentile")
    is_mean_in_turn = in_turn and base == "Avg"
    found = sum_of_doubles(value, in_turn=True) / value.count() if is_mean_in_turn else _STATISTICS[base](value, percentile)
    return Aggregate(_made(action, source, FieldType.DOUBLE), found, numbers.problem)


def _total(action: str, source: Field, *, in_turn: bool) -> Aggregate:
    """Null where there is not one number."""
    numbers = as_numbers(action, source)
    if source.type.is_integer or source.type is FieldType.BOOL:
        field = _made(action, source, FieldType.INT64)
    elif source.type is FieldType.FIXED_DECIMAL:
        field = _made(action, source, FieldType.FIXED_DECIMAL, source.size + 5, source.scale)
    else:
        field = _made(action, source, FieldType.DOUBLE)
    if action == "Prod":
        field = replace(field, type=FieldType.DOUBLE, size=8, scale=0)
    values = numbers.value.cast(field.dtype)
    if action == "Sum" and source.type is FieldType.INT64:
        exact = values.cast(pl.Int128).sum()
        return Aggregate(field, pl.when(values.count() > 0).then(exact.cast(pl.Int64, strict=False)), lost=beyond_int64(exact))
    total = values.product() if action == "Prod" else sum_of_doubles(values, in_turn=in_turn and field.type is FieldType.DOUBLE)
    return Aggregate(field, pl.when(values.count() > 0).then(total).cast(field.dtype), numbers.problem)


def beyond_int64(total: pl.Expr) -> pl.Expr:
    """What is told of an Int128 that no Int64 holds; Null of one that it does."""
    return pl.when(~total.is_between(*INT64)).then(pl.concat_str(total.cast(pl.String), pl.lit(" does not fit in the type Int64")))


def as_numbers(action: str, source: Field) -> Numbers:
    """The numbers of a column, those in texts too; raises ToolError for a type that has none."""
    if source.type.is_text:
        converted = convert(column(source.name), source, Field(source.name, FieldType.DOUBLE))
        return Numbers(converted.value, converted.problem)
    if not source.type.is_numeric and source.type is not FieldType.BOOL:
        raise ToolError(f'The action {action} needs numbers, but the field "{source.name}" is a {source.type}.')
    return Numbers(column(source.name), None)


def _by_length(action: str, source: Field) -> Aggregate:
    if not source.type.is_text:
        raise ToolError(f'The action {action} needs texts, but the field "{source.name}" is a {source.type}.')
    text = column(source.name)
    lengths = text.str.len_chars()
    return Aggregate(source, text.filter(lengths == _LENGTHS[action](lengths)).first())


def _concatenated(action: str, source: Field, joining: Joining) -> Aggregate:
    is_wide = source.type.is_wide or action == "ConcatDistinct"
    kind, size = (FieldType.V_WSTRING, V_WSTRING_MAX) if is_wide else (FieldType.V_STRING, V_STRING_MAX)
    field = _made(action, source, kind, size)
    text = convert(column(source.name), source, field).value.drop_nulls()
    if action == "ConcatDistinct":
        text = text.unique(maintain_order=True)
    joined = pl.lit(joining.start) + text.str.join(joining.separator) + pl.lit(joining.end)
    return Aggregate(field, joined)
