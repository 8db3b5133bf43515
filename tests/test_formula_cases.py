"""Runs the `.cases` files, and demands for every function what each needs."""

import json
import math
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from galleria.errors import FormulaError
from galleria.formula.cases import ENVIRONMENT, Case, all_cases
from galleria.formula.evaluate import evaluate
from galleria.formula.parser import parse
from galleria.formula.registry import all_functions
from galleria.formula.tree import Call, Node, Text

CASES = all_cases()


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.family}:{case.line}")
def test_a_case_comes_to_what_it_says(case: Case) -> None:
    found = evaluate(case.expression, {}, ENVIRONMENT)
    if case.error is not None:
        assert str(found.get("error", found)).endswith(case.error)
        return
    assert case.expected is not None
    wanted = evaluate(case.expected, {}, ENVIRONMENT)
    assert "error" not in found, found
    assert same(found["value"], wanted["value"]), f"{found['value']!r} is not {wanted['value']!r}"
    assert found.get("problem") == case.says


def same(found: object, wanted: object) -> bool:
    if isinstance(found, bool) or isinstance(wanted, bool) or not isinstance(found, int | float) or not isinstance(wanted, int | float):
        return type(found) is type(wanted) and found == wanted
    return math.isclose(found, wanted, rel_tol=1e-9, abs_tol=1e-12)


@pytest.mark.parametrize("function", sorted({function.name for function in all_functions().values()}))
def test_every_function_has_its_null_empty_and_wrong_type_case(function: str) -> None:
    declared = all_functions()[function.casefold()]
    own = [case for case in CASES if case.family == declared.family and _calls(case, function)]
    assert any(case.error is not None for case in own), "no case of a wrong argument"
    if declared.signature.most == 0:
        return
    assert any(_has(case, function, _is_null) for case in own), "no case with Null()"
    assert any(_has(case, function, _is_empty) for case in own), 'no case with ""'


def test_the_functions_are_those_of_the_published_list() -> None:
    names = {function.name for function in all_functions().values()}
    # The list counts IF and ELSEIF, which are grammar, as two of its 199.
    assert len(names) == 197
    assert all(function.summary for function in all_functions().values())


def _calls(case: Case, function: str) -> bool:
    return f"{function.casefold()}(" in case.expression.casefold()


def _has(case: Case, function: str, wanted: Callable[[Node], bool]) -> bool:
    try:
        calls = [call for call in _call_nodes(parse(case.expression)) if call.function.casefold() == function.casefold()]
    except FormulaError:
        return False
    return any(wanted(argument) for call in calls for argument in call.arguments)


def _is_null(node: Node) -> bool:
    return isinstance(node, Call) and node.function.casefold() == "null"


def _is_empty(node: Node) -> bool:
    return isinstance(node, Text) and not node.value


def _call_nodes(node: object) -> Iterator[Call]:
    if isinstance(node, Call):
        yield node
    for value in vars(node).values() if hasattr(node, "__dict__") else ():
        for part in value if isinstance(value, tuple) else (value,):
            yield from _call_nodes(part)


def test_the_unverified_cases_are_counted() -> None:
    """`coverage.json` says how many expectations no source states; whoever adds or verifies one brings the figure up to date."""
    counted = json.loads((Path(__file__).parents[1] / "coverage.json").read_text(encoding="utf-8"))["unverified_formula_cases"]
    assert sum(not case.is_verified for case in all_cases()) == counted
