"""What is slow the first time in a process, done beforehand in one that waits for its run."""

from __future__ import annotations

from pathlib import Path

import polars as pl


def warm_up(folder: Path) -> None:
    """Have Polars start its threads and touch its code, by a query that leaves nothing behind in the job folder."""
    target = folder / "temporary" / "warm.csv"
    pl.LazyFrame({"a": ["2", "1"]}).filter(pl.col("a").cast(pl.Int64) > 1).sort("a").sink_csv(target)
    target.unlink()
