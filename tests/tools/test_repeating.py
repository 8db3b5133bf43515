"""What Generate Rows makes of first values and steps, against the loop that it stands for."""

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from galleria.fields.types import Field, FieldType
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
