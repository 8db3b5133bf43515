"""A plain row-by-row evaluation of the same tree: operators in Python, functions called with one row's values.

It knows the language's rules on its own; from the compiler it takes only the types of the parts.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, time
from functools import lru_cache
from typing import Any

import polars as pl

from galleria.formula.arguments import call
from galleria.formula.cases import ENVIRONMENT
from galleria.formula.kinds import Kind
from galleria.formula.operand import Operand
from galleria.formula.registry import Site, get_function
from galleria.formula.tree import Boolean, Call, Chain, Conditional, Membership, Name, Number, Text, Unary

Row = Mapping[str, Any]


def value_of(operand: Operand, row: Row) -> Any:
    """The value of an expression for one row; dates as Python's, Null as None."""
    node = operand.node
    match node:
        case Number():
            return int(node.text) if node.text.isdigit() else float(node.text)
        case Text() | Boolean():
            return node.value
        case Name():
            return _field(row[node.name])
        case Unary():
            part = operand.parts[0]
            value = value_of(part, row)
            return (not value) if node.operator == "!" else _unary(node.operator, _number(value, part))
        case Chain():
            return _chain(operand, node, row)
        case Membership():
            found = any(_compared("=", operand.parts[0], choice, row) for choice in operand.parts[1:])
            return found != node.negated
        case Conditional():
            count = len(operand.parts) // 2
            return _first_true(operand, operand.parts[:count], operand.parts[count:], row)
        case Call():
            return _call(operand, node, row)


def _field(value: Any) -> Any:
    return value


def _number(value: Any, part: Operand) -> Any:
    """A Bool as a number: a field's True is 1, an operator's or a function's -1."""
    if not isinstance(value, bool):
        return value
    return int(value) if isinstance(part.node, Name) else -int(value)


def _unary(sign: str, value: Any) -> Any:
    return None if value is None else -value if sign == "-" else value + 0


def _chain(operand: Operand, node: Chain, row: Row) -> Any:
    values = [value_of(part, row) for part in operand.parts]
    signs = [step.operator for step in node.steps]
    if operand.type.kind is Kind.TEXT:
        known = [_text(value) for value in values if value is not None]
        return "".join(known) if known else None
    if signs[0] in "+-*/":
        values = [_number(value, part) for value, part in zip(values, operand.parts, strict=True)]
    left = values[0]
    for place, (sign, right) in enumerate(zip(signs, values[1:], strict=True), 1):
        if sign in ("AND", "OR"):
            left = (bool(left) and bool(right)) if sign == "AND" else (bool(left) or bool(right))
        elif sign in "+-*/":
            left = _calculate(
                sign, left, right, is_whole=all(part.type.is_whole or part.type.kind is Kind.BOOL for part in operand.parts[: place + 1])
            )
        elif place == 1:
            left = _compared(sign, operand.parts[0], operand.parts[1], row)
        else:
            right = operand.parts[place]
            left = _compare(sign, left if right.type.kind is Kind.BOOL else -int(left), values[place])
    return left


def _compared(sign: str, left: Operand, right: Operand, row: Row) -> bool:
    one, other = value_of(left, row), value_of(right, row)
    if left.type.kind is not right.type.kind:
        one, other = _number(one, left), _number(other, right)
    return _compare(sign, one, other)


def _calculate(sign: str, left: Any, right: Any, *, is_whole: bool) -> Any:
    if left is None or right is None or (sign == "/" and not right):
        return None
    if sign == "/" or not is_whole:
        left, right = float(left), float(right)
    return {"+": lambda: left + right, "-": lambda: left - right, "*": lambda: left * right, "/": lambda: left / right}[sign]()


def _compare(sign: str, left: Any, right: Any) -> bool:
    if left is None or right is None:
        both = left is None and right is None
        return both if sign in ("=", "<=", ">=") else (not both if sign == "!=" else False)
    if isinstance(left, str | date | time) or isinstance(right, str | date | time):
        left, right = _text(left).casefold(), _text(right).casefold()
    return {
        "=": left == right,
        "!=": left != right,
        "<": left < right,
        "<=": left <= right,
        ">": left > right,
        ">=": left >= right,
    }[sign]


def _text(value: Any) -> str:
    if isinstance(value, datetime):
        return value.isoformat(" ", "seconds" if not value.microsecond else "microseconds")
    return value.isoformat() if isinstance(value, date | time) else value


def _first_true(operand: Operand, tests: Sequence[Operand], results: Sequence[Operand], row: Row) -> Any:
    for test, result in zip(tests, results[:-1], strict=True):
        if value_of(test, row):
            return _as_result(operand, result, row)
    return _as_result(operand, results[-1], row)


def _as_result(operand: Operand, result: Operand, row: Row) -> Any:
    value = value_of(result, row)
    if operand.type.kind is Kind.BOOL or value is None:
        return value
    if operand.type.kind is not Kind.TEXT:
        value = _number(value, result)
        return float(value) if isinstance(value, int) and operand.type.kind is Kind.NUMBER and not operand.type.is_whole else value
    return _text(value)


def _call(operand: Operand, node: Call, row: Row) -> Any:
    name = node.function.casefold()
    parts = operand.parts
    if name == "iif":
        return _first_true(operand, parts[:1], parts[1:], row)
    if name == "switch":
        for case, result in zip(parts[2::2], parts[3::2], strict=True):
            if _compared("=", parts[0], case, row):
                return _as_result(operand, result, row)
        return _as_result(operand, parts[1], row)
    expression, schema = _single_call(operand)
    values = {f"a{place}": value_of(part, row) for place, part in enumerate(parts)}
    columns = {name: pl.Series([values[name]], dtype=dtype, strict=False) for name, dtype in schema.items()}
    return pl.DataFrame({"\0": [0], **columns}).select("\0", value=expression)["value"].item()


@lru_cache(maxsize=512)
def _single_call(operand: Operand) -> tuple[pl.Expr, dict[str, pl.DataType]]:
    """A call over columns that hold its arguments; constants stay constants, since some must be."""
    node = operand.node
    assert isinstance(node, Call)
    schema = {f"a{place}": part.type.dtype for place, part in enumerate(operand.parts) if not part.is_constant}
    given = [
        part if part.is_constant else replace(part, expression=pl.col(f"a{place}"), problem=None, is_narrow=False)
        for place, part in enumerate(operand.parts)
    ]
    lowered = call(node, get_function(node.function, 0), given, Site(ENVIRONMENT, 0))
    return lowered.expression, schema
