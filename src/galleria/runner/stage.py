"""One pass over the data: everything that can be computed at once, collected at once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import polars as pl

from galleria.compiler.plan import Key
from galleria.table.table import Rows, Table

Take = Callable[[pl.DataFrame], None]
Failed = Callable[[Key, BaseException], None]


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
    in_memory: bool = False
    """Everything read is small and in memory: to start a pass costs more than to plan it well could save."""

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

    def collect(self, failed: Failed, is_dead: Callable[[Key], bool]) -> None:
        """Collect every query in one pass, then hand out the results, each once.

        Whatever Polars, a function or a format's library raises belongs to one tool: `failed` hears whose it is, and
        everything else happens all the same.
        """
        for query, result in self._results(failed, is_dead):
            if is_dead(query.owner):
                continue
            try:
                query.take(result)
            except Exception as problem:
                failed(query.owner, problem)

    def _results(self, failed: Failed, is_dead: Callable[[Key], bool]) -> list[tuple[Query, pl.DataFrame]]:
        """All at once; after a failure one by one, to find whose query it is."""
        try:
            return list(zip(self.queries, self._collect([query.frame for query in self.queries]), strict=True))
        except (Exception, pl.exceptions.PanicException):
            found: list[tuple[Query, pl.DataFrame]] = []
        for query in self.queries:
            if not is_dead(query.owner):
                try:
                    found.append((query, self._collect([query.frame])[0]))
                except (Exception, pl.exceptions.PanicException) as problem:
                    failed(query.owner, problem)
        return found

    def _collect(self, frames: Sequence[pl.LazyFrame]) -> list[pl.DataFrame]:
        if self.in_memory:
            return pl.collect_all(frames, engine="in-memory", optimizations=pl.QueryOptFlags.none())
        return pl.collect_all(frames, engine="streaming")
