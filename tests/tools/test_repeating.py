"""What Generate Rows makes of first values and steps, against the loop that it stands for."""

from datetime import date

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from galleria.fields.types import Field, FieldType, field_type
from galleria.formula.compile import assign, compile_expression
from galleria.formula.environment import Environment
from galleria.tools.repeating import Repetition, step_of

_STARTS = st.lists(st.tuples(st.integers(-20, 20), st.integers(-60, 300)), max_size=12)


def _looped(starts: list[tuple[int, int]], step: float, kind: type[int] | type[float]) -> list[tuple[float, int]]:
    rows: list[tuple[float, int]] = []
    for first, limit in starts:
        value = kind(first)
        while value <= limit if step > 0 else value >= limit:
            rows.append((value, limit))
            value += step
    return rows


@settings(max_examples=60, deadline=None)
@given(starts=_STARTS, step=st.sampled_from([1, 2, 7, -1, -3, 0.1, -0.7]))
def test_rows_are_those_of_the_loop(starts: list[tuple[int, int]], step: float) -> None:
    is_whole = isinstance(step, int)
    field = Field("n", FieldType.INT32 if is_whole else FieldType.DOUBLE)
    test = pl.col("n") <= pl.col("limit") if step > 0 else pl.col("n") >= pl.col("limit")
    repetition = Repetition(field, test, (pl.col("n") + step).cast(field.dtype), step)
    first = pl.DataFrame({"n": [start for start, _ in starts], "limit": [limit for _, limit in starts]})
    first = first.with_columns(pl.col("n").cast(field.dtype), pl.col("limit").cast(pl.Int64))
    expected = _looped(starts, step, int if is_whole else float)
    assert repetition.all_rows(first).select("n", "limit").rows() == expected
    slowly = Repetition(field, test, repetition.following, None)
    assert slowly.all_rows(first).select("n", "limit").rows() == expected


def test_a_type_that_is_full_ends_the_loop() -> None:
    field = Field("n", FieldType.BYTE)
    passes = (pl.col("n") >= 0).fill_null(value=False)
    repetition = Repetition(field, passes, pl.col("n"), step_of("[n] + 100", field))
    assert repetition.all_rows(pl.DataFrame({"n": [0, 250]}, schema={"n": pl.UInt8})).rows() == [(0,), (100,), (200,), (250,)]


_FAR = st.one_of(st.dates(), st.dates(date(2020, 2, 20), date(2020, 3, 5)))


@settings(max_examples=25, deadline=None)
@given(
    starts=st.lists(st.tuples(_FAR | st.none(), st.integers(-2, 30)), max_size=4),
    move=st.sampled_from(['1, "days"', '+7, "day"', '-3, "days"', '-1, "DAYS"']),
    is_timed=st.booleans(),
)
def test_dates_that_are_moved_are_those_of_the_loop(starts: list[tuple[date | None, int]], move: str, is_timed: bool) -> None:
    field = Field("d", FieldType.DATETIME if is_timed else FieldType.DATE)
    text = f"DateTimeAdd([D], {move})"
    following = assign(compile_expression(text, [field], Environment()), field).value
    distance = (pl.col("d").cast(pl.Datetime("us")) - pl.col("first").cast(pl.Datetime("us"))).abs()
    passes = (distance <= pl.duration(days=pl.col("limit"))).fill_null(value=False)
    first = pl.DataFrame({"first": [one for one, _ in starts], "limit": [limit for _, limit in starts]})
    first = first.with_columns(pl.col("first").cast(pl.Date), pl.col("limit").cast(pl.Int64)).with_columns(
        d=pl.col("first").cast(field.dtype)
    )
    step = step_of(text, field)
    assert step is not None
    quickly, slowly = Repetition(field, passes, following, step), Repetition(field, passes, following, None)
    assert quickly.all_rows(first).equals(slowly.all_rows(first))


@pytest.mark.parametrize(
    ("text", "kind", "step"),
    [
        ("DateTimeAdd([d], 1, 'days')", "Date", 1),
        ("datetimeadd(D, -2, 'Day')", "DateTime", -2 * 86_400_000_000),
        ("DateTimeAdd([d], 15, 'minutes')", "DateTime", 900_000_000),
        ("DateTimeAdd([d], 1, 'hours')", "Date", None),
        ("DateTimeAdd([d], 1, 'months')", "Date", None),
        ("DateTimeAdd([d], [n], 'days')", "Date", None),
        ("DateTimeAdd([e], 1, 'days')", "Date", None),
        ("DateTimeAdd([d], 1, 'day')", "V_String", None),
        ("DateTimeAdd([d], 0, 'day')", "Date", None),
        ("[n] + 0", "Int32", None),
        ("[d] - 2", "Int32", -2),
    ],
)
def test_a_step_is_told_from_other_ways_on(text: str, kind: str, step: int | None) -> None:
    assert step_of(text, Field("d", field_type(kind))) == step
