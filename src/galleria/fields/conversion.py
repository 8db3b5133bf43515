"""From one field type to another, with the original engine's rules and messages.

Source: OpenYXDB (`formula.md` 6, `tools.md` 2.6).
"""

from dataclasses import dataclass

import polars as pl


@dataclass(frozen=True)
class Converted:
    value: pl.Expr
    """Of the target field's `dtype`."""
    problem: pl.Expr | None = None
    """Text: what to report for the row (`abc is not a number.`), Null where all is well. None where nothing can go wrong."""


def problem_query(frame: pl.LazyFrame, problem: pl.Expr, limit: int) -> pl.LazyFrame:
    """One row: `count` of the problems in `frame` and the first `limit` `texts` (all for 0), in row order."""
    texts = frame.select(texts=problem).drop_nulls()
    kept = pl.col("texts").head(limit) if limit else pl.col("texts")
    return texts.select(count=pl.len(), texts=kept.implode())
