"""Bringing another server along, again and again: ids, owners, keys, what was changed here, what is not there any more."""

import json
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest

from galleria.database.connect import Database
from galleria.errors import InvalidError
from galleria.gallery.actors import Role
from galleria.gallery.bringing.lines import Deed, Line
from galleria.gallery.bringing.lists import Reader
from galleria.gallery.bringing.notes import Move
from galleria.gallery.bringing.pairs import KeyLine, KeyOf, read_keys
from galleria.gallery.bringing.server import reading
from galleria.gallery.bringing.world import bring_world, owners_from
from galleria.gallery.collections.service import add_item, items_of, list_collections, members_of
from galleria.gallery.keys.service import Pair, find_consumer
from galleria.gallery.schedules.service import ScheduleChange, change_schedule, delete_schedule, list_schedules
from galleria.gallery.shares.records import Shared
from galleria.gallery.subscriptions.service import list_subscriptions
from galleria.gallery.users.records import User
from galleria.gallery.users.service import UserChange, change_user, get_user
from galleria.gallery.workflows.changes import WorkflowChange, change_workflow, delete_workflow
from galleria.gallery.workflows.service import get_version, get_workflow, list_workflows
from galleria.storage.folder import Folder
from tests.clients.test_the_whole_way import WORKFLOW
from tests.gallery.scene import SYSTEM, a_user, a_workflow
from tests.gallery.stranger import APP, COLLECTION, SCHEDULE, STUDIO, USER, Answer, Stranger, a_world, package, saying, stranger

DAILY = {"startTime": "2024-01-01T06:00:00Z", "iterationType": "Daily"}


@pytest.fixture
def played() -> Generator[Stranger]:
    with stranger() as made:
        a_world(made)
        yield made


@pytest.fixture
def move(database: Database, storage: Folder) -> Move:
    return Move(database, storage, SYSTEM, "old.example")


def bring(played: Stranger, move: Move, keys: list[KeyOf] | None = None) -> dict[str, Any]:
    """The lines by thing; of keys by whose they are."""
    with reading(played.access()) as server:
        world = Reader(server).world()
        lines = list(bring_world(move, server, world, keys or []))
    return {line.thing.value if isinstance(line, Line) else line.who: line for line in lines}


def deeds(lines: dict[str, Any]) -> set[str]:
    return {line.deed.value for line in lines.values() if isinstance(line, Line)}


def keeping(move: Move, **more: Any) -> Move:
    return Move(move.database, move.storage, move.actor, **{"server": move.server, "keep_ids": True, **more})


def test_everything_comes_once_and_the_second_time_nothing_changes(played: Stranger, move: Move) -> None:
    first = bring(played, move)
    assert deeds(first) == {"brought"}, first
    asked = len(played.asked)
    second = bring(played, move)
    assert deeds(second) == {"unchanged"}
    assert f"/admin/v1/{APP}/package" not in played.asked[asked:]
    with move.database.read() as db:
        [workflow] = list_workflows(db, SYSTEM)
        assert workflow.id != APP
        assert (workflow.source_id, workflow.name, workflow.published_number) == (APP, "Sales", 1)
        assert workflow.subscription_id == first["studio"].local_id
        user = get_user(db, SYSTEM, first["user"].local_id)
        assert (user.email, user.role, user.password_hash, user.subscription_id) == (
            "ann@old.example",
            Role.ARTISAN,
            None,
            workflow.subscription_id,
        )


def test_ids_are_kept_when_they_are_to_be(played: Stranger, move: Move) -> None:
    lines = bring(played, keeping(move))
    assert {line.local_id for line in lines.values()} == {STUDIO, USER, APP, SCHEDULE, COLLECTION}


def test_an_id_that_is_anothers_here_is_refused(played: Stranger, move: Move, storage: Folder, tmp_path: Path) -> None:
    mine = a_user(move.database, "mine@example.com", Role.CURATOR, user_id=USER)
    lines = bring(played, keeping(move))
    assert lines["user"].notes == (f"the id {USER} is another's here already; without --keep-ids it would get a new one",)
    assert lines["workflow"].notes == ("its owner was not brought along; give the workflow to somebody with --owner",)
    with move.database.read() as db:
        user = get_user(db, SYSTEM, USER)
        assert (user.email, user.role) == (mine.email, Role.CURATOR)


def test_what_came_with_a_new_id_cannot_get_its_old_one_unnoticed(played: Stranger, move: Move) -> None:
    first = bring(played, move)
    again = bring(played, keeping(move))
    assert again["workflow"].deed is Deed.REFUSED
    assert (
        again["workflow"].notes[0].startswith(f"it is here already with the id {first['workflow'].local_id}; its old id can be kept once")
    )


def test_no_server_changes_what_another_one_brought(played: Stranger, move: Move) -> None:
    bring(played, move)
    a_world(played, user={"role": "Curator"}, studio={"name": "Taken"})
    lines = bring(played, keeping(move, server="evil.example"))
    assert lines["user"].notes == ("it was brought along from old.example; if that is this same server, say --known-as old.example",)
    with move.database.read() as db:
        assert [studio.name for studio in list_subscriptions(db, SYSTEM)] == ["Sales"]


def test_what_changed_there_changes_here(played: Stranger, move: Move) -> None:
    first = bring(played, move)
    a_world(
        played,
        studio={"name": "Sales East", "defaultWorkerTag": "big"},
        user={"email": "anne@old.example", "active": False, "canSchedule": True},
        app={"publishedVersionId": "2" * 24, "metaInfo": {"name": "Sales 2"}, "public": True, "runDisabled": True},
        schedule={"name": "Weekly", "iteration": DAILY | {"iterationType": "Weekly", "weeklyContract": {"daysOfWeek": ["Friday"]}}},
        collection={"name": "Ours", "apps": [], "subscriptions": [], "users": [{"userId": USER}]},
    )
    played.says[f"/admin/v1/{APP}/package"] = lambda _: Answer(body=package(WORKFLOW.replace("East", "West")))
    assert deeds(bring(played, move)) == {"changed"}
    with move.database.read() as db:
        workflow = get_workflow(db, SYSTEM, first["workflow"].local_id)
        assert (workflow.name, workflow.is_public, workflow.is_run_disabled, workflow.published_number) == ("Sales 2", True, True, 2)
        user = get_user(db, SYSTEM, first["user"].local_id)
        assert (user.email, user.is_active, user.can_schedule) == ("anne@old.example", False, True)
        [schedule] = list_schedules(db, SYSTEM)
        assert (schedule.name, schedule.iteration["days_of_week"]) == ("Weekly", ["Friday"])
        [collection] = list_collections(db, SYSTEM)
        assert collection.name == "Ours"
        assert items_of(db, [collection.id]) == []
        assert [member.party_id for member in members_of(db, [collection.id])] == [user.id]
    assert deeds(bring(played, move)) == {"unchanged"}


def test_an_end_comes_and_goes(played: Stranger, move: Move) -> None:
    ends: list[tuple[bool, bool]] = []
    for end in (None, "2099-01-01T00:00:00Z", "0001-01-01T00:00:00", "2099-01-01", "9999-12-31T23:59:59.9999999Z"):
        a_world(played, studio={"expirationDate": end}, user={"expirationDate": end})
        lines = bring(played, move)
        with move.database.read() as db:
            user, [studio] = get_user(db, SYSTEM, lines["user"].local_id), list_subscriptions(db, SYSTEM)
            ends.append((user.expires_at is not None, studio.expires_at is not None))
    assert ends == [(False, False), (True, True), (False, False), (True, True), (False, False)]


def test_a_new_version_with_the_same_content_is_none(played: Stranger, move: Move) -> None:
    first = bring(played, move)
    a_world(played, app={"publishedVersionId": "2" * 24})
    assert bring(played, move)["workflow"].deed is Deed.CHANGED
    with move.database.read() as db:
        assert get_version(db, SYSTEM, first["workflow"].local_id).number == 1


def test_what_was_changed_here_stays_while_it_stays_the_same_there(played: Stranger, move: Move, storage: Folder, tmp_path: Path) -> None:
    first = bring(played, move)
    other = a_workflow(move.database, storage, tmp_path, a_user(move.database, "me@example.com"))
    with move.database.write() as db:
        change_user(db, SYSTEM, first["user"].local_id, UserChange(role=Role.VIEWER))
        change_workflow(db, SYSTEM, first["workflow"].local_id, WorkflowChange(name="Mine"))
        change_schedule(db, SYSTEM, first["schedule"].local_id, ScheduleChange(is_enabled=True))
        add_item(db, SYSTEM, first["collection"].local_id, Shared.WORKFLOW, other)
    bring(played, move)
    a_world(played, collection={"apps": [], "name": "Renamed"})
    bring(played, move)
    with move.database.read() as db:
        assert get_user(db, SYSTEM, first["user"].local_id).role is Role.VIEWER
        assert get_workflow(db, SYSTEM, first["workflow"].local_id).name == "Mine"
        assert list_schedules(db, SYSTEM)[0].is_enabled
        assert [item.item_id for item in items_of(db, [first["collection"].local_id])] == [other]


def test_what_was_deleted_here_stays_so_and_what_is_gone_there_stays_here(played: Stranger, move: Move) -> None:
    first = bring(played, move)
    with move.database.write() as db:
        delete_schedule(db, SYSTEM, first["schedule"].local_id)
        delete_workflow(db, SYSTEM, first["workflow"].local_id)
    played.says_list("/admin/v1/collections")
    lines = bring(played, move)
    assert {lines["workflow"].deed, lines["schedule"].deed} == {Deed.DELETED}
    assert (lines["collection"].deed, lines["collection"].name) == (Deed.GONE, "Shared")
    with move.database.read() as db:
        assert len(list_collections(db, SYSTEM)) == 1


def test_who_is_here_already_stays_as_he_is_and_owns_what_is_his(played: Stranger, move: Move) -> None:
    ann = a_user(move.database, "ANN@old.example", Role.VIEWER)
    lines = bring(played, move)
    studio_id = lines["studio"].local_id
    assert (lines["user"].deed, lines["user"].local_id) == (Deed.HERE, ann.user_id)
    assert lines["user"].notes == (f"is in another studio here; `galleria studio member {studio_id} ANN@old.example` moves him",)
    with move.database.read() as db:
        user, workflow = get_user(db, SYSTEM, ann.user_id or ""), list_workflows(db, SYSTEM)[0]
        assert (user.role, user.subscription_id) == (Role.VIEWER, ann.subscription_id)
        # Its studio's key must go on finding it.
        assert (workflow.owner_id, workflow.subscription_id) == (ann.user_id, studio_id)


@pytest.mark.parametrize("texts", [["ann@old.example=me@example.com"], ["me@example.com"], ["ANN@old.example = ME@example.com"]])
def test_owners_are_mapped(played: Stranger, move: Move, texts: list[str]) -> None:
    me = a_user(move.database, "me@example.com")
    lines = bring(played, keeping(move, owners=owners_from(move, texts)))
    assert "user" not in lines
    assert deeds(lines) == {"brought"}
    with move.database.read() as db:
        owners = {list_workflows(db, SYSTEM)[0].owner_id, list_schedules(db, SYSTEM)[0].owner_id, list_collections(db, SYSTEM)[0].owner_id}
        assert owners == {me.user_id}


def test_an_owner_that_nobody_tells_is_missing(played: Stranger, move: Move) -> None:
    a_world(played, app={"publishedVersionOwner": None})
    assert bring(played, move)["workflow"].notes == ("its owner was not brought along; give the workflow to somebody with --owner",)


def test_users_that_cannot_be_one_here_are_refused(played: Stranger, move: Move) -> None:
    a_world(played, user={"email": ""})
    assert bring(played, move)["user"].deed is Deed.REFUSED


ENABLED = {"enabled": True, "nextRunTime": "2099-01-01T00:00:00Z"}
DOUBTS: dict[str, tuple[dict[str, Any], list[dict[str, str]] | None, str]] = {
    "another rule than ours": (
        ENABLED,
        [{"id": SCHEDULE, "startTime": "2098-01-01T00:00:00Z"}],
        "paused: there it runs 0 times in the next weeks, here it would first run at ",
    ),
    "another time than ours": (ENABLED, None, "paused: there it runs next at 2099-01-01 00:00 UTC, here it would at "),
    "an account that is not here": (
        ENABLED | {"credential": {"username": "svc"}},
        [],
        "paused: it runs as svc, and there is no credential of that name here",
    ),
}


@pytest.mark.parametrize("doubt", DOUBTS)
def test_a_schedule_that_may_run_otherwise_comes_paused(played: Stranger, move: Move, doubt: str) -> None:
    row, forecast, words = DOUBTS[doubt]
    a_world(played, schedule=row)
    played.says["/admin/v2/schedule/forecast"] = lambda _: saying(forecast) if forecast is not None else Answer(404)
    line = bring(played, move)["schedule"]
    assert line.deed is Deed.BROUGHT
    assert any(note.startswith(words) for note in line.notes), line.notes
    with move.database.read() as db:
        assert not list_schedules(db, SYSTEM)[0].is_enabled


def test_a_schedule_is_not_brought_without_its_rule(played: Stranger, move: Move) -> None:
    a_world(played, schedule={"iteration": {"startTime": "2024-01-01T06:00:00Z"}, "frequency": "Fortnightly"})
    assert bring(played, move)["schedule"].notes == ("the server does not say how it repeats; it calls it 'Fortnightly'",)


def test_an_older_server_tells_less_and_is_brought_along_all_the_same(played: Stranger, move: Move) -> None:
    """Without Admin V2: curators are known, other roles are not."""
    for path in [path for path in played.says if path.startswith("/admin/v2/")]:
        say = played.says.pop(path)
        played.says[path.replace("v2", "v1")] = say
    for noun in ("users", "subscriptions", "workflows/all", "schedule/forecast", "insights"):
        played.says[f"/admin/v2/{noun}"] = lambda _: Answer(404)
    played.says_list("/admin/v1/users", {"id": USER, "email": "ann@old.example", "curator": False, "subscriptionId": STUDIO})
    lines = bring(played, move)
    assert deeds(lines) == {"brought"}
    with move.database.read() as db:
        user = db.get(User, lines["user"].local_id)
        assert user is not None
        assert user.role is Role.EVALUATED


def test_keys_go_on_working(played: Stranger, move: Move) -> None:
    pairs = {"ann@old.example": Pair("A" * 60, "a" * 64), "sales": Pair("B" * 60, "b" * 64), STUDIO: Pair("C" * 60, "c" * 64)}
    first = bring(played, move, [KeyOf(who, pair) for who, pair in pairs.items()])
    assert [first[who] for who in pairs] == [KeyLine(who, True) for who in pairs]
    with move.database.read() as db:
        users, replaced, studios = (find_consumer(db, pair.key) for pair in pairs.values())
    assert replaced is None
    assert users is not None
    assert studios is not None
    assert (users.secret, users.actor.user_id) == ("a" * 64, first["user"].local_id)
    assert (studios.secret, studios.actor.subscription_id) == ("c" * 64, first["studio"].local_id)
    again = bring(
        played,
        move,
        [KeyOf("ann@old.example", pairs["ann@old.example"]), KeyOf("nobody", Pair("x", "y")), KeyOf("Sales", pairs["ann@old.example"])],
    )
    assert again["ann@old.example"] == KeyLine("ann@old.example", True, "as before")
    assert again["nobody"] == KeyLine("nobody", False, "no user and no studio is called that")
    assert again["Sales"] == KeyLine("Sales", False, "this key is somebody's already")


def test_a_name_of_several_studios_is_no_answer(played: Stranger, move: Move) -> None:
    played.says_list("/admin/v2/subscriptions", {"id": STUDIO, "name": "Sales"}, {"id": "9" * 24, "name": "sales"})
    assert bring(played, move, [KeyOf("SALES", Pair("x", "y"))])["SALES"].reason == "several studios have that name; give the studio's id"


ONE = [KeyOf("a@b", Pair("K", "S"))]


@pytest.mark.parametrize(
    "text",
    [
        "a@b,K,S\n",
        "\ufeffwho,key,secret\na@b,K,S\n\n",
        "Secret,Email,API Key\nS,a@b,K\n",
        json.dumps([{"email": "a@b", "key": "K", "secret": "S"}]),
        json.dumps({"Studio": "a@b", "apiKey": "K", "apiSecret": "S"}),
    ],
)
def test_files_of_keys_are_read(tmp_path: Path, text: str) -> None:
    (tmp_path / "keys").write_text(text, "utf-8")
    assert read_keys(tmp_path / "keys") == ONE


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a@b,K\n", "entry 1 lacks who, key or secret"),
        ("[7]", "holds something else"),
        ('[{"secret": "S3CRET"', "is no JSON"),
        ('"a', "is no CSV"),
    ],
)
def test_files_that_hold_no_keys_are_refused_without_their_content(tmp_path: Path, text: str, words: str) -> None:
    (tmp_path / "keys").write_text(text, "utf-8")
    with pytest.raises(InvalidError, match=words) as raised:
        read_keys(tmp_path / "keys")
    assert "S3CRET" not in str(raised.value)
