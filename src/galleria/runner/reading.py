"""How many records have left the files that a stage reads, counted as they pass: once a batch, so that it costs nothing to speak of.

Filters and limits that the engine carries out within the file are not held up: what they leave out is not counted.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from functools import partial

import polars as pl

TELL_EVERY_S = 0.3


class Reading:
    def __init__(self, tell: Callable[[Mapping[int, int]], None]) -> None:
        """`tell` hears now and then, from any thread but one at a time, how many records have come by tool id."""
        self._tell = tell
        self._lock = threading.Lock()
        self._counts: dict[int, int] = {}
        self._told_at = time.monotonic()

    def begin(self) -> None:
        """A stage begins: nothing has been read of its files."""
        with self._lock:
            self._counts.clear()
            self._told_at = time.monotonic()

    def counted(self, tool_id: int, frame: pl.LazyFrame) -> pl.LazyFrame:
        """The same frame, its records counted as they pass."""
        return frame.map_batches(
            partial(self._take, tool_id),
            predicate_pushdown=True,
            projection_pushdown=True,
            slice_pushdown=True,
            validate_output_schema=False,
            streamable=True,
        )

    def _take(self, tool_id: int, batch: pl.DataFrame) -> pl.DataFrame:
        # Called by the engine's own threads, several at once.
        with self._lock:
            self._counts[tool_id] = self._counts.get(tool_id, 0) + batch.height
            if time.monotonic() > self._told_at + TELL_EVERY_S:
                self._told_at = time.monotonic()
                self._tell(dict(self._counts))
        return batch
