"""How far a run is: told by the real engine tool by tool, kept with the job while it runs. On both databases."""

from __future__ import annotations

import io
import json
import time
from collections.abc import Mapping
from pathlib import Path

import polars as pl
import pytest

from galleria.gallery.workers.service import drain_worker, list_workers
from galleria.runner import reading
from galleria.runner.listeners import EventStream
from galleria.runner.local import local_run
from galleria.worker.said import Said
from tests.gallery.scene import SYSTEM
from tests.patience import PATIENCE_S
from tests.worker.conftest import WAITS, Plant

WORKFLOW = Path(__file__).parents[1] / "workflows" / "branches_run_in_turn" / "workflow.yxmd"
TELLING = f"""
tools = [dict(toolId=2, name='Sort'), dict(toolId=True, name='x'), 7]
say('progress', done=0, steps=3, tools=tools, records={{}}, read={{'1': 40, 'x': 3}})
say('message', toolId=2, status=1, text='40 records were read', path=[2])
{WAITS}
say('progress', done=3, steps=3, tools=[], records={{'2': {{'Output': 40, 'odd': 'x'}}, 'x': {{}}}})
"""


def test_the_engine_tells_which_tools_are_at_work_and_what_came_out_of_them(tmp_path: Path) -> None:
    sink = io.StringIO()
    local_run(WORKFLOW, EventStream(sink, tmp_path), output_dir=tmp_path)
    told = [event for event in map(json.loads, sink.getvalue().splitlines()) if event["event"] == "progress"]
    at_work = [event for event in told if event["tools"]]
    # The branches run one after the other, so there are several stages; each is told when it begins and when it is over.
    assert len(at_work) > 1
    assert all(set(tool) == {"toolId", "name"} for event in at_work for tool in event["tools"])
    done = [event["done"] for event in told]
    assert done == sorted(done)
    assert (done[0], done[-1]) == (0, told[-1]["steps"])
    assert all(count >= 0 for counts in told[-1]["records"].values() for count in counts.values())
    assert told[-1]["records"]


def test_records_are_counted_while_a_file_is_read_and_stay_what_they_are(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "TELL_EVERY_S", 0.0)
    source = tmp_path / "rows.csv"
    pl.DataFrame({"a": range(400_000), "b": ["text"] * 400_000}).write_csv(source)
    told: list[Mapping[int, int]] = []
    frame = reading.Reading(told.append).counted(7, pl.scan_csv(source))
    assert frame.collect_schema() == pl.scan_csv(source).collect_schema()
    assert frame.collect(engine="streaming").equals(pl.read_csv(source))
    counts = [one[7] for one in told]
    assert counts == sorted(counts)
    assert (len(counts) > 1, counts[-1]) == (True, 400_000)
    assert frame.select(pl.len()).collect(engine="streaming").item() == 400_000
    assert frame.filter(pl.col("a") < 5).select("b").collect(engine="streaming").height == 5
    assert frame.head(3).collect(engine="streaming")["a"].to_list() == [0, 1, 2]


def test_a_job_tells_how_far_it_is_while_it_runs(plant: Plant) -> None:
    plant.start()
    job_id = plant.queue(plant.publish(TELLING))
    running = plant.wait_for(job_id, lambda job: job.message_count == 1)
    assert running.progress == {"done": 0, "steps": 3, "read": {"1": 40}, "tools": [{"toolId": 2, "name": "Sort"}]}
    plant.go_on()
    assert plant.wait_for(job_id).progress == {"done": 3, "steps": 3, "records": {"2": {"Output": 40}}}


@pytest.mark.parametrize(
    "told",
    [
        {"done": "x", "steps": 1e9, "tools": "all", "records": [1]},
        {"tools": [{"toolId": 1 << 40}, None], "records": {"1": {"Output": True}, "-1": {"Output": 1}}},
        {"tools": [{"toolId": number, "name": "n" * 10_000} for number in range(5000)]},
        {"records": {str(number): {str(anchor): 1 for anchor in range(100)} for number in range(3000)}},
    ],
)
def test_what_a_run_says_about_its_progress_is_not_trusted(told: dict[str, object]) -> None:
    said = Said()
    said.take([{"event": "progress", **told}])
    progress = said.take_progress()
    assert progress is not None
    assert len(json.dumps(progress)) < 2_000_000
    assert set(progress) <= {"done", "steps", "tools", "records", "read"}
    assert all(set(tool) == {"toolId", "name"} and len(tool["name"]) <= 100 for tool in progress.get("tools", ()))
    assert said.take_progress() is None


def test_a_worker_that_is_drained_ends_after_its_job(plant: Plant) -> None:
    process = plant.start_process(lease_s=1, drain_s=0.1)
    first = plant.queue(plant.publish("import time; time.sleep(2.5)"))
    plant.wait_for(first, lambda job: job.started_at is not None)
    with plant.database.write() as db:
        [worker] = list_workers(db, SYSTEM)
        drain_worker(db, SYSTEM, worker.id)
    assert plant.wait_for(first).attempts == 1
    assert process.wait(PATIENCE_S) == 0
    second = plant.queue(plant.publish(TELLING))
    time.sleep(0.5)
    assert plant.job(second).attempts == 0
    with plant.database.read() as db:
        assert list(list_workers(db, SYSTEM)) == []
