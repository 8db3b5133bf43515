"""What the Web API, v3, has beyond what was published: triggers, why a job waits, what schedules are about to do."""

from dataclasses import replace
from datetime import datetime

import pytest
from httpx2 import Response

from galleria.gallery.jobs.sealed import open_answers
from galleria.gallery.schedules.recurrence import Iteration, Kind
from galleria.gallery.schedules.service import NewSchedule, create_schedule
from galleria.gallery.triggers.ends import react
from galleria.gallery.triggers.service import get_trigger
from galleria.gallery.workflows.access import get_workflow
from tests.api.gallery import Gallery, run_next
from tests.api.test_web_door import bearer
from tests.gallery.scene import a_workflow
from tests.gallery.test_triggers import QUESTIONS

NOBODY = "0" * 24


def call(gallery: Gallery, method: str, path: str, body: object = None) -> Response:
    return gallery.http.request(method, f"/webapi/v3{path}", headers=bearer(gallery), json=body)


def path_of(gallery: Gallery) -> str:
    return f"/workflows/{gallery.scene.workflow_id}/triggers"


def test_a_password_among_the_answers_is_null_and_stays_when_null_is_sent(gallery: Gallery) -> None:
    scene = gallery.scene
    asked = [{"name": "Pin", "type": "TextBox", "is_password": True}, {"name": "Region", "type": "TextBox"}]
    target = a_workflow(scene.database, scene.storage, scene.folder, scene.anna, questions=asked)
    given = {"Pin": "hush-hush", "Region": "East"}
    made = call(gallery, "POST", path_of(gallery), {"action": "run", "events": ["success"], "targetWorkflowId": target, "answers": given})
    assert made.json()["answers"] == {"Pin": None, "Region": "East"}
    path = f"/triggers/{made.json()['id']}"
    changed = call(gallery, "PATCH", path, {"answers": {**made.json()["answers"], "Region": "West"}}).json()
    assert changed["answers"] == {"Pin": None, "Region": "West"}
    with scene.database.read() as db:
        kept = get_trigger(db, scene.anna, made.json()["id"]).answers
    assert open_answers(scene.database.vault, kept) == {"Pin": "hush-hush", "Region": "West"}
    assert call(gallery, "PATCH", path, {"answers": {}}).json()["answers"] == {}


def test_a_trigger_is_made_changed_read_and_removed(gallery: Gallery) -> None:
    target = a_workflow(gallery.scene.database, gallery.scene.storage, gallery.scene.folder, gallery.scene.anna, questions=QUESTIONS)
    hook = call(gallery, "POST", path_of(gallery), {"action": "webhook", "events": ["failure"], "url": "https://example.com/"})
    assert (hook.status_code, hook.headers["cache-control"]) == (200, "no-store")
    assert hook.json()["secret"].startswith("whsec_")
    wanted = {"action": "run", "events": ["Success"], "targetWorkflowId": target, "answers": {"Region": "{outcome}"}}
    made = call(gallery, "POST", path_of(gallery), wanted).json()
    assert "secret" not in made
    listed = call(gallery, "GET", path_of(gallery)).json()
    assert [one["id"] for one in listed] == [hook.json()["id"], made["id"]]
    assert "whsec_" not in str(listed)
    changed = call(gallery, "PATCH", f"/triggers/{made['id']}", {"enabled": False, "events": ["success", "failure"]}).json()
    assert (changed["enabled"], changed["events"], changed["answers"]) == (False, ["success", "failure"], {"Region": "{outcome}"})
    assert call(gallery, "GET", f"/triggers/{made['id']}").json() == changed
    call(gallery, "PATCH", f"/triggers/{made['id']}", {"enabled": True})
    gallery.post(f"/gallery/api/v1/workflows/{gallery.scene.workflow_id}/jobs/")
    job_id = run_next(gallery.scene)
    with gallery.scene.database.write() as db:
        react(db)
    [delivery] = call(gallery, "GET", f"/triggers/{made['id']}/deliveries").json()
    assert (delivery["jobId"], delivery["event"], delivery["state"]) == (job_id, "success", "sent")
    assert delivery["queuedJobId"]
    assert call(gallery, "DELETE", f"/triggers/{made['id']}").status_code == 204
    assert call(gallery, "GET", f"/triggers/{made['id']}").status_code == 404


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({}, "action is one of run, webhook, mail"),
        ({"action": "mail", "events": "failure"}, "events is a list of texts"),
        ({"action": "mail", "events": ["never"]}, "events are of success, failure, recovery"),
        ({"action": "mail", "events": ["failure"], "recipients": [1]}, "recipients is a list of texts"),
        ({"action": "run", "events": ["failure"], "targetWorkflowId": NOBODY}, f"no workflow {NOBODY}"),
        ({"action": "run", "events": ["failure"], "answers": {"a": 1}}, "answers is an object of texts"),
        (["mail"], "must be a JSON object"),
    ],
)
def test_what_makes_no_sense_is_named(gallery: Gallery, body: object, message: str) -> None:
    answer = call(gallery, "POST", path_of(gallery), body)
    assert answer.status_code in (400, 404)
    assert message in answer.json()["message"]


def test_a_waiting_job_says_where_it_stands(gallery: Gallery) -> None:
    path = f"/gallery/api/v1/workflows/{gallery.scene.workflow_id}/jobs/"
    gallery.post(path)
    second = call(gallery, "GET", f"/jobs/{gallery.post(path).json()['id']}/waiting").json()
    assert (second["position"], second["before"], second["beforeByPriority"]) == (2, 1, {"Low": 1})
    assert second["reason"].startswith("No worker is there")
    job_id = run_next(gallery.scene)
    assert call(gallery, "GET", f"/jobs/{job_id}/waiting").json() is None
    assert call(gallery, "GET", f"/jobs/{NOBODY}/waiting").status_code == 404


def test_a_schedule_tells_what_is_to_come_and_why_nothing_came(gallery: Gallery) -> None:
    rule = Iteration(Kind.MONTHLY, datetime(2030, 1, 1, 7, 30), day_of_month=-1)
    with gallery.scene.database.write() as db:
        assert get_workflow(db, gallery.scene.anna, gallery.scene.workflow_id)
        made = create_schedule(db, replace(gallery.scene.anna, can_schedule=True), NewSchedule(gallery.scene.workflow_id, rule))
    schedule = f"/schedules/{made.id}"
    assert call(gallery, "GET", f"{schedule}/forecast?count=2").json() == ["2030-01-31T07:30:00Z", "2030-02-28T07:30:00Z"]
    told = call(gallery, "GET", f"{schedule}/explanation").json()
    assert (told["isInOrder"], told["nextRunTime"], told["missed"]) == (False, "2030-01-31T07:30:00Z", [])
    assert told["reasons"][0].startswith("No worker is there")
    at = call(gallery, "GET", f"{schedule}/explanation?at=2030-01-31T07:30:00Z").json()
    assert at["reasons"] == ["That time is planned."]
    for path in ("forecast?count=0", "forecast?count=x", "explanation?at=yesterday"):
        assert call(gallery, "GET", f"{schedule}/{path}").status_code == 400
    assert call(gallery, "GET", f"/schedules/{NOBODY}/forecast").status_code == 404


@pytest.mark.parametrize("path", ["/jobs/x/events", "/jobs/x/waiting", "/triggers/x", "/schedules/x/forecast", "/workflows/x/triggers"])
def test_strangers_get_nothing(gallery: Gallery, path: str) -> None:
    assert gallery.http.get(f"/webapi/v3{path}").status_code == 401
