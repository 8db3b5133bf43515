"""Mails to people: queued with what they tell about, wanted or not, taken once, tried again. On both databases."""

from collections.abc import Sequence

import pytest
from sqlalchemy import select, update

from galleria.database.connect import Database
from galleria.gallery.actors import Actor, Role
from galleria.gallery.mails import post
from galleria.gallery.mails.post import Outgoing
from galleria.gallery.mails.records import Kind, Mail, Progress
from galleria.gallery.mails.service import choose_kinds, wanted_kinds, write_mail
from galleria.gallery.sessions import service as sessions
from galleria.gallery.sessions.letters import invite_by_mail, mail_to_forgetful
from galleria.gallery.users.service import UserChange, change_user, find_user
from tests.gallery.scene import SYSTEM, a_user

PASSWORD = "correct horse battery"


def write(database: Database, actor: Actor, kind: Kind = Kind.COMMENT, **more: object) -> bool:
    with database.write() as db:
        user = find_user(db, actor.user_id or "")
        assert user is not None
        return write_mail(db, user, kind, "A\nsubject", "text", "/there", **more) is not None  # type: ignore[arg-type] - more by name


def taken(database: Database) -> Sequence[Outgoing]:
    with database.write() as db:
        return post.take_due(db)


def test_a_mail_is_sealed_until_it_is_taken_and_empty_when_it_has_gone(database: Database) -> None:
    anna = a_user(database, "anna@example.com")
    assert write(database, anna)
    with database.read() as db:
        assert post.is_any_due(db)
        assert "text" not in db.scalars(select(Mail.text_sealed)).one()
    [mail] = taken(database)
    assert (mail.recipient, mail.subject, mail.text, mail.path, mail.attempt) == ("anna@example.com", "A subject", "text", "/there", 1)
    assert taken(database) == []
    with database.write() as db:
        post.note(db, mail, "handed over", is_sent=True, is_hopeless=False)
        assert db.execute(select(Mail.progress, Mail.text_sealed)).one() == (Progress.SENT, "")


def test_a_mail_is_tried_again_until_it_is_too_often(database: Database) -> None:
    write(database, a_user(database, "anna@example.com"))
    for attempt in range(len(post.PAUSES_S) + 1):
        with database.write() as db:
            db.execute(update(Mail).values(next_try_at=Mail.created_at))
        [mail] = taken(database)
        assert mail.attempt == attempt + 1
        with database.write() as db:
            post.note(db, mail, "451 later", is_sent=False, is_hopeless=False)
    with database.read() as db:
        assert db.execute(select(Mail.progress, Mail.answer)).one() == (Progress.FAILED, "451 later")


def test_who_wants_no_mails_of_a_kind_gets_none(database: Database) -> None:
    anna = a_user(database, "anna@example.com")
    with database.write() as db:
        assert wanted_kinds(db, anna) == {Kind.FAILURE, Kind.CHANGE, Kind.COMMENT, Kind.REQUEST}
        choose_kinds(db, anna, [Kind.FAILURE])
        assert wanted_kinds(db, anna) == {Kind.FAILURE}
    assert [write(database, anna, kind) for kind in (Kind.COMMENT, Kind.FAILURE, Kind.RESET)] == [False, True, True]


def test_nobody_gets_many_about_the_same_in_a_short_time(database: Database) -> None:
    anna = a_user(database, "anna@example.com")
    assert [write(database, anna, about_id=about, quiet_s=60) for about in ("a", "a", "b")] == [True, False, True]


def test_an_invitation_holds_a_link_that_signs_in_once(database: Database) -> None:
    anna = a_user(database, "anna@example.com")
    with database.write() as db:
        invite_by_mail(db, SYSTEM, anna.user_id or "")
    [mail] = taken(database)
    token = mail.path.removeprefix("/sign-in/").partition("?")[0]
    with database.write() as db:
        signed_in = sessions.use_link(db, token, 60)
        assert signed_in is not None
        assert signed_in.actor.user_id == anna.user_id
        assert sessions.use_link(db, token, 60) is None


@pytest.mark.parametrize("email", ["nobody@example.com", "out@example.com", "none@example.com", ""])
def test_only_whoever_may_sign_in_is_sent_a_link(database: Database, email: str) -> None:
    out, none = a_user(database, "out@example.com"), a_user(database, "none@example.com", Role.NO_ACCESS)
    with database.write() as db:
        change_user(db, SYSTEM, out.user_id or "", UserChange(is_active=False))
        mail_to_forgetful(db, email)
    assert taken(database) == [], none


def test_forgetting_often_sends_one_link_which_a_new_password_ends(database: Database) -> None:
    anna = a_user(database, "anna@example.com")
    for _ in range(3):
        with database.write() as db:
            mail_to_forgetful(db, "ANNA@example.com")
    [mail] = taken(database)
    sessions.set_password(database, SYSTEM, anna.user_id or "", PASSWORD)
    with database.write() as db:
        assert sessions.use_link(db, mail.path.removeprefix("/sign-in/").partition("?")[0], 60) is None
