"""A server that is told to end while jobs run: its worker finishes what runs, nothing is left over."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest
from sqlalchemy import select

from galleria.gallery.jobs import service as jobs
from galleria.gallery.jobs.records import Disposition, Job, State
from galleria.gallery.jobs.service import NewJob
from galleria.gallery.workers.records import WorkerRecord
from galleria.gallery.workflows.file import publish_file
from galleria.http.parts import Parts
from tests.cli.seed import gallery_in
from tests.clients.running import free_port, wait_for
from tests.clients.test_the_whole_way import WORKFLOW
from tests.gallery.scene import SYSTEM, a_user
from tests.patience import PATIENCE_S, wait_until
from tests.processes import is_gone

ROWS = 4_000_000
"""A second or some."""
SLOW = WORKFLOW.replace("AlteryxBasePluginsGui.TextInput.TextInput", "AlteryxBasePluginsGui.GenerateRows.GenerateRows").replace(
    WORKFLOW[WORKFLOW.index("<NumRows") : WORKFLOW.index("</Configuration>")],
    f"""<UpdateField value="False"/><CreateField_Name>n</CreateField_Name><CreateField_Type>Int64</CreateField_Type>
    <Expression_Init>1</Expression_Init><Expression_Cond>n &lt;= {ROWS}</Expression_Cond><Expression_Loop>n + 1</Expression_Loop>""",
)


@pytest.fixture
def queued(tmp_path: Path) -> Iterator[Parts]:
    """More jobs for one slot than are over soon."""
    with gallery_in(tmp_path) as parts:
        (tmp_path / "slow.yxmd").write_text(SLOW, "utf-8")
        anna = a_user(parts.database, "anna@example.com")
        workflow_id = publish_file(parts.database, anna, parts.storage, tmp_path / "slow.yxmd").id
        with parts.database.write() as db:
            for _ in range(20):
                jobs.queue(db, anna, NewJob(workflow_id))
        yield parts


@contextmanager
def serving(folder: Path) -> Generator[subprocess.Popen[bytes]]:
    port = free_port()
    environment = {**os.environ, "GALLERIA_DATA_DIR": str(folder), "GALLERIA_PORT": str(port), "GALLERIA_WORKER_SLOTS": "1"}
    log = folder / "server.log"
    with log.open("wb") as sink:
        process = subprocess.Popen([sys.executable, "-m", "galleria", "serve"], env=environment, stdin=subprocess.DEVNULL, stderr=sink)
    try:
        wait_for(port, process, log)
        yield process
    finally:
        for one in psutil.Process(process.pid).children(recursive=True) if process.poll() is None else []:
            one.kill()
        process.kill()
        process.wait()


def all_jobs(parts: Parts) -> list[Job]:
    with parts.database.read() as db:
        return list(jobs.list_jobs(db, SYSTEM))


def wait_until_running(parts: Parts) -> None:
    wait_until(lambda: any(job.state is State.RUNNING for job in all_jobs(parts)))


def test_a_server_told_to_end_finishes_what_runs_and_leaves_the_rest_in_the_queue(queued: Parts, tmp_path: Path) -> None:
    with serving(tmp_path) as process:
        wait_until_running(queued)
        below = psutil.Process(process.pid).children(recursive=True)
        assert len(below) >= 2
        process.send_signal(signal.SIGTERM)
        assert process.wait(PATIENCE_S) == 0
    found = {(job.state, job.disposition, job.attempts) for job in all_jobs(queued)}
    assert found == {(State.COMPLETED, Disposition.SUCCESS, 1), (State.QUEUED, Disposition.NONE, 0)}
    assert all(is_gone(one.pid) for one in below)
    assert list((tmp_path / "jobs").iterdir()) == []
    with queued.database.read() as db:
        assert db.scalars(select(WorkerRecord)).all() == []
