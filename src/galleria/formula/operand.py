"""A part of an expression on its way to Polars: its type, its expression, what may go wrong in it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

import polars as pl

from galleria.errors import FormulaError
from galleria.fields.conversion import text_of
from galleria.fields.dates import text_of_date
from galleria.fields.types import Field
from galleria.formula.kinds import BOOL, DOUBLE, NULL, TEXT, WHOLE, Kind, ValueType, number_dtype, unify
from galleria.formula.tree import Node


@dataclass(frozen=True)
class Operand:
    node: Node
    type: ValueType
    expression: pl.Expr = field(compare=False)
    """Of the type's `dtype`; a field of a narrow number type may still have that."""
    problem: pl.Expr | None = field(default=None, compare=False)
    """Text: what to report for the row, Null where all is well; None where nothing can go wrong."""
    parts: "tuple[Operand, ...]" = ()
    reads: frozenset[str] = frozenset()
    """Names of the fields that the value depends on."""
    is_volatile: bool = False
    """Differs from row to row though it reads no field (RAND)."""
    is_narrow: bool = False
    """The expression has a narrower number type than `type.dtype`."""
    is_sure: bool = False
    """Never Null."""
    depth: int = 0
    """About how deeply the Polars expression is nested; see `settling`."""

    @property
    def position(self) -> int:
        return self.node.position

    @property
    def is_constant(self) -> bool:
        return not self.reads and not self.is_volatile

    @cached_property
    def constant(self) -> object:
        """The value of a constant part (None for Null); ask only where `is_constant`."""
        return pl.select(self.expression).item()

    @property
    def constant_text(self) -> str | None:
        """The value where it is a constant text; None where it is Null, of another type, or differs from row to row."""
        value = self.constant if self.is_constant and self.type.kind is Kind.TEXT else None
        return value if isinstance(value, str) else None

    @property
    def wide(self) -> pl.Expr:
        """The expression, surely of the type's `dtype`."""
        return self.expression.cast(self.type.dtype) if self.is_narrow else self.expression

    def with_expression(self, expression: pl.Expr, kind: ValueType) -> "Operand":
        """The same part of the formula, as another type; a constant stays a literal."""
        if self.is_constant:
            value = pl.select(expression).item()
            return knowing(replace(self, expression=pl.lit(value, dtype=kind.dtype), type=kind, is_narrow=False), value)
        return replace(self, expression=expression, type=kind, is_narrow=False)

    def with_problem(self, problem: pl.Expr | None) -> "Operand":
        return replace(self, problem=problem)


def knowing(operand: Operand, value: object) -> Operand:
    """The operand with its constant value at hand, so that nobody asks Polars for it."""
    operand.__dict__["constant"] = value
    return operand


def literal_operand(node: Node, kind: ValueType, value: str | float | bool | None) -> Operand:
    """A constant."""
    return knowing(Operand(node, kind, pl.lit(value, dtype=kind.dtype), is_sure=value is not None), value)


def whole(node: Node, kind: ValueType, expression: pl.Expr, parts: Sequence[Operand], *, sure: bool = False) -> Operand:
    """An operand made of its parts: reads what they read, goes wrong where they do."""
    return Operand(
        node,
        kind,
        expression,
        problem=join_problems([part.problem for part in parts]),
        parts=tuple(parts),
        reads=frozenset[str]().union(*[part.reads for part in parts]),
        is_volatile=any(part.is_volatile for part in parts),
        is_sure=sure,
    )


def join_problems(problems: Iterable[pl.Expr | None]) -> pl.Expr | None:
    """The first thing that went wrong in a row."""
    known = [problem for problem in problems if problem is not None]
    if len(known) < 2:
        return known[0] if known else None
    return pl.coalesce(known)


def meet(operands: Sequence[Operand], what: str, position: int) -> tuple[ValueType, list[pl.Expr]]:
    """The one type that all operands share, and their expressions in it; raises FormulaError where there is none."""
    shared = unify([operand.type for operand in operands])
    if shared is None:
        numbers = [operand for operand in operands if operand.type.kind.is_number]
        others = sorted({str(operand.type.kind) for operand in operands if operand.type.kind not in (Kind.NULL, Kind.NUMBER, Kind.BOOL)})
        kinds = [*(["Number"] if numbers else []), *others]
        raise FormulaError(f"Type mismatch: {what} must be of one kind, not {' and '.join(kinds)}", position)
    return shared, [as_type(operand, shared) for operand in operands]


def meet_as_results(operands: Sequence[Operand], what: str, position: int) -> tuple[ValueType, list[pl.Expr]]:
    """As `meet`, but numbers meet texts as the text that a field shows of them, as the results of IF do in real workflows."""
    kinds = {operand.type.kind for operand in operands}
    mixed = any(kind.is_number for kind in kinds) and any(kind.is_text for kind in kinds)
    if mixed and all(kind.is_number or kind.is_text or kind is Kind.NULL for kind in kinds):
        return TEXT, [as_shown(operand) for operand in operands]
    return meet(operands, what, position)


def as_shown(operand: Operand) -> pl.Expr:
    """A number or date as the text that a field shows of it."""
    if operand.type.kind is Kind.NULL:
        return pl.lit(None, dtype=pl.String)
    if operand.type == BOOL:
        return number_of_truth(operand).cast(pl.String)
    return text_of(operand.expression, Field("", operand.type.field_type))


def as_type(operand: Operand, wanted: ValueType) -> pl.Expr:
    """The expression as `wanted`, which `unify` says it can be."""
    have = operand.type
    if have.kind is Kind.NULL:
        return pl.lit(None, dtype=wanted.dtype)
    if have.kind is wanted.kind and have.dtype == wanted.dtype:
        return operand.wide
    if wanted.kind is Kind.TEXT:
        return text_of_date(operand.expression, have.field_type)
    return (number_of_truth(operand) if have.kind is Kind.BOOL else operand.expression).cast(wanted.dtype)


def as_text(operand: Operand) -> Operand:
    """Dates as their text; raises FormulaError for anything but text, dates and Null."""
    if operand.type.kind is Kind.TEXT:
        return operand
    if not (operand.type.kind.is_text or operand.type.kind is Kind.NULL):
        raise FormulaError(f"Type mismatch. {_named(operand.type)} provided where a string is required.", operand.position)
    return operand.with_expression(as_type(operand, TEXT), TEXT)


def as_number(operand: Operand) -> Operand:
    """Int64 or Float64; Bool as 0 and 1; raises FormulaError for text and objects."""
    kind = operand.type.kind
    if kind is Kind.NULL:
        return operand.with_expression(pl.lit(None, dtype=pl.Float64), DOUBLE)
    if kind is Kind.BOOL:
        return operand.with_expression(number_of_truth(operand), ValueType(Kind.NUMBER, operand.type.bounds))
    if kind is not Kind.NUMBER:
        raise FormulaError(f"Type mismatch. {_named(operand.type)} provided where a number is required.", operand.position)
    return operand.with_expression(operand.wide, operand.type) if operand.is_narrow else operand


def number_of_truth(operand: Operand) -> pl.Expr:
    """0 and 1 for a field, 0 and -1 for what an operator or a function answers, as Int64."""
    number = operand.expression.cast(pl.Int64)
    return -number if operand.type == BOOL else number


def as_double(operand: Operand) -> Operand:
    number = as_number(operand)
    return number if not number.type.is_whole else number.with_expression(number.expression.cast(pl.Float64), DOUBLE)


def as_whole(operand: Operand) -> Operand:
    """Cut to a whole number; Null where an Int64 cannot hold it."""
    number = as_number(operand)
    if number.type.dtype == pl.Int64():
        return number
    return number.with_expression(number.expression.cast(pl.Int64, strict=False), WHOLE)


def as_truth(operand: Operand) -> Operand:
    """True or False, never Null: Null and 0 are False. Raises FormulaError for text and objects."""
    kind = operand.type.kind
    if kind is Kind.NULL:
        return operand.with_expression(pl.lit(value=False), BOOL)
    if kind is Kind.BOOL:
        return operand if operand.is_sure else operand.with_expression(operand.expression.fill_null(value=False), BOOL)
    if kind is not Kind.NUMBER:
        raise FormulaError(f"Type mismatch. {_named(operand.type)} provided where a boolean is required.", operand.position)
    return operand.with_expression((operand.expression != 0).fill_null(value=False), BOOL)


def widest(operands: Sequence[Operand]) -> pl.DataType:
    shared = unify([operand.type for operand in operands])
    return number_dtype(shared.bounds if shared and shared is not NULL else None)


def _named(kind: ValueType) -> str:
    if kind.kind.is_number:
        return "Number"
    return "String" if kind.kind.is_text else str(kind.kind)
