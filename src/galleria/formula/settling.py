"""Keeps what Polars gets to plan small: constant parts are worked out, expressions that repeat themselves are boxed.

A function's column expression may use an argument several times, so that calls within calls would grow without bound; a
box is one Python step that gets each argument once. Polars also plans by recursion: what is nested too deeply is refused.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace

import polars as pl

from galleria.errors import FormulaError
from galleria.formula.by_row import same_height
from galleria.formula.kinds import Kind
from galleria.formula.operand import Operand, knowing
from galleria.formula.tree import Call, Chain, Node, Unary

DEEPEST = 600
"""Polars' planner overflows its stack from about twice as many nested functions on."""
_MEASURED_FROM = 3
_LARGEST = 64
"""Column references in an expression."""


def settled(operand: Operand, parts: Sequence[Operand], assemble: Callable[[Sequence[Operand]], Operand]) -> Operand:
    """The operand in the form in which it becomes part of others; `assemble` makes it again from other parts.

    Raises FormulaError for one that is nested too deeply.
    """
    if operand.is_constant:
        return _literal(operand)
    depth = max([operand.depth, *[part.depth for part in parts]]) + _weight(operand.node)
    if depth > DEEPEST:
        raise FormulaError(f"Nested too deeply: at most about {DEEPEST // 3} calls within each other can be worked out", operand.position)
    if depth > _MEASURED_FROM and not operand.is_volatile and len(operand.expression.meta.root_names()) > _LARGEST:
        operand = _boxed(operand, parts, assemble)
    return replace(operand, depth=depth)


def _weight(node: Node) -> int:
    """Conditions nest safely; what a function becomes is often several steps."""
    if isinstance(node, Call):
        return 1 if node.function.casefold() in ("iif", "switch") else 3
    return 1 if isinstance(node, Chain | Unary) else 0


def _literal(operand: Operand) -> Operand:
    """A constant part, worked out: one value, which every row gets."""
    if operand.type.kind is Kind.NULL:
        return operand
    problem = None if operand.problem is None else pl.select(operand.problem).item()
    value = operand.constant
    made = replace(
        operand,
        expression=pl.lit(value, dtype=operand.type.dtype),
        problem=None if problem is None else pl.lit(problem, dtype=pl.String),
        is_sure=value is not None,
        is_narrow=False,
    )
    return knowing(made, value)


def _boxed(operand: Operand, parts: Sequence[Operand], assemble: Callable[[Sequence[Operand]], Operand]) -> Operand:
    inputs: dict[str, pl.Expr] = {}
    inside: list[Operand] = []
    for place, part in enumerate(parts):
        if part.is_constant:
            inside.append(part)
            continue
        inputs[f"e{place}"] = part.expression
        problem = None
        if part.problem is not None:
            inputs[f"q{place}"] = part.problem
            problem = pl.col(f"q{place}")
        inside.append(replace(part, expression=pl.col(f"e{place}"), problem=problem))
    inner = assemble(inside)
    value = _box(inputs, inner.expression, inner.type.dtype)
    told = None if inner.problem is None else _box(inputs, inner.problem, pl.String())
    return replace(operand, expression=value, problem=told, is_narrow=False)


def _box(inputs: dict[str, pl.Expr], expression: pl.Expr, dtype: pl.DataType) -> pl.Expr:
    names = list(inputs)

    def run(columns: Sequence[pl.Series]) -> pl.Series:
        frame = pl.DataFrame([column.alias(name) for name, column in zip(names, same_height(columns), strict=True)])
        return frame.select(value=expression.cast(dtype)).to_series()

    return pl.map_batches(list(inputs.values()), run, return_dtype=dtype, is_elementwise=True)
