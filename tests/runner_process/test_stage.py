"""What becomes of a pass in which something fails."""

import polars as pl

from galleria.runner.stage import Stage


def test_what_was_written_before_a_failure_is_not_written_again() -> None:
    stage, written, failed = Stage(), [], {}
    stage.add((1,), pl.LazyFrame({"a": [1]}), lambda frame: written.append(frame["a"].to_list()))
    stage.add((2,), pl.LazyFrame({"a": [2]}), lambda _: (_ for _ in ()).throw(OSError("disk full")))
    stage.add((3,), pl.LazyFrame({"a": [3]}), lambda frame: written.append(frame["a"].to_list()))
    stage.collect(lambda key, problem: failed.update({key: str(problem)}), failed.__contains__)
    assert written == [[1], [3]]
    assert failed == {(2,): "disk full"}


def test_a_query_that_cannot_be_collected_stops_only_its_own() -> None:
    stage, taken, failed = Stage(), [], {}
    stage.add((1,), pl.LazyFrame({"a": ["x"]}).select(pl.col("a").cast(pl.Int64)), lambda _: taken.append(1))
    stage.add((2,), pl.LazyFrame({"a": [2]}), lambda _: taken.append(2))
    stage.add((1,), pl.LazyFrame({"a": [3]}), lambda _: taken.append(3))
    stage.collect(lambda key, problem: failed.update({key: type(problem).__name__}), failed.__contains__)
    assert (taken, list(failed)) == ([2], [(1,)])
