"""Letter case in comparisons: full Unicode case folding, as Python's `casefold` has it."""

import sys

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from galleria.formula import folding
from galleria.formula.cases import ENVIRONMENT
from galleria.formula.evaluate import evaluate


def test_no_special_character_is_left_out() -> None:
    special = set(folding._SPECIAL)  # pyright: ignore[reportPrivateUsage] - held against the letters themselves
    for code in range(128, sys.maxunicode + 1):
        character = chr(code)
        if len(character.casefold()) > 1 or (character.lower() != character.casefold() and len(character.lower()) == 1):
            assert code in special


@given(st.lists(st.text(max_size=6), min_size=1, max_size=20))
@settings(max_examples=150, deadline=None)
def test_a_folded_column_is_equal_where_casefold_is(texts: list[str]) -> None:
    column = pl.Series(texts + [text.swapcase() for text in texts], dtype=pl.String)
    folded = pl.DataFrame({"t": column}).select(folding.folded(pl.col("t"))).to_series().to_list()
    for one, other in zip(folded[: len(texts)], folded[len(texts) :], strict=True):
        original, swapped = texts[folded.index(one)], texts[folded.index(one)].swapcase()
        assert (one == other) == (original.casefold() == swapped.casefold())


@pytest.mark.parametrize(
    ("left", "right", "equal"),
    [
        ("Straße", "STRASSE", True),
        ("STRASSE", "straße", True),
        ("ﬁn", "FIN", True),
        ("sß", "ßs", True),
        ("ςig", "ΣIG", True),
        ("K", "k", True),
        ("é", "e", False),
        ("a.c", "abc", False),
        ("a\n", "a", False),
        ("", "", True),
    ],
)
def test_texts_are_equal_whichever_side_is_known(left: str, right: str, equal: bool) -> None:
    given_fields = {"l": ("V_WString", left), "r": ("V_WString", right)}
    for text in (
        "[l] = [r]",
        f"[l] = '{right}'",
        f"'{left}' = [r]",
        f"[l] IN ('x', '{right}')",
        f"Contains([l], '{right}') AND Length([l]) >= 0",
    ):
        if text.startswith("Contains") and not equal:
            continue
        assert evaluate(text, given_fields, ENVIRONMENT)["value"] is equal, text
