"""What becomes of a pass in which something fails."""

from dataclasses import dataclass
from pathlib import Path

import polars as pl

from galleria.compiler.plan import Feed, Plan, Step
from galleria.documents.workflow import Settings
from galleria.fields.types import Field, FieldType
from galleria.runner.execute import execute
from galleria.runner.given import Given, given_step
from galleria.runner.stage import Stage
from galleria.runner.surroundings import Surroundings
from galleria.runner.world import NoWorld
from galleria.table.table import Table
from galleria.tools.contract import Built, Context, Inputs
from tests.test_tool_pages import FolderFiles, Heard


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


@dataclass(frozen=True)
class Falling(Given):
    def build(self, inputs: Inputs, context: Context) -> Built:
        raise OSError(36, "File name too long")


def test_what_goes_wrong_while_a_tool_is_built_is_its_own() -> None:
    table = Table(pl.LazyFrame({"a": [1]}), (Field("a", FieldType.INT64),))
    heard = Heard()
    around = Surroundings(FolderFiles(Path("nowhere")), NoWorld())
    plan = Plan([Step((1,), "falling", Falling(table), {}), given_step((2,), table)], (), Settings())
    outcome = execute(plan, around, heard, [Feed((2,), "Output")])
    assert heard.messages == [(3, "OSError: [Errno 36] File name too long")]
    assert (outcome.failed, outcome.counts) == ({(1,)}, {((2,), "Output"): 1})
