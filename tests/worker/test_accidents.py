"""Workers and runs that are killed or frozen, in processes of their own: no job is lost, none finishes twice, nothing is left over."""

from __future__ import annotations

import os
import signal
import sqlite3
import time
from pathlib import Path

import psutil
import pytest
from sqlalchemy import text

from galleria.gallery.jobs.records import Disposition, State
from galleria.worker.folders import WorkerFolder
from galleria.worker.packages import MOST_UNUSED, Packages
from tests.patience import PATIENCE_S, wait_until
from tests.processes import is_gone, stop
from tests.worker.conftest import Plant

SLOW = """
import os, time
say("message", toolId=1, status=1, text=str(os.getpid()), path=[])
time.sleep({seconds})
(folder / "outputs" / "out.csv").write_text("x")
say("output", name="out.csv", file="out.csv")
"""


def pid_of_run(plant: Plant, job_id: str) -> int:
    plant.wait_for(job_id, lambda job: job.message_count >= 1)
    return int(plant.texts(job_id)[0])


def freeze(plant: Plant, pid: int) -> None:
    """Stop a worker between two of its transactions: one that is stopped inside keeps its locks from everybody."""

    def is_frozen() -> bool:
        stop(pid)
        if is_idle(plant) if plant.database.is_postgresql else can_write(plant):
            return True
        os.kill(pid, signal.SIGCONT)
        return False

    wait_until(is_frozen, lambda: "the worker holds locks all the time")


def is_idle(plant: Plant) -> bool:
    """Whether nobody but this process is in a transaction on PostgreSQL."""
    others = """
    SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()
    AND backend_type = 'client backend' AND xact_start IS NOT NULL
    """
    with plant.database.read() as db:
        return db.execute(text(others)).scalar_one() == 0


def can_write(plant: Plant) -> bool:
    """Whether nobody holds SQLite's only write lock."""
    connection = sqlite3.connect(str(plant.database.engine.url.database), timeout=0.2, isolation_level=None)
    try:
        connection.execute("BEGIN IMMEDIATE")
        connection.execute("ROLLBACK")
    except sqlite3.OperationalError:
        return False
    finally:
        connection.close()
    return True


def test_a_killed_run_ends_in_error_and_the_worker_goes_on(plant: Plant) -> None:
    plant.start_process()
    job_id = plant.queue(plant.publish(SLOW.format(seconds=600)))
    os.kill(pid_of_run(plant, job_id), signal.SIGKILL)
    assert plant.wait_for(job_id).disposition is Disposition.ERROR
    assert plant.run("").disposition is Disposition.SUCCESS


def test_the_job_of_a_killed_worker_is_done_by_another(plant: Plant) -> None:
    first = plant.start_process(lease_s=2.0)
    job_id = plant.queue(plant.publish(SLOW.format(seconds=4)))
    run = pid_of_run(plant, job_id)
    children = psutil.Process(first.pid).children(recursive=True)
    first.kill()
    assert is_gone(run)
    assert all(is_gone(child.pid) for child in children)
    plant.start_process(lease_s=2.0)
    job = plant.wait_for(job_id)
    assert (job.state, job.disposition, job.attempts) == (State.COMPLETED, Disposition.SUCCESS, 2)
    assert len(plant.texts(job_id)) == len(plant.outputs(job_id)) == len(plant.stored_files()) == 1


def test_a_job_whose_workers_die_again_and_again_ends_in_error(plant: Plant) -> None:
    job_id = plant.queue(plant.publish(SLOW.format(seconds=600)))
    for attempt in (1, 2):
        worker = plant.start_process(lease_s=1.0, most_attempts=2)
        plant.wait_for(job_id, lambda job, attempt=attempt: job.attempts == attempt and job.message_count >= 1)
        worker.kill()
    plant.start_process(lease_s=1.0, most_attempts=2)
    job = plant.wait_for(job_id)
    assert (job.state, job.disposition, job.attempts) == (State.COMPLETED, Disposition.ERROR, 2)
    assert plant.texts(job_id)[-1] == "worker lost"


def test_a_frozen_worker_that_wakes_up_is_refused(plant: Plant) -> None:
    """Its lease ran out and another worker finished the job; whatever it does then changes nothing."""
    frozen = plant.start_process(lease_s=1.0)
    job_id = plant.queue(plant.publish(SLOW.format(seconds=3)))
    first_run = pid_of_run(plant, job_id)
    freeze(plant, frozen.pid)
    plant.start_process(lease_s=1.0)
    job = plant.wait_for(job_id)
    assert (job.disposition, job.attempts) == (Disposition.SUCCESS, 2)
    said, made = plant.texts(job_id), [output.id for output in plant.outputs(job_id)]
    os.kill(frozen.pid, signal.SIGCONT)
    assert is_gone(first_run)
    # It is well, and takes the next job.
    assert plant.run("").disposition is Disposition.SUCCESS
    time.sleep(0.5)
    after = plant.job(job_id)
    assert (after.state, after.disposition, after.attempts, after.ended_at) == (job.state, job.disposition, 2, job.ended_at)
    assert (plant.texts(job_id), [output.id for output in plant.outputs(job_id)]) == (said, made)
    assert len(plant.stored_files()) == 1


def test_a_worker_ends_in_good_order_when_whoever_started_it_is_gone(plant: Plant) -> None:
    worker = plant.start_process()
    job_id = plant.queue(plant.publish(SLOW.format(seconds=1)))
    pid_of_run(plant, job_id)
    assert worker.stdin is not None
    worker.stdin.close()
    assert worker.wait(PATIENCE_S) == 0
    assert plant.job(job_id).disposition is Disposition.SUCCESS
    assert not list((plant.folder / "jobs").iterdir())


@pytest.mark.parametrize("sign", [signal.SIGTERM, signal.SIGINT])
def test_a_worker_drains_on_a_signal_and_gives_back_on_the_second(plant: Plant, sign: signal.Signals) -> None:
    worker = plant.start_process()
    job_id = plant.queue(plant.publish(SLOW.format(seconds=600)))
    run = pid_of_run(plant, job_id)
    worker.send_signal(sign)
    # Two signals that come before either was heard are one.
    wait_until(plant.asked.exists)
    time.sleep(0.5)
    assert plant.job(job_id).state is State.RUNNING
    worker.send_signal(sign)
    assert worker.wait(PATIENCE_S) == 0
    assert is_gone(run)
    assert (plant.job(job_id).state, plant.job(job_id).attempts) == (State.QUEUED, 0)


def test_a_killed_fork_server_costs_one_run_and_no_worker(plant: Plant) -> None:
    worker = plant.start_process()
    job_id = plant.queue(plant.publish(SLOW.format(seconds=600)))
    run = pid_of_run(plant, job_id)
    fork_server = psutil.Process(run).ppid()
    assert psutil.Process(fork_server).ppid() == worker.pid
    os.kill(fork_server, signal.SIGKILL)
    assert plant.wait_for(job_id).disposition is Disposition.ERROR
    assert is_gone(run)
    assert plant.run("").disposition is Disposition.SUCCESS


def test_what_a_dead_worker_left_on_the_disk_is_removed(tmp_path: Path) -> None:
    dead = tmp_path / "dead-1"
    (dead / "jobs" / "x").mkdir(parents=True)
    (dead / "lock").touch()
    living = WorkerFolder(tmp_path, "living")
    assert not dead.exists()
    assert living.path.is_dir()
    living.close()
    assert not living.path.exists()


def test_unused_packages_go_when_there_are_many(tmp_path: Path) -> None:
    import io
    from zipfile import ZipFile

    from galleria.storage.contract import Area
    from galleria.storage.folder import Folder

    content = io.BytesIO()
    with ZipFile(content, "w") as archive:
        archive.writestr("main.yxmd", "x")
    storage = Folder(tmp_path / "storage")
    packages = Packages(tmp_path / "packages", storage)
    keys = [storage.put(Area.PACKAGES, f"{number}.yxzp", io.BytesIO(content.getvalue())).key for number in range(MOST_UNUSED + 3)]
    with packages.unpacked(keys[0]) as kept:
        for key in keys[1:]:
            with packages.unpacked(key) as folder:
                assert (folder / "main.yxmd").read_text() == "x"
        assert (kept / "main.yxmd").is_file()
        assert len(list((tmp_path / "packages").iterdir())) == MOST_UNUSED + 1
