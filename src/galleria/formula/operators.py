"""Arithmetic, text concatenation and logic."""

import operator
from collections.abc import Callable, Sequence

import polars as pl

from galleria.errors import FormulaError
from galleria.fields.division import divided, quotient
from galleria.formula.kinds import BOOL, DOUBLE, INT128, NULL, TEXT, Kind, ValueType, within
from galleria.formula.operand import Operand, as_number, as_text, as_truth
from galleria.formula.tree import Step

Value = tuple[ValueType, pl.Expr]

_FLAT_FROM = 60
"""Longer chains are kept flat: Polars plans deep expressions in more than linear time."""


def arithmetic(first: Operand, rest: Sequence[tuple[Step, Operand]]) -> Value:
    """`+ - * /` from left to right; `+` also joins texts. Raises FormulaError for a mixture."""
    if all(step.operator == "+" for step, _ in rest) and any(item.type.kind.is_text for item in (first, *(item for _, item in rest))):
        return concatenation(first, rest)
    if any(item.type.kind in (Kind.SPATIAL, Kind.BLOB) for item in (first, *(item for _, item in rest))):
        return _objects(first, rest)
    numbers = [_number(first, rest[0][0].position), *(_number(item, step.position) for step, item in rest)]
    types = step_types([number.type for number in numbers], [step.operator for step, _ in rest])
    if len(rest) < _FLAT_FROM:
        value, have = numbers[0].expression, numbers[0].type.dtype
        for (step, _), number, kind in zip(rest, numbers[1:], types, strict=True):
            value = _apply(step.operator, value if have == kind.dtype else value.cast(kind.dtype), number, kind)
            have = kind.dtype
        return types[-1], value
    return _long(numbers, [step.operator for step, _ in rest], types[-1])


def concatenation(first: Operand, rest: Sequence[tuple[Step, Operand]]) -> Value:
    """Texts joined; Null counts as empty unless all are Null."""
    operands = [first, *(item for _, item in rest)]
    for (step, _), item in zip([(rest[0][0], first), *rest], operands, strict=True):
        if item.type.kind.is_number:
            raise FormulaError("Formula: tried to apply numeric operator to string value", step.position)
    texts = [as_text(item) for item in operands]
    joined = pl.concat_str([text.expression for text in texts], ignore_nulls=True)
    if any(text.is_sure for text in texts):
        return TEXT, joined
    return TEXT, pl.when(pl.any_horizontal([text.expression.is_not_null() for text in texts])).then(joined)


def signed(sign: str, item: Operand, position: int) -> Value:
    """A number with `-` or `+` before it."""
    number = _number(item, position)
    if sign == "+":
        return number.type, number.expression
    bounds = number.type.bounds
    kind = ValueType(Kind.NUMBER, None if bounds is None else (-bounds[1], -bounds[0]))
    # From 0, since Polars negates no Int128.
    return kind, pl.lit(0, dtype=kind.dtype) - number.expression.cast(kind.dtype)


def logic(first: Operand, rest: Sequence[tuple[Step, Operand]]) -> Value:
    """AND and OR on one level, from left to right, two-valued."""
    value = as_truth(first).expression
    index = 0
    while index < len(rest):
        word = rest[index][0].operator
        run = [value]
        while index < len(rest) and rest[index][0].operator == word:
            run.append(as_truth(rest[index][1]).expression)
            index += 1
        if len(run) == 2:
            value = run[0] & run[1] if word == "AND" else run[0] | run[1]
        else:
            value = pl.all_horizontal(run) if word == "AND" else pl.any_horizontal(run)
    return BOOL, value


def _number(item: Operand, position: int) -> Operand:
    if item.type.kind.is_text:
        raise FormulaError("Formula: tried to apply numeric operator to string value", position)
    return as_number(item)


def step_types(numbers: Sequence[ValueType], signs: Sequence[str]) -> list[ValueType]:
    """The type after each step."""
    result: list[ValueType] = []
    left = numbers[0]
    for sign, right in zip(signs, numbers[1:], strict=True):
        left = ValueType(Kind.NUMBER, _bounds(sign, left.bounds, right.bounds))
        result.append(left)
    return result


def _bounds(sign: str, left: tuple[int, int] | None, right: tuple[int, int] | None) -> tuple[int, int] | None:
    if sign == "/" or left is None or right is None:
        return None
    if sign == "+":
        bounds = left[0] + right[0], left[1] + right[1]
    elif sign == "-":
        bounds = left[0] - right[1], left[1] - right[0]
    else:
        corners = [one * other for one in left for other in right]
        bounds = min(corners), max(corners)
    return bounds if within(bounds, INT128) else None


def _apply(sign: str, left: pl.Expr, right: Operand, kind: ValueType) -> pl.Expr:
    if sign == "/":
        return _quotient(left, right)
    # Both sides in the type of the result: Int64 would wrap, and Polars turns Int128 and Float64 into neither.
    other = right.expression if right.type.dtype == kind.dtype else right.expression.cast(kind.dtype)
    return _SIGNS[sign](left, other)


def _quotient(left: pl.Expr, right: Operand) -> pl.Expr:
    if right.is_constant:
        divisor = right.constant
        return quotient(left, float(divisor)) if isinstance(divisor, int | float) and divisor else pl.lit(None, dtype=pl.Float64)
    other = right.expression if right.type.dtype == pl.Float64() else right.expression.cast(pl.Float64)
    return quotient(left, pl.when(other != 0).then(other))


_SIGNS: dict[str, Callable[[pl.Expr, pl.Expr], pl.Expr]] = {"+": operator.add, "-": operator.sub, "*": operator.mul}


def _long(numbers: Sequence[Operand], signs: Sequence[str], kind: ValueType) -> Value:
    if kind.dtype == pl.Int64() and "*" not in signs:
        signed = [
            numbers[0].expression,
            *(-n.expression if sign == "-" else n.expression for sign, n in zip(signs, numbers[1:], strict=True)),
        ]
        return kind, pl.sum_horizontal(signed, ignore_nulls=False)
    # A chain of Doubles, or of products: exact left-to-right order over whole columns.
    columns = [number.expression.cast(pl.Float64) for number in numbers]

    def fold(series: Sequence[pl.Series]) -> pl.Series:
        total = series[0]
        for sign, column in zip(signs, series[1:], strict=True):
            total = _SERIES_SIGNS[sign](total, column)
        return total

    return DOUBLE, pl.map_batches(columns, fold, return_dtype=pl.Float64, is_elementwise=True)


def _divide(left: pl.Series, right: pl.Series) -> pl.Series:
    return divided(left, right).replace([float("inf"), float("-inf"), float("nan")], None)


_SERIES_SIGNS: dict[str, Callable[[pl.Series, pl.Series], pl.Series]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": _divide,
}


def _objects(first: Operand, rest: Sequence[tuple[Step, Operand]]) -> Value:
    from galleria.formula import shapes  # the spatial extra is loaded only where it is used

    operands = [first, *(item for _, item in rest)]
    if any(item.type.kind not in (Kind.SPATIAL, NULL.kind) for item in operands) or any(step.operator not in "+-" for step, _ in rest):
        raise FormulaError("Type mismatch: spatial objects can only be added to and cut from each other", rest[0][0].position)
    value = operands[0].expression
    for step, item in rest:
        value = shapes.union([value, item.expression]) if step.operator == "+" else shapes.difference(value, item.expression)
    return ValueType(Kind.SPATIAL), value
