"""Passwords that schedules and triggers answer with lie sealed, are shown to nobody, and reach the runs."""

from dataclasses import replace
from datetime import datetime
from importlib import import_module

import pytest
from cryptography.fernet import Fernet
from sqlalchemy import select, text, update

from galleria.database.clock import from_now
from galleria.database.connect import Database
from galleria.database.vault import vault_from
from galleria.gallery.actors import Actor
from galleria.gallery.audit import service as audit
from galleria.gallery.audit.records import AuditEvent
from galleria.gallery.jobs import service as jobs
from galleria.gallery.jobs.records import Job
from galleria.gallery.jobs.sealed import open_answers, readable_answers
from galleria.gallery.schedules import service as schedules
from galleria.gallery.schedules.due import fire_due
from galleria.gallery.schedules.records import Schedule
from galleria.gallery.schedules.recurrence import Iteration, Kind
from galleria.gallery.schedules.service import NewSchedule, ScheduleChange
from galleria.gallery.sealing.service import Resealed, count_by_key, reseal_all
from galleria.gallery.triggers import service as triggers
from galleria.gallery.triggers.ends import react
from galleria.gallery.triggers.records import Action, Event, Progress, Trigger
from galleria.gallery.triggers.service import NewTrigger, TriggerChange
from tests.gallery.scene import Scene, a_workflow
from tests.gallery.test_sealing import ANSWERS, QUESTIONS, with_vault
from tests.gallery.test_triggers import run

upgrade = import_module("galleria.database.migrations.versions.0010_sealed_answers")
PAST = Iteration(Kind.DAILY, datetime(2024, 1, 1, 6))


def an_app(scene: Scene, *, asks_openly: bool = False) -> str:
    questions = [{**one, "is_password": False} for one in QUESTIONS] if asks_openly else QUESTIONS
    return a_workflow(scene.database, scene.storage, scene.folder, scene.anna, kind="app", questions=questions)


def scheduler(scene: Scene) -> Actor:
    return replace(scene.anna, can_schedule=True)


def a_schedule(scene: Scene, database: Database | None = None) -> str:
    with (database or scene.database).write() as db:
        new = NewSchedule(an_app(scene), PAST, answers=ANSWERS, owner_id=scene.anna.user_id)
        return schedules.create_schedule(db, scheduler(scene), new).id


def fire(scene: Scene) -> str:
    """Have its time come; gives the job that it brings."""
    with scene.database.write() as db:
        db.execute(update(Schedule).values(next_run_at=from_now(-60)))
    with scene.database.write() as db:
        [fired] = fire_due(db)
    assert fired.job_id, fired.reason
    return fired.job_id


def a_trigger(scene: Scene, answers: dict[str, str], target: str = "", database: Database | None = None, source: str = "") -> str:
    new = NewTrigger(source or scene.workflow_id, Action.RUN, (Event.SUCCESS,), target or an_app(scene), answers)
    with (database or scene.database).write() as db:
        return triggers.create_trigger(db, scene.anna, new).trigger.id


def everything_said(scene: Scene) -> str:
    """The texts in which an answer may stand."""
    tables = ("schedules", "triggers", "jobs")
    with scene.database.read() as db:
        stored = [str(db.execute(text(f"SELECT CAST(answers AS VARCHAR(4000)) FROM {table}")).all()) for table in tables]
        noted = db.execute(select(AuditEvent.old_values, AuditEvent.new_values)).all()
    return str([*stored, noted])


def chained(scene: Scene) -> Job:
    with scene.database.write() as db:
        react(db)
    with scene.database.read() as db:
        return db.scalars(select(Job).where(Job.trigger_id.is_not(None))).one()


def test_a_schedules_password_is_sealed_and_its_run_gets_it(scene: Scene) -> None:
    schedule_id = a_schedule(scene)
    job_id = fire(scene)
    with scene.database.write() as db:
        schedules.change_schedule(db, scheduler(scene), schedule_id, ScheduleChange(answers={"Region": "West", "Pin": "hush-hush!"}))
    assert "hush" not in everything_said(scene)
    assert "'Region': 'West', 'Pin': '(secret)'" in everything_said(scene)
    with scene.database.read() as db:
        job = jobs.get_job(db, scene.anna, job_id)
        assert open_answers(scene.database.vault, job.answers) == ANSWERS


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"Region": "West", "Pin": None}, {"Region": "West", "Pin": "hush-hush"}),
        ({"Region": None, "Pin": "other"}, {"Region": "East", "Pin": "other"}),
        ({"Region": "West"}, {"Region": "West"}),
        ({}, {}),
    ],
)
def test_an_answer_stays_without_being_told_again(scene: Scene, given: dict[str, str | None], expected: dict[str, str]) -> None:
    schedule_id = a_schedule(scene)
    trigger_id = a_trigger(scene, ANSWERS)
    with scene.database.write() as db:
        schedule = schedules.change_schedule(db, scheduler(scene), schedule_id, ScheduleChange(answers=given))
        trigger = triggers.change_trigger(db, scene.anna, trigger_id, TriggerChange(answers=given))
    for answers in (schedule.answers, trigger.answers):
        assert open_answers(scene.database.vault, answers) == expected
        assert readable_answers(answers) == {name: None if name == "Pin" else value for name, value in expected.items()}


def test_a_password_goes_to_no_workflow_that_it_was_not_written_for(scene: Scene) -> None:
    schedule_id = a_schedule(scene)
    with scene.database.write() as db:
        change = ScheduleChange(workflow_id=an_app(scene, asks_openly=True))
        assert schedules.change_schedule(db, scheduler(scene), schedule_id, change).answers == {"Region": "East"}


def test_a_schedules_password_stays_sealed_when_the_question_is_one_no_longer(scene: Scene) -> None:
    schedule_id, open_app = a_schedule(scene), an_app(scene, asks_openly=True)
    with scene.database.write() as db:
        db.execute(update(Schedule).where(Schedule.id == schedule_id).values(workflow_id=open_app))
    fire(scene)
    assert "hush" not in everything_said(scene)


def test_a_triggers_password_is_sealed_and_its_run_gets_it(scene: Scene) -> None:
    a_trigger(scene, {"Region": "{outcome}", "Pin": "hush-{outcome}"})
    run(scene)
    assert open_answers(scene.database.vault, chained(scene).answers) == {"Region": "Success", "Pin": "hush-Success"}
    assert "hush" not in everything_said(scene)


def test_a_password_that_is_handed_on_stays_sealed_whatever_it_answers(scene: Scene) -> None:
    source = an_app(scene)
    trigger_id = a_trigger(scene, {"Region": "{answer:Pin}", "Pin": "{answer:Pin}"}, an_app(scene, asks_openly=True), source=source)
    run(scene, workflow_id=source, answers=ANSWERS)
    assert open_answers(scene.database.vault, chained(scene).answers) == {"Region": "hush-hush", "Pin": "hush-hush"}
    assert "hush" not in everything_said(scene)
    with scene.database.read() as db:
        # What it takes from the run is no secret and stays readable.
        assert triggers.get_trigger(db, scene.anna, trigger_id).answers["Pin"] == "{answer:Pin}"


def test_a_lost_key_is_told_where_the_run_would_have_been(scene: Scene) -> None:
    """As after a restore without the key: neither what is due nor what follows stops at it."""
    lost = with_vault(scene.database, Fernet.generate_key().decode())
    schedule_id = a_schedule(scene, lost)
    trigger_id = a_trigger(scene, ANSWERS, database=lost)
    run(scene)
    with scene.database.write() as db:
        db.execute(update(Schedule).values(next_run_at=from_now(-60)))
    with scene.database.write() as db:
        [fired] = fire_due(db)
        assert react(db).heard == 1
    with scene.database.read() as db:
        [delivery] = triggers.deliveries_of(db, scene.anna, trigger_id)
        told = [fired.reason, schedules.get_schedule(db, scene.anna, schedule_id).last_error, delivery.answer]
    assert (fired.job_id, delivery.progress) == (None, Progress.FAILED)
    assert ["does not open" in reason for reason in told] == [True, True, True]


def test_another_key_seals_them_too(scene: Scene) -> None:
    old, new = (Fernet.generate_key().decode() for _ in range(2))
    database = with_vault(scene.database, old)
    schedule_id, trigger_id = a_schedule(scene, database), a_trigger(scene, ANSWERS, database=database)
    assert list(count_by_key(scene.database, [old, new])) == [2, 0]
    assert reseal_all(scene.database, [new, old]) == Resealed(sealed_again=2)
    assert reseal_all(scene.database, [new, old]) == Resealed(current=2)
    with scene.database.read() as db:
        for record, key in ((Schedule, schedule_id), (Trigger, trigger_id)):
            assert open_answers(vault_from([new]), db.scalars(select(record.answers).where(record.id == key)).one()) == ANSWERS


def test_what_lay_open_before_is_sealed_by_the_upgrade(scene: Scene) -> None:
    schedule_id, trigger_id = a_schedule(scene), a_trigger(scene, ANSWERS)
    with scene.database.write() as db:
        db.execute(update(Schedule).values(answers=ANSWERS))
        db.execute(update(Trigger).values(answers=ANSWERS))
        audit.record(db, scene.anna, audit.Event.UPDATE, "Schedule", schedule_id, {"answers": {}}, {"answers": ANSWERS, "name": "x"})
    assert "hush-hush" in everything_said(scene)
    with scene.database.write() as db:
        upgrade.seal(db.connection(), scene.database.vault)
    assert "hush-hush" not in everything_said(scene)
    with scene.database.read() as db:
        assert open_answers(scene.database.vault, schedules.get_schedule(db, scene.anna, schedule_id).answers) == ANSWERS
        assert open_answers(scene.database.vault, triggers.get_trigger(db, scene.anna, trigger_id).answers) == ANSWERS
        [noted] = db.scalars(select(AuditEvent.new_values).where(AuditEvent.entity_id == schedule_id, AuditEvent.event == "Update"))
        assert noted == {"answers": {"Region": "(secret)", "Pin": "(secret)"}, "name": "x"}


def test_without_a_key_the_upgrade_leaves_nothing_open(scene: Scene) -> None:
    a_schedule(scene)
    with scene.database.write() as db:
        db.execute(update(Schedule).values(answers=ANSWERS))
    with pytest.raises(RuntimeError, match="no key was given"), scene.database.write() as db:
        upgrade.seal(db.connection(), None)
