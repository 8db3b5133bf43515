"""What a page cannot show: dictionary orders that are refused once rows pass."""

import polars as pl
import pytest

from galleria.errors import ToolError
from galleria.table.collation import dictionary_rank


def test_letters_of_a_dictionary_that_is_not_known_are_refused_when_met() -> None:
    query = pl.LazyFrame({"a": ["b", "\u304b\u306a"]}).select(dictionary_rank(pl.col("a"), 1041))
    with pytest.raises(ToolError, match="locale 1041 is known here for ASCII only"):
        query.collect(engine="streaming")
