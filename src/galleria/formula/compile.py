"""What the hosts of expressions call: text in, a typed Polars expression out. No row is read."""

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from galleria.errors import FormulaError
from galleria.fields.columns import column
from galleria.fields.conversion import Converted, convert
from galleria.fields.types import Field, FieldType
from galleria.formula.environment import Environment
from galleria.formula.kinds import BOOL, Kind
from galleria.formula.lowering import Scope, lower
from galleria.formula.memory import names_in, remembered
from galleria.formula.operand import Operand, as_truth, join_problems
from galleria.formula.parser import parse
from galleria.formula.recursion import deep_recursion
from galleria.formula.scope import Constant, FieldScope
from galleria.formula.tree import Name


@dataclass(frozen=True)
class Compiled:
    """An expression, ready for `select` or `with_columns` on a frame with the fields it was compiled for."""

    value: pl.Expr
    """Of `field.dtype`."""
    field: Field
    """Type and size of the result; its name is empty. An untyped Null is a V_WString."""
    problem: pl.Expr | None
    """Text: the conversion error of the row, Null where all is well; None where nothing can go wrong."""
    reads: frozenset[str]
    """The fields that it needs, spelled as the fields are."""
    is_truth: bool = False
    """What an operator or a function answers: a number or a text field keeps True as -1, not as a Bool field's 1 or `True`."""
    exact: pl.Expr | None = None
    """For sums of Int64 that may outgrow Int64: the same value in Int128."""
    exact_problem: pl.Expr | None = None
    """As `problem`, without what the width of Int64 costs."""
    assigned: dict[Field, Converted] = dataclasses.field(default_factory=dict[Field, Converted], init=False, repr=False, compare=False)
    """What fields keep of it, as far as it was asked for."""


def compile_expression(
    text: str, fields: Sequence[Field], environment: Environment, *, extra: Mapping[str, Field | Constant] | None = None
) -> Compiled:
    """Compile an expression over `fields`; raises FormulaError with the position of what is wrong.

    `extra`: names that the host adds, each a field (`_CurrentField_`) or a constant (`_CurrentFieldName_`, `#1`).
    """
    scope = FieldScope(fields, environment, extra)

    def make() -> tuple[Compiled, bool]:
        operand = lower_expression(text, scope)
        return finish(operand, fields), not operand.is_volatile

    return remembered(("compiled", text, scope.key(names_in(text))), make)


def condition(
    text: str, fields: Sequence[Field], environment: Environment, *, extra: Mapping[str, Field | Constant] | None = None
) -> Compiled:
    """Compile a test: a Bool that is never Null (Null and 0 are False); raises FormulaError for an expression of text."""
    operand = lower_expression(text, FieldScope(fields, environment, extra))
    truth = as_truth(operand)
    return Compiled(truth.expression, Field("", FieldType.BOOL), operand.problem, operand.reads)


def assign(compiled: Compiled, target: Field) -> Converted:
    """The value as the target field keeps it, with both kinds of problems joined."""
    if target not in compiled.assigned:
        compiled.assigned[target] = _assigned(compiled, target)
    return compiled.assigned[target]


def _assigned(compiled: Compiled, target: Field) -> Converted:
    if compiled.exact is not None and target.type in (FieldType.DOUBLE, FieldType.FLOAT):
        # What outgrows Int64 is a Double, and nothing is lost.
        converted = convert(compiled.exact.cast(pl.Float64), Field("", FieldType.DOUBLE), target, assigned=True)
        return Converted(converted.value, join_problems([compiled.exact_problem, converted.problem]))
    if compiled.is_truth and target.type is not FieldType.BOOL:
        converted = convert(-compiled.value.cast(pl.Int64), Field("", FieldType.INT64), target, assigned=True)
    else:
        converted = convert(compiled.value, compiled.field, target, assigned=True)
    if compiled.problem is None:
        return converted
    return Converted(converted.value, join_problems([compiled.problem, converted.problem]))


def lower_expression(text: str, scope: Scope) -> Operand:
    """Parse and lower a whole expression."""
    if not isinstance(scope, FieldScope):
        return _lowered(text, scope)

    def make() -> tuple[Operand, bool]:
        operand = _lowered(text, scope)
        return operand, not operand.is_volatile

    return remembered(("operand", text, scope.key(names_in(text))), make)


def _lowered(text: str, scope: Scope) -> Operand:
    node = parse(text)
    with deep_recursion():
        return lower(node, scope)


def finish(operand: Operand, fields: Sequence[Field] = ()) -> Compiled:
    """The operand as its host sees it: a plain field keeps its own type and size."""
    own = _own_field(operand, fields)
    if own is not None:
        return Compiled(column(own.name), own.renamed(""), operand.problem, operand.reads)
    kind = operand.type.field_type
    if operand.type.kind is Kind.NULL:
        return Compiled(pl.lit(None, dtype=pl.String), Field("", kind), operand.problem, operand.reads)
    if operand.type.dtype == pl.Int128():
        narrow = operand.expression.cast(pl.Int64, strict=False)
        lost = pl.when(narrow.is_null() & operand.expression.is_not_null()).then(
            pl.concat_str(operand.expression.cast(pl.String), pl.lit(" does not fit in the type Int64"))
        )
        told = join_problems([operand.problem, lost])
        return Compiled(narrow, Field("", kind), told, operand.reads, exact=operand.expression, exact_problem=operand.problem)
    return Compiled(operand.wide, Field("", kind), operand.problem, operand.reads, operand.type == BOOL)


def _own_field(operand: Operand, fields: Sequence[Field]) -> Field | None:
    if not isinstance(operand.node, Name) or operand.node.row or len(operand.reads) != 1:
        return None
    (read,) = operand.reads
    return next((field for field in fields if field.name == read), None)


__all__ = ["Compiled", "FormulaError", "assign", "compile_expression", "condition", "finish", "lower_expression"]
