"""Why a job waits, and why a schedule has not run: told from what is known. On both databases."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select, update

from galleria.database.base import now
from galleria.gallery.actors import Actor
from galleria.gallery.jobs import dispatch
from galleria.gallery.jobs import service as jobs
from galleria.gallery.jobs.dispatch import Worker
from galleria.gallery.jobs.records import Job, Priority
from galleria.gallery.jobs.service import JobFilter, NewJob
from galleria.gallery.schedules import service as schedules
from galleria.gallery.schedules.due import MOST_CAUGHT_UP, fire_due
from galleria.gallery.schedules.explain import explain, explain_at, forecast_of
from galleria.gallery.schedules.records import Schedule
from galleria.gallery.schedules.recurrence import Iteration, Kind, Missed, Overlap
from galleria.gallery.schedules.service import NewSchedule, ScheduleChange
from galleria.gallery.users.service import UserChange, change_user
from galleria.gallery.workers import service as workers
from galleria.gallery.workers.records import WorkerRecord
from galleria.gallery.workers.waiting import Waiting, explain_waiting
from tests.gallery.scene import SYSTEM, Scene, a_user


def hourly(past: timedelta) -> Iteration:
    """An hourly rule for a long time, the last time so long ago: no test takes until the next."""
    return Iteration(Kind.HOURLY, (now() - past).replace(tzinfo=None, microsecond=0) - timedelta(days=300), every_s=3600)


def boss(scene: Scene) -> Actor:
    return replace(scene.anna, can_set_priority=True, can_assign_jobs=True, can_schedule=True)


def a_job(scene: Scene, **more: object) -> str:
    with scene.database.write() as db:
        return jobs.queue(db, boss(scene), NewJob(scene.workflow_id, **more)).id  # type: ignore[arg-type] - more by name


def a_worker(scene: Scene, *tags: str, unassigned: bool = True, least: Priority = Priority.LOW, busy: int = 0, slots: int = 2) -> str:
    doing = {"jobs": {str(number): {} for number in range(busy)}}
    with scene.database.write() as db:
        workers.report(db, Worker(f"w{tags}{unassigned}", frozenset(tags), unassigned, least), slots, doing)
        return workers.list_workers(db, SYSTEM)[-1].id


def waiting(scene: Scene, job_id: str) -> Waiting:
    with scene.database.read() as db:
        found = explain_waiting(db, scene.anna, job_id)
    assert found is not None
    return found


def test_the_position_counts_what_is_more_urgent_or_was_there_before(scene: Scene) -> None:
    a_job(scene)
    mine = a_job(scene)
    a_job(scene)
    for priority in (Priority.HIGH, Priority.CRITICAL, Priority.HIGH):
        a_job(scene, priority=priority)
    a_job(scene, worker_tag="gpu", priority=Priority.CRITICAL)
    found = waiting(scene, mine)
    assert (found.position, dict(found.before_by_priority)) == (5, {Priority.CRITICAL: 1, Priority.HIGH: 2, Priority.LOW: 1})
    with scene.database.write() as db:
        jobs.cancel(db, scene.anna, mine)
        assert explain_waiting(db, scene.anna, mine) is None


def test_what_holds_a_job_is_said(scene: Scene) -> None:
    plain, tagged = a_job(scene), a_job(scene, worker_tag="gpu")
    assert waiting(scene, plain).reason.startswith("No worker is there")
    worker_id = a_worker(scene, "finance", unassigned=False)
    assert waiting(scene, tagged).reason == "No worker takes jobs with the tag gpu."
    assert waiting(scene, plain).reason == "No worker takes jobs without a tag."
    a_worker(scene, "gpu", least=Priority.HIGH)
    assert "priority High and above" in waiting(scene, tagged).reason
    a_worker(scene, "gpu", busy=2)
    found = waiting(scene, tagged)
    assert (found.reason, found.busy, found.slots) == ("All 2 slots that could take it are busy.", 2, 2)
    a_worker(scene, "gpu", busy=1)
    assert waiting(scene, tagged).reason == ""
    with scene.database.write() as db:
        for worker in workers.list_workers(db, SYSTEM):
            workers.drain_worker(db, SYSTEM, worker.id)
    assert "paused or about to end" in waiting(scene, tagged).reason
    with scene.database.write() as db:
        db.execute(update(WorkerRecord).values(seen_at=now() - timedelta(hours=1)))
    assert waiting(scene, tagged).reason.startswith("No worker is there")
    assert worker_id


def test_a_worker_kept_free_for_urgent_jobs_takes_no_other(scene: Scene) -> None:
    low, high = a_job(scene), a_job(scene, priority=Priority.HIGH)
    kept = Worker("kept", least_priority=Priority.HIGH)
    with scene.database.write() as db:
        assert dispatch.is_waiting(db, kept)
        assert [claim.job.id for claim in dispatch.claim(db, kept, 5)] == [high]
        assert not dispatch.is_waiting(db, kept)
        assert [claim.job.id for claim in dispatch.claim(db, Worker("any"), 5)] == [low]


@pytest.mark.parametrize(("can_set", "can_assign"), [(False, False), (True, False), (False, True)])
def test_priority_and_tag_are_taken_from_those_who_may_set_them(scene: Scene, can_set: bool, can_assign: bool) -> None:
    actor = replace(scene.anna, can_set_priority=can_set, can_assign_jobs=can_assign)
    with scene.database.write() as db:
        job = jobs.queue(db, actor, NewJob(scene.workflow_id, priority=Priority.CRITICAL, worker_tag="gpu"))
    assert (job.priority, job.worker_tag) == (Priority.CRITICAL if can_set else Priority.LOW, "gpu" if can_assign else "")


def a_schedule(scene: Scene, **more: object) -> str:
    with scene.database.write() as db:
        new = NewSchedule(scene.workflow_id, more.pop("iteration", hourly(timedelta(minutes=20))), **more)  # type: ignore[arg-type] - more by name
        return schedules.create_schedule(db, boss(scene), new).id


def overdue(scene: Scene, hours: int) -> datetime:
    """Let every schedule be due since so many times before the last."""
    with scene.database.write() as db:
        at = db.scalars(select(Schedule)).one().next_run_at
        assert at is not None
        at -= timedelta(hours=hours + 1)
        db.execute(update(Schedule).values(next_run_at=at))
    return at


def planned(scene: Scene) -> list[datetime]:
    with scene.database.read() as db:
        return [job.planned_at for job in jobs.list_jobs(db, SYSTEM, JobFilter(), newest_first=False) if job.planned_at]


@pytest.mark.parametrize("is_fresh", [True, False])
@pytest.mark.parametrize("missed", Missed)
def test_missed_times_are_dealt_with_as_the_schedule_says(scene: Scene, missed: Missed, is_fresh: bool) -> None:
    """The last of them may have been a moment ago."""
    schedule_id = a_schedule(scene, missed=missed, iteration=hourly(timedelta(minutes=1 if is_fresh else 20)))
    first = overdue(scene, 3)
    hours = 4
    with scene.database.write() as db:
        fire_due(db)
        assert fire_due(db) == []
    expected = {Missed.ONCE: 1, Missed.CATCH_UP: hours, Missed.SKIP: int(is_fresh)}
    assert len(planned(scene)) == expected[missed]
    if missed is Missed.CATCH_UP:
        assert planned(scene) == [first + timedelta(hours=hour) for hour in range(hours)]
    with scene.database.read() as db:
        found = explain(db, scene.anna, schedule_id)
        assert found.next_run_at is not None
        assert found.next_run_at > now()
        if missed is Missed.SKIP:
            assert [(miss.planned_at, miss.count) for miss in found.misses] == [(first, hours - int(is_fresh))]
            assert "no worker was there" in explain_at(db, scene.anna, schedule_id, first + timedelta(hours=1))[0]
        else:
            assert f"It ran: job {jobs.list_jobs(db, SYSTEM)[-1].id}, Queued." in explain_at(db, scene.anna, schedule_id, first)


def test_what_was_missed_for_long_is_caught_up_in_portions(scene: Scene) -> None:
    a_schedule(scene, missed=Missed.CATCH_UP)
    first = overdue(scene, 70)
    with scene.database.write() as db:
        while fire_due(db):
            assert len(planned(scene)) <= 2 * MOST_CAUGHT_UP
    assert len(planned(scene)) == len(set(planned(scene))) == 71
    assert min(planned(scene)) == first


def test_a_schedule_says_what_keeps_it_from_running(scene: Scene) -> None:
    schedule_id = a_schedule(scene, overlap=Overlap.SKIP, time_limit_s=600)

    def reasons() -> str:
        with scene.database.read() as db:
            return " ".join(explain(db, SYSTEM, schedule_id).reasons)

    def set_values(**values: object) -> None:
        with scene.database.write() as db:
            db.execute(update(Schedule).values(**values))

    assert reasons().startswith("No worker is there: schedules")
    a_worker(scene)
    assert "Nothing is in the way: it runs next at" in reasons()
    set_values(next_run_at=now() - timedelta(minutes=2))
    assert "It has been due since" in reasons()
    with scene.database.write() as db:
        [fired] = fire_due(db)
        assert jobs.get_job(db, SYSTEM, fired.job_id or "").time_limit_s == 600
    assert "Its last run is in the queue: 0 runs are before it." in reasons()
    overdue(scene, 1)
    with scene.database.write() as db:
        assert "the run before is not over" in fire_due(db)[0].reason
        assert "the run before is not over" in explain(db, SYSTEM, schedule_id).misses[0].reason
        db.execute(update(Job).values(state="Cancelled"))
    set_values(next_run_at=None)
    assert "its time is over" in reasons()
    set_values(is_enabled=False)
    assert reasons().startswith("It is switched off.")
    with scene.database.write() as db:
        change_user(db, SYSTEM, scene.anna.user_id or "", UserChange(is_active=False))
    assert "Its owner, anna@example.com, is switched off" in reasons()


def test_a_time_that_nobody_planned_is_told_from_one_that_is_to_come(scene: Scene) -> None:
    schedule_id = a_schedule(scene)
    hour = overdue(scene, 0)
    with scene.database.read() as db:
        assert explain_at(db, scene.anna, schedule_id, hour + timedelta(hours=2)) == ["That time is planned."]
        assert "No run is planned for that time" in explain_at(db, scene.anna, schedule_id, hour + timedelta(minutes=90))[0]
        assert "made only after that" in explain_at(db, scene.anna, schedule_id, hour - timedelta(days=1))[0]
        assert forecast_of(db, scene.anna, schedule_id, 3) == [hour + timedelta(hours=step) for step in (1, 2, 3)]


def test_schedules_of_others_explain_nothing(scene: Scene) -> None:
    schedule_id, boris = a_schedule(scene), a_user(scene.database, "boris@example.com")
    with scene.database.read() as db:
        for ask in (explain, forecast_of, lambda *who: explain_at(*who, now())):
            with pytest.raises(Exception, match="no schedule"):
                ask(db, boris, schedule_id)


def test_a_policy_can_be_changed_and_a_limit_taken_away(scene: Scene) -> None:
    schedule_id = a_schedule(scene, time_limit_s=60)
    with scene.database.write() as db:
        changed = schedules.change_schedule(db, boss(scene), schedule_id, ScheduleChange(missed=Missed.CATCH_UP, time_limit_s=0))
        assert (changed.missed, changed.time_limit_s) == (Missed.CATCH_UP, None)
        with pytest.raises(Exception, match="time limit"):
            schedules.change_schedule(db, boss(scene), schedule_id, ScheduleChange(time_limit_s=-5))


def test_a_drained_worker_is_told_once_and_a_new_one_of_its_name_is_not(scene: Scene) -> None:
    worker = Worker("one")
    with scene.database.write() as db:
        assert not workers.report(db, worker, 1).is_drained
        workers.drain_worker(db, SYSTEM, workers.find_worker(db, SYSTEM, "one").id)
        assert workers.report(db, worker, 1).is_drained
        workers.arrive(db, worker)
        assert not workers.report(db, worker, 1).is_drained
