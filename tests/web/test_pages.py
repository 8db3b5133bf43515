"""Every page of a gallery with something in it, on both databases, for each kind of person."""

import re
from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from galleria.gallery.collections import service as collections
from galleria.gallery.connections.service import NewConnection, create_connection, share_connection
from galleria.gallery.credentials.service import create_credential, share_credential
from galleria.gallery.groups.service import add_members, create_group
from galleria.gallery.jobs.service import NewJob, cancel, queue
from galleria.gallery.schedules.recurrence import Iteration, Kind
from galleria.gallery.schedules.service import NewSchedule, create_schedule
from galleria.gallery.shares.records import Party, Shared
from galleria.gallery.users.service import UserChange, change_user, find_by_email
from galleria.gallery.workflows.changes import set_tags
from tests.api.gallery import run_next
from tests.databases import KINDS
from tests.gallery.scene import SYSTEM
from tests.web.conftest import House
from tests.web.visiting import Found, found


@pytest.fixture(params=KINDS)
def database_kind(request: pytest.FixtureRequest) -> str:
    return request.param


def furnish(house: House) -> dict[str, str]:
    """Put one of everything into the gallery; gives the paths of what has a page of its own."""
    app, user_id = house.scene.workflow_id, house.anna.user_id or ""
    with house.parts.database.write() as db:
        queue(db, house.anna, NewJob(app))
    done = run_next(house.scene, files={"a/out.csv": b"A,B\n1,x\n2,\n"})
    with house.parts.database.write() as db:
        cancelled = cancel(db, house.anna, queue(db, house.anna, NewJob(app)).id).id
        waiting = queue(db, house.anna, NewJob(app)).id
        collection = collections.create_collection(db, SYSTEM, "Ours", owner_id=user_id)
        collections.add_item(db, SYSTEM, collection.id, Shared.WORKFLOW, app)
        rule = Iteration(Kind.DAILY, datetime(2030, 1, 1, 7, 30))
        schedule = create_schedule(db, SYSTEM, NewSchedule(app, rule, name="Mornings", owner_id=user_id))
        collections.add_item(db, SYSTEM, collection.id, Shared.SCHEDULE, schedule.id)
        group = create_group(db, SYSTEM, "Readers", house.viewer.role)
        add_members(db, SYSTEM, group.id, [house.viewer.user_id or ""])
        collections.share_collection(db, SYSTEM, collection.id, collections.Membership(Party.GROUP, group.id))
        credential = create_credential(db, SYSTEM, "DOMAIN\\robot", "hunter2")
        share_credential(db, SYSTEM, credential.id, Party.USER, user_id)
        connection = create_connection(db, SYSTEM, NewConnection("Warehouse", "Driver=x;PWD=hunter2", "ODBC"))
        share_connection(db, SYSTEM, connection.id, Party.GROUP, group.id)
    return {
        "done": f"/runs/{done}",
        "cancelled": f"/runs/{cancelled}",
        "waiting": f"/runs/{waiting}",
        "collection": f"/collections/{collection.id}",
        "schedule": f"/schedules/{schedule.id}",
        "group": f"/admin/groups/{group.id}",
    }


def test_every_page_shows_what_there_is(house: House) -> None:
    paths, app = furnish(house), f"/app/x/{house.scene.workflow_id}"
    curator = house.visit(house.curator)
    expected = {
        "/": "Rates",
        "/runs?all=1": "Cancelled",
        "/runs?all=1&state=succeeded": "Succeeded",
        paths["done"]: "1 record was output",
        paths["waiting"]: "Queued",
        paths["cancelled"]: "Cancelled",
        "/schedules": "Every day at 07:30",
        paths["schedule"]: "Mornings",
        "/collections": "Ours",
        paths["collection"]: "the group Readers",
        app: "Nobody has described it yet",
        f"{app}/run": "It asks nothing",
        f"{app}/results": "Succeeded",
        f"{app}/versions": "Rates.yxmd",
        f"{app}/schedules": "Mornings",
        f"{app}/schedules/new": "How often",
        f"{app}/details": "Ours",
        "/profile": "This browser",
        "/admin": "Succeeded, 24 hours 1",
        "/admin/users": "anna@example.com",
        "/admin/users?q=VERA": "vera@example.com",
        f"/admin/users/{house.anna.user_id}": "1 workflows",
        "/admin/groups": "Readers",
        paths["group"]: "vera@example.com",
        "/admin/studios": "anna",
        f"/admin/studios/{house.anna.subscription_id}": "anna@example.com",
        "/admin/credentials": "DOMAIN\\robot",
        "/admin/connections": "Warehouse",
        "/admin/audit": "AppInfo",
        "/admin/audit?entity=Credential&event=Insert": "robot",
        "/admin?span=month": "Succeeded, 30 days 1",
        "/admin/jobs": "Rates",
        "/admin/storage": "Outputs of runs 1",
        "/admin/settings": "Default role",
    }
    missing = {path: words for path, words in expected.items() if words not in curator.page(path).text}
    assert missing == {}
    assert "hunter2" not in "".join(curator.get(path).text for path in expected)


def test_a_group_shares_a_collection_and_with_it_the_workflow(house: House) -> None:
    paths, app = furnish(house), f"/app/x/{house.scene.workflow_id}"
    viewer = house.visit(house.viewer)
    assert "1 workflow" in viewer.page("/").text
    assert "Rates" in viewer.page(paths["collection"]).text
    assert "Change" not in ids_of(viewer.page(f"{app}/details"))
    assert viewer.get(paths["done"]).status_code == 404


def ids_of(page: Found) -> list[str]:
    return page.ids


def test_long_lists_have_pages(house: House) -> None:
    with house.parts.database.write() as db:
        for _ in range(60):
            queue(db, house.anna, NewJob(house.scene.workflow_id))
    visit = house.visit(house.anna)
    first, third = visit.page("/runs"), visit.page("/runs?page=3")
    assert "1–25" in first.text
    assert "51–60" in third.text
    assert "/gallery/runs?page=2" in first.links
    assert "Nothing on this page" in visit.page("/runs?page=99").text
    assert "1–25" in visit.page("/runs?page=-7").text


def test_runs_begin_and_end_by_buttons(house: House) -> None:
    visit = house.visit(house.anna)
    started = visit.post(f"/app/x/{house.scene.workflow_id}/run")
    assert "Queued" in found(started).text
    path = started.url.path.removeprefix("/gallery")
    assert "Cancelled" in found(visit.post(f"{path}/cancel")).text
    assert visit.post(f"{path}/cancel").status_code == 409


def test_an_output_is_downloaded_with_its_name_and_noted(house: House) -> None:
    paths = furnish(house)
    visit = house.visit(house.anna)
    [link] = [link for link in visit.page(paths["done"]).links if re.search("/outputs/[0-9a-f]+$", link)]
    answer = visit.http.get(link)
    assert answer.content == b"A,B\n1,x\n2,\n"
    assert "out.csv" in answer.headers["content-disposition"]
    assert answer.headers["content-security-policy"] == "sandbox"
    assert "Download" in house.visit(house.curator).page("/admin/audit?entity=Job").text


def test_a_workflow_is_changed_given_away_and_deleted(house: House) -> None:
    app = house.scene.workflow_id
    curator = house.visit(house.curator)
    form = {"name": "Rates, daily", "description": "**New**", "tags": "Money, rates", "can_run": "1", "is_public": "1"}
    assert "Saved." in found(curator.post(f"/app/x/{app}/details", form)).text
    viewer = house.visit(house.viewer)
    page = viewer.page(f"/app/x/{app}")
    assert "Rates, daily" in page.text
    assert viewer.get(f"/app/x/{app}/package").status_code == 403
    curator.post(f"/app/x/{app}/owner", {"email": "vera@example.com", "with_schedules": "1"})
    assert "vera" in curator.page(f"/app/x/{app}").text
    assert viewer.post(f"/app/x/{app}/details", {"name": "Mine"}).status_code == 200
    assert found(viewer.post(f"/app/x/{app}/delete")).text.count("Deleted.") == 1
    assert viewer.get(f"/app/x/{app}").status_code == 404


def test_a_user_is_invited_changed_and_shut_out(house: House) -> None:
    curator = house.visit(house.curator)
    made = curator.post("/admin/users", {"email": "new@example.com", "role": "Member", "first_name": "Nia"})
    assert "/gallery/sign-in/" in found(made).text
    assert curator.post("/admin/users", {"email": "new@example.com", "role": "Member"}).status_code == 400
    with house.parts.database.read() as db:
        user = find_by_email(db, "new@example.com")
    assert user is not None
    path = f"/admin/users/{user.id}"
    curator.post(path, {"email": "new@example.com", "role": "Artisan", "can_schedule": "1"})
    assert "Artisan" in curator.page("/admin/users?q=new@").text
    curator.post(f"{path}/state", {"deed": "deactivate"})
    assert "shut out" in curator.page(path).text
    assert curator.post(f"/admin/users/{house.curator.user_id}", {"email": "cora@example.com", "role": "Viewer"}).status_code == 400


@pytest.mark.parametrize("words", ["RATES", "anna", "anna rates", "money", "funnel", "amount rates", "fun money"])
def test_a_workflow_is_found_by_name_owner_tag_tool_and_field(house: House, words: str) -> None:
    node = {"id": 1, "x": 0, "y": 0, "name": "BigFunnel", "kind": "tool", "fields": {"Output": [["Amount", "Double"]]}}
    app = house.workflow(canvas={"nodes": [node], "wires": []}, file_name="Rates 2.yxmd")
    with house.parts.database.write() as db:
        set_tags(db, house.anna, app, ["Money"])
    visit = house.visit(house.anna)
    assert app in visit.get(f"/?q={words}").text
    assert "Rates 2" in visit.page(f"/search?q={words}").text
    assert "Nothing found" in visit.page(f"/?q={words} elsewhere").text


def test_one_search_finds_everything_that_one_may_see(house: House) -> None:
    furnish(house)
    assert "Ours" in house.visit(house.curator).page("/search?q=our").text
    assert "Mornings" in house.visit(house.anna).page("/search?q=morn").text
    assert "vera@example.com" in house.visit(house.curator).page("/search?q=vera").text
    assert "Nothing found" in house.visit(house.viewer).page("/search?q=vera").text


@pytest.mark.parametrize(("path", "ends"), [("/gallery", "/gallery/"), ("/", "/gallery/"), ("/gallery/runs/", "/gallery/runs/")])
def test_addresses_may_end_with_a_slash_or_not(house: House, path: str, ends: str) -> None:
    answer = house.visit(house.anna).http.get(path)
    assert (answer.status_code, answer.url.path) == (200, ends)


def test_probes_ask_for_the_head_only(house: House) -> None:
    http = house.visit().http
    assert http.get("/health").json() == {"status": "ok"}
    assert (http.head("/health").status_code, http.head("/gallery/sign-in").status_code) == (200, 200)
    assert http.head("/gallery/sign-in").content == b""


def test_one_output_is_shared_by_a_link_for_a_time(house: House) -> None:
    paths = furnish(house)
    anna = house.visit(house.anna)
    [output] = [link for link in anna.page(paths["done"]).links if re.search("/outputs/[0-9a-f]+$", link)]
    made = anna.post(f"{output.removeprefix('/gallery')}/share", {"days": "7"})
    link = re.search(r"/gallery/shared/[\w=-]+", made.text)
    assert link is not None
    stranger = house.visit().http
    assert "out.csv" in stranger.get(link[0]).text
    assert stranger.get(f"{link[0]}/file").content == b"A,B\n1,x\n2,\n"
    assert stranger.get(f"{link[0][:-9]}AAAAAAAA=").status_code == 404
    with time_machine.travel(datetime.now(UTC) + timedelta(days=8), tick=False):
        assert stranger.get(f"{link[0]}/file").status_code == 404
    with house.parts.database.write() as db:
        change_user(db, SYSTEM, house.anna.user_id or "", UserChange(is_active=False))
    assert stranger.get(f"{link[0]}/file").status_code == 404
    assert house.visit(house.viewer).get(f"{output.removeprefix('/gallery')}/share").status_code == 404
