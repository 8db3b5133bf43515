"""Expressions of an interface: conditions and updated values, worked out before anything runs, as text."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import polars as pl

from galleria.errors import FormulaError
from galleria.fields.types import Field, FieldType
from galleria.formula.compile import assign, compile_expression
from galleria.formula.environment import Environment

Value = str | float | bool | None


def evaluate_text(expression: str, values: Mapping[str, str], environment: Environment) -> str:
    """The expression's value as text; `values` are answers by the names of the wires that bring them (`#1`).

    Answers are texts, but real documents use the answer of a box as a truth (`![#1]`) and of a spin button as a number
    (`[#1] + 1`): where the expression makes no sense with texts, those readings are tried. Raises FormulaError.
    """
    first: FormulaError | None = None
    for read in _READINGS:
        try:
            return _evaluated(expression, {name: read(value) for name, value in values.items()}, environment)
        except FormulaError as error:
            first = first or error
    assert first is not None
    raise first


def _evaluated(expression: str, values: Mapping[str, Value], environment: Environment) -> str:
    compiled = compile_expression(expression, (), environment, extra=values)
    converted = assign(compiled, Field("", FieldType.V_WSTRING))
    value = pl.select(converted.value).item()
    return "" if value is None else str(value)


def _as_text(value: str) -> Value:
    return value


def _as_truth(value: str) -> Value:
    return {"true": True, "false": False}.get(value.casefold(), value)


def _as_number(value: str) -> Value:
    try:
        return float(value)
    except ValueError:
        return _as_truth(value)


_READINGS: Sequence[Callable[[str], Value]] = (_as_text, _as_truth, _as_number)
