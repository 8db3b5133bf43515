"""Quotients against the processor's own, number by number."""

import random

import polars as pl
import pytest

from galleria.fields.division import quotient

_RANDOM = random.Random(7)
_VALUES = [_RANDOM.uniform(-1e6, 1e6) for _ in range(2000)]
_DIVISORS = [3.0, 27.0, -100.0, 60.0, 1e-9, 0.01, 8.0, 0.25]


@pytest.mark.parametrize("engine", ["streaming", "in-memory"])
@pytest.mark.parametrize("divisor", _DIVISORS)
def test_a_single_divisor_gives_the_nearest_double(divisor: float, engine: str) -> None:
    frame = pl.LazyFrame({"a": _VALUES}).with_columns(c=pl.lit(divisor), d=pl.lit(1.0))
    value = pl.col("a")
    result = frame.select(
        literal=quotient(value, divisor),
        constant=quotient(value, pl.col("c")),
        mixed=quotient(pl.col("d") * value, pl.col("c")),
        total=quotient(value, value.sum() * 0 + divisor),
    ).collect(engine="streaming" if engine == "streaming" else "in-memory")
    expected = [one / divisor for one in _VALUES]
    assert all(result[name].to_list() == expected for name in result.columns)


def test_null_and_zero() -> None:
    frame = pl.DataFrame({"a": [1.0, None]})
    assert frame.select(quotient(pl.col("a"), 3.0), b=quotient(pl.lit(1.0), 3.0)).rows() == [(1 / 3, 1 / 3), (None, 1 / 3)]
    assert frame.clear().select(quotient(pl.col("a"), 3.0), b=quotient(pl.col("a"), pl.col("a").sum())).is_empty()
    assert frame.select(quotient(pl.col("a"), 0.0)).rows() == [(float("inf"),), (None,)]
