"""One pass over the data: everything that can be computed at once, collected at once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import polars as pl

from galleria.compiler.plan import Key
from galleria.table.table import Rows, Table

Take = Callable[[pl.DataFrame], None]


@dataclass(frozen=True)
class Query:
    """A lazy frame to collect, whose it is, and who gets the result."""

    owner: Key
    frame: pl.LazyFrame
    take: Take


@dataclass
class Stage:
    queries: list[Query] = field(default_factory=list[Query])
    counts: dict[Rows, int] = field(default_factory=dict[Rows, int])
    """By the identity of rows; filled while the pass runs."""

    def add(self, owner: Key, frame: pl.LazyFrame, take: Take) -> None:
        self.queries.append(Query(owner, frame, take))

    def count(self, owner: Key, table: Table) -> None:
        """Count a table's rows, unless a table with the same rows is counted already."""
        if table.rows in self.counts:
            return
        self.counts[table.rows] = 0

        def take(frame: pl.DataFrame) -> None:
            self.counts[table.rows] = frame.item()

        self.add(owner, table.frame.select(pl.len()), take)

    def collect(self) -> None:
        """Collect every query in one pass of the streaming engine and hand out the results."""
        results = _collect([query.frame for query in self.queries])
        for query, result in zip(self.queries, results, strict=True):
            query.take(result)

    def collect_one_by_one(self, failed: Callable[[Key, BaseException], None], is_dead: Callable[[Key], bool]) -> None:
        """After a failure: find whose query it is, and let everything else happen all the same."""
        for query in self.queries:
            if is_dead(query.owner):
                continue
            try:
                query.take(_collect([query.frame])[0])
            except (Exception, pl.exceptions.PanicException) as problem:
                failed(query.owner, problem)


def _collect(frames: Sequence[pl.LazyFrame]) -> list[pl.DataFrame]:
    return pl.collect_all(frames, engine="streaming")
