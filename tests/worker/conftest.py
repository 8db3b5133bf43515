"""A worker in this process, or in one of its own, over a real gallery, database and fork server."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest

from galleria.children.server import RunnerServer
from galleria.database.connect import Database
from galleria.gallery.actors import Actor
from galleria.gallery.jobs import service as jobs
from galleria.gallery.jobs.dispatch import Worker
from galleria.gallery.jobs.records import Job, JobMessage, JobOutput
from galleria.gallery.workflows.publish import publish
from galleria.storage.folder import Folder
from galleria.worker.options import Options
from galleria.worker.work import Ending, work
from tests.gallery.scene import a_report, a_user
from tests.patience import PATIENCE_S, wait_until
from tests.scripted import SERVER

WAITS = """
import time
while not (folder / "temporary" / "go").exists():
    time.sleep(0.01)
"""
BESIDE = Path(__file__).with_name("beside.py")


@dataclass
class Plant:
    """A gallery with workers."""

    database: Database
    url: str
    storage: Folder
    folder: Path
    anna: Actor
    server: RunnerServer
    endings: list[tuple[Ending, threading.Thread]] = field(default_factory=list[tuple[Ending, threading.Thread]])
    processes: list[subprocess.Popen[bytes]] = field(default_factory=list[subprocess.Popen[bytes]])

    def options(self, **more: Any) -> Options:
        return replace(Options(Worker(f"worker-{len(self.endings)}"), 2, self.folder / "jobs"), **more)

    def publish(self, text: str, files: Mapping[str, str] | None = None, **report: Any) -> str:
        """Publish a workflow whose run carries out this Python text."""
        package = self.folder / "made.yxzp"
        with ZipFile(package, "w") as archive:
            archive.writestr("main.yxmd", text)
            for name, content in (files or {}).items():
                archive.writestr(name, content)
        with self.database.write() as db:
            return publish(db, self.anna, self.storage, package, a_report(file_name="main.yxmd", **report)).id

    def queue(self, workflow_id: str, **more: Any) -> str:
        with self.database.write() as db:
            return jobs.queue(db, self.anna, jobs.NewJob(workflow_id, **more)).id

    def start(self, options: Options | None = None) -> Ending:
        """Start a worker in a thread; its fork server is shared by the tests of a module."""
        ending = Ending()
        arguments = (self.database, self.storage, options or self.options(), ending, Shared(self.server))
        thread = threading.Thread(target=work, args=arguments)
        thread.start()
        self.endings.append((ending, thread))
        return ending

    @property
    def asked(self) -> Path:
        """Is there once a worker in a process of its own has heard that it is to end."""
        return self.folder / "asked"

    def start_process(self, **options: Any) -> subprocess.Popen[bytes]:
        """Start a worker in a process of its own."""
        places = {"storage": str(self.storage.root), "folder": str(self.folder / "jobs"), "asked": str(self.asked)}
        given = {"url": self.url, **places, "slots": 1, **options}
        root = str(Path(__file__).resolve().parents[2])
        environment = {**os.environ, "PYTHONPATH": root}
        process = subprocess.Popen([sys.executable, str(BESIDE), json.dumps(given)], env=environment, stdin=subprocess.PIPE)
        self.processes.append(process)
        return process

    def job(self, job_id: str) -> Job:
        with self.database.read() as db:
            return jobs.get_job(db, self.anna, job_id)

    def wait_for(self, job_id: str, is_right: Callable[[Job], bool] = lambda job: job.is_over) -> Job:
        def look() -> Job | None:
            return job if is_right(job := self.job(job_id)) else None

        found = wait_until(look, lambda: (self.job(job_id).state, self.texts(job_id)))
        assert found is not None
        return found

    def run(self, text: str, **more: Any) -> Job:
        return self.wait_for(self.queue(self.publish(text), **more))

    def messages(self, job_id: str) -> list[JobMessage]:
        with self.database.read() as db:
            return list(jobs.messages_of(db, jobs.get_job(db, self.anna, job_id)))

    def texts(self, job_id: str) -> list[str]:
        return [message.text for message in self.messages(job_id)]

    def outputs(self, job_id: str) -> list[JobOutput]:
        with self.database.read() as db:
            return list(jobs.outputs_of(db, jobs.get_job(db, self.anna, job_id)))

    def go_on(self) -> None:
        """Let runs go on whose text has `WAITS` in it."""
        for events in (self.folder / "jobs").glob("*/jobs/*/events.jsonl"):
            (events.parent / "temporary" / "go").touch()

    def stored_files(self) -> list[Path]:
        return [path for path in (self.storage.root / "outputs").rglob("*") if path.is_file()]

    def close(self) -> None:
        for ending, thread in self.endings:
            ending.ask()
            ending.ask()
            thread.join(PATIENCE_S)
        for process in self.processes:
            process.kill()
            process.wait()
            assert process.stdin is not None
            process.stdin.close()


class Shared(RunnerServer):
    """A fork server that outlives the worker that uses it."""

    def __init__(self, server: RunnerServer) -> None:
        super().__init__()
        self._shared = server
        self.run = server.run
        self.prepare = server.prepare
        self.ask = server.ask
        self.start = server.start
        self.fence = server.fence

    @property
    def pid(self) -> int | None:
        return self._shared.pid

    def close(self) -> None:
        pass


@pytest.fixture(scope="session")
def scripted_server() -> Iterator[RunnerServer]:
    server = RunnerServer(SERVER)
    server.start()
    yield server
    server.close()


@pytest.fixture
def plant(database: Database, database_url: str, storage: Folder, tmp_path: Path, scripted_server: RunnerServer) -> Iterator[Plant]:
    url = database.engine.url.render_as_string(hide_password=False)
    made = Plant(database, url, storage, tmp_path, a_user(database, "anna@example.com"), scripted_server)
    yield made
    made.close()
