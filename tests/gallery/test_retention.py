"""What is kept how long: what goes, what stays, and that saying what would go changes nothing."""

import io
import os
import time
from datetime import timedelta

import pytest
from sqlalchemy import func, select, update

from galleria.database.base import Record, now
from galleria.gallery.audit.records import AuditEvent
from galleria.gallery.files.service import lend
from galleria.gallery.jobs import dispatch
from galleria.gallery.jobs import service as jobs
from galleria.gallery.jobs.dispatch import NewOutput, Outcome, Worker
from galleria.gallery.jobs.records import Job, JobMessage, JobOutput, State
from galleria.gallery.jobs.service import NewJob
from galleria.gallery.retention.service import DAY_S, Policy, Removed, sweep, sweep_strays, what_would_go
from galleria.messages import Message, Status
from galleria.storage.contract import Area
from galleria.storage.folder import Folder
from tests.gallery.scene import SYSTEM, Scene


def ended(scene: Scene, days_ago: float) -> tuple[str, str]:
    """A job that ended so long ago with a message and an output: its id, the output's key."""
    with scene.database.write() as db:
        job_id = jobs.queue(db, scene.anna, NewJob(scene.workflow_id)).id
        [claim] = dispatch.claim(db, Worker("one"))
    stored = scene.storage.put(Area.OUTPUTS, f"{job_id}.yxdb", io.BytesIO(b"rows"))
    with scene.database.write() as db:
        dispatch.add_messages(db, claim.lease, [Message(6, Status.INFO, "1 record was output")])
        dispatch.add_output(db, claim.lease, NewOutput("output.yxdb", stored, ["Raw"], 8, 1))
        dispatch.finish(db, claim.lease, Outcome.SUCCESS)
    with scene.database.write() as db:
        db.execute(update(Job).where(Job.id == job_id).values(ended_at=now() - timedelta(days=days_ago)))
    return job_id, stored.key


def count(scene: Scene, record: type[Record]) -> int:
    with scene.database.read() as db:
        return db.scalar(select(func.count()).select_from(record)) or 0


def swept(scene: Scene, policy: Policy) -> Removed:
    with scene.database.read() as db:
        foreseen = what_would_go(db, policy)
    removed = sum(sweep(scene.database, scene.storage, policy, SYSTEM), Removed())
    # Outputs that go with their jobs are foreseen as jobs.
    assert (foreseen.jobs, foreseen.audit_events) == (removed.jobs, removed.audit_events)
    return removed


@pytest.mark.parametrize(
    ("policy", "stay"),
    [
        (Policy(), [40, 20, 10, 1]),
        (Policy(jobs_days=15), [10, 1]),
        (Policy(jobs_each=3), [20, 10, 1]),
        (Policy(jobs_days=15, jobs_each=1), [1]),
        (Policy(jobs_days=0.5), []),
        (Policy(outputs_days=15), [40, 20, 10, 1]),
    ],
)
def test_jobs_go_by_age_and_number(scene: Scene, policy: Policy, stay: list[int]) -> None:
    made = {days: ended(scene, days) for days in (40, 20, 10, 1)}
    removed = swept(scene, policy)
    assert removed.jobs == 4 - len(stay)
    with scene.database.read() as db:
        assert set(db.scalars(select(Job.id))) == {made[days][0] for days in stay}
    assert count(scene, JobMessage) == len(stay)


def test_with_a_job_go_its_messages_outputs_and_files(scene: Scene) -> None:
    _, old_key = ended(scene, 30)
    _, young_key = ended(scene, 3)
    assert swept(scene, Policy(jobs_days=7)) == Removed(jobs=1, outputs=1, output_bytes=4)
    assert (scene.storage.exists(old_key), scene.storage.exists(young_key)) == (False, True)
    assert (count(scene, JobMessage), count(scene, JobOutput)) == (1, 1)


def test_outputs_go_before_their_job(scene: Scene) -> None:
    job_id, key = ended(scene, 30)
    assert swept(scene, Policy(outputs_days=7)) == Removed(outputs=1, output_bytes=4)
    assert not scene.storage.exists(key)
    with scene.database.read() as db:
        job = jobs.get_job(db, scene.anna, job_id)
        assert (job.output_count, job.message_count) == (0, 1)


def test_what_waits_or_runs_stays_and_so_does_what_is_not_seen_to(scene: Scene) -> None:
    unheard, _ = ended(scene, 30)
    with scene.database.write() as db:
        db.execute(update(Job).where(Job.id == unheard).values(is_unheard=True))
        jobs.queue(db, scene.anna, NewJob(scene.workflow_id))
        jobs.queue(db, scene.anna, NewJob(scene.workflow_id))
        dispatch.claim(db, Worker("one"))
    assert swept(scene, Policy(jobs_days=0.0001, jobs_each=1)) == Removed()
    with scene.database.read() as db:
        assert sorted(db.scalars(select(Job.state))) == [State.COMPLETED, State.QUEUED, State.RUNNING]


def test_the_audit_log_goes_by_age_and_says_what_was_removed(scene: Scene) -> None:
    with scene.database.write() as db:
        db.execute(update(AuditEvent).values(at=now() - timedelta(days=100)))
    before = count(scene, AuditEvent)
    assert before > 0
    assert swept(scene, Policy(audit_days=90)) == Removed(audit_events=before)
    with scene.database.read() as db:
        [event] = db.scalars(select(AuditEvent))
    assert (event.entity, event.event) == ("Retention", "Delete")
    assert event.new_values == {"jobs": 0, "outputs": 0, "output_bytes": 0, "audit_events": before, "converted": 0}


def test_copies_in_other_formats_go_by_age(scene: Scene) -> None:
    copy = scene.storage.put(Area.CONVERTED, "abc.csv", io.BytesIO(b"a,b")).key
    _, kept = ended(scene, 1)
    assert swept(scene, Policy(converted_days=1)) == Removed()
    assert scene.storage.exists(copy)
    assert swept(scene, Policy(converted_days=1e-9)) == Removed(converted=1)
    assert (scene.storage.exists(copy), scene.storage.exists(kept)) == (False, True)


def test_stored_outputs_that_no_job_names_go_when_they_are_old(scene: Scene) -> None:
    _, noted = ended(scene, 20)
    spread, week_s = noted.split("/")[1], 7 * DAY_S
    stray, young = (scene.storage.put(Area.OUTPUTS, f"{name}{spread}", io.BytesIO(b"rows")).key for name in ("a", "b"))
    lent = scene.storage.put(Area.OUTPUTS, f"c{spread}", io.BytesIO(b"rows")).key
    with scene.database.write() as db:
        lend(db, scene.anna, "rows.yxdb", lent, 4)
    elsewhere = scene.storage.put(Area.OUTPUTS, "a00" if spread != "00" else "a11", io.BytesIO(b"rows")).key
    assert isinstance(scene.storage, Folder)
    for key in (noted, stray, lent, elsewhere):
        os.utime(scene.storage.root / key, (0, time.time() - week_s - 60))
    assert sweep_strays(scene.database, scene.storage, spread) == 1
    assert [scene.storage.exists(key) for key in (noted, stray, young, lent, elsewhere)] == [True, False, True, True, True]
