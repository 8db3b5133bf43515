"""One of several results, as IF, IIF and Switch pick it."""

from collections.abc import Sequence

import polars as pl

from galleria.formula.operand import Operand, as_truth, join_problems


def choose(conditions: Sequence[Operand], results: Sequence[tuple[pl.Expr, Operand]]) -> tuple[pl.Expr, pl.Expr | None]:
    """Value and problem of the result whose condition is the first true one.

    `results` (each with the operand that it was made from) has one more than `conditions`: what is left where none is true.
    Only the chosen branch can go wrong.
    """
    tests = [as_truth(condition).expression for condition in conditions]
    value = _pick(tests, [value for value, _ in results])
    problems = [operand.problem for _, operand in results]
    before = [condition.problem for condition in conditions]
    if all(problem is None for problem in problems):
        return value, join_problems(before)
    nothing = pl.lit(None, dtype=pl.String)
    return value, join_problems([*before, _pick(tests, [nothing if problem is None else problem for problem in problems])])


def _pick(tests: Sequence[pl.Expr], values: Sequence[pl.Expr]) -> pl.Expr:
    result = pl.when(tests[0]).then(values[0])
    for test, value in zip(tests[1:], values[1:-1], strict=True):
        result = result.when(test).then(value)
    return result.otherwise(values[-1])
