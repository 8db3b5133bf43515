"""What the pages' buttons do, from a shell: studios, groups, collections, schedules, secrets, comments, followers, requests."""

import io
import json
import sys
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from galleria.gallery.actors import Role
from galleria.gallery.collections.service import create_collection
from galleria.gallery.comments.records import Comment
from galleria.gallery.comments.service import write_comment
from galleria.gallery.connections.records import Connection
from galleria.gallery.connections.service import NewConnection, create_connection
from galleria.gallery.credentials.records import Credential, CredentialShare
from galleria.gallery.credentials.service import create_credential
from galleria.gallery.districts.records import District, Placing
from galleria.gallery.districts.service import create_district
from galleria.gallery.groups.records import Group, GroupMember
from galleria.gallery.groups.service import create_group
from galleria.gallery.jobs.records import Job, State
from galleria.gallery.jobs.sealed import open_answers
from galleria.gallery.jobs.service import NewJob, queue
from galleria.gallery.mails.records import MutedMail
from galleria.gallery.preferences.service import preferences
from galleria.gallery.requests.records import AccessRequest
from galleria.gallery.requests.service import ask
from galleria.gallery.schedules.records import Schedule
from galleria.gallery.schedules.recurrence import Iteration, Kind
from galleria.gallery.schedules.service import NewSchedule, create_schedule
from galleria.gallery.sessions.records import WebSession
from galleria.gallery.sessions.service import new_link, sign_in, use_link
from galleria.gallery.shares.records import Collection, CollectionItem, CollectionMember
from galleria.gallery.subscriptions.records import Subscription
from galleria.gallery.subscriptions.service import create_subscription
from galleria.gallery.users.records import User
from galleria.gallery.users.service import UserChange, change_user
from galleria.gallery.workflows.records import Follower, Tag, Workflow
from galleria.http.parts import Parts
from tests.cli.conftest import Shell
from tests.cli.seed import gallery_in
from tests.gallery.scene import SYSTEM, a_scene, a_user, a_workflow

PASSWORD = "correct horse battery"
DAILY = Iteration(Kind.DAILY, datetime(2030, 1, 1))


def furnish(parts: Parts, folder: Path) -> Mapping[str, str]:
    """Make one of each kind of thing; gives their ids by name."""
    scene = a_scene(parts.database, parts.storage, folder)
    vera = a_user(parts.database, "vera@example.com", Role.VIEWER)
    app = scene.workflow_id
    with parts.database.write() as db:
        change_user(db, SYSTEM, scene.anna.user_id or "", UserChange(can_schedule=True))
        use_link(db, new_link(db, SYSTEM, scene.anna.user_id or ""), 60)
        return {
            "app": app,
            "job": queue(db, scene.anna, NewJob(app)).id,
            "schedule": create_schedule(db, SYSTEM, NewSchedule(app, DAILY, owner_id=scene.anna.user_id)).id,
            "group": create_group(db, SYSTEM, "Readers", Role.EVALUATED).id,
            "studio": create_subscription(db, SYSTEM, "Empty").id,
            "collection": create_collection(db, SYSTEM, "Shared", owner_id=scene.anna.user_id).id,
            "credential": create_credential(db, SYSTEM, "robot", "hunter2").id,
            "connection": create_connection(db, SYSTEM, NewConnection("Sales", "DSN=x;PWD=hunter2")).id,
            "comment": write_comment(db, scene.anna, app, "First").id,
            "district": create_district(db, SYSTEM, "Finance").id,
            "request": ask(db, vera, app, "rates").id,
        }


COMMANDS: list[tuple[str, str, Any, object]] = [
    ("workflow change {app} --name Better --tags a,b --no-download --as anna@example.com", "", Workflow.name, "Better"),
    ("workflow change {app} --tags a,b", "", Tag.tag, ["a", "b"]),
    ("workflow change {app} --public --no-run", "", Workflow.is_run_disabled, True),
    ("workflow owner {app} vera@example.com", "", Workflow.owner_id, "vera@example.com"),
    ("workflow delete {app} --with-schedules --as anna@example.com", "", Schedule.id, []),
    ("workflow follow {app} --as anna@example.com", "", Follower.user_id, "anna@example.com"),
    ("workflow follow {app} --as anna@example.com --end", "", Follower.user_id, []),
    ("workflow comment Hello --workflow {app} --as anna@example.com", "", Comment.text, ["First", "Hello"]),
    ("workflow comment Other --change {comment} --as anna@example.com", "", Comment.text, "Other"),
    ("workflow uncomment {comment}", "", Comment.text, []),
    ("workflow ask 555555555555555555555555 --as vera@example.com", "", AccessRequest.outcome, ["waiting", "waiting"]),
    ("workflow answer {request} --grant --text Welcome --as anna@example.com", "", AccessRequest.outcome, "granted"),
    ("workflow answer {request} --decline", "", AccessRequest.outcome, "declined"),
    ("workflow share {app} --user vera@example.com --update --as anna@example.com", "", CollectionMember.can_update_items, True),
    ("workflow share {app} --group Readers", "", CollectionMember.party_id, "{group}"),
    ("workflow unshare {app} --group Readers --as anna@example.com", "", CollectionMember.party_id, []),
    ("workflow seen-by {app}", "", CollectionMember.party_id, []),
    ("group add Writers --role Artisan", "", Group.name, ["Readers", "Writers"]),
    ("group change Readers --name Lookers --role Viewer", "", Group.name, "Lookers"),
    ("group member Readers anna@example.com", "", GroupMember.user_id, "anna@example.com"),
    ("group member {group} anna@example.com --out", "", GroupMember.user_id, []),
    ("group delete Readers", "", Group.name, []),
    ("collection add Other --owner anna@example.com", "", Collection.name, ["Other", "Shared"]),
    ("collection rename {collection} Better --as anna@example.com", "", Collection.name, "Better"),
    ("collection put {collection} {app} --as anna@example.com", "", CollectionItem.item_id, "{app}"),
    ("collection put {collection} {app} --out", "", CollectionItem.item_id, []),
    ("collection share {collection} --user vera@example.com --right can_add_items", "", CollectionMember.can_add_items, True),
    ("collection share {collection} --group Readers", "", CollectionMember.party_id, "{group}"),
    ("collection unshare {collection} --studio Empty", "", CollectionMember.party_id, []),
    ("collection delete {collection}", "", Collection.name, []),
    ("district add Stores --description Shelves", "", District.title, ["Finance", "Stores"]),
    ("district change finance --title Money --hide", "", District.title, "Money"),
    ("district put {district} {app}", "", Placing.workflow_id, "{app}"),
    ("district put Finance {app} --out", "", Placing.workflow_id, []),
    ("district delete Finance", "", District.title, []),
    ("credential add boris --as anna@example.com", "hunter3\n", CredentialShare.party_id, "anna@example.com"),
    ("credential password {credential}", "hunter3\n", Credential.user_name, "robot"),
    ("credential share {credential} --studio Empty", "", CredentialShare.party_id, "{studio}"),
    ("credential unshare {credential} --studio Empty", "", CredentialShare.party_id, []),
    ("credential delete {credential}", "", Credential.user_name, []),
    ("connection add Stock", "DSN=y;PWD=hunter3\n", Connection.address, ["DSN=x;PWD=***", "DSN=y;PWD=***"]),
    ("connection address {connection}", "DSN=z\n", Connection.address, "DSN=z"),
    ("connection share {connection} --group Readers", "", Connection.name, "Sales"),
    ("connection unshare {connection} --user vera@example.com", "", Connection.name, "Sales"),
    ("connection delete {connection}", "", Connection.name, []),
    ("schedule change {schedule} --off --name Nightly --as anna@example.com", "", Schedule.is_enabled, False),
    ("schedule delete {schedule} --as anna@example.com", "", Schedule.id, []),
    ("job cancel {job} --as anna@example.com", "", Job.state, State.CANCELLED),
    ("studio rename Empty Full", "", Subscription.name, ["Full", "anna", "vera"]),
    ("user change vera@example.com --first-name Vera --timezone Europe/Berlin --can-schedule", "", User.timezone, ["", "Europe/Berlin"]),
    ("user mails anna@example.com --kind failure --kind change", "", MutedMail.kind, ["comment", "request"]),
    ("user sign-out anna@example.com", "", WebSession.user_id, []),
]


@pytest.fixture
def ids(tmp_path: Path, shell: Shell) -> Mapping[str, str]:
    with gallery_in(tmp_path) as parts:
        return furnish(parts, tmp_path)


def run(shell: Shell, monkeypatch: pytest.MonkeyPatch, command: str, given: str, ids: Mapping[str, str]) -> str:
    monkeypatch.setattr(sys, "stdin", io.StringIO(given))
    done = shell(*command.format(**ids).split(" "))
    assert done.returncode == 0, done.stderr
    assert "hunter" not in done.stdout + done.stderr
    return done.stdout


@pytest.mark.parametrize(("command", "given", "column", "expected"), COMMANDS, ids=[row[0] for row in COMMANDS])
def test_a_button_has_its_command(
    shell: Shell,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    ids: Mapping[str, str],
    command: str,
    given: str,
    column: Any,
    expected: Any,
) -> None:
    run(shell, monkeypatch, command, given, ids)
    with gallery_in(tmp_path) as parts, parts.database.read() as db:
        people: dict[str, str] = {user.id: user.email for user in db.scalars(select(User))}
        found = [people.get(str(value), value) for value in db.scalars(select(column))]
    wanted = expected if isinstance(expected, list) else [expected.format(**ids) if isinstance(expected, str) else expected]
    assert sorted(map(str, found)) == sorted(map(str, wanted))


def test_lists_tell_what_there_is(shell: Shell, monkeypatch: pytest.MonkeyPatch, ids: Mapping[str, str]) -> None:
    lists = ["group list", "collection list", "credential list", "connection list", "workflow requests", "workflow comments {app}"]
    seen = {command: json.loads(run(shell, monkeypatch, f"{command} --json", "", ids)) for command in lists}
    assert {command: len(rows) for command, rows in seen.items()} == dict.fromkeys(lists, 1)
    assert seen["connection list"][0]["address"] == "DSN=x;PWD=***"


def test_what_is_decided_for_all_and_for_one(shell: Shell, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, ids: Mapping[str, str]) -> None:
    run(shell, monkeypatch, "settings default-role Member", "", ids)
    run(shell, monkeypatch, "user password anna@example.com", f"{PASSWORD}\n", ids)
    run(shell, monkeypatch, "studio delete Empty", "", ids)
    with gallery_in(tmp_path) as parts:
        with parts.database.read() as db:
            assert preferences(db).default_role is Role.MEMBER
        assert sign_in(parts.database, "anna@example.com", PASSWORD, 60) is not None


def test_answers_are_told_in_the_command_secret_ones_are_not(shell: Shell, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    questions = [{"name": "Region", "type": "TextBox"}, {"name": "Pin", "type": "TextBox", "is_password": True}]
    with gallery_in(tmp_path) as parts:
        scene = a_scene(parts.database, parts.storage, tmp_path)
        names = {"app": a_workflow(parts.database, parts.storage, tmp_path, scene.anna, kind="app", questions=questions)}
        with parts.database.write() as db:
            change_user(db, SYSTEM, scene.anna.user_id or "", UserChange(can_schedule=True))
    monkeypatch.setattr(sys, "stdin", io.StringIO("hunter2\n"))
    add = ("schedule", "add", names["app"], "--cron", "0 6 * * *", "--as", "anna@example.com", "--json")
    names["schedule"] = json.loads(shell(*add, "--answer", "Region=East", "--secret-answer", "Pin").stdout)["schedule"]
    expected = {"Region": "East", "Pin": "hunter2"}
    for change, given, changed in (
        ("--name Nightly", "", {}),
        ("--answer Region=West", "", {"Region": "West"}),
        ("--secret-answer Pin", "hunter3\n", {"Pin": "hunter3"}),
    ):
        run(shell, monkeypatch, f"schedule change {{schedule}} {change}", given, names)
        expected |= changed
        with gallery_in(tmp_path) as parts, parts.database.read() as db:
            assert open_answers(parts.database.vault, db.scalars(select(Schedule.answers)).one()) == expected
    run(shell, monkeypatch, "schedule change {schedule} --forget-answer Pin", "", names)
    with gallery_in(tmp_path) as parts, parts.database.read() as db:
        assert db.scalars(select(Schedule.answers)).one() == {"Region": "West"}


def test_a_schedule_by_cron(shell: Shell, ids: Mapping[str, str]) -> None:
    done = shell("schedule", "add", ids["app"], "--cron", "0 6 * * 1-5", "--name", "Mornings", "--as", "anna@example.com", "--json")
    assert done.returncode == 0, done.stderr
    assert len(json.loads(done.stdout)["schedule"]) == 24


@pytest.mark.parametrize(
    ("command", "words"),
    [
        ("credential share {credential}", "name one of"),
        ("credential share {credential} --user a@b.c --group x", "name one of"),
        ("credential password {credential}", "standard input"),
        ("workflow comment Hello --as anna@example.com", "name one of"),
        ("collection put {collection} {app} --kind thing", "a kind is one of"),
        ("collection share {collection} --user anna@example.com --right all", "a right is one of"),
        ("group member Nobody anna@example.com", "no group"),
        ("user mails anna@example.com --kind all", "a kind of mail is one of"),
        ("user link anna@example.com --mail", "GALLERIA_SMTP_HOST"),
        ("workflow delete {app} --as vera@example.com", "no workflow"),
    ],
)
def test_what_cannot_be_done_is_said(
    shell: Shell, monkeypatch: pytest.MonkeyPatch, ids: Mapping[str, str], command: str, words: str
) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO(""))
    done = shell(*command.format(**ids).split(" "))
    assert done.returncode == 2
    assert words in done.stderr
