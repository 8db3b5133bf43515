"""One of several results, as IF, IIF and Switch pick it."""

from collections.abc import Sequence

import polars as pl

from galleria.formula.kinds import BOOL, Kind
from galleria.formula.operand import Operand, as_truth, join_problems


def choose(conditions: Sequence[Operand], results: Sequence[tuple[pl.Expr, Operand]]) -> tuple[pl.Expr, pl.Expr | None]:
    """Value and problem of the result whose condition is the first true one.

    `results` (each with the operand that it was made from) has one more than `conditions`: what is left where none is true.
    Only the chosen branch can go wrong.
    """
    conditions = [_as_condition(condition) for condition in conditions]
    tests = [condition.expression for condition in conditions]
    value = _pick(tests, [value for value, _ in results])
    problems = [operand.problem for _, operand in results]
    before = [condition.problem for condition in conditions]
    if all(problem is None for problem in problems):
        return value, join_problems(before)
    nothing = pl.lit(None, dtype=pl.String)
    return value, join_problems([*before, _pick(tests, [nothing if problem is None else problem for problem in problems])])


def _as_condition(operand: Operand) -> Operand:
    """A truth, never Null; a column of texts is one by its first character, as in a Bool field, and every text is told of."""
    if operand.type.kind is not Kind.TEXT or operand.is_constant:
        return as_truth(operand)
    value = operand.expression
    told = pl.when(value.is_not_null()).then(pl.lit("The text ") + value + pl.lit(" is taken for True or False by its first character."))
    found = value.str.contains(r"\A[Tt1-9]").fill_null(value=False)
    return operand.with_expression(found, BOOL).with_problem(join_problems([operand.problem, told]))


def _pick(tests: Sequence[pl.Expr], values: Sequence[pl.Expr]) -> pl.Expr:
    result = pl.when(tests[0]).then(values[0])
    for test, value in zip(tests[1:], values[1:-1], strict=True):
        result = result.when(test).then(value)
    return result.otherwise(values[-1])
