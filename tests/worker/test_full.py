"""A disk or a database without room: the job fails in words, and what comes after it, with room, runs."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event, text

from galleria.database.connect import Database
from galleria.gallery.jobs.records import Disposition
from galleria.storage.folder import Folder
from tests.api.gallery import a_gallery
from tests.gallery.scene import Scene
from tests.worker.conftest import Plant

SMALL_MB = 8
FILL = """
import os
with (folder / "outputs" / "out.bin").open("wb") as file:
    for _ in range({megabytes}):
        file.write(os.urandom(1 << 20))
say("output", name="out.bin", file="out.bin")
"""
LIGHT = """
(folder / "outputs" / "out.csv").write_text("x")
say("output", name="out.csv", file="out.csv")
"""


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A folder with a few megabytes."""
    folder = tmp_path / "small"
    folder.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={SMALL_MB}m", "tmpfs", folder], capture_output=True, text=True)
    if mounted.returncode:
        pytest.skip(f"this machine lets nobody mount a small disk: {mounted.stderr.strip()}")
    yield folder
    subprocess.run(["umount", "--lazy", folder], check=True)


@pytest.fixture
def database_kind() -> str:
    """The disk is what is full."""
    return "sqlite"


def test_a_run_that_fills_the_worker_s_disk_fails_in_words(plant: Plant, small_disk: Path) -> None:
    plant.start(plant.options(folder=small_disk / "jobs"))
    job = plant.run(FILL.format(megabytes=SMALL_MB + 1))
    assert job.disposition is Disposition.ERROR
    [said] = plant.texts(job.id)
    assert said.startswith("The run broke off because the worker's disk is full.")
    assert plant.run(LIGHT).disposition is Disposition.SUCCESS


def test_a_job_that_finds_the_worker_s_disk_full_fails_in_words(plant: Plant, small_disk: Path) -> None:
    plant.start(plant.options(folder=small_disk / "jobs"))
    assert plant.run(LIGHT).disposition is Disposition.SUCCESS
    stuffed = stuff(small_disk)
    job = plant.run(LIGHT)
    [said] = plant.texts(job.id)
    # Found by whoever writes first: a process that waited for a run already has its folder.
    assert said.startswith(
        ("The job could not be prepared: No space left on device", "The run broke off because the worker's disk is full")
    )
    assert job.disposition is Disposition.ERROR
    stuffed.unlink()
    assert plant.run(LIGHT).disposition is Disposition.SUCCESS


def stuff(folder: Path) -> Path:
    """Leave no room on the disk."""
    file = folder / "stuff"
    with file.open("wb", buffering=0) as sink:
        for size in (1 << 20, 1 << 12, 1):
            try:
                while sink.write(b"x" * size):
                    pass
            except OSError:
                continue
    return file


def test_an_output_that_finds_the_storage_full_fails_its_job_in_words(plant: Plant, small_disk: Path) -> None:
    packages = plant.storage.root / "packages"
    plant.storage = Folder(small_disk)
    packages.parent.mkdir(exist_ok=True)
    plant.start()
    job = plant.run(FILL.format(megabytes=SMALL_MB + 1))
    assert (job.disposition, plant.texts(job.id)) == (Disposition.ERROR, ["An output could not be stored: No space left on device"])
    assert plant.stored_files() == []
    assert plant.run(LIGHT).disposition is Disposition.SUCCESS


def limit_pages(database: Database, more: int) -> Any:
    """Let the database grow by so many pages; gives what takes the limit away."""
    with database.engine.connect() as connection:
        most = connection.scalar(text("PRAGMA page_count")) + more

    def limit(connection: Any, _record: object) -> None:
        connection.execute(f"PRAGMA max_page_count={most}")

    event.listen(database.engine, "connect", limit)
    database.engine.dispose()

    def lift() -> None:
        event.remove(database.engine, "connect", limit)
        database.engine.dispose()

    return lift


TALK = """
for number in range(2000):
    say("message", toolId=1, status=1, text="x" * 1000, path=[])
"""


def test_a_job_that_finds_the_database_full_fails_in_words(plant: Plant) -> None:
    workflow_id = plant.publish(TALK)
    plant.start()
    assert plant.run(LIGHT).disposition is Disposition.SUCCESS
    job_id = plant.queue(workflow_id)
    lift = limit_pages(plant.database, 4)
    job = plant.wait_for(job_id)
    assert job.disposition is Disposition.ERROR
    assert plant.texts(job_id)[-1].startswith("There was no room left in the gallery's database")
    lift()
    assert plant.run(TALK).disposition is Disposition.SUCCESS


def test_requests_are_told_that_the_database_is_full_and_the_server_lives(plant: Plant, tmp_path: Path) -> None:
    workflow_id = plant.publish(LIGHT)
    gallery = a_gallery(Scene(plant.database, plant.storage, tmp_path, plant.anna, workflow_id))
    lift = limit_pages(plant.database, 0)
    answers = [gallery.post(f"/gallery/api/v1/workflows/{workflow_id}/jobs/") for _ in range(60)]
    full = [answer for answer in answers if answer.status_code != 200]
    assert {answer.status_code for answer in full} == {507}
    assert "no room" in full[0].json()["message"]
    # What writes nothing goes on.
    assert gallery.http.get("http://127.0.0.1/metrics").status_code == gallery.http.get("/health/ready").status_code == 200
    lift()
    assert gallery.post(f"/gallery/api/v1/workflows/{workflow_id}/jobs/").status_code == 200
