"""The process that waits for the next job: used once, fenced like any other, and never in the way."""

from __future__ import annotations

import os
from pathlib import Path

import psutil
import pytest

from galleria.children.server import RunnerServer
from galleria.gallery.jobs.records import Disposition
from galleria.worker.folder import MOST_LINKS
from tests.patience import PATIENCE_S, wait_until
from tests.processes import is_gone
from tests.scripted import SERVER, job_folder
from tests.worker.conftest import Plant

WHO = "import os\nsay('message', toolId=1, status=1, text=str(os.getpid()), path=[])\n"
WARMED = "code = 0 if (folder / 'temporary' / 'warmed').exists() else 1"


def prepared(plant: Plant) -> Path:
    """The folder of the process that waits."""
    return wait_until(lambda: list((plant.folder / "jobs").glob("*/jobs/*/temporary/warmed")))[0].parents[1]


def test_jobs_run_in_processes_that_waited_and_each_in_its_own(plant: Plant) -> None:
    plant.start()
    workflow_id = plant.publish(WHO + WARMED, {"macros/a.yxmc": "x"})
    pids: set[str] = set()
    for _ in range(3):
        prepared(plant)
        job = plant.wait_for(plant.queue(workflow_id))
        assert job.disposition is Disposition.SUCCESS, plant.texts(job.id)
        pids.update(plant.texts(job.id))
    assert len(pids) == 3


def test_a_waiting_process_that_was_killed_is_no_loss(plant: Plant) -> None:
    worker = plant.start_process()
    prepared(plant)
    fork_server, *others = psutil.Process(worker.pid).children()
    assert not others
    for process in fork_server.children():
        process.kill()
    job = plant.run("code = 0")
    assert job.disposition is Disposition.SUCCESS, plant.texts(job.id)


def test_a_large_package_is_not_linked_file_by_file(plant: Plant) -> None:
    plant.start()
    prepared(plant)
    text = "code = 0 if len(list((folder / 'package').iterdir())) > 500 and (folder / 'package').is_symlink() else 1"
    workflow_id = plant.publish(text, {f"{number}.txt": "" for number in range(MOST_LINKS + 1)})
    assert plant.wait_for(plant.queue(workflow_id)).disposition is Disposition.SUCCESS


@pytest.fixture
def database_kind() -> str:
    """What is tested here has nothing to do with the kind of database."""
    return "sqlite"


def wait_until_warm(folder: Path) -> None:
    wait_until((folder / "temporary" / "warmed").exists)


def test_a_prepared_process_is_fenced_before_its_order_is_known(scripted_server: RunnerServer, tmp_path: Path) -> None:
    (tmp_path / "secret.key").write_text("x")
    folder = job_folder(tmp_path / "job", "")
    scripted_server.prepare(folder)
    wait_until_warm(folder)
    text = "import concurrent.futures as f\ntry:\n    open(folder.parent / 'secret.key')\nexcept PermissionError:\n    code = 7"
    (folder / "package" / "main.yxmd").write_text(text)
    (folder / "package" / "later.csv").write_text("x")
    ended = scripted_server.run(folder).wait(PATIENCE_S)
    assert ended is not None
    assert ended.exit == 7, (folder / "log.txt").read_text()


def test_a_prepared_process_that_is_not_wanted_is_killed(scripted_server: RunnerServer, tmp_path: Path) -> None:
    folder = job_folder(tmp_path / "job", "")
    assert scripted_server.pid is not None
    fork_server = psutil.Process(scripted_server.pid)
    before = set(fork_server.children())
    scripted_server.prepare(folder)
    wait_until_warm(folder)
    (process,) = set(fork_server.children()) - before
    scripted_server.ask({"kill": str(folder)})
    assert process.wait(PATIENCE_S) is None or not process.is_running()


def test_a_prepared_process_ends_with_its_server(tmp_path: Path) -> None:
    for end in (lambda server: server.close(), lambda server: os.kill(server.pid, 9)):
        server = RunnerServer(SERVER)
        folder = job_folder(tmp_path / str(id(end)), "")
        server.prepare(folder)
        wait_until_warm(folder)
        assert server.pid is not None
        children = psutil.Process(server.pid).children()
        end(server)
        assert all(is_gone(child.pid) for child in children)
        server.close()
