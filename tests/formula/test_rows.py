"""Whole columns come to the same as one row after another, for every function and for random expressions."""

import math

import pytest

from galleria.errors import FormulaError, UnsupportedError
from galleria.formula.cases import ENVIRONMENT
from galleria.formula.compile import finish, lower_expression
from galleria.formula.registry import all_functions
from galleria.formula.scope import FieldScope
from tests.formula.expressions import FIELDS, TABLE, Expressions
from tests.formula.interpreter import value_of

SCOPE = FieldScope(FIELDS, ENVIRONMENT)
FUNCTIONS = sorted({function.name for function in all_functions().values() if not function.is_volatile})
EACH = 5


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_function_gives_the_same_for_columns_and_rows(name: str) -> None:
    function = all_functions()[name.casefold()]
    compiled = 0
    for seed in range(EACH):
        compiled += _check(Expressions(seed).call_of(function))
    assert compiled >= 1 or function.name in ("RangeMedian", "FileExists", "Message"), "no random call of it compiled"


@pytest.mark.parametrize("seed", range(80))
def test_an_expression_gives_the_same_for_columns_and_rows(seed: int) -> None:
    draw = Expressions(seed)
    for make in (draw.number, draw.text, draw.truth):
        _check(make(3))


def _check(text: str) -> bool:
    """Compare; False where the expression does not compile, which random ones may not."""
    try:
        operand = lower_expression(text, SCOPE)
    except (FormulaError, UnsupportedError):
        return False
    compiled = finish(operand, FIELDS)
    columns = TABLE.lazy().select("i", value=compiled.value if compiled.exact is None else compiled.exact).collect()["value"].to_list()
    for found, row in zip(columns, TABLE.iter_rows(named=True), strict=True):
        wanted = value_of(operand, row)
        assert _same(found, wanted), f"{text}: {found!r} is not {wanted!r} for {row}"
    return True


def _same(found: object, wanted: object) -> bool:
    if isinstance(found, float) and isinstance(wanted, int | float):
        return math.isclose(found, wanted, rel_tol=1e-9, abs_tol=1e-9) or (math.isnan(found) and math.isnan(wanted))
    return found == wanted and (found is None) == (wanted is None)
