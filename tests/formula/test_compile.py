"""What hosts of expressions rely on: types, conditions, assignments, names, what is read."""

import polars as pl
import pytest

from galleria.errors import FormulaError
from galleria.fields.types import Field, FieldType
from galleria.formula.compile import assign, compile_expression, condition
from galleria.formula.environment import Environment
from galleria.formula.evaluate import evaluate, evaluate_cases, explain

FIELDS = [
    Field("a", FieldType.INT32),
    Field("big", FieldType.INT64),
    Field("price", FieldType.FIXED_DECIMAL, 10, 2),
    Field("name", FieldType.V_STRING, 20),
    Field("flag", FieldType.BOOL),
    Field("*", FieldType.DOUBLE),
]
FRAME = pl.DataFrame(
    {"a": [1, None], "big": [2**63 - 1, 1], "price": ["1.50", None], "name": ["Ann", ""], "flag": [True, None], "*": [0.5, 1.0]},
).cast({field.name: field.dtype for field in FIELDS[:5]})
AROUND = Environment(variables={"User.Limit": 5.0, "Engine.WorkflowDirectory": "C:\\flows\\", "User.Name": "Ann"})


def column(expression: pl.Expr) -> list[object]:
    return FRAME.lazy().select("a", value=expression).collect(engine="streaming")["value"].to_list()


@pytest.mark.parametrize(
    ("text", "kind", "size", "values"),
    [
        ("[a] + 1", FieldType.INT64, 8, [2, None]),
        ("[A]", FieldType.INT32, 4, [1, None]),
        ("name", FieldType.V_STRING, 20, ["Ann", ""]),
        ("[price] * 2", FieldType.DOUBLE, 8, [3.0, None]),
        ("[*] + 1", FieldType.DOUBLE, 8, [1.5, 2.0]),
        ("Null()", FieldType.V_WSTRING, 1_073_741_823, [None, None]),
        ("[a] > 0", FieldType.BOOL, 1, [True, False]),
        ("DateTimeToday() > '2000-01-01'", FieldType.BOOL, 1, [True, True]),
        ("[User.Limit] + [a]", FieldType.DOUBLE, 8, [6.0, None]),
        ("[engine.workflowdirectory] + 'x'", FieldType.V_WSTRING, 1_073_741_823, ["C:\\flows\\x"] * 2),
    ],
)
def test_an_expression_has_a_type_and_values(text: str, kind: FieldType, size: int, values: list[object]) -> None:
    compiled = compile_expression(text, FIELDS, AROUND)
    assert (compiled.field.type, compiled.field.size) == (kind, size)
    assert column(compiled.value) == values
    assert FRAME.select(compiled.value).to_series().dtype == compiled.field.dtype


def test_what_it_reads_is_spelled_as_the_fields_are() -> None:
    assert compile_expression("[A] + Length(NAME)", FIELDS, AROUND).reads == {"a", "name"}


def test_a_sum_beyond_int64_is_a_double_where_it_goes_into_one() -> None:
    compiled = compile_expression("[big] + [big]", FIELDS, AROUND)
    assert column(compiled.value) == [None, 2]
    assert column(assign(compiled, Field("x", FieldType.DOUBLE)).value) == [2.0**64, 2.0]
    told = assign(compiled, Field("x", FieldType.INT64)).problem
    assert told is not None
    assert column(told) == [f"{2**64 - 2} does not fit in the type Int64", None]


def test_a_condition_is_never_null() -> None:
    for text, expected in [("[flag]", [True, False]), ("![flag]", [False, True]), ("[a]", [True, False]), ("Null()", [False, False])]:
        assert column(condition(text, FIELDS, AROUND).value) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('[#1] = "false"', False),
        ('[#1] == "True"', True),
        ('"TRUE" = [#1]', True),
        ('[#1] != "true"', False),
        ("[#1]", True),
        ("[#1] = 1", True),
    ],
)
def test_the_answer_to_a_check_box_is_a_truth_and_meets_texts_as_one(text: str, expected: bool) -> None:
    assert column(condition(text, FIELDS, Environment(variables={"#1": True})).value) == [expected] * 2


def test_another_truth_does_not_meet_texts() -> None:
    with pytest.raises(FormulaError, match="Bool and String cannot be compared"):
        condition('[flag] = "true"', FIELDS, AROUND)


def test_a_column_of_texts_as_the_condition_of_an_if_is_a_truth_that_is_told() -> None:
    # A sample macro of CReW asks `elseif value then` where the field may be an empty column of texts; the value is unverified.
    compiled = compile_expression("IF [name] THEN 1 ELSEIF IsNull([name]) THEN 2 ELSE 3 ENDIF", FIELDS, AROUND)
    frame = pl.LazyFrame({"name": ["True", "no", None]})
    assert compiled.problem is not None
    found = frame.select(value=compiled.value, problem=compiled.problem).collect()
    assert found["value"].to_list() == [1, 3, 2]
    assert found["problem"].to_list() == [
        *(f"The text {text} is taken for True or False by its first character." for text in ("True", "no")),
        None,
    ]


def test_a_condition_of_text_is_refused() -> None:
    with pytest.raises(FormulaError, match="String provided where a boolean is required"):
        condition("[name]", FIELDS, AROUND)


def test_problems_of_expression_and_field_are_joined() -> None:
    converted = assign(compile_expression("ToNumber([name]) * 1000", FIELDS, AROUND), Field("x", FieldType.BYTE))
    assert converted.problem is not None
    assert column(converted.problem) == ["TONUMBER: Ann is not a valid number.", None]


def test_a_host_adds_names() -> None:
    extra = {"_CurrentField_": FIELDS[0], "_CurrentFieldName_": "a", "#1": 7.0}
    compiled = compile_expression("[_CurrentFieldName_] + ToString([_CurrentField_] + [#1])", FIELDS, AROUND, extra=extra)
    assert column(compiled.value) == ["a8", "a"]


def test_a_number_by_chance_is_the_same_wherever_a_row_asks() -> None:
    frame = pl.LazyFrame({"a": range(1000)})
    chance = compile_expression("Rand()", [Field("a", FieldType.INT64)], AROUND).value
    first, second = frame.select("a", x=chance).collect(), frame.select("a", x=chance).collect(engine="streaming")
    assert first.equals(second)
    assert first["x"].n_unique() == 1000
    assert first["x"].is_between(0, 1, closed="left").all()


def test_values_are_given_as_text_numbers_and_dates() -> None:
    given = {"d": ("Date", "2020-01-31"), "n": ("Int32", 5), "p": ("FixedDecimal", "1.25"), "nothing": ("Double", None)}
    assert evaluate('DateTimeAdd([d], [n], "days")', given, AROUND) == {"type": "Date", "value": "2020-02-05"}
    assert evaluate("[p] * 2", given, AROUND) == {"type": "Double", "value": 2.5}
    assert evaluate("[nothing]", given, AROUND) == {"type": "Null", "value": None}


def test_every_line_of_cases_gets_a_line() -> None:
    lines = [
        '{"expr": "1 + 1"}',
        "no json",
        '{"expr": "1 +"}',
        "",
        '{"expr": "[x]", "fields": {"x": {"type": "Nonsense", "value": 1}}}',
        '{"fields": 5}',
    ]
    results = list(evaluate_cases(lines))
    assert len(results) == 5
    assert results[0] == '{"type": "Int64", "value": 2}'
    assert all('"error"' in result for result in results[1:])


def test_an_explanation_shows_tree_types_and_polars() -> None:
    text = explain("IIF([n] > 1, 'a', 'b')", {"n": ("Int32", None)})
    assert text.startswith("IIF: String\n  >: Bool\n    [n]: Int64\n    1: Int64\n  'a': String")
    assert 'col("n")' in text


@pytest.mark.parametrize("text", ["1 < [n]", "1 >= [n]", "5 = [n]", "'x' != [t]", "'b' <= [t]", "'2024-01-01' < [d]", "1 IN ([n], 5)"])
def test_a_constant_before_a_column_of_one_value_keeps_the_rows(text: str) -> None:
    fields = [Field("n", FieldType.INT32), Field("t", FieldType.V_STRING, 20), Field("d", FieldType.DATE)]
    values = [pl.lit(5, pl.Int32).alias("n"), pl.lit("b").alias("t"), pl.lit("2024-02-01").str.to_date().alias("d")]
    rows = pl.LazyFrame({"row": [1, 2, 3]}).with_columns(values)
    test = condition(text, fields, Environment())
    found = {engine: rows.with_columns(p=test.value).collect(engine=engine)["p"].to_list() for engine in ("in-memory", "streaming")}  # pyright: ignore[reportArgumentType] - the engines by name
    assert found["in-memory"] == found["streaming"]
    assert len(found["in-memory"]) == 3
