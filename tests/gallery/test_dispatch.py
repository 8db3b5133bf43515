"""The queue among several workers: order, tags, races, bells."""

import multiprocessing
import threading
import time
from collections import Counter

import pytest

from galleria.database.connect import Database, connect
from galleria.database.wake import Bell
from galleria.gallery.actors import Role
from galleria.gallery.jobs import dispatch
from galleria.gallery.jobs import service as jobs
from galleria.gallery.jobs.dispatch import Outcome, Worker
from galleria.gallery.jobs.records import Priority
from galleria.gallery.jobs.service import CHANNEL, NewJob
from tests.databases import new_vault
from tests.gallery.scene import SYSTEM, Scene, a_user
from tests.patience import PATIENCE_S


def queue(scene: Scene, count: int = 1, priority: Priority = Priority.LOW, tag: str = "") -> list[str]:
    with scene.database.write() as db:
        new = NewJob(scene.workflow_id, priority=priority, worker_tag=tag)
        return [jobs.queue(db, SYSTEM, new).id for _ in range(count)]


def claim(scene: Scene, worker: Worker, count: int = 100) -> list[str]:
    with scene.database.write() as db:
        return [taken.job.id for taken in dispatch.claim(db, worker, count)]


def test_the_most_urgent_comes_first_then_the_oldest(scene: Scene) -> None:
    [low] = queue(scene)
    first, second = queue(scene, 2, Priority.CRITICAL)
    [medium] = queue(scene, 1, Priority.MEDIUM)
    assert claim(scene, Worker("one"), 2) == [first, second]
    assert claim(scene, Worker("one")) == [medium, low]


@pytest.mark.parametrize(
    ("worker", "expected"),
    [
        (Worker("w"), ["plain"]),
        (Worker("w", frozenset({"gpu"})), ["plain", "gpu"]),
        (Worker("w", frozenset({"gpu", "finance"}), runs_unassigned=False), ["gpu", "finance"]),
        (Worker("w", frozenset({"other"}), runs_unassigned=False), []),
        (Worker("w", runs_unassigned=False), []),
    ],
)
def test_a_worker_takes_the_jobs_of_its_tags(scene: Scene, worker: Worker, expected: list[str]) -> None:
    ids = {queue(scene, tag="" if tag == "plain" else tag)[0]: tag for tag in ("plain", "gpu", "finance")}
    assert [ids[job_id] for job_id in claim(scene, worker)] == expected


def test_priority_and_tag_are_ignored_of_those_who_may_not_set_them(scene: Scene) -> None:
    boris = a_user(scene.database, "boris@example.com", Role.CURATOR)
    new = NewJob(scene.workflow_id, priority=Priority.HIGH, worker_tag="gpu")
    with scene.database.write() as db:
        annas, borises = jobs.queue(db, scene.anna, new), jobs.queue(db, boris, new)
        assert (annas.priority, annas.worker_tag) == (Priority.LOW, "")
        assert (borises.priority, borises.worker_tag) == (Priority.HIGH, "gpu")


def drain(url: str, name: str, finished: "multiprocessing.Queue[str]") -> None:
    database = connect(url, new_vault())
    while True:
        with database.write() as db:
            claims = dispatch.claim(db, Worker(name), 3)
        if not claims:
            break
        for taken in claims:
            with database.write() as db:
                dispatch.finish(db, taken.lease, Outcome.SUCCESS)
            finished.put(taken.job.id)
    database.close()


def test_no_job_is_given_to_two_of_several_processes(scene: Scene) -> None:
    ids = queue(scene, 60)
    spawn = multiprocessing.get_context("spawn")
    finished: multiprocessing.Queue[str] = spawn.Queue()
    url = scene.database.engine.url.render_as_string(hide_password=False)
    workers = [spawn.Process(target=drain, args=(url, f"worker {number}", finished)) for number in range(3)]
    for worker in workers:
        worker.start()
    seen = Counter(finished.get(timeout=300) for _ in ids)
    for worker in workers:
        worker.join(300)
    assert [worker.exitcode for worker in workers] == [0, 0, 0]
    assert seen == Counter(ids)
    assert finished.empty()


def test_a_bell_rings_when_a_job_was_queued_and_not_before(scene: Scene) -> None:
    bell = Bell(scene.database, CHANNEL)
    bell.listen()
    assert not bell.wait(0.05)
    ringer = threading.Timer(0.2, queue, [scene])
    ringer.start()
    started = time.monotonic()
    assert bell.wait(PATIENCE_S)
    assert time.monotonic() - started < PATIENCE_S / 2
    ringer.join()
    assert not bell.wait(0.05)
    bell.close()


def test_a_reading_session_cannot_write(database: Database) -> None:
    from sqlalchemy import text
    from sqlalchemy.exc import DBAPIError

    with database.read() as db, pytest.raises(DBAPIError):
        db.execute(text("DELETE FROM users"))
    with database.write() as db:
        db.execute(text("DELETE FROM users"))
