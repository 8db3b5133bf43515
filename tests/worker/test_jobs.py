"""Jobs carried out by a worker: what reaches the gallery, and what happens to runs that must not go on. On both databases."""

from __future__ import annotations

import io
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from galleria.database.connect import Database
from galleria.gallery.files import service as files
from galleria.gallery.jobs import service as jobs
from galleria.gallery.jobs.records import Disposition, State
from galleria.gallery.workers import service as workers
from galleria.gallery.workers.records import WorkerRecord
from galleria.worker import pulse
from tests.patience import PATIENCE_S, wait_until
from tests.worker.conftest import WAITS, Plant

SUCCESS = (State.COMPLETED, Disposition.SUCCESS)
ERROR = (State.COMPLETED, Disposition.ERROR)

GOOD = """
say("message", toolId=6, status=1, text="1 record was output", path=[6])
say("progress", done=1, steps=2)
(folder / "outputs" / "deep").mkdir()
(folder / "outputs" / "deep" / "out.csv").write_text("a,b\\n")
say("output", name="deep/out.csv", file="deep/out.csv")
(folder / "outputs" / "output.yxdb").write_bytes(b"yxdb")
say("output", name="output.yxdb", file="output.yxdb", toolId=8, records=32)
say("message", toolId=8, status=9, text='output.yxdb|32 records were written to "output.yxdb"', path=[8])
"""
FOREVER = "import time\nsay('message', toolId=1, status=1, text='here', path=[1])\ntime.sleep(600)"


def ended(plant: Plant, job_id: str) -> tuple[State, Disposition]:
    job = plant.wait_for(job_id)
    return job.state, job.disposition


def test_messages_and_outputs_reach_the_gallery(plant: Plant) -> None:
    plant.start()
    job = plant.run(GOOD)
    assert (job.state, job.disposition) == SUCCESS
    assert [(message.tool_id, message.status, message.text) for message in plant.messages(job.id)] == [
        (6, 1, "1 record was output"),
        (8, 9, 'output.yxdb|32 records were written to "output.yxdb"'),
    ]
    outputs = plant.outputs(job.id)
    assert [(one.name, one.formats[:2], one.tool_id, one.record_count) for one in outputs] == [
        ("deep/out.csv", ["Raw", "Csv"], None, None),
        ("output.yxdb", ["Raw", "Yxdb"], 8, 32),
    ]
    with plant.storage.open(outputs[1].storage_key) as stored:
        assert stored.read() == b"yxdb"
    assert job.result is not None
    assert job.result["peak_bytes"] > 0
    wait_until(lambda: not any((plant.folder / "jobs").glob("*/jobs/*/package/main.yxmd")), lambda: "the job's folder stays")


@pytest.mark.parametrize(
    ("text", "disposition"), [("code = 1", Disposition.ERROR), ("code = 2", Disposition.ERROR), ("", Disposition.SUCCESS)]
)
def test_the_exit_code_decides(plant: Plant, text: str, disposition: Disposition) -> None:
    plant.start()
    assert plant.run(text).disposition is disposition


def test_answers_files_and_macros_are_in_the_job_folder(plant: Plant) -> None:
    text = """
assert job["answers"]["Text"] == "x"
assert open(job["answers"]["File"]).read() == "uploaded"
assert job["answers"]["File"].endswith("/data.csv")
assert (folder / "package" / "macros" / "inner.yxmc").read_text() == "inner"
"""
    questions = [{"name": "Text", "type": "TextBox"}, {"name": "File", "type": "FileBrowse"}]
    with plant.database.write() as db:
        stored = files.store_upload(plant.storage, io.BytesIO(b"uploaded"), 100)
        upload = files.add_input_file(db, plant.anna, plant.storage, "C:\\data.csv", stored, 3600)
    workflow_id = plant.publish(text, {"macros/inner.yxmc": "inner"}, kind="app", questions=questions)
    plant.start()
    job_id = plant.queue(workflow_id, answers={"Text": "x", "File": upload.id})
    assert ended(plant, job_id) == SUCCESS, plant.texts(job_id)


def test_an_upload_that_is_gone_is_told(plant: Plant) -> None:
    questions = [{"name": "File", "type": "FileBrowse"}]
    with plant.database.write() as db:
        stored = files.store_upload(plant.storage, io.BytesIO(b"uploaded"), 100)
        upload = files.add_input_file(db, plant.anna, plant.storage, "data.csv", stored, 3600)
    job_id = plant.queue(plant.publish("", kind="app", questions=questions), answers={"File": upload.id})
    plant.storage.delete(stored.key)
    plant.start()
    assert ended(plant, job_id) == ERROR
    assert "could not be prepared" in plant.texts(job_id)[0]


def test_messages_reach_the_gallery_while_the_job_runs(plant: Plant) -> None:
    plant.start()
    job_id = plant.queue(plant.publish(FOREVER))
    plant.wait_for(job_id, lambda job: job.message_count == 1)
    assert plant.texts(job_id) == ["here"]
    assert plant.job(job_id).state is State.RUNNING


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("import os; os._exit(5)", "ended without a result (exit code 5)"),
        ("import os; os.abort()", "broke off with signal 6"),
        ("import os; os.kill(os.getpid(), 9)", "most likely because the machine ran out of memory"),
        ("raise ValueError('broken')", "exit code 70"),
        ("say('end', code=0)\nimport os; os._exit(1)", "exit code 1"),
        ("say('output', name='out.csv', file='out.csv')", "An output could not be stored: out.csv"),
        ("say('output', name='x', file='../../lock')", "../../lock is no output of this run"),
        ("say('output', name='x', file='/etc/passwd')", "/etc/passwd is no output of this run"),
        ("say('output', name='x', file='')", "is no output of this run"),
        ("(folder / 'outputs' / 'x').mkdir()\nsay('output', name='x', file='x')", "as a plain file"),
    ],
)
def test_a_run_that_goes_wrong_says_so(plant: Plant, text: str, words: str) -> None:
    plant.start()
    job = plant.run(text)
    assert (job.state, job.disposition) == ERROR
    assert any(words in said for said in plant.texts(job.id)), plant.texts(job.id)
    assert not plant.outputs(job.id)
    assert not plant.stored_files()


def test_what_is_no_message_is_passed_over(plant: Plant) -> None:
    text = """
say("message", toolId="x", status=1, text="kept", path="nonsense")
say("message", toolId=1, status=77, text="no such status", path=[])
say("message", toolId=1, status=1, text=5, path=[])
say("message", toolId=1 << 80, status=3, text="half a pair \\ud800 and \\0", path=[True, 1 << 90, 3])
say("progress", done={}, steps=[])
say("output")
say("unheard of")
"""
    plant.start()
    job = plant.run(text)
    assert plant.texts(job.id)[:2] == ["kept", "half a pair ? and "]
    assert (job.state, job.disposition) == ERROR


def test_time_is_limited_by_the_job_and_by_the_worker(plant: Plant) -> None:
    plant.start(plant.options(time_limit_s=0.7))
    first = plant.queue(plant.publish(FOREVER), time_limit_s=0.3)
    second = plant.queue(plant.publish(FOREVER))
    assert ended(plant, first) == ERROR
    assert plant.texts(first)[-1] == "The run was stopped because it took longer than 0.3 seconds."
    assert ended(plant, second) == ERROR
    assert plant.texts(second)[-1] == "The run was stopped because it took longer than 0.7 seconds."


def test_memory_is_limited_in_plain_words(plant: Plant) -> None:
    plant.start(plant.options(memory_limit_bytes=200_000_000))
    job = plant.run(
        "say('progress', done=2, steps=5, tools=[dict(toolId=6, name='Sort')])\nheld = b'x' * 400_000_000\nimport time; time.sleep(600)"
    )
    assert (job.state, job.disposition) == ERROR
    (text,) = plant.texts(job.id)
    assert text.startswith("The run was stopped because it held ")
    assert "a run may hold 200 MB (after step 2 of 5, while rows passed Sort (6))" in text


def test_a_running_job_is_cancelled_and_a_queued_one_too(plant: Plant, monkeypatch: pytest.MonkeyPatch) -> None:
    # It is heard of by the bell, not by the look every few seconds.
    monkeypatch.setattr(pulse, "MOST_S", 3600.0)
    plant.start(plant.options(slots=1, lease_s=4 * 3600.0))
    running, queued = plant.queue(plant.publish(FOREVER)), plant.queue(plant.publish(FOREVER))
    plant.wait_for(running, lambda job: job.message_count == 1)
    for job_id in (queued, running):
        with plant.database.write() as db:
            jobs.cancel(db, plant.anna, job_id)
    assert [plant.wait_for(job_id).state for job_id in (queued, running)] == [State.CANCELLED] * 2
    assert plant.texts(running) == ["here"]


def test_slots_run_side_by_side_and_no_more(plant: Plant) -> None:
    text = """
import time
from pathlib import Path
here = Path(job["fence"]["write"][0])
(here / folder.name).touch()
until = time.monotonic() + 180
while len(list(here.iterdir())) < 2 and time.monotonic() < until:
    time.sleep(0.01)
code = 0 if len(list(here.iterdir())) == 2 else 1
"""
    meeting = plant.folder / "meeting"
    meeting.mkdir()
    workflow_id = plant.publish(text)
    job_ids = [plant.queue(workflow_id) for _ in range(2)]
    plant.start(plant.options(slots=2, allowed_roots=(meeting,)))
    assert [ended(plant, job_id) for job_id in job_ids] == [SUCCESS] * 2


def test_a_worker_takes_the_jobs_of_its_tags(plant: Plant) -> None:
    from galleria.gallery.jobs.dispatch import Worker

    plant.start(plant.options(worker=Worker("only-gpu", frozenset({"gpu"}), runs_unassigned=False)))
    with plant.database.write() as db:
        other = jobs.queue(db, plant.anna, jobs.NewJob(plant_workflow := _published(plant, "")))
        mine = jobs.queue(db, plant.anna, jobs.NewJob(plant_workflow))
        mine.worker_tag = "gpu"
    assert ended(plant, mine.id) == SUCCESS
    assert plant.job(other.id).state is State.QUEUED


def _published(plant: Plant, text: str) -> str:
    return plant.publish(text)


def test_a_paused_worker_claims_nothing_until_it_may(plant: Plant) -> None:
    plant.start(plant.options(lease_s=1.0))
    record = _wait_for_record(plant.database)
    _pause(plant.database, record.id, paused=True)
    _wait_for_reports(plant.database, 2)
    job_id = plant.queue(plant.publish(""))
    _wait_for_reports(plant.database, 2)
    assert plant.job(job_id).state is State.QUEUED
    _pause(plant.database, record.id, paused=False)
    assert ended(plant, job_id) == SUCCESS


def _wait_for_record(database: Database) -> WorkerRecord:
    from sqlalchemy import select

    def look() -> WorkerRecord | None:
        with database.read() as db:
            return db.scalars(select(WorkerRecord)).first()

    found = wait_until(look)
    assert found is not None
    return found


def _wait_for_reports(database: Database, count: int) -> None:
    """Wait for so many more; what is answered to one is obeyed before the next."""
    seen = _wait_for_record(database).seen_at
    for _ in range(count):
        before = seen
        seen = wait_until(lambda before=before: (at := _wait_for_record(database).seen_at) != before and at)
        assert seen


def _pause(database: Database, worker_id: str, *, paused: bool) -> None:
    from galleria.gallery.actors import system

    with database.write() as db:
        workers.pause_worker(db, system("test"), worker_id, paused=paused)


def test_a_worker_says_what_it_does_and_signs_off(plant: Plant) -> None:
    ending = plant.start(plant.options(lease_s=0.6))
    job_id = plant.queue(plant.publish("say('progress', done=1, steps=3)\n" + FOREVER))

    def doing() -> Mapping[str, Any] | None:
        found = _wait_for_record(plant.database).doing
        return found if found is not None and found["jobs"].get(job_id) == {"done": 1, "steps": 3} else None

    found = wait_until(doing, lambda: _wait_for_record(plant.database).doing)
    assert found is not None
    assert found["memory_bytes"] > 0
    ending.ask()
    ending.ask()
    for _, thread in plant.endings:
        thread.join(PATIENCE_S)
    with plant.database.read() as db:
        from sqlalchemy import select

        assert db.scalars(select(WorkerRecord)).first() is None


def test_a_worker_that_is_told_to_end_lets_its_job_finish(plant: Plant) -> None:
    ending = plant.start()
    job_id = plant.queue(plant.publish("say('message', toolId=1, status=1, text='here', path=[])\n" + WAITS))
    plant.wait_for(job_id, lambda job: job.message_count == 1)
    ending.ask()
    second = plant.queue(plant.publish(""))
    plant.go_on()
    plant.endings[0][1].join(PATIENCE_S)
    assert (plant.job(job_id).state, plant.job(job_id).disposition) == SUCCESS
    assert plant.job(second).state is State.QUEUED


def test_a_job_that_does_not_end_in_time_is_given_back(plant: Plant) -> None:
    ending = plant.start(plant.options(drain_s=0.2))
    job_id = plant.queue(plant.publish(FOREVER))
    plant.wait_for(job_id, lambda job: job.message_count == 1)
    ending.ask()
    plant.endings[0][1].join(PATIENCE_S)
    job = plant.job(job_id)
    assert (job.state, job.attempts, job.message_count) == (State.QUEUED, 0, 0)


def test_a_package_is_unpacked_once_for_many_jobs(plant: Plant, monkeypatch: pytest.MonkeyPatch) -> None:
    from galleria.documents import archive

    unpacked: list[Path] = []
    extract = archive.extract
    monkeypatch.setattr(archive, "extract", lambda package, folder, limits: (unpacked.append(folder), extract(package, folder, limits))[1])
    workflow_id = plant.publish("")
    plant.start()
    for job_id in [plant.queue(workflow_id) for _ in range(4)]:
        assert ended(plant, job_id) == SUCCESS
    assert len(unpacked) == 1
