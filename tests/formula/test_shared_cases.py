"""The shared table of cases with published sources, where it is there."""

import json
import math
from pathlib import Path

import pytest

from galleria.formula.evaluate import evaluate_cases

TABLE = Path(__file__).parents[3] / "shared" / "reference" / "formula_cases.jsonl"


@pytest.mark.skipif(not TABLE.exists(), reason="the shared reference is not beside this repository")
def test_at_least_99_of_100_published_cases_come_out() -> None:
    lines = TABLE.read_text(encoding="utf-8").splitlines()
    cases = [json.loads(line) for line in lines]
    results = [json.loads(line) for line in evaluate_cases(lines)]
    assert len(results) == len(cases)
    judged = [(case, result) for case, result in zip(cases, results, strict=True) if "conflict" not in case]
    wrong = [case["expr"] for case, result in judged if not _as_expected(case["expected"], result)]
    assert len(wrong) <= len(judged) / 100, wrong


def _as_expected(expected: dict[str, object], result: dict[str, object]) -> bool:
    if "error" in result:
        return expected.get("type") == "Error" or "error" in expected
    found, wanted = result["value"], expected.get("value")
    if isinstance(found, bool) or isinstance(wanted, bool) or not isinstance(found, int | float) or not isinstance(wanted, int | float):
        return found == wanted
    return math.isclose(found, wanted, rel_tol=1e-9, abs_tol=float(str(expected.get("tol", 1e-9))))
