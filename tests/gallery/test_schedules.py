"""Schedules: who may make them, and how due ones become jobs."""

import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import update

from galleria.database.base import now
from galleria.database.clock import from_now
from galleria.errors import ConflictError, ForbiddenError, InvalidError, NotFoundError
from galleria.gallery.actors import Actor, Role
from galleria.gallery.assets import service as assets
from galleria.gallery.jobs import dispatch
from galleria.gallery.jobs import service as jobs
from galleria.gallery.jobs.dispatch import Outcome, Worker
from galleria.gallery.jobs.records import Priority
from galleria.gallery.jobs.service import JobFilter
from galleria.gallery.schedules import service as schedules
from galleria.gallery.schedules.due import fire_due
from galleria.gallery.schedules.records import Schedule
from galleria.gallery.schedules.recurrence import Iteration, Kind, Overlap
from galleria.gallery.schedules.service import NewSchedule, ScheduleChange, ScheduleFilter
from galleria.gallery.users.service import UserChange, change_user
from tests.gallery.scene import SYSTEM, Scene, a_user

TOMORROW = (now() + timedelta(days=1)).replace(tzinfo=None, microsecond=0)
DAILY = Iteration(Kind.DAILY, TOMORROW)


def scheduler(scene: Scene) -> Actor:
    with scene.database.write() as db:
        change_user(db, SYSTEM, scene.anna.user_id or "", UserChange(can_schedule=True))
    return replace(scene.anna, can_schedule=True)


def a_schedule(scene: Scene, new: NewSchedule | None = None) -> str:
    anna = scheduler(scene)
    with scene.database.write() as db:
        return schedules.create_schedule(db, anna, new or NewSchedule(scene.workflow_id, DAILY)).id


def make_due(scene: Scene, ago_s: float = 60) -> None:
    with scene.database.write() as db:
        db.execute(update(Schedule).values(next_run_at=from_now(-ago_s)))


def test_a_due_schedule_becomes_one_job_and_waits_for_its_next_time(scene: Scene) -> None:
    schedule_id = a_schedule(scene)
    with scene.database.write() as db:
        assert fire_due(db) == []
    make_due(scene)
    with scene.database.write() as db:
        [fired] = fire_due(db)
        assert fire_due(db) == []
        [job] = jobs.list_jobs(db, SYSTEM, JobFilter(schedule_id=schedule_id))
        assert (fired.schedule_id, fired.job_id) == (schedule_id, job.id)
        assert (job.owner_id, job.via) == (scene.anna.user_id, "schedule")
        schedule = schedules.get_schedule(db, SYSTEM, schedule_id)
        assert (schedule.run_count, schedule.last_job_id, schedule.last_error) == (1, job.id, "")
        assert schedule.next_run_at == TOMORROW.replace(tzinfo=UTC)


def test_missed_times_are_made_up_for_by_one_run(scene: Scene) -> None:
    # Half an hour ago and, since the test must be over by then, in half an hour.
    long_ago = Iteration(Kind.HOURLY, TOMORROW - timedelta(days=2000, minutes=30), every_s=3600)
    a_schedule(scene, NewSchedule(scene.workflow_id, long_ago))
    make_due(scene, ago_s=24 * 3600)
    with scene.database.write() as db:
        assert len(fire_due(db)) == 1
        assert fire_due(db) == []


def test_a_schedule_with_nothing_to_come_fires_no_more(scene: Scene) -> None:
    a_schedule(scene, NewSchedule(scene.workflow_id, Iteration(Kind.ONCE, datetime(2020, 1, 1))))
    with scene.database.read() as db:
        [schedule] = schedules.list_schedules(db, SYSTEM)
        assert schedule.next_run_at is None
    with scene.database.write() as db:
        assert fire_due(db) == []


def test_an_overlapping_run_is_skipped_where_that_is_asked_for(scene: Scene) -> None:
    a_schedule(scene, NewSchedule(scene.workflow_id, DAILY, overlap=Overlap.SKIP))
    for expected in ("", "the run before is not over"):
        make_due(scene)
        with scene.database.write() as db:
            [fired] = fire_due(db)
            assert expected in fired.reason
            assert (fired.job_id is None) == bool(expected)
    with scene.database.write() as db:
        [claim] = dispatch.claim(db, Worker("one"))
        dispatch.finish(db, claim.lease, Outcome.SUCCESS)
    make_due(scene)
    with scene.database.write() as db:
        assert fire_due(db)[0].job_id is not None


@pytest.mark.parametrize(("change", "reason"), [(UserChange(is_active=False), "NoAccess"), (UserChange(role=Role.NO_ACCESS), "NoAccess")])
def test_a_schedule_that_cannot_run_says_why_and_goes_on(scene: Scene, change: UserChange, reason: str) -> None:
    schedule_id = a_schedule(scene)
    with scene.database.write() as db:
        change_user(db, SYSTEM, scene.anna.user_id or "", change)
    make_due(scene)
    with scene.database.write() as db:
        [fired] = fire_due(db)
        assert fired.job_id is None
        assert reason in fired.reason
        schedule = schedules.get_schedule(db, SYSTEM, schedule_id)
        assert (schedule.last_error, schedule.run_count) == (fired.reason, 0)
        assert schedule.next_run_at is not None


def test_several_processes_fire_a_schedule_once(scene: Scene) -> None:
    a_schedule(scene)
    make_due(scene)
    fired: list[int] = []

    def look() -> None:
        with scene.database.write() as db:
            fired.append(len(fire_due(db)))

    lookers = [threading.Thread(target=look) for _ in range(4)]
    for looker in lookers:
        looker.start()
    for looker in lookers:
        looker.join()
    assert sorted(fired) == [0, 0, 0, 1]


def test_scheduling_takes_a_permission_and_others_schedules_are_unknown(scene: Scene) -> None:
    boris = a_user(scene.database, "boris@example.com")
    schedule_id = a_schedule(scene)
    with scene.database.write() as db:
        with pytest.raises(ForbiddenError, match="may not schedule"):
            schedules.create_schedule(db, boris, NewSchedule(scene.workflow_id, DAILY))
        for deed in (schedules.get_schedule, schedules.delete_schedule):
            with pytest.raises(NotFoundError):
                deed(db, boris, schedule_id)
        with pytest.raises(NotFoundError):
            schedules.create_schedule(db, replace(boris, can_schedule=True), NewSchedule(scene.workflow_id, DAILY))
        assert list(schedules.list_schedules(db, boris)) == []


def test_a_change_finds_the_next_time_anew_and_keeps_what_is_not_named(scene: Scene) -> None:
    schedule_id = a_schedule(scene, NewSchedule(scene.workflow_id, DAILY, name="nightly", comment="x"))
    anna = scheduler(scene)
    with scene.database.write() as db:
        changed = schedules.change_schedule(db, anna, schedule_id, ScheduleChange(timezone="Europe/Berlin", priority=Priority.HIGH))
        assert (changed.name, changed.comment, changed.priority) == ("nightly", "x", Priority.LOW)
        assert changed.next_run_at is not None
        assert changed.next_run_at < TOMORROW.replace(tzinfo=UTC)
        assert schedules.change_schedule(db, SYSTEM, schedule_id, ScheduleChange(priority=Priority.HIGH)).priority == Priority.HIGH
        schedules.change_schedule(db, anna, schedule_id, ScheduleChange(is_enabled=False))
    make_due(scene)
    with scene.database.write() as db:
        assert fire_due(db) == []
        assert list(schedules.list_schedules(db, SYSTEM, ScheduleFilter(is_enabled=True))) == []
        with pytest.raises(InvalidError, match="a minute or more"):
            schedules.change_schedule(db, anna, schedule_id, ScheduleChange(iteration=Iteration(Kind.HOURLY, TOMORROW)))


def test_a_forecast_lists_runs_in_order_and_not_for_too_long(scene: Scene) -> None:
    a_schedule(scene)
    a_schedule(scene, NewSchedule(scene.workflow_id, Iteration(Kind.HOURLY, TOMORROW, every_s=12 * 3600), name="often"))
    start = TOMORROW.replace(tzinfo=UTC)
    with scene.database.read() as db:
        runs = schedules.forecast(db, SYSTEM, start, start + timedelta(days=1))
        assert [(run.schedule.name, run.at - start) for run in sorted(runs, key=lambda run: (run.at, run.schedule.name))] == [
            ("", timedelta()),
            ("often", timedelta()),
            ("often", timedelta(hours=12)),
        ]
        with pytest.raises(InvalidError, match="45 days"):
            schedules.forecast(db, SYSTEM, start, start + timedelta(days=46))


def test_a_scheduled_workflow_is_deleted_only_with_its_schedules(scene: Scene) -> None:
    a_schedule(scene)
    with scene.database.write() as db:
        with pytest.raises(ConflictError, match="1 schedules"):
            assets.delete_workflow(db, scene.anna, scene.workflow_id)
        assets.delete_workflow(db, scene.anna, scene.workflow_id, with_schedules=True)
        assert list(schedules.list_schedules(db, SYSTEM)) == []
