"""What the operator is told in numbers: the queue by tag and priority, workers, times of jobs as histograms, each job once."""

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from galleria.database.base import now
from galleria.database.clock import seconds_between
from galleria.gallery.jobs import dispatch
from galleria.gallery.jobs import service as jobs
from galleria.gallery.jobs.dispatch import Outcome, Worker
from galleria.gallery.jobs.records import Job, Priority, State
from galleria.gallery.jobs.service import NewJob
from galleria.gallery.metrics.moment import Standing, jobs_now, workers_now
from galleria.gallery.metrics.tallies import BOUNDS_S, Tallies
from galleria.gallery.workers import service as workers
from galleria.gallery.workers.records import WorkerRecord
from tests.gallery.scene import SYSTEM, Scene
from tests.gallery.test_dispatch import queue

ANY = Worker("any", frozenset({"gpu"}))


def end(scene: Scene, waited_s: float, ran_s: float, outcome: Outcome = Outcome.SUCCESS, tag: str = "") -> None:
    """End a job that waited and ran so long."""
    [job_id] = queue(scene, tag=tag)
    with scene.database.write() as db:
        [claim] = dispatch.claim(db, ANY)
        dispatch.finish(db, claim.lease, outcome)
    with scene.database.write() as db:
        ended_at = db.scalars(select(Job.ended_at).where(Job.id == job_id)).one()
        assert ended_at is not None
        started_at = ended_at - timedelta(seconds=ran_s)
        db.execute(update(Job).where(Job.id == job_id).values(started_at=started_at, queued_at=started_at - timedelta(seconds=waited_s)))


def test_the_queue_is_counted_by_tag_and_priority(scene: Scene) -> None:
    queue(scene, 2)
    queue(scene, 3, Priority.HIGH, "gpu")
    with scene.database.write() as db:
        dispatch.claim(db, ANY, 1)
    with scene.database.read() as db:
        found = {state: [(one.tag, one.priority, one.count) for one in jobs_now(db, state)] for state in (State.QUEUED, State.RUNNING)}
        assert all(0 <= one.oldest_s < 600 for one in jobs_now(db, State.QUEUED))
    assert found == {State.QUEUED: [("", Priority.LOW, 2), ("gpu", Priority.HIGH, 2)], State.RUNNING: [("gpu", Priority.HIGH, 1)]}


def test_every_job_that_ends_is_counted_once_by_tag_and_outcome(scene: Scene) -> None:
    tallies = Tallies(settled_s=0)
    with scene.database.read() as db:
        assert tallies.count_on(db) == {}
    end(scene, 0.3, 0.07)
    end(scene, 40, 3000)
    with scene.database.read() as db:
        tallies.count_on(db)
    end(scene, 0.3, 100_000, Outcome.ERROR, "gpu")
    with scene.database.read() as db:
        found = tallies.count_on(db)
        assert tallies.count_on(db) == found
    assert {key: ended.count for key, ended in found.items()} == {("", "Success"): 2, ("gpu", "Error"): 1}
    plain, gpu = found["", "Success"], found["gpu", "Error"]
    assert dict(zip(BOUNDS_S, plain.waited.below, strict=True))[0.25] == 0
    assert dict(zip(BOUNDS_S, plain.waited.below, strict=True))[0.5] == 1
    assert (plain.waited.below[-1], plain.waited.count, round(plain.waited.total_s, 1)) == (2, 2, 40.3)
    assert (plain.ran.below[0], plain.ran.below[1], plain.ran.below[-1]) == (0, 1, 2)
    # Longer than the last bound: only in the count.
    assert (gpu.ran.below[-1], gpu.ran.count) == (0, 1)


def test_a_job_that_never_started_is_counted_without_times(scene: Scene) -> None:
    tallies = Tallies(settled_s=0)
    with scene.database.read() as db:
        tallies.count_on(db)
    with scene.database.write() as db:
        jobs.cancel(db, SYSTEM, jobs.queue(db, SYSTEM, NewJob(scene.workflow_id)).id)
    with scene.database.read() as db:
        ended = tallies.count_on(db)["", "Cancelled"]
    assert (ended.count, ended.waited.count, ended.ran.count) == (1, 0, 0)


def test_what_ended_a_moment_ago_is_left_for_the_next_look(scene: Scene) -> None:
    """Its neighbours may not be committed yet."""
    tallies = Tallies(settled_s=30)
    with scene.database.read() as db:
        tallies.count_on(db)
    end(scene, 1, 1)
    with scene.database.read() as db:
        assert tallies.count_on(db) == {}


@pytest.mark.parametrize(
    ("change", "standing"),
    [
        ({"is_paused": False}, Standing.WORKING),
        ({"is_paused": True}, Standing.PAUSED),
        ({"is_paused": True, "is_drained": True}, Standing.DRAINING),
        ({"is_drained": True, "seen_at": now() - timedelta(hours=1)}, Standing.SILENT),
    ],
)
def test_workers_are_told_as_they_stand(scene: Scene, change: dict[str, object], standing: Standing) -> None:
    with scene.database.write() as db:
        workers.report(db, ANY, 4, {"jobs": {"a": {}, "b": {}}, "memory_bytes": 7})
        db.execute(update(WorkerRecord).values(**change))
    with scene.database.read() as db:
        [worker] = workers_now(db)
    assert (worker.name, worker.tags, worker.standing, worker.slots, worker.busy, worker.memory_bytes) == (
        "any",
        ["gpu"],
        standing,
        4,
        2,
        7,
    )


def test_seconds_between_moments_are_exact_to_the_millisecond(scene: Scene) -> None:
    end(scene, 12.345, 86400 * 3 + 0.25)
    with scene.database.read() as db:
        waited, ran = db.execute(
            select(seconds_between(Job.queued_at, Job.started_at), seconds_between(Job.started_at, Job.ended_at))
        ).one()
    assert (waited, ran) == (pytest.approx(12.345, abs=0.001), pytest.approx(86400 * 3 + 0.25, abs=0.001))
