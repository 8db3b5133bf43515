"""`galleria user` and `galleria studio`, as a script uses them: JSON, exit codes, and the audit log behind."""

import json
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from galleria.gallery.audit.records import AuditEvent
from galleria.gallery.keys.service import find_consumer
from galleria.gallery.sessions.service import use_link
from tests.cli.conftest import Done, Shell
from tests.cli.seed import gallery_in


def said(shell: Shell, *arguments: str) -> Any:
    done = shell(*arguments, "--json")
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_the_story_of_a_user(shell: Shell, tmp_path: Path) -> None:
    added = said(shell, "user", "add", "ann@example.com", "--first-name", "Ann", "--role", "artisan", "--can-schedule")
    assert list(added) == ["user", "studio", "user-key", "user-secret", "studio-key", "studio-secret"]
    shown = said(shell, "user", "key", "ANN@example.com")
    assert shown == {"user": added["user"], "user-key": added["user-key"]}, "a secret is printed once"
    renewed = said(shell, "user", "key", "ann@example.com", "--new")
    assert renewed["user-key"] != added["user-key"]
    assert said(shell, "user", "role", "ann@example.com", "Curator")["role"] == "Curator"
    said(shell, "user", "add", "bo@example.com", "--role", "Curator")
    assert said(shell, "user", "deactivate", "ann@example.com")["active"] is False
    [curator] = said(shell, "user", "list", "--role", "curator", "--search", "BO@")
    assert (curator["email"], curator["active"]) == ("bo@example.com", True)
    assert said(shell, "user", "activate", "ann@example.com")["active"] is True
    link = said(shell, "user", "link", "ann@example.com")["link"]

    with gallery_in(tmp_path) as parts:
        with parts.database.write() as db:
            assert find_consumer(db, added["user-key"]) is None
            consumer = find_consumer(db, renewed["user-key"])
            assert consumer is not None
            assert consumer.secret == renewed["user-secret"]
            signed_in = use_link(db, link.rpartition("/")[2], 60)
            assert signed_in is not None
            assert signed_in.actor.user_id == added["user"]
        with parts.database.read() as db:
            events = db.scalars(select(AuditEvent).where(AuditEvent.entity_id == added["user"]).order_by(AuditEvent.seq)).all()
        done = [(event.entity, event.event) for event in events if event.via == "command line"]
        assert done == [
            ("User", "Insert"),
            ("ApiKey", "Update"),
            ("ApiKey", "Update"),
            ("User", "Update"),
            ("User", "Update"),
            ("User", "Update"),
            ("SignInLink", "Insert"),
        ]
        assert renewed["user-secret"] not in json.dumps([event.new_values for event in events])


def test_the_story_of_a_studio(shell: Shell) -> None:
    added = said(shell, "studio", "add", "Sales")
    assert list(added) == ["studio", "studio-key", "studio-secret"]
    assert said(shell, "studio", "key", "sales") == {"studio": added["studio"], "studio-key": added["studio-key"]}
    assert said(shell, "studio", "key", added["studio"], "--new")["studio-key"] != added["studio-key"]
    joined = said(shell, "user", "add", "ann@example.com", "--studio", "Sales")
    assert (joined["studio"], "studio-key" in joined) == (added["studio"], False)
    said(shell, "user", "add", "bo@example.com")
    members = said(shell, "studio", "member", "Sales", "bo@example.com")
    assert [member["email"] for member in members] == ["ann@example.com", "bo@example.com"]
    assert said(shell, "studio", "deactivate", "Sales")["active"] is False
    assert [(studio["name"], studio["members"], studio["active"]) for studio in said(shell, "studio", "list")] == [
        ("Sales", 2, False),
        ("bo", 0, True),
    ]


def test_people_read_tables(shell: Shell) -> None:
    assert shell("user", "add", "ann@example.com", "--last-name", "\x1b[2JÄrmel").returncode == 0
    head, row = shell("user", "list").stdout.splitlines()
    assert head.split() == ["id", "email", "name", "role", "active", "studio"]
    assert row.split()[1:-1] == ["ann@example.com", "[2JÄrmel", "Artisan", "yes"]
    assert row.index("ann@") == head.index("email")


def test_what_cannot_be_done_is_said_in_a_line(shell: Shell) -> None:
    assert shell("studio", "add", "Sales").returncode == 0
    assert shell("studio", "add", "sales").returncode == 0
    assert shell("user", "add", "ann@example.com", "--role", "Curator").returncode == 0
    for arguments, words in (
        (
            ("user", "role", "ann@example.com", "King"),
            "invalid: a role is one of NoAccess, Viewer, Member, Artisan, Curator, Evaluated, not 'King'",
        ),
        (("user", "add", "ANN@example.com"), "invalid: a user with the e-mail ANN@example.com exists"),
        (("user", "add", "no e-mail"), "invalid: 'no e-mail' is no e-mail address"),
        (("user", "role", "ann@example.com", "Viewer"), "invalid: ann@example.com is the last curator; name another one first"),
        (("user", "key", "x@example.com"), "invalid: no user has the e-mail x@example.com"),
        (("studio", "key", "Sales"), "invalid: several studios are called Sales; say which by its id: "),
        (("studio", "member", "Nowhere"), "invalid: no studio has the id or name Nowhere; `galleria studio list` shows them"),
    ):
        done = shell(*arguments)
        assert done.returncode == 2, done
        assert done.stderr.strip().splitlines()[-1].startswith(words)


def test_an_import_that_cannot_begin_says_why_and_shows_no_secret(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GALLERIA_IMPORT_KEY", "k")
    assert last_line(shell("import", "server", "http://x/gallery")) == "invalid: secret of that key is missing: set GALLERIA_IMPORT_SECRET"
    monkeypatch.setenv("GALLERIA_IMPORT_SECRET", "never-to-be-seen")
    for arguments, words in (
        (("ftp://x",), "invalid: the address of a gallery is written like https://example.com/gallery"),
        (
            ("http://x", "--owner", "x@example.com"),
            "invalid: no user has the e-mail x@example.com; add one with `galleria user add x@example.com`",
        ),
        (("http://x", "--keys", "nowhere.csv"), "invalid: nowhere.csv cannot be read as text: FileNotFoundError"),
        (("http://x", "--authority", "nowhere.pem"), "invalid: nowhere.pem holds no certificates: "),
        (("http://x", "--timeout", "0"), "usage: "),
    ):
        done = shell("import", "server", *arguments)
        assert last_line(done).startswith(words)
        assert "never-to-be-seen" not in done.stdout + done.stderr
    assert "never-to-be-seen" not in shell("import", "server", "--help").stdout


def last_line(done: Done) -> str:
    return done.stderr.strip().splitlines()[-1]


def test_a_wrong_setting_is_named_without_its_value(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GALLERIA_PORT", "s3cret")
    done = shell("migrate")
    assert (done.returncode, "s3cret" in done.stderr) == (2, False)
    assert last_line(done).startswith("invalid: GALLERIA_PORT: Input should be a valid integer")
