"""From every type to every type: values and messages as the original engine's field code has them (OpenYXDB)."""

import math
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

import polars as pl
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from galleria.errors import InvalidError, UnsupportedError
from galleria.fields.columns import column
from galleria.fields.conversion import convert, problem_query, text_of
from galleria.fields.number_text import number_text, text_of_double
from galleria.fields.rounding import scaled_to
from galleria.fields.text_numbers import read_double, read_whole
from galleria.fields.types import Field, FieldType, field_type, parse_size

WHERE = Field("f", FieldType.V_WSTRING)


def field(text: str) -> Field:
    """`V_String 150`, `FixedDecimal 6.2`."""
    kind, _, size = text.partition(" ")
    return Field("f", field_type(kind), *parse_size(size))


def converted(value: Any, source: Field, target: Field, *, assigned: bool = False) -> tuple[Any, str | None]:
    frame = pl.LazyFrame({"f": pl.Series([value], dtype=source.dtype)})
    result = convert(pl.col("f"), source, target, assigned=assigned)
    problem = pl.lit(None, dtype=pl.String) if result.problem is None else result.problem
    row = frame.select(value=result.value, problem=problem, f="f").collect(engine="streaming")
    assert row["value"].dtype == target.dtype
    return row["value"].item(), row["problem"].item()


DOUBLES = st.floats(-1e300, 1e300, allow_subnormal=False) | st.integers(-(10**6), 10**6).map(lambda number: number / 1000)
TEXT_LONG = "a" * 200
CASES: list[tuple[str, str, Any, Any, str | None]] = [
    ("V_WString", "Int32", "12", 12, None),
    ("V_WString", "Int32", " -5", -5, None),
    ("V_WString", "Int32", "12.7", 12, "12.7 lost information in translation"),
    ("V_WString", "Int32", "1,234", 1, "1,234 stopped converting at a comma. It might be invalid."),
    ("V_WString", "Int32", "abc", None, "abc is not a number."),
    ("V_WString", "Int32", "", None, None),
    ("V_WString", "Int32", None, None, None),
    ("V_WString", "Int32", "0x1F", 31, None),
    ("V_WString", "Int32", "99999999999", None, "99999999999 does not fit in an Int32."),
    ("V_WString", "Int64", "99999999999999999999", None, "99999999999999999999 does not fit in an Int64."),
    ("V_WString", "Byte", "300", None, "300 does not fit in the type Byte"),
    ("V_WString", "Int16", "-40000", None, "-40000 does not fit in the type Int16"),
    ("V_WString", "Double", "1e3", 1000.0, None),
    ("V_WString", "Double", "1d3", 1000.0, None),
    ("V_WString", "Double", "12abc", 12.0, "12abc lost information in translation"),
    ("V_WString", "Double", "1,5", 1.0, "1,5 stopped converting at a comma. It might be invalid."),
    ("V_WString", "Double", "inf", None, "inf is not a valid number."),
    ("V_WString", "Double", "", None, None),
    ("V_WString", "Bool", "True", True, None),
    ("V_WString", "Bool", "Yes", False, None),
    ("V_WString", "Bool", "7 up", True, None),
    ("V_WString", "Bool", "", False, None),
    ("V_WString", "FixedDecimal 6.2", "1.005", Decimal("1.01"), '"1.005" has too many digits after the decimal and was truncated.'),
    ("V_WString", "FixedDecimal 6.2", ".5", Decimal("0.50"), None),
    ("V_WString", "FixedDecimal 6.2", "123456", None, '"123456.00" was too long to fit in this FixedDecimal'),
    ("V_WString", "FixedDecimal 6.2", "1e3", None, '"1e3" is not a valid FixedDecimal. FixedDecimal values must be of the form: -nnn.nn'),
    ("V_WString", "FixedDecimal 6.2", "", None, None),
    ("V_WString", "Date", "2020-01-05", date(2020, 1, 5), None),
    ("V_WString", "Date", "2020-01-05 10:11:12", date(2020, 1, 5), None),
    ("V_WString", "Date", "13/01/2020", None, '"13/01/2020" is not a valid Date'),
    ("V_WString", "Date", "2020-02-30", None, '"2020-02-30" is not a valid Date'),
    ("V_WString", "Date", "1399-12-31", None, '"1399-12-31" is not a valid Date'),
    ("V_WString", "DateTime", "2020-01-05", datetime(2020, 1, 5), None),
    ("V_WString", "DateTime", "2020-01-05 10:11:12", datetime(2020, 1, 5, 10, 11, 12), None),
    ("V_WString", "DateTime", "2020-01-05 10:11:60", None, '"2020-01-05 10:11:60" is not a valid DateTime'),
    ("V_WString", "Time", "10:11:12", time(10, 11, 12), None),
    ("V_WString", "Time", "2020-01-05 10:11:12", time(10, 11, 12), None),
    ("V_WString", "Time", "24:00:00", None, '"24:00:00" is not a valid Time'),
    ("V_WString", "String 3", "abcdef", "abc", '"abcdef" was truncated'),
    ("V_WString", "V_String 150", TEXT_LONG, "a" * 150, f'"{"a" * 97}..." was truncated'),
    ("V_WString", "WString 3", "a😀b", "a😀", '"a😀b" was truncated'),
    ("V_WString", "V_String 10", "日x", "?x", '"日x" could not be fully converted from a WString to a String.'),
    ("V_WString", "V_String 10", "é", "é", None),
    ("Double", "Int32", 2.5, 3, None),
    ("Double", "Int32", -2.5, -3, None),
    ("Double", "Byte", 255.5, None, "255.5 does not fit in the type Byte"),
    ("Double", "Byte", -0.4, 0, None),
    ("Double", "V_WString", 0.00001, "0.00001", None),
    ("Double", "V_WString", 1 / 30, "3.33333333333333e-02", None),
    ("Double", "V_WString", 1 / 3, "0.333333333333333", None),
    ("Double", "V_WString", 1e15, "1e+15", None),
    ("Double", "V_WString", 123456789012345.0, "123456789012345", None),
    ("Float", "V_WString", 0.1, "0.1", None),
    ("Double", "FixedDecimal 7.2", 1.005, Decimal("1.00"), None),
    ("Double", "FixedDecimal 7.2", 123456.0, None, '"123456.00" does not fit in Fixed Decimal 7.2'),
    ("Double", "FixedDecimal 7.2", -999.99, Decimal("-999.99"), None),
    ("Double", "FixedDecimal 7.2", -9999.99, None, '"-9999.99" does not fit in Fixed Decimal 7.2'),
    ("Double", "Bool", 0.1, True, None),
    ("Double", "Date", 5.5, None, '"5.5" is not a valid Date'),
    ("Int32", "Byte", 300, None, "300 does not fit in the type Byte"),
    ("Int32", "Int64", 300, 300, None),
    ("Int64", "Double", 2**53, float(2**53), f"{2**53} does not fit in the type Double"),
    ("Int32", "Float", 2**24, float(2**24), f"{2**24} does not fit in the type Float"),
    ("Int32", "FixedDecimal 7.2", 5, Decimal("5.00"), None),
    ("Int32", "V_WString", -5, "-5", None),
    ("Bool", "V_WString", True, "True", None),
    ("Bool", "Int32", True, 1, None),
    ("Bool", "FixedDecimal 7.2", True, Decimal("1.00"), None),
    ("FixedDecimal 10.2", "Int32", Decimal("12.50"), 12, "12.50 lost information in translation"),
    ("FixedDecimal 10.2", "Double", Decimal("12.50"), 12.5, None),
    ("FixedDecimal 10.2", "V_WString", Decimal("12.50"), "12.50", None),
    ("FixedDecimal 10.2", "Bool", Decimal("0.00"), False, None),
    ("Date", "V_WString", date(2020, 1, 5), "2020-01-05", None),
    ("Date", "DateTime", date(2020, 1, 5), datetime(2020, 1, 5), None),
    ("DateTime", "Date", datetime(2020, 1, 5, 10, 11, 12), date(2020, 1, 5), None),
    ("DateTime", "Time", datetime(2020, 1, 5, 10, 11, 12), time(10, 11, 12), None),
    ("DateTime", "V_WString", datetime(2020, 1, 5, 10, 11, 12), "2020-01-05 10:11:12", None),
    ("DateTime", "V_WString", datetime(2020, 1, 5, 10, 11, 12, 500000), "2020-01-05 10:11:12.500", None),
    ("Time", "V_WString", time(10, 11, 12), "10:11:12", None),
    ("Date", "Int32", date(2020, 1, 5), 2020, "2020-01-05 lost information in translation"),
    ("Blob", "V_WString", b"abc", "3 Bytes", None),
    ("V_WString", "SpatialObj", "nonsense", None, "No conversion from nonsense to SpatialObj"),
]


@pytest.mark.parametrize(("source", "target", "value", "expected", "problem"), CASES)
def test_a_field_is_copied_into_another(source: str, target: str, value: Any, expected: Any, problem: str | None) -> None:
    assert converted(value, field(source), field(target)) == (expected, problem)


@pytest.mark.parametrize(
    ("source", "target", "value", "expected", "problem"),
    [
        ("V_WString", "Int32", "12.7", 12, "12.7 was not fully converted"),
        ("V_WString", "Int32", "0x1F", 0, "0x1F was not fully converted"),
        ("V_WString", "Byte", "300", 44, None),
        ("Double", "DateTime", 5.44, datetime(1900, 1, 4, 10, 33, 36), None),
        ("Double", "Date", 43831.0, date(2020, 1, 1), None),
        ("Double", "Date", -1.0, None, '"-1" is an invalid datetime - Earliest date supported is Dec 30, 1899 (0)'),
        ("Double", "Date", 3e6, None, '"3000000" is an invalid datetime - Latest date supported is Dec 31, 9999 (2958466)'),
    ],
)
def test_a_result_is_written_into_a_field(source: str, target: str, value: Any, expected: Any, problem: str | None) -> None:
    assert converted(value, field(source), field(target), assigned=True) == (expected, problem)


def test_a_wider_field_costs_nothing_and_cannot_fail() -> None:
    result = convert(pl.col("f"), field("V_String 20"), field("V_WString"))
    assert result.problem is None
    assert str(result.value) == str(pl.col("f"))


def test_whole_numbers_are_no_dates() -> None:
    with pytest.raises(InvalidError, match="do not support Conversion from Int32"):
        convert(pl.col("f"), field("Int16"), field("Date"), assigned=True)


def test_blobs_and_numbers_do_not_meet() -> None:
    with pytest.raises(InvalidError, match="cannot hold both"):
        convert(pl.col("f"), field("Blob"), field("Int32"))


def test_more_than_38_digits_are_refused() -> None:
    with pytest.raises(UnsupportedError, match="more than 38 digits"):
        convert(pl.col("f"), field("Double"), field("FixedDecimal 50.2"))


def test_problems_are_counted_and_the_first_are_kept() -> None:
    frame = pl.LazyFrame({"f": ["1", "a", "b", None, "c"]})
    problem = convert(pl.col("f"), WHERE, field("Int32")).problem
    assert problem is not None
    row = problem_query(frame, problem, 2).collect().row(0, named=True)
    assert row == {"count": 3, "texts": ["a is not a number.", "b is not a number."]}


@given(st.lists(st.text("0123456789+-.,eEdDxXinf \u00a0", max_size=12) | st.none(), min_size=1, max_size=30))
@settings(max_examples=100, deadline=None)
def test_columns_of_text_read_as_single_texts_do(texts: list[str | None]) -> None:
    frame = pl.LazyFrame({"f": pl.Series(texts, dtype=pl.String)})
    for target in (field("Int32"), field("Byte"), field("Int64")):
        result = convert(pl.col("f"), WHERE, target)
        assert result.problem is not None
        rows = frame.select(value=result.value, problem=result.problem).collect().rows()
        assert rows == [(None, None) if text is None else read_whole(text, target.type, assigned=False) for text in texts]
    result = convert(pl.col("f"), WHERE, field("Double"))
    assert result.problem is not None
    rows = frame.select(value=result.value, problem=result.problem).collect().rows()
    assert rows == [(None, None) if text is None else read_double(text) for text in texts]


@given(
    st.lists(
        st.floats(-1e300, 1e300, allow_subnormal=False) | st.integers(-(10**6), 10**6).map(lambda number: number / 1000),
        min_size=1,
        max_size=40,
    )
)
@settings(max_examples=200, deadline=None)
def test_columns_of_doubles_are_written_as_single_ones_are(values: list[float]) -> None:
    texts = pl.select(text_of_double(pl.lit(pl.Series(values, dtype=pl.Float64)))).to_series().to_list()
    assert texts == [number_text(value) for value in values]
    for text, value in zip(texts, values, strict=True):
        assert math.isclose(float(text), value, rel_tol=1e-14), (text, value)


@example(values=[0.15, 0.25, 0.35, -0.45, 1.5, 2.5, 1.05], places=1)
@given(
    st.lists(st.floats(-1e12, 1e12) | st.integers(-(10**7), 10**7).map(lambda number: number / 1000), min_size=1, max_size=40),
    st.integers(0, 6),
)
@settings(max_examples=200, deadline=None)
def test_rounding_sees_the_exact_binary_value(values: list[float], places: int) -> None:
    rounded = scaled_to(pl.Series(values, dtype=pl.Float64), places).to_list()
    exact = [(Decimal(value) * 10**places).to_integral_value("ROUND_HALF_UP") for value in values]
    assert rounded == exact


@pytest.mark.parametrize("name", ["*", "^.*$", "len()", "a"])
def test_a_field_of_any_name_is_converted_with_its_rows(name: str) -> None:
    source, target = Field(name, FieldType.DOUBLE), Field("text", FieldType.V_STRING, 20)
    frame = pl.LazyFrame({name: [0.5, None, 1.25]}).select(convert(column(name), source, target).value.alias("text"))
    assert frame.collect().get_column("text").to_list() == ["0.5", None, "1.25"]


def test_a_constant_that_speaks_of_a_length_spreads_over_the_rows() -> None:
    constant = convert(pl.lit("len()"), Field("a", FieldType.V_WSTRING), Field("b", FieldType.V_STRING, 3)).value
    assert pl.LazyFrame({"n": [1, 2]}).with_columns(b=constant).collect().get_column("b").to_list() == ["len", "len"]


def test_objects_have_a_text_too() -> None:
    frame = pl.LazyFrame({"b": [b"\xff\x00", None], "s": [bytes.fromhex("0101000000000000000000f03f0000000000000040"), None]})
    texts = frame.select(text_of(pl.col("b"), Field("b", FieldType.BLOB)), text_of(pl.col("s"), Field("s", FieldType.SPATIAL))).collect()
    assert texts.rows() == [("2 Bytes", '{"type":"Point","coordinates":[1.0,2.0]}'), (None, None)]
