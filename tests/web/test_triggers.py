"""The pages of what happens after a run, and of why a schedule has not run."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select, update

from galleria.database.base import now
from galleria.gallery.jobs import dispatch
from galleria.gallery.jobs.dispatch import Outcome, Worker
from galleria.gallery.jobs.sealed import open_answers
from galleria.gallery.jobs.service import NewJob, queue
from galleria.gallery.schedules.due import fire_due
from galleria.gallery.schedules.records import Schedule
from galleria.gallery.schedules.recurrence import Iteration, Kind, Missed
from galleria.gallery.schedules.service import NewSchedule, create_schedule
from galleria.gallery.triggers.ends import react
from galleria.gallery.triggers.records import Trigger
from galleria.gallery.users.service import UserChange, change_user
from galleria.gallery.workers.service import report
from galleria.messages import Message, Status
from tests.gallery.scene import SYSTEM
from tests.gallery.test_triggers import QUESTIONS
from tests.web.conftest import House
from tests.web.visiting import found


def path_of(house: House) -> str:
    return f"/app/x/{house.scene.workflow_id}/triggers"


def fail_once(house: House) -> None:
    with house.parts.database.write() as db:
        queue(db, house.anna, NewJob(house.scene.workflow_id))
        [claim] = dispatch.claim(db, Worker("one"))
        dispatch.finish(db, claim.lease, Outcome.ERROR, messages=[Message(3, Status.ERROR, "no such field")])
        react(db)


def test_somebody_is_told_when_a_run_fails_and_the_log_shows_it(house: House) -> None:
    visit = house.visit(house.anna)
    form = {"events": ["failure", "recovery"], "action": "mail", "recipients": "anna@example.com; boris@example.com"}
    assert "Created." in found(visit.post(path_of(house), form)).text
    fail_once(house)
    page = visit.page(path_of(house))
    assert "When it failed or it succeeded after a failure" in page.text
    assert page.text.count("Mail to anna@example.com, boris@example.com") == 2
    assert "Waiting" in page.text
    [deed] = [action for action in page.forms if action.endswith("/off")]
    assert "off" in found(visit.post(deed.removeprefix("/gallery"))).text
    assert "Deleted." in found(visit.post(deed.removeprefix("/gallery").replace("/off", "/delete"))).text
    assert "Nothing yet." in visit.page(path_of(house)).text


def test_a_webhooks_secret_is_shown_once(house: House) -> None:
    visit = house.visit(house.anna)
    made = visit.post(path_of(house), {"events": "success", "action": "webhook", "url": "https://example.com/hook"})
    assert (made.status_code, made.headers["cache-control"]) == (200, "no-store")
    assert "whsec_" in found(made).text
    assert "whsec_" not in visit.get(path_of(house)).text


def test_another_workflow_is_run_with_answers(house: House) -> None:
    visit = house.visit(house.anna)
    target = house.workflow(kind="app", questions=QUESTIONS)
    answers = visit.post(path_of(house), {"events": "success", "action": "run", "target": target})
    path = answers.url.path.removeprefix("/gallery")
    assert "Answers for Rates" in found(answers).text
    wrong = visit.post(path, {"q0": "{anwser:x}"})
    assert (wrong.status_code, "asks for {anwser}" in found(wrong).text) == (400, True)
    assert "Saved." in found(visit.post(path, {"q0": "{workflow} {outcome}", "q1": "{output:out.csv}"})).text
    assert 'value="{workflow} {outcome}"' in visit.get(path).text


@pytest.mark.parametrize(
    ("form", "problem"),
    [
        ({"action": "mail", "recipients": "anna@example.com"}, "Name when"),
        ({"events": "failure", "action": "mail", "recipients": "nobody"}, "no mail address"),
        ({"events": "failure", "action": "webhook", "url": "file:///etc/passwd"}, "begins with https"),
        ({"events": "failure", "action": "run"}, "No workflow"),
        ({"events": "failure", "action": "fly"}, "Choose what"),
    ],
)
def test_what_makes_no_sense_is_said_and_the_form_kept(house: House, form: dict[str, str], problem: str) -> None:
    answer = house.visit(house.anna).post(path_of(house), form)
    assert (answer.status_code, problem in found(answer).text) == (400, True)


def test_the_tab_is_for_those_who_manage_the_workflow(house: House) -> None:
    assert "After a run" in house.visit(house.anna).page(f"/app/x/{house.scene.workflow_id}").text
    assert house.visit(house.viewer).get(path_of(house)).status_code == 404


def test_a_schedule_says_why_it_did_not_run(house: House) -> None:
    anna = replace(house.anna, can_schedule=True)
    rule = Iteration(Kind.MONTHLY, datetime(2025, 1, 31, 7, 30), every=2, day_of_month=-1)
    with house.parts.database.write() as db:
        made = create_schedule(db, anna, NewSchedule(house.scene.workflow_id, rule, missed=Missed.SKIP, time_limit_s=600))
    visit = house.visit(house.curator)
    page = visit.page(f"/schedules/{made.id}")
    assert "On the last day of every 2 months at 07:30" in page.text
    assert "Why it does not run No worker is there" in page.text
    with house.parts.database.write() as db:
        report(db, Worker("one"), 1)
        db.execute(update(Schedule).values(next_run_at=now() - timedelta(days=3)))
        fire_due(db)
    page = visit.page(f"/schedules/{made.id}")
    assert "It will run Nothing is in the way: it runs next at" in page.text
    assert "missed: no worker was there at that time" in page.text
    form = {"kind": "Monthly", "date": "2025-01-01", "time": "06:00", "monthly": "weekday", "occurrence": "last", "counted": "1"}
    answer = visit.post(f"/schedules/{made.id}", {**form, "weekday": "working day", "missed": "catch up", "is_enabled": "1"})
    assert "On the last working day of each month at 06:00" in visit.page("/schedules").text, found(answer).text


def test_a_worker_is_drained_by_a_button(house: House) -> None:
    with house.parts.database.write() as db:
        report(db, Worker("one"), 1)
    visit = house.visit(house.curator)
    [action] = [action for action in visit.page("/admin/workers").forms if "/admin/workers/" in action]
    visit.post(action.removeprefix("/gallery"), {"deed": "drain"})
    assert "Ending" in visit.page("/admin/workers").text
    with house.parts.database.write() as db:
        assert report(db, Worker("one"), 1).is_drained


PASSWORDS = [{"name": "Pin", "type": "TextBox", "description": "Pin", "is_password": True}]


def answers_in(house: House, record: type[Schedule | Trigger], key: str) -> dict[str, str]:
    with house.parts.database.read() as db:
        return open_answers(house.parts.database.vault, db.scalars(select(record.answers).where(record.id == key)).one())


@pytest.mark.parametrize(
    ("form", "expected"),
    [({}, {"Pin": "hush-hush"}), ({"q0": "other"}, {"Pin": "other"}), ({"q0-forget": "True"}, {})],
    ids=["stays", "is replaced", "is forgotten"],
)
def test_a_password_of_a_chained_run_is_kept_unseen(house: House, form: dict[str, str], expected: dict[str, str]) -> None:
    visit = house.visit(house.anna)
    target = house.workflow(kind="app", questions=PASSWORDS)
    made = visit.post(path_of(house), {"events": "success", "action": "run", "target": target})
    path = made.url.path.removeprefix("/gallery")
    visit.post(path, {"q0": "hush-hush"})
    page = visit.get(path)
    assert ("hush-hush" in page.text, "is kept" in page.text) == (False, True)
    assert "Saved." in found(visit.post(path, form)).text
    assert answers_in(house, Trigger, path.rpartition("/")[2]) == expected


@pytest.mark.parametrize(
    ("form", "expected"),
    [({}, {"Pin": "hush-hush"}), ({"q0": "other"}, {"Pin": "other"}), ({"q0-forget": "True"}, {})],
    ids=["stays", "is replaced", "is forgotten"],
)
def test_a_password_of_a_schedule_is_kept_unseen(house: House, form: dict[str, str], expected: dict[str, str]) -> None:
    app = house.workflow(kind="app", questions=PASSWORDS)
    visit = house.visit(house.anna)
    with house.parts.database.write() as db:
        change_user(db, SYSTEM, house.anna.user_id or "", UserChange(can_schedule=True))
    rule = {"kind": "Daily", "date": "2030-01-01", "time": "06:00", "timezone": "UTC", "name": "x", "is_enabled": "on"}
    made = visit.post(f"/app/x/{app}/schedules/new", {**rule, "q0": "hush-hush"})
    assert "Created." in found(made).text, found(made).text
    path = made.url.path.removeprefix("/gallery")
    assert ("hush-hush" in made.text, "One is kept" in made.text) == (False, True)
    assert "Saved." in found(visit.post(path, {**rule, **form})).text
    assert answers_in(house, Schedule, path.rpartition("/")[2]) == expected
