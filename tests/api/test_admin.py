"""The lists of the admin APIs: keys in the published order, dates and enums of each generation."""

import json
import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from galleria.gallery.workflows.changes import WorkflowChange, change_workflow, delete_workflow
from tests.api.filled import Filled, fill
from tests.api.gallery import BOSS, Gallery, run_next
from tests.api.test_web_door import FORM, basic
from tests.gallery.scene import a_workflow
from tests.patience import DAY_S, keep_clear

V1, V2 = "/gallery/api/admin/v1", "/gallery/api/admin/v2"
WCF = re.compile(r"/Date\(\d{13}\)/")
ISO = re.compile(r"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{3})?Z")
WORDS = re.compile(r"20\d\d-\d\d-\d\d \d\d:\d\d:\d\d")


@pytest.fixture
def filled(gallery: Gallery) -> Filled:
    return fill(gallery)


def get(gallery: Gallery, path: str) -> Any:
    answer = gallery.get(path, pair=gallery.curator)
    assert answer.status_code == 200, answer.text
    return answer.json()


def web(gallery: Gallery, path: str) -> Any:
    headers = {**basic(gallery.curator.key, gallery.curator.secret), "Content-Type": FORM}
    token = gallery.http.post("/webapi/oauth2/token", content="grant_type=client_credentials", headers=headers).json()["access_token"]
    answer = gallery.http.get(f"/webapi/admin{path}", headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code == 200, answer.text
    return answer.json()


KEYS = {
    f"{V1}/auditlog/?entity=User&page=1&pageSize=10": "id entity entityId userId timestamp event oldValues newValues",
    f"{V1}/collections/": "id collectionId name ownerId dateAdded apps schedules insights users subscriptions userGroups",
    f"{V1}/insights/": "id insightId name lastUpdated ownerId iconId owner",
    f"{V1}/schedules/": "id application owner name comment enabled priority workerTag status credential creationTime lastRunTime "
    "nextRunTime state runCount iteration frequency timezone lastError cpuName lastModifiedId lastModifiedDate canEdit",
    f"{V1}/serverdataconnections/": "connectionId connectionString connectionName connectionType subscriptionCount userCount "
    "userGroupCount",
    f"{V1}/systemdataconnections/": "connectionId connectionString connectionName connectionType subscriptionCount userCount "
    "userGroupCount",
    f"{V1}/subscriptions/": "id active defaultWorkerTag expirationDate memberPassesPurchased memberPassesUsed name primaryContactInfo",
    f"{V1}/users/": "id accountLocked accountLockedAt active anonymous canSchedule canSetPriority canSetWorkerAssignment curator "
    "dateAdded dateUpdated email expirationDate firstName lastName numFailedLogins pending subscriptionId updateLastLoginDate "
    "userProfile validated timezone",
    f"{V1}/workflows/": "fileName id isChained metaInfo packageType public runCount runDisabled subscriptionId uploadDate version "
    "workerTag collections lastRunDate publishedVersionId publishedVersionNumber publishedVersionOwner subscriptionName isE2",
    f"{V1}/workflows/all/": "id revisions creator subscription events runDisabled isPublic dateMadePublic isDeleted runCount iconId "
    "workerTag isReadyForMigration",
    f"{V1}/workflows/jobs/": "id appId createDate status disposition outputs messages priority workerTag runWithE2",
    f"{V1}/workflows/migratable/?subscriptionIds=": "id publishedVersionId subscriptionId",
    f"{V2}/insights/": "id insightId name lastUpdated ownerId iconId owner",
    f"{V2}/schedule/forecast/?before=&after=": "id appEstimatedCompletionTime scheduleName startTime frequency workflowName owner priority",
    f"{V2}/subscriptions/": "id active defaultWorkerTag expirationDate name",
    f"{V2}/users/": "id accountLocked accountLockedAt active anonymous canSchedule canSetPriority canSetWorkerAssignment "
    "dateAdded dateUpdated email expirationDate firstName lastName numFailedLogins pending role subscriptionId updateLastLoginDate "
    "userProfile validated timezone",
    f"{V2}/workflows/all/": "id revisions creator subscription events runDisabled isPublic dateMadePublic isDeleted runCount iconId "
    "workerTag isReadyForMigration",
}


def test_every_list_has_the_published_keys_in_order(gallery: Gallery, filled: Filled) -> None:
    with gallery.scene.database.write() as db:
        change_workflow(db, gallery.boss, gallery.scene.workflow_id, WorkflowChange(is_ready_to_migrate=True))
    gallery.post(f"/gallery/api/v1/workflows/{gallery.scene.workflow_id}/jobs/")
    run_next(gallery.scene)
    for path, keys in KEYS.items():
        answer = get(gallery, path)
        assert answer, path
        assert list(answer[0]) == keys.split(), path


def test_a_collection_tells_what_it_holds_and_who_may_do_what(gallery: Gallery, filled: Filled) -> None:
    [collection] = get(gallery, f"{V1}/collections/?page=1&pageSize=10")
    assert WCF.fullmatch(collection["dateAdded"])
    assert [next(iter(collection[kind][0])) for kind in ("apps", "schedules", "insights")] == ["appId", "scheduleId", "insightId"]
    assert collection["apps"][0]["appId"] == gallery.scene.workflow_id
    assert list(collection["users"][0]) == "userId dateAdded addedById activeDirectoryObject expirationDate permissions".split()
    assert list(collection["subscriptions"][0]) == "subscriptionId dateAdded addedById expirationDate optOutUsers permissions".split()
    assert list(collection["userGroups"][0]) == "userGroupId dateAdded addedById expirationDate permissions".split()
    assert collection["users"][0]["permissions"] == {
        "collection": {"isAdmin": False},
        "applications": {"canAdd": True, "canRemove": False, "canUpdate": False},
        "users": {"canAdd": False, "canRemove": False},
    }
    assert get(gallery, f"{V1}/collections/?page=2&pageSize=10") == []
    assert ISO.fullmatch(web(gallery, "/v1/collections")[0]["dateAdded"])


def test_a_schedule_names_what_it_runs_for_whom_and_when(gallery: Gallery, filled: Filled) -> None:
    [schedule] = get(gallery, f"{V1}/schedules/")
    assert list(schedule["application"]) == ["id", "revisionId", "name", "iconId", "canExecute", "amp"]
    assert list(schedule["owner"]) == "id role firstName lastName email sortName isActive credentialWorkFlowCount".split()
    assert schedule["iteration"] == {"startTime": "2024-01-01T06:00:00", "endTime": None, "iterationType": "Daily"}
    assert (schedule["frequency"], schedule["priority"], schedule["owner"]["email"]) == ("Daily", 0, BOSS)
    assert web(gallery, "/v1/schedules")[0]["priority"] == "Low"


def test_a_forecast_is_for_a_window(gallery: Gallery, filled: Filled) -> None:
    path = f"{V2}/schedule/forecast/"
    runs = get(gallery, f"{path}?after=2030-07-01&before=2030-07-04T00:00:00Z")
    assert [run["startTime"] for run in runs] == [f"2030-07-0{day}T04:00:00Z" for day in (1, 2, 3)]
    assert (runs[0]["priority"], runs[0]["owner"]["email"], runs[0]["workflowName"]) == (0, BOSS, "Rates")
    assert len(web(gallery, "/v2/schedule/forecast?afterDate=2030-07-01&beforeDate=2030-07-04")) == 3
    assert gallery.get(f"{path}?after=2030-07-01&before=2030-09-01", pair=gallery.curator).status_code == 400
    assert gallery.get(f"{path}?after=soon", pair=gallery.curator).status_code == 400


def test_connections_are_shown_without_passwords(gallery: Gallery, filled: Filled) -> None:
    [connection] = get(gallery, f"{V1}/serverdataconnections/?offset=0&limit=5")
    assert "secret" not in json.dumps(connection)
    assert (connection["connectionName"], connection["userCount"], connection["subscriptionCount"]) == ("Sales", 1, 0)
    assert web(gallery, "/v1/serverdataconnections")[0]["userIds"] == [gallery.scene.anna.user_id]
    assert list(web(gallery, "/v1/systemdataconnections")[0]) == "connectionId connectionString connectionName connectionType".split()


def test_users_and_studios_differ_by_generation_and_door(gallery: Gallery, filled: Filled) -> None:
    anna, boss = get(gallery, f"{V1}/users/")
    assert (anna["curator"], boss["curator"], boss["firstName"]) == (False, True, "Bo")
    assert [user["role"] for user in get(gallery, f"{V2}/users/?page=1&pageSize=10")] == ["Artisan", "Curator"]
    assert [user["email"] for user in get(gallery, f"{V2}/users/?page=2&pageSize=1")] == [BOSS]
    assert "language" in web(gallery, "/v1/users")[0]
    own = web(gallery, f"/v2/users?subscriptionId={gallery.boss.subscription_id}")
    assert [user["email"] for user in own] == [BOSS]
    studio = get(gallery, f"{V1}/subscriptions/")[0]
    assert (studio["defaultWorkerTag"], studio["primaryContactInfo"]["address"]["city"]) == ("big", "Bonn")
    assert "defaultWorkerTag" not in web(gallery, "/v1/subscriptions")[0]
    assert list(web(gallery, "/v2/subscriptions")[0]) == "id active expirationDate name defaultWorkflowCredentialId".split()


def test_no_answer_shows_a_key_or_a_secret(gallery: Gallery, filled: Filled) -> None:
    for path in KEYS:
        text = gallery.get(path, pair=gallery.curator).text
        assert not any(pair.secret in text or pair.key in text for pair in (gallery.studio, gallery.user, gallery.curator)), path


def test_the_workflow_list_names_owner_and_collections(gallery: Gallery, filled: Filled) -> None:
    [workflow] = get(gallery, f"{V1}/workflows/?sortField=uploaddate&direction=asc&search=rates")
    assert workflow["collections"] == [{"collectionName": "Shared", "collectionId": filled.collection_id}]
    assert list(workflow["publishedVersionOwner"]) == "id firstName lastName sId subscriptionId email active".split()
    assert (workflow["packageType"], workflow["subscriptionName"], workflow["lastRunDate"]) == (1, "anna", None)
    assert web(gallery, "/v1/workflows")[0]["packageType"] == "Module"


def test_the_whole_history_of_every_workflow_is_listed(gallery: Gallery) -> None:
    scene = gallery.scene
    gone = a_workflow(scene.database, scene.storage, scene.folder, scene.anna, name="Gone")
    with scene.database.write() as db:
        delete_workflow(db, gallery.boss, gone)
    found = {workflow["id"]: workflow for workflow in get(gallery, f"{V2}/workflows/all/?page=0&pageSize=0")}
    assert (found[gone]["isDeleted"], found[scene.workflow_id]["isDeleted"]) == (True, False)
    [revision] = found[gone]["revisions"]
    assert WORDS.fullmatch(revision["dateCreated"])
    assert revision["author"]["subscription"] == {"id": scene.anna.subscription_id, "name": "anna"}
    assert revision["applications"] == [{"name": "Gone", "filename": "Rates.yxmd", "nextApp": None}]
    assert [(event["event"], event["user"]["email"]) for event in found[gone]["events"]] == [
        ("Insert", "anna@example.com"),
        ("Delete", BOSS),
    ]
    assert len(get(gallery, f"{V1}/workflows/all/?page=1&pageSize=1")) == 1
    assert len(get(gallery, f"{V1}/workflows/all/?page=2&pageSize=1")) == 0


@pytest.fixture
def within_a_day() -> None:
    keep_clear(DAY_S)


@pytest.mark.usefixtures("within_a_day")
def test_the_whole_history_is_narrowed_by_dates_names_and_events(gallery: Gallery) -> None:
    today = datetime.now(UTC).date()
    yesterday, tomorrow = today - timedelta(days=1), today + timedelta(days=1)
    for query, count in (
        (f"startDate={today}&endDate={today}", 1),
        (f"endDate={yesterday}", 0),
        (f"startDate={tomorrow}", 0),
        (f"useEvents=true&startDate={today}", 1),
        (f"useEvents=True&endDate={yesterday}", 0),
        ("name=Rates", 1),
        ("name=Rat", 0),
        ("useEvents=&name=&startDate=", 1),
    ):
        assert len(get(gallery, f"{V2}/workflows/all/?{query}")) == count, query


def test_the_last_job_of_each_workflow_is_listed(gallery: Gallery) -> None:
    scene = gallery.scene
    other = a_workflow(scene.database, scene.storage, scene.folder, scene.anna)
    for app in (scene.workflow_id, scene.workflow_id, other):
        gallery.post(f"/gallery/api/v1/workflows/{app}/jobs/")
        last = run_next(scene, files={"output.csv": b"a"})
    found = get(gallery, f"{V1}/workflows/jobs/")
    assert [job["appId"] for job in found] == [other, scene.workflow_id]
    assert (found[0]["id"], len(found[0]["messages"]), found[0]["outputs"][0]["name"]) == (last, 2, "output.csv")
    assert WCF.fullmatch(found[0]["createDate"])
    assert [job["appId"] for job in get(gallery, f"{V1}/workflows/jobs/?appIds={other},{'0' * 24}")] == [other]
    assert get(gallery, f"{V1}/workflows/jobs/?includeMessage=False")[0]["messages"] == []
    assert web(gallery, "/v1/workflows/jobs?includeMessages=false")[0]["messages"] == []


@pytest.mark.parametrize(
    ("body", "marks"), [("true", [True, True]), ("false", [False, False]), ("", [True, False]), ('"True"', [True, True])]
)
def test_the_mark_for_migration_is_set_cleared_or_turned(gallery: Gallery, body: str, marks: list[bool]) -> None:
    path = f"{V1}/workflows/migratable/{gallery.scene.workflow_id}/"
    assert [gallery.call("PUT", path, gallery.curator, content=body).json() for _ in marks] == marks
    assert len(get(gallery, f"{V1}/workflows/migratable/")) == int(marks[-1])
    assert get(gallery, f"{V1}/workflows/migratable/?subscriptionIds={'0' * 24}") == []


def test_any_workflows_package_is_given_to_a_curator(gallery: Gallery) -> None:
    answer = gallery.get(f"{V1}/{gallery.scene.workflow_id}/package/", pair=gallery.curator)
    assert (answer.status_code, answer.content[:2]) == (200, b"PK")


def test_the_audit_log_is_read_by_entity_and_page(gallery: Gallery) -> None:
    events = get(gallery, f"{V1}/auditlog/?entity=User&page=1&pageSize=10")
    assert {event["entity"] for event in events} == {"User"}
    assert json.loads(events[-1]["newValues"])["email"] == "anna@example.com"
    assert get(gallery, f"{V1}/auditlog/?entity=User&page=9&pageSize=10") == []
    assert len(get(gallery, f"{V1}/auditlog/?entity=&page=&pageSize=")) <= 10
