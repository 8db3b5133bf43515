"""Texts fitted together come to what each comes to by itself, and every problem is told of its field."""

import polars as pl
import pytest

from galleria.fields.fitting import Fit, fitted_together
from galleria.fields.text_fit import fit_problem, fitted
from galleria.fields.types import Field, FieldType

TARGETS = [Field("narrow", FieldType.V_STRING, 3), Field("wide", FieldType.V_WSTRING, 2), Field("long", FieldType.V_WSTRING, 99)]
TEXTS = {
    "all fit": ["a", None, "", "é"],
    "some are too long": ["abcd", None, "ab", "abc"],
    "some have characters that narrow fields lack": ["日本", "a", None, "→"],
    "pairs of surrogates count twice": ["a😀", "😀", "😀😀", None],
    "no rows": [],
    "nothing but Null": [None, None],
}


@pytest.mark.parametrize("texts", TEXTS.values(), ids=TEXTS.keys())
def test_together_is_as_one_by_one(texts: list[str | None]) -> None:
    frame = pl.DataFrame({"text": texts}, schema={"text": pl.String()})
    together = (
        frame.lazy().select(made=fitted_together([Fit(pl.col("text"), target) for target in TARGETS], "told")).collect(engine="streaming")
    )
    made = together.unnest("made")
    for target in TARGETS:
        assert made[target.name].to_list() == frame.select(fitted(pl.col("text"), target)).to_series().to_list()
    expected = [
        [(target.name, problem) for target in TARGETS if (problem := pl.select(fit_problem(pl.lit(text, pl.String()), target)).item())]
        or None
        for text in texts
    ]
    told = [None if row is None else [(one["field"], one["problem"]) for one in row] for row in made["told"].to_list()]
    assert told == expected
