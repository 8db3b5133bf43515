"""Few texts looked at one by one tell the same as a query over them."""

import polars as pl
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from galleria.table import inference

_PARTS = [
    "0",
    "1",
    "9",
    "12",
    "2024",
    "01",
    "31",
    "13",
    ":",
    "-",
    "/",
    ".",
    "+",
    "e",
    "E",
    " ",
    "\n",
    "\t",
    "\x1c",
    "\x85",
    "\xa0",
    "\u2003",
    "\u0663",
]
_WORDS = [
    "true",
    "FALSE",
    "True",
    "T",
    "K",
    "\u017f",
    "2024-02-29",
    "2023-02-29",
    "1399-12-31",
    "1400-01-01",
    "0000-01-01",
    "23:59:59",
    "24:00:00",
]
_SHAPES = [
    '{"type":"Point","coordinates":[1,2]}',
    '{ "TYPE": "multipolygon" , "coordinates" : [[1]] }',
    '{"type":"Line\u017ftring","coordinates":[]}',
]
_TEXTS = st.one_of(
    st.none(), st.just(""), st.text(max_size=6), st.lists(st.sampled_from([*_PARTS, *_WORDS, *_SHAPES]), max_size=6).map("".join)
)


@given(st.lists(_TEXTS, max_size=8))
@example(["0.123456789012345", "1.2345678901234567", "00012", "+5", "-0", "123456789012345678", "1234567890123456789"])
@example(["2024-01-01 10:00:00", "2024-01-01 10:00:00\n", "2024-01-01\n", "10:00:00\n", "12\n", "1399-01-01 10:00:00"])
@example([f'{space}{{{space}"type":"Point","coordinates":[1]}}{space}' for space in " \x0b\x1c\x1f\x85\u180e\u200b\u2028\u3000"])
def test_few_texts_tell_the_same_as_a_query(texts: list[str | None]) -> None:
    frame = pl.DataFrame({"a": texts}, schema={"a": pl.String()})
    queried = inference.texts_seen(inference.texts_query(frame.lazy(), ["a"]).collect())["a"]
    looked_at = inference.texts_of(frame)["a"]
    assert looked_at.average == pytest.approx(queried.average)
    assert looked_at.__dict__ | {"average": 0} == queried.__dict__ | {"average": 0}
