"""Very long and very deep expressions: compiled in time, and run; or refused in words."""

import time

import polars as pl
import pytest

from galleria.errors import FormulaError
from galleria.fields.types import Field, FieldType
from galleria.formula.compile import compile_expression
from galleria.formula.environment import Environment

FIELDS = [Field("a", FieldType.INT32), Field("s", FieldType.V_WSTRING)]
FRAME = pl.LazyFrame({"a": [1, 2], "s": ["v1", "x"]}, schema={"a": pl.Int32, "s": pl.String})
SECONDS = 2
"""Of processor time; the goal on a free machine is 1."""

LONG = {
    "a sum of 5,000 numbers": ("a" + "+1" * 4999, [5000, 5001]),
    "a product of 2,500 Doubles": ("a" + "*1.0" * 2499, [1.0, 2.0]),
    "2,500 texts joined": ("s" + '+"x"' * 2499, ["v1" + "x" * 2499, "x" * 2500]),
    "1,000 ANDs": (" AND ".join(["a=1"] * 1000), [True, False]),
    "1,000 IFs, each in the ELSE of the other": ("IF a=1 THEN 1 ELSE " * 1000 + "2" + " ENDIF" * 1000, [1, 2]),
    "1,000 IFs, each in the THEN of the other": ("IF a=1 THEN " * 1000 + "2" + " ELSE 3 ENDIF" * 1000, [2, 3]),
    "1,000 branches of one IF": ("IF a=0 THEN 1 " + "ELSEIF a=1 THEN 2 " * 1000 + "ELSE 3 ENDIF", [2, 3]),
    "500 IIFs": ("IIF(a=1, 1, " * 500 + "2" + ")" * 500, [1, 2]),
    "a list of 5,000 texts": ("s IN (" + ", ".join(f"'V{number}'" for number in range(5000)) + ")", [True, False]),
    "a list of 5,000 numbers": ("a IN (" + ", ".join(str(number) for number in range(2, 5002)) + ")", [False, True]),
    "2,000 brackets": ("(" * 2000 + "a" + ")" * 2000, [1, 2]),
    "60 calls that use their argument often": ("Mod(" * 60 + "a" + ",7)" * 60, [1, 2]),
    "60 sums of texts that may be Null": ("([s]+" * 60 + "s" + ")" * 60, ["v1" * 61, "x" * 61]),
}


@pytest.mark.parametrize("name", LONG)
def test_a_long_expression_is_compiled_in_time_and_runs(name: str) -> None:
    text, expected = LONG[name]
    before = time.thread_time()
    compiled = compile_expression(text, FIELDS, Environment())
    assert time.thread_time() - before < SECONDS
    assert FRAME.select(compiled.value).collect(engine="streaming").to_series().to_list() == expected


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("-" * 3500 + "a", "levels"),
        ("(" * 3500 + "a" + ")" * 3500, "levels"),
        ("Left(" * 900 + "s" + ",5)" * 900, "Nested too deeply"),
        ("a" * 2_000_000, "characters"),
    ],
)
def test_what_is_too_deep_or_too_long_is_refused_in_words(text: str, words: str) -> None:
    with pytest.raises(FormulaError, match=words):
        compile_expression(text, FIELDS, Environment())
