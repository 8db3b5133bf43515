"""A schedule that is due becomes a job, which a worker runs. On both databases."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from sqlalchemy import update

from galleria.gallery.jobs.records import Disposition
from galleria.gallery.jobs.service import JobFilter, list_jobs
from galleria.gallery.schedules.records import Schedule
from galleria.gallery.schedules.recurrence import Iteration, Kind
from galleria.gallery.schedules.service import NewSchedule, create_schedule
from tests.patience import wait_until
from tests.worker.conftest import Plant
from tests.worker.test_jobs import GOOD


def test_a_due_schedule_runs(plant: Plant) -> None:
    workflow_id = plant.publish(GOOD)
    soon = datetime.now(UTC).replace(tzinfo=None) + timedelta(hours=1)
    scheduler = replace(plant.anna, can_schedule=True)
    with plant.database.write() as db:
        schedule = create_schedule(db, scheduler, NewSchedule(workflow_id, Iteration(Kind.HOURLY, soon, every_s=3600)))
        db.execute(update(Schedule).where(Schedule.id == schedule.id).values(next_run_at=datetime.now(UTC) - timedelta(seconds=1)))
    plant.start()

    def look() -> list[str]:
        with plant.database.read() as db:
            return [job.id for job in list_jobs(db, plant.anna, JobFilter(schedule_id=schedule.id))]

    found = wait_until(look, every_s=0.1)
    assert len(found) == 1
    assert plant.wait_for(found[0]).disposition is Disposition.SUCCESS
    with plant.database.read() as db:
        again = db.get(Schedule, schedule.id)
        assert again is not None
        assert again.next_run_at is not None
        assert again.next_run_at > datetime.now(UTC)
