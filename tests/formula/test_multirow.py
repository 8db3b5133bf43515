"""Expressions over the rows around: what they come to, and that recognised recurrences equal the plain loop."""

import random
from typing import Any

import polars as pl
import pytest

from galleria.errors import FormulaError
from galleria.fields.types import Field, FieldType, field_type
from galleria.formula.cases import ENVIRONMENT
from galleria.formula.compile import lower_expression
from galleria.formula.multirow import Missing, MultiRow, compile_multi_row
from galleria.formula.multirow_loop import looped
from galleria.formula.multirow_scope import SELF, RowScope

FIELDS = [Field("k", FieldType.V_WSTRING), Field("x", FieldType.INT32), Field("t", FieldType.V_WSTRING), Field("d", FieldType.DOUBLE)]
FRAME = pl.DataFrame(
    {"k": ["a", "a", "b", "b", "a"], "x": [1, 2, None, 4, 5], "t": ["x", None, "y", None, None], "d": [1.5, 2.5, 3.5, None, 1.0]},
    schema={field.name: field.dtype for field in FIELDS},
)


def run(made: MultiRow, frame: pl.DataFrame = FRAME) -> tuple[list[Any], list[str]]:
    problem = pl.lit(None, dtype=pl.String) if made.problem is None else made.problem
    rows = frame.lazy().select("k", value=made.value, problem=problem).collect(engine="streaming")
    return rows["value"].to_list(), [text for text in rows["problem"].to_list() if text is not None]


def new(name: str, kind: str) -> Field:
    return Field(name, field_type(kind))


@pytest.mark.parametrize(
    ("text", "target", "expected", "way"),
    [
        ("[Row-1:n]+1", new("n", "Int32"), [1, 2, 3, 4, 5], "running sum"),
        ("IF [k]=[Row-1:k] THEN [Row-1:n]+1 ELSE 1 ENDIF", new("n", "Int32"), [1, 2, 1, 2, 1], "running sum"),
        ("[Row-1:n]+[d]", new("n", "Double"), [1.5, 4.0, 7.5, None, None], "running sum"),
        ("IF IsNull([t]) THEN [Row-1:t] ELSE [t] ENDIF", new("t", "V_WString"), ["x", "x", "y", "y", "y"], "carried on"),
        ("IIF([x]=4, 'four', [Row-1:n])", new("n", "V_WString"), ["", "", "", "four", "four"], "carried on"),
        ("Max([Row-1:n],[d])", new("n", "Double"), [1.5, 2.5, 3.5, 3.5, 3.5], "running maximum"),
        ("IF [d] > [Row-1:n] THEN [d] ELSE [Row-1:n] ENDIF", new("n", "Double"), [1.5, 2.5, 3.5, 3.5, 3.5], "running maximum"),
        ("[Row-1:x]+[Row+1:x]", new("n", "Int32"), [2, None, 6, None, 4], "columns"),
        ("[Row-1:n]+[k]", new("n", "V_WString"), ["a", "aa", "aab", "aabb", "aabba"], "loop"),
        ("IIF([Row-1:n]=2, 1, [Row-1:n]+1)", new("n", "Int32"), [1, 2, 1, 2, 1], "loop"),
        ("IF [Row-1:n]='A' THEN 'B' ELSE 'A' ENDIF", new("n", "V_WString"), ["A", "B", "A", "B", "A"], "loop"),
        ("[Row+1:t]", new("t", "V_WString"), [None, "y", None, None, ""], "columns"),
    ],
)
def test_rows_see_those_around_them(text: str, target: Field, expected: list[Any], way: str) -> None:
    made = compile_multi_row(text, FIELDS, target, ENVIRONMENT)
    assert run(made) == (expected, [])
    assert made.way == way


@pytest.mark.parametrize(
    ("text", "target", "expected"),
    [
        ("[Row-1:n]+1", new("n", "Int32"), [1, 2, 1, 2, 3]),
        ("[Row-1:n]+[d]", new("n", "Double"), [1.5, 4.0, 3.5, None, 5.0]),
        ("IF IsNull([t]) THEN [Row-1:t] ELSE [t] ENDIF", new("t", "V_WString"), ["x", "x", "y", "y", "x"]),
        ("[Row-1:x]", new("n", "Int32"), [0, 1, 0, None, 2]),
        ("[Row-1:n]+[k]", new("n", "V_WString"), ["a", "aa", "b", "bb", "aaa"]),
        ("Max([Row-1:n],[d])", new("n", "Double"), [1.5, 2.5, 3.5, 3.5, 2.5]),
    ],
)
def test_groups_do_not_see_each_other_and_rows_stay_in_place(text: str, target: Field, expected: list[Any]) -> None:
    assert run(compile_multi_row(text, FIELDS, target, ENVIRONMENT, groups=["k"])) == (expected, [])


@pytest.mark.parametrize(
    ("missing", "expected"),
    [(Missing.NULL, [None, 1, 2]), (Missing.EMPTY, [0, 1, 2]), (Missing.NEAREST, [1, 1, 2])],
)
def test_rows_that_do_not_exist_are_what_the_tool_says(missing: Missing, expected: list[Any]) -> None:
    made = compile_multi_row("[Row-1:x]", FIELDS, new("n", "Int32"), ENVIRONMENT, missing=missing)
    assert run(made)[0][:3] == expected


def test_rows_two_away_count_as_new_values_too() -> None:
    made = compile_multi_row("[Row-1:n]+[Row-2:n]+1", FIELDS, new("n", "Int32"), ENVIRONMENT, rows=2)
    assert run(made) == ([1, 2, 4, 7, 12], [])


def test_a_sum_that_outgrows_its_field_is_told_once_and_null_from_there() -> None:
    made = compile_multi_row("[Row-1:n]+100", FIELDS, new("n", "Byte"), ENVIRONMENT)
    assert run(made) == ([100, 200, None, None, None], ["300 does not fit in the type Byte"])


def test_only_the_chosen_branch_goes_wrong_in_a_loop() -> None:
    made = compile_multi_row("IF [Row-1:n] = 0 THEN ToNumber([k]) + 1 ELSE 5 ENDIF", FIELDS, new("n", "Double"), ENVIRONMENT)
    assert run(made) == ([1.0, 5.0, 5.0, 5.0, 5.0], ["TONUMBER: a is not a valid number."])


def test_a_row_further_away_than_the_tool_looks_is_refused() -> None:
    with pytest.raises(FormulaError, match="looks 1 row"):
        compile_multi_row("[Row-2:x]", FIELDS, new("n", "Int32"), ENVIRONMENT)


def test_no_rows_give_no_rows() -> None:
    for text in ("[Row-1:n]+1", "[Row-1:n]+[Row-1:n]", "IF IsNull([x]) THEN [Row-1:n] ELSE [x] ENDIF"):
        assert run(compile_multi_row(text, FIELDS, new("n", "Int32"), ENVIRONMENT, groups=["k"]), FRAME.head(0)) == ([], [])


RECURRENCES = [
    "[Row-1:n]+1",
    "[Row-1:n]-[x]",
    "[x]+[Row-1:n]",
    "IF [k]=[Row-1:k] THEN [Row-1:n]+[x] ELSE 1 ENDIF",
    "IF [x]>5 THEN [x] ELSEIF [x]=3 THEN [Row-1:n] ELSE [Row-1:n]+2 ENDIF",
    "IIF(IsNull([x]), [Row-1:n], [x])",
    "IF [x]>5 THEN Null() ELSE [Row-1:n] ENDIF",
    "Max([Row-1:n],[d])",
    "Min([d],[Row-1:n])",
    "IF [d]<[Row-1:n] THEN [d] ELSE [Row-1:n] ENDIF",
    "IF [Row-1:n]<[d] THEN [d] ELSE [Row-1:n] ENDIF",
    "IF [Row-1:x]=[x] THEN [Row-1:n]+0.5 ELSE [d] ENDIF",
]


@pytest.mark.parametrize("groups", [(), ("k",)])
@pytest.mark.parametrize("missing", list(Missing))
@pytest.mark.parametrize("kind", ["Int32", "Int64", "Byte", "Double", "V_WString"])
@pytest.mark.parametrize("text", RECURRENCES)
def test_a_recognised_recurrence_equals_the_loop(text: str, kind: str, missing: Missing, groups: tuple[str, ...]) -> None:
    target = new("n", kind)
    frame = _random_frame(text + kind)
    try:
        made = compile_multi_row(text, FIELDS, target, ENVIRONMENT, missing=missing, groups=groups)
    except FormulaError:
        return
    scope = RowScope(FIELDS, target, ENVIRONMENT, 1, missing, groups, None)
    operand = lower_expression(text, scope)
    assert SELF in operand.reads
    loop = run(looped(operand, target, scope), frame)
    assert run(made, frame)[0] == pytest.approx(loop[0], nan_ok=True) if kind == "Double" else run(made, frame)[0] == loop[0]
    assert run(made, frame)[1] == loop[1]


def _random_frame(seed: str) -> pl.DataFrame:
    dice = random.Random(seed)
    rows = 60
    return pl.DataFrame(
        {
            "k": [dice.choice(["a", "A", "b", None]) for _ in range(rows)],
            "x": [dice.choice([1, 2, 3, 7, 90, -4, None]) for _ in range(rows)],
            "t": [dice.choice(["x", "y", "", None]) for _ in range(rows)],
            "d": [dice.choice([0.5, 1.25, -3.0, 100.0, None]) for _ in range(rows)],
        },
        schema=FRAME.schema,
    )
