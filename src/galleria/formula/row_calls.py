"""Calls and conversions of single values, for loops: short ways in Python where there is one, else the column expression itself."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import polars as pl

from galleria.fields.conversion import convert
from galleria.fields.text_fit import cut
from galleria.fields.types import Field, FieldType
from galleria.formula.arguments import call
from galleria.formula.kinds import BOOL, INT64, WHOLE, Kind, ValueType
from galleria.formula.operand import Operand
from galleria.formula.registry import Function, Site
from galleria.formula.scalars import half_away, plain_text
from galleria.formula.tree import Call

Told = tuple[Any, str | None]
"""A value and what went wrong."""

_REMEMBERED = 50_000
_RANGES = {
    FieldType.BYTE: (0, 255),
    FieldType.INT16: (-(2**15), 2**15 - 1),
    FieldType.INT32: (-(2**31), 2**31 - 1),
    FieldType.INT64: INT64,
}


def call_by_rows(operand: Operand, function: Function, site: Site) -> Callable[..., Told]:
    """A call as a function of its arguments' values, by the column expression on one row; results are remembered."""
    node = operand.node
    assert isinstance(node, Call)
    given = [
        replace(part, expression=pl.col(f"a{place}"), problem=None, is_narrow=False, reads=frozenset({f"a{place}"}))
        if part.reads or part.is_volatile
        else replace(part, problem=None)
        for place, part in enumerate(operand.parts)
    ]
    lowered = call(node, function, given, site)
    schema = {f"a{place}": part.type.dtype for place, part in enumerate(operand.parts)}
    return _remembered(lowered.expression, lowered.problem, schema)


def stored(source: ValueType, target: Field) -> Callable[[Any], Told]:
    """What the target field keeps of a value, and what it says about it."""
    if source.kind is Kind.NUMBER and target.type in _RANGES:
        return _whole(target)
    if source.kind is Kind.NUMBER and target.type is FieldType.DOUBLE:
        return lambda value: (None if value is None else float(value), None)
    if source == BOOL and target.type is not FieldType.BOOL:
        inner = stored(WHOLE, target)
        return lambda value: inner(None if value is None else -int(value))
    if source.kind is Kind.TEXT and target.type is FieldType.V_WSTRING:
        return _text(target)
    if (source.kind.value == target.type.value and not target.type.is_text) or source.kind is Kind.NULL:
        return lambda value: (value, None)
    field = Field("", source.field_type)
    converted = convert(pl.col("a0"), field, target, assigned=True)
    by_column = _remembered(converted.value, converted.problem, {"a0": source.dtype})
    return _plain_text(target, by_column) if source.kind is Kind.TEXT and target.type.is_text else by_column


def _remembered(value: pl.Expr, problem: pl.Expr | None, schema: dict[str, pl.DataType]) -> Callable[..., Told]:
    told = pl.lit(None, dtype=pl.String) if problem is None else problem
    known: dict[tuple[Any, ...], Told] = {}

    def apply(*row: Any) -> Told:
        # 1, 1.0 and True are the same key: the type goes with the value.
        key = (*row, *map(type, row))
        if key not in known:
            if len(known) >= _REMEMBERED:
                known.clear()
            frame = pl.DataFrame(
                {name: pl.Series([item], dtype=dtype, strict=False) for item, (name, dtype) in zip(row, schema.items(), strict=True)}
            )
            found = frame.with_row_index("row").select("row", value=value, problem=told).row(0)
            known[key] = (found[1], found[2])
        return known[key]

    return apply


def _whole(target: Field) -> Callable[[Any], Told]:
    low, high = _RANGES[target.type]
    told = f" does not fit in the type {target.type}"

    def store(value: float | None) -> Told:
        if value is None:
            return None, None
        whole = value if isinstance(value, int) else half_away(value)
        if whole is None or not low <= whole <= high:
            return None, f"{plain_text(value)}{told}"
        return whole, None

    return store


def _plain_text(target: Field, by_column: Callable[[Any], Told]) -> Callable[[Any], Told]:
    """Texts that fit in any case stay as they are."""
    size = target.size
    return lambda value: (value, None) if value is None or (len(value) <= size and value.isascii()) else by_column(value)


def _text(target: Field) -> Callable[[Any], Told]:
    def store(value: str | None) -> Told:
        if value is None or len(value) * 2 <= target.size:
            return value, None
        kept = cut(value, target.size)
        if kept == value:
            return value, None
        shown = value[:97] + "..." if target.size > 100 else value
        return kept, f'"{shown}" was truncated'

    return store
