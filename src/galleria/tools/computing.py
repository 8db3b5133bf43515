"""Columns computed one after another, and the problems met on the way: what Formula and its relatives share."""

from collections.abc import Iterable, Mapping, Sequence

import polars as pl

from galleria.fields.columns import columns
from galleria.fields.conversion import Converted, problem_query
from galleria.fields.types import Field


class Computing:
    """Collects assignments to fields; problems are found in the pass that computes the values."""

    def __init__(self, frame: pl.LazyFrame) -> None:
        self.frame = frame
        """With what was assigned so far."""
        self._problems: dict[str, list[str]] = {}

    def assign(self, assignments: Iterable[tuple[Field, Converted]]) -> None:
        """Set columns, all from the values as they were before."""
        added: list[pl.Expr] = []
        for field, made in assignments:
            added.append(made.value.alias(field.name))
            if made.problem is not None:
                added.append(made.problem.alias(self._hidden(field)))
        if added:
            self.frame = self.frame.with_columns(added)

    def finish(self, fields: Sequence[Field], limit: int) -> tuple[pl.LazyFrame, Mapping[str, pl.LazyFrame]]:
        """The columns of `fields`, and the problems by field as `Built.problems`."""
        if self._problems:
            self.frame = self.frame.cache()
        queries = {name: _reported(self.frame, hidden, limit) for name, hidden in self._problems.items()}
        return self.frame.select(columns(field.name for field in fields)), queries

    def _hidden(self, field: Field) -> str:
        # No field is called so: a document cannot hold this character.
        name = f"\0problem {sum(map(len, self._problems.values()))}"
        self._problems.setdefault(field.name, []).append(name)
        return name


def _reported(frame: pl.LazyFrame, hidden: Sequence[str], limit: int) -> pl.LazyFrame:
    texts = pl.concat([frame.select(pl.col(name).alias("problem")) for name in hidden])
    return problem_query(texts, pl.col("problem"), limit)
