"""The doors of the pages against strangers: forged forms, borrowed sessions, frames, scripts in texts, ways out."""

import io
import re
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

import pytest

from galleria.gallery.actors import Role
from galleria.gallery.collections.service import Membership, add_item, create_collection, share_collection
from galleria.gallery.comments.service import write_comment
from galleria.gallery.connections.records import Origin
from galleria.gallery.connections.service import NewConnection, create_connection
from galleria.gallery.credentials.service import create_credential
from galleria.gallery.groups.service import add_members, create_group
from galleria.gallery.jobs import dispatch
from galleria.gallery.jobs.dispatch import NewOutput, Outcome, Worker
from galleria.gallery.jobs.service import NewJob, queue
from galleria.gallery.requests.service import ask
from galleria.gallery.sessions import service as sessions
from galleria.gallery.shares.records import Party, Shared
from galleria.gallery.users.service import UserChange, change_user, list_users
from galleria.gallery.workflows.changes import WorkflowChange, change_workflow
from galleria.http.origins import PublicAddress
from galleria.messages import Message, Status
from galleria.storage.contract import Area
from galleria.web.app import FAMILIES
from galleria.web.page import own_path
from tests.api.cast import digest
from tests.databases import Databases
from tests.gallery.scene import SYSTEM, a_user
from tests.web.conftest import House, parts_of
from tests.web.visiting import PASSWORD, ROOT, Visit, a_visit, found, signed_in

SCRIPT = "<script>alert(1)</script><img src=x onerror=alert(1)>\"'>{{7*7}}"


def test_a_form_without_its_token_does_nothing(house: House) -> None:
    visit = house.visit(house.anna)
    answer = visit.http.post(f"{ROOT}/app/x/{house.scene.workflow_id}/run")
    assert answer.status_code == 403
    assert "out of date" in found(answer).text
    assert house.visit(house.anna).page("/runs").text.count("Queued") == 1  # the filter's own word


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_a_form_that_another_site_sends_does_nothing(house: House, site: str) -> None:
    visit = house.visit(house.anna)
    answer = visit.post(f"/app/x/{house.scene.workflow_id}/run", headers={"sec-fetch-site": site})
    assert answer.status_code == 403


def test_a_token_is_good_for_its_own_session_only(house: House) -> None:
    other = found(house.visit(house.viewer).get("/")).csrf
    visit = house.visit(house.anna)
    answer = visit.http.post(f"{ROOT}/app/x/{house.scene.workflow_id}/run", data={"csrf": other})
    assert answer.status_code == 403


@pytest.mark.parametrize("path", ["/", "/sign-in", "/nowhere", "/profile/keys", "/static/0/css/tokens.css"])
def test_every_answer_carries_the_headers(house: House, path: str) -> None:
    headers = house.visit(house.anna).get(path).headers
    policy = headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert headers["x-frame-options"] == "DENY"
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "same-origin"


def test_signing_in_gives_a_fresh_session_that_no_script_reads(house: House) -> None:
    visit = a_visit(house.parts)
    visit.http.cookies.set("galleria_session", "planted", path=ROOT)
    sessions.set_password(house.parts.database, house.anna, house.anna.user_id or "", PASSWORD)
    done = visit.post("/sign-in", {"email": house.anna.email, "password": PASSWORD}, csrf_from="/sign-in", follow_redirects=False)
    [cookie] = [value for value in done.headers.get_list("set-cookie") if value.startswith("galleria_session=")]
    assert "planted" not in cookie
    assert "httponly" in cookie.lower()
    assert "samesite=lax" in cookie.lower()
    assert "secure" not in cookie.lower()


def test_behind_https_cookies_stay_there(house: House) -> None:
    visit = a_visit(parts_of(house.parts.database, house.parts.storage, PublicAddress("https://example.com/gallery")))
    assert "secure" in visit.get("/sign-in").headers["set-cookie"].lower()


def test_a_wrong_password_is_turned_away_in_words_that_tell_nothing(house: House) -> None:
    visit = house.visit()
    answers = [
        visit.post("/sign-in", {"email": email, "password": "wrong wrong"}, csrf_from="/sign-in") for email in ("anna@example.com", "x@y.z")
    ]
    assert [answer.status_code for answer in answers] == [401, 401]
    assert len({re.sub(r"value=\"[^\"]*\"", "", answer.text) for answer in answers}) == 1


@pytest.mark.parametrize("wanted", ["//evil.example", "https://evil.example", "/\\evil.example", "javascript:alert(1)", "/\n/evil", "evil"])
def test_signing_in_leads_to_pages_of_ours_only(house: House, wanted: str) -> None:
    assert own_path(wanted) == "/"
    visit = a_visit(house.parts)
    sessions.set_password(house.parts.database, house.anna, house.anna.user_id or "", PASSWORD)
    form = {"email": house.anna.email, "password": PASSWORD, "next": wanted}
    assert visit.post("/sign-in", form, csrf_from="/sign-in", follow_redirects=False).headers["location"] == f"{ROOT}/"


def test_whoever_was_shut_out_is_out_at_once(house: House) -> None:
    visit = house.visit(house.anna)
    with house.parts.database.write() as db:
        change_user(db, SYSTEM, house.anna.user_id or "", UserChange(is_active=False))
    assert visit.get("/", follow_redirects=False).headers["location"] == f"{ROOT}/sign-in"


def test_a_sign_in_link_works_once_and_only_when_it_is_sent(house: House) -> None:
    with house.parts.database.write() as db:
        token = sessions.new_link(db, SYSTEM, house.viewer.user_id or "")
    visit = house.visit()
    # Looking at it, as programs that read mails do, uses nothing up.
    assert visit.get(f"/sign-in/{token}").status_code == 200
    done = visit.post(f"/sign-in/{token}", csrf_from=f"/sign-in/{token}")
    assert "choose a password in your profile" in found(done).text
    assert (done.status_code, done.url.path) == (200, f"{ROOT}/")
    assert visit.get(f"/sign-in/{token}").status_code == 404


def test_secrets_take_the_password_once_more(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    sessions.set_password(house.parts.database, house.anna, house.anna.user_id or "", PASSWORD)
    visit = house.visit(house.anna)
    assert len(re.findall(r"<code>[0-9a-f]{64}</code>", visit.get("/profile/keys").text)) == 2
    monkeypatch.setattr("galleria.web.visitors.FRESH", timedelta(0))
    page = visit.get("/profile/keys")
    assert not re.findall(r"<code>[0-9a-f]{64}</code>", page.text)
    assert page.headers["cache-control"] == "no-store"
    assert visit.post("/profile/keys", {"password": "not it"}).status_code == 403
    assert "not your password" in found(visit.post("/profile/keys", {"password": "not it"})).text
    shown = visit.post("/profile/keys", {"password": PASSWORD})
    assert len(re.findall(r"<code>[0-9a-f]{64}</code>", shown.text)) == 2


CURATORS_PAGES = ["/admin", "/admin/users", "/admin/groups", "/admin/studios", "/admin/workers", "/admin/audit", "/admin/settings"]
CURATORS_PAGES += ["/admin/credentials", "/admin/connections"]


@pytest.mark.parametrize("path", CURATORS_PAGES)
def test_governing_is_for_curators(house: House, path: str) -> None:
    assert house.visit().get(path, follow_redirects=False).status_code == 303
    assert house.visit(house.viewer).get(path).status_code == 403
    assert house.visit(house.anna).get(path).status_code == 403
    assert house.visit(house.curator).get(path).status_code == 200


@pytest.mark.parametrize("path", ["", "/run", "/versions", "/results", "/details", "/schedules", "/package"])
def test_what_is_not_ones_to_see_looks_like_nothing(house: House, path: str) -> None:
    app = house.scene.workflow_id
    hidden = house.visit(house.viewer).get(f"/app/x/{app}{path}")
    unknown = house.visit(house.viewer).get(f"/app/x/{'5' * 24}{path}")
    assert (hidden.status_code, unknown.status_code) == (404, 404)
    assert found(hidden).text == found(unknown).text


def test_lists_and_their_totals_hold_only_what_one_may_see(house: House) -> None:
    assert "1 workflow" in house.visit(house.anna).page("/").text
    page = house.visit(house.viewer).page("/")
    assert "Rates" not in page.text
    assert "No workflow yet" in page.text


def test_another_ones_run_looks_like_nothing(house: House) -> None:
    with house.parts.database.write() as db:
        job = queue(db, house.anna, NewJob(house.scene.workflow_id))
    for path in (f"/runs/{job.id}", f"/runs/{job.id}/outputs/{'5' * 24}", f"/runs/{job.id}/outputs/{'5' * 24}/look"):
        assert house.visit(house.viewer).get(path).status_code == 404
    assert house.visit(house.viewer).post(f"/runs/{job.id}/cancel").status_code == 404


def texts_of(house: House) -> list[str]:
    """Enter the script into every text that a user can give, and list the pages that show them."""
    item = {"key": SCRIPT, "value": SCRIPT}
    question = {"name": SCRIPT, "type": "ListBox", "description": SCRIPT, "items": [item], "multiple": True}
    node: dict[str, Any] = dict.fromkeys(("plugin", "name", "family", "label", "text"), SCRIPT)
    node |= {"id": 1, "x": 0, "y": 0, "kind": "tool", "inputs": [SCRIPT], "outputs": [SCRIPT, "b"]}
    node |= {"settings": [[SCRIPT, SCRIPT]], "fields": {SCRIPT: [[SCRIPT, SCRIPT]]}}
    nodes = [node, {**node, "id": 2, "kind": "comment"}, {**node, "id": 3, "kind": "container"}]
    app = house.workflow(
        name=SCRIPT,
        kind="app",
        questions=[question],
        tools=[{"tool_id": 1, "plugin": SCRIPT, "supported": False, "feature": SCRIPT, "detail": SCRIPT}],
        missing=[SCRIPT],
        canvas={"nodes": nodes, "wires": [{"from": 1, "to": 1, "name": SCRIPT}]},
        meta={"author": SCRIPT, "url": "javascript:alert(1)", "url_text": SCRIPT, "description": SCRIPT},
    )
    description = f"{SCRIPT}\n\n[x](javascript:alert(1)) ![x](http://evil.example/x.png)"
    with house.parts.database.write() as db:
        change_workflow(db, house.anna, app, WorkflowChange(name=SCRIPT, description=description))
        change_user(db, house.anna, house.anna.user_id or "", UserChange(first_name=SCRIPT, last_name=SCRIPT))
        job = queue(db, house.anna, NewJob(app, answers={SCRIPT: "[]"}))
    of_workflow = [f"/app/x/{app}{tab}" for tab in ("?tool=1", "/run", "/details", "/versions", "/results", "/schedules")]
    return ["/", f"/?q={SCRIPT}", *of_workflow, f"/runs/{job.id}", "/runs", "/profile"]


def test_texts_stay_texts(house: House) -> None:
    pages = texts_of(house)
    visit = house.visit(house.anna)
    for path in pages:
        page = visit.page(path)
        scripts = [given for tag, given in page.tags if tag == "script"]
        assert all(given.get("src", "").startswith(f"{ROOT}/static/") for given in scripts), path
        assert not [tag for tag, _ in page.tags if tag == "img"], path
        assert not [name for _, given in page.tags for name in given if name.startswith("on")], path
        assert not [link for link in page.links if "javascript" in link], path
    assert "<script>alert(1)</script>" in visit.page("/").text
    assert "{{7*7}}" in visit.page("/").text


def a_told_run(house: House) -> str:
    """A run whose message, output and log hold the script; gives its id."""
    with house.parts.database.write() as db:
        job = queue(db, house.anna, NewJob(house.scene.workflow_id))
    with house.parts.database.write() as db:
        claims = {claim.job.id: claim for claim in dispatch.claim(db, Worker("one"), 9)}
        stored = house.parts.storage.put(Area.OUTPUTS, f"{job.id}.csv", io.BytesIO(b"a\n"))
        outputs = [NewOutput(f"D:\\{SCRIPT}.csv", stored, ["Raw"], 6, 12)]
        dispatch.finish(db, claims[job.id].lease, Outcome.ERROR, messages=[Message(6, Status.ERROR, SCRIPT)], outputs=outputs)
    return job.id


def talk_of(house: House) -> Mapping[str, Sequence[str]]:
    """Enter the script wherever people talk to each other and name things; gives the pages that show it, by who looks."""
    app = house.scene.workflow_id
    said = f'{SCRIPT}\n\n[x](javascript:alert(1)) <a href="javascript:alert(1)">y</a> ![x](http://evil.example/x.png)'
    with house.parts.database.write() as db:
        change_user(db, SYSTEM, house.viewer.user_id or "", UserChange(first_name=SCRIPT, last_name=SCRIPT))
        write_comment(db, house.anna, app, said)
        ask(db, house.viewer, app, SCRIPT, said)
        create_credential(db, house.anna, SCRIPT, "x")
        create_connection(db, house.anna, NewConnection(SCRIPT, f"DSN={SCRIPT}", SCRIPT))
        create_connection(db, SYSTEM, NewConnection(SCRIPT, f"DSN={SCRIPT}", SCRIPT, Origin.SYSTEM))
        group = create_group(db, SYSTEM, SCRIPT, Role.EVALUATED)
        add_members(db, SYSTEM, group.id, [house.viewer.user_id or ""])
        collection = create_collection(db, SYSTEM, SCRIPT, owner_id=house.anna.user_id)
        add_item(db, SYSTEM, collection.id, Shared.WORKFLOW, app)
        share_collection(db, SYSTEM, collection.id, Membership(Party.GROUP, group.id))
    job = a_told_run(house)
    with house.parts.database.write() as db:
        # Another workflow, which the viewer does not see: by now he is let in to the first.
        other = ask(db, house.viewer, house.workflow(), SCRIPT, said)
    anna = [
        f"/app/x/{app}/comments",
        "/requests",
        "/credentials",
        "/connections",
        "/collections",
        f"/collections/{collection.id}",
        f"/runs/{job}",
    ]
    curator = ["/admin/users", f"/admin/users/{house.viewer.user_id}", "/admin/groups", f"/admin/groups/{group.id}", "/admin/audit"]
    curator += ["/admin/credentials", "/admin/connections", "/admin", f"/app/x/{app}/triggers"]
    return {"anna": anna, "viewer": ["/requests", f"/app/x/{other.workflow_id}/?q={SCRIPT}"], "curator": curator}


@pytest.mark.parametrize("who", ["anna", "viewer", "curator"])
def test_what_people_say_and_call_things_stays_text(house: House, who: str) -> None:
    paths = talk_of(house)[who]
    visit = house.visit({"anna": house.anna, "viewer": house.viewer, "curator": house.curator}[who])
    shown = 0
    for path in paths:
        page = found(visit.get(path))
        assert all((given.get("src") or "").startswith(f"{ROOT}/static/") for tag, given in page.tags if tag == "script"), path
        assert not [tag for tag, _ in page.tags if tag in ("img", "iframe", "object", "style")], path
        assert not [name for _, given in page.tags for name in given if name.startswith("on")], path
        assert not [link for link in (*page.links, *page.forms) if "javascript" in link], path
        shown += "<script>alert(1)</script>" in page.text
    assert shown >= len(paths) // 2


def paths_of(method: str) -> list[str]:
    return sorted(route.path for family in FAMILIES for route in family.router.routes if method in route.methods)


def filled(path: str, house: House) -> str:
    return re.sub(r"\{\w+\}", "5" * 24, path.replace("{app_id}", house.scene.workflow_id))


def test_no_form_does_anything_without_its_token(house: House) -> None:
    visit = house.visit(house.curator)
    visit.get("/")
    before = digest(house.parts.database)
    for path in paths_of("POST"):
        for token in ({}, {"csrf": ""}, {"csrf": "0" * 64}):
            form = {"deed": "delete", "text": "x", **token}
            answer = visit.http.post(f"{ROOT}{filled(path, house)}", data=form, follow_redirects=False)
            assert answer.status_code == 403, path
    assert digest(house.parts.database) == before


def test_no_page_lies_in_a_frame_of_another_site(house: House) -> None:
    visit = house.visit(house.curator)
    for path in paths_of("GET"):
        headers = visit.get(filled(path, house), follow_redirects=False).headers
        policy = headers["content-security-policy"]
        assert "frame-ancestors 'none'" in policy or "frame-ancestors 'self'" in policy or "sandbox" in policy, path
        assert headers["x-content-type-options"] == "nosniff", path
        assert headers["x-frame-options"] in ("DENY", "SAMEORIGIN"), path


@pytest.mark.parametrize("wanted", ["//evil.example", "https://evil.example", "/\\evil.example", "/\t/evil.example", "javascript:alert(1)"])
@pytest.mark.parametrize(
    ("path", "field", "more"),
    [
        ("/theme", "here", {"theme": "dark"}),
        ("/app/x/{app}/follow", "back", {"deed": "begin"}),
        ("/collections/{collection}/items", "back", {"kind": "workflow", "item": "{app}"}),
    ],
)
def test_forms_lead_back_to_pages_of_ours_only(house: House, path: str, field: str, more: dict[str, str], wanted: str) -> None:
    with house.parts.database.write() as db:
        collection = create_collection(db, SYSTEM, "Mine", owner_id=house.anna.user_id)
    ids = {"app": house.scene.workflow_id, "collection": collection.id}
    form = {name: value.format(**ids) for name, value in more.items()}
    answer = house.visit(house.anna).post(path.format(**ids), {**form, field: wanted}, follow_redirects=False)
    assert answer.status_code == 303
    assert answer.headers["location"].startswith(f"{ROOT}/")
    assert "evil" not in answer.headers["location"]


def test_a_session_that_somebody_planted_ends_with_signing_in_by_a_link(house: House) -> None:
    with house.parts.database.write() as db:
        token = sessions.new_link(db, SYSTEM, house.viewer.user_id or "")
    visit = house.visit()
    visit.http.cookies.set("galleria_session", "planted", path=ROOT)
    done = visit.post(f"/sign-in/{token}", csrf_from=f"/sign-in/{token}", follow_redirects=False)
    [cookie] = [value for value in done.headers.get_list("set-cookie") if value.startswith("galleria_session=")]
    assert "planted" not in cookie


def test_the_first_curator_is_made_once_and_by_whoever_has_the_code(house: House, databases: Databases) -> None:
    with databases.opened("sqlite") as database:
        parts = parts_of(database, house.parts.storage)
        visit = a_visit(parts)
        assert "Set up the gallery" in found(visit.get("/")).text
        form = {"email": "first@example.com", "password": PASSWORD, "repeated": PASSWORD}
        assert visit.post("/set-up", {**form, "code": "guess"}, csrf_from="/set-up").status_code == 400
        code = set_up_code_of(visit)
        done = visit.post("/set-up", {**form, "code": code}, csrf_from="/set-up")
        assert (done.status_code, done.url.path) == (200, f"{ROOT}/")
        with database.read() as db:
            assert [(user.email, user.role) for user in list_users(db, SYSTEM)] == [("first@example.com", Role.CURATOR)]
        stranger = a_visit(parts)
        assert stranger.get("/set-up").url.path == f"{ROOT}/sign-in"
        assert stranger.post("/set-up", {**form, "code": code}, csrf_from="/sign-in").status_code == 400


def set_up_code_of(visit: Visit) -> str:
    app: Any = visit.http.app
    [pages] = [route.app for route in app.routes if getattr(route, "path", "") == ROOT and hasattr(route.app, "_app")]
    return pages._app._app.state.door.set_up_code


def test_forms_larger_than_the_limit_are_refused(house: House) -> None:
    assert house.visit().post("/sign-in", {"email": "x" * 2_000_000}, csrf_from="/sign-in").status_code == 413
    # Whoever is not signed in uploads nothing at all.
    anonymous = house.visit()
    token = found(anonymous.get("/sign-in")).csrf
    big = {"files": ("x.yxmd", b"x" * 2_000_000)}
    assert anonymous.http.post(f"{ROOT}/sign-in", data={"csrf": token}, files=big).status_code == 413


def test_only_artisans_publish(house: House) -> None:
    assert house.visit(house.viewer).get("/publish").status_code == 403
    member = a_user(house.parts.database, "mia@example.com", Role.MEMBER)
    assert signed_in(house.parts, member).get("/publish").status_code == 403


def test_a_password_among_the_answers_is_not_shown_again(house: House) -> None:
    question = {"name": "Code", "type": "TextBox", "description": "Your code", "is_password": True}
    app = house.workflow(kind="app", questions=[question])
    visit = house.visit(house.anna)
    started = visit.post(f"/app/x/{app}/run", {"q0": "hunter2"})
    assert "••••••" in started.text
    assert "hunter2" not in started.text + visit.get(f"/app/x/{app}/run").text


def test_what_is_inside_a_tool_is_for_those_who_may_have_the_file(house: House) -> None:
    node = {"id": 1, "x": 0, "y": 0, "kind": "tool", "plugin": "A.Filter", "settings": [["Expression", "[Secret] > 5"]]}
    app = house.workflow(canvas={"nodes": [node], "wires": []})
    with house.parts.database.write() as db:
        change_workflow(db, SYSTEM, app, WorkflowChange(is_public=True, can_download=False))
    assert "[Secret]" in house.visit(house.anna).get(f"/app/x/{app}?tool=1").text.replace("&gt;", ">")
    assert "[Secret]" not in house.visit(house.viewer).get(f"/app/x/{app}?tool=1").text
