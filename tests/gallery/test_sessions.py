"""Signing in: passwords, locks, cookies, links."""

import pytest
from sqlalchemy import text

from galleria.database.connect import Database
from galleria.errors import ForbiddenError, InvalidError, NotFoundError
from galleria.gallery.actors import Role
from galleria.gallery.sessions import service as sessions
from galleria.gallery.users.service import UserChange, change_user
from tests.gallery.scene import SYSTEM, a_user

PASSWORD = "correct horse battery"


def test_a_password_opens_a_session_until_it_is_closed(database: Database) -> None:
    anna = a_user(database, "anna@example.com")
    sessions.set_password(database, anna, anna.user_id or "", PASSWORD)
    signed_in = sessions.sign_in(database, "ANNA@example.com", PASSWORD, 60)
    assert signed_in is not None
    with database.write() as db:
        found = sessions.find_signed_in(db, signed_in.token)
        assert found is not None
        assert found.user_id == anna.user_id
        stored = db.execute(text("SELECT digest FROM web_sessions")).scalar_one()
        assert signed_in.token not in stored
        sessions.sign_out(db, found, signed_in.token)
        assert sessions.find_signed_in(db, signed_in.token) is None


@pytest.mark.parametrize(("email", "password"), [("anna@example.com", "wrong password"), ("nobody@example.com", PASSWORD), ("", "")])
def test_what_is_wrong_is_not_told(database: Database, email: str, password: str) -> None:
    anna = a_user(database, "anna@example.com")
    sessions.set_password(database, anna, anna.user_id or "", PASSWORD)
    assert sessions.sign_in(database, email, password, 60) is None


def test_one_without_a_password_or_without_access_cannot_sign_in(database: Database) -> None:
    a_user(database, "anna@example.com")
    nobody = a_user(database, "nobody@example.com", Role.NO_ACCESS)
    sessions.set_password(database, SYSTEM, nobody.user_id or "", PASSWORD)
    assert sessions.sign_in(database, "anna@example.com", "", 60) is None
    assert sessions.sign_in(database, "nobody@example.com", PASSWORD, 60) is None


def test_five_failures_lock_until_a_curator_unlocks(database: Database) -> None:
    anna = a_user(database, "anna@example.com")
    sessions.set_password(database, anna, anna.user_id or "", PASSWORD)
    for _ in range(sessions.MOST_FAILURES):
        assert sessions.sign_in(database, "anna@example.com", "wrong password", 60) is None
    assert sessions.sign_in(database, "anna@example.com", PASSWORD, 60) is None
    with database.write() as db:
        change_user(db, SYSTEM, anna.user_id or "", UserChange(is_locked=False))
    assert sessions.sign_in(database, "anna@example.com", PASSWORD, 60) is not None


def test_a_session_ends_with_its_time_its_users_access_or_a_new_password(database: Database) -> None:
    anna = a_user(database, "anna@example.com")
    sessions.set_password(database, anna, anna.user_id or "", PASSWORD)
    expired = sessions.sign_in(database, "anna@example.com", PASSWORD, -1)
    held = sessions.sign_in(database, "anna@example.com", PASSWORD, 60)
    assert expired is not None
    assert held is not None
    with database.write() as db:
        assert sessions.find_signed_in(db, expired.token) is None
        assert sessions.find_signed_in(db, held.token) is not None
        change_user(db, SYSTEM, anna.user_id or "", UserChange(is_active=False))
        assert sessions.find_signed_in(db, held.token) is None
        change_user(db, SYSTEM, anna.user_id or "", UserChange(is_active=True))
        assert sessions.find_signed_in(db, held.token) is not None
    sessions.set_password(database, anna, anna.user_id or "", PASSWORD + "!")
    with database.read() as db:
        assert sessions.find_signed_in(db, held.token) is None


def test_a_session_in_use_is_prolonged(database: Database) -> None:
    anna = a_user(database, "anna@example.com")
    sessions.set_password(database, anna, anna.user_id or "", PASSWORD)
    held = sessions.sign_in(database, "anna@example.com", PASSWORD, 60)
    assert held is not None
    with database.write() as db:
        before = db.execute(text("SELECT expires_at FROM web_sessions")).scalar_one()
        sessions.prolong(db, held.token, 60)
        db.flush()
        assert db.execute(text("SELECT expires_at FROM web_sessions")).scalar_one() == before
        sessions.prolong(db, held.token, 6000)
        db.flush()
        assert db.execute(text("SELECT expires_at FROM web_sessions")).scalar_one() > before


@pytest.mark.parametrize("password", ["", "short", "x" * 2000])
def test_a_password_of_no_use_is_refused(database: Database, password: str) -> None:
    anna = a_user(database, "anna@example.com")
    with pytest.raises(InvalidError, match="characters"):
        sessions.set_password(database, anna, anna.user_id or "", password)


def test_nobody_sets_anothers_password(database: Database) -> None:
    anna, boris = a_user(database, "anna@example.com"), a_user(database, "boris@example.com")
    with pytest.raises(NotFoundError):
        sessions.set_password(database, boris, anna.user_id or "", PASSWORD)


def test_a_link_works_once_and_for_a_while(database: Database) -> None:
    anna = a_user(database, "anna@example.com")
    with database.write() as db:
        with pytest.raises(ForbiddenError):
            sessions.new_link(db, anna, anna.user_id or "")
        token = sessions.new_link(db, SYSTEM, anna.user_id or "")
        late = sessions.new_link(db, SYSTEM, anna.user_id or "", lifetime_s=-1)
        signed_in = sessions.use_link(db, token, 60)
        assert signed_in is not None
        assert signed_in.actor.user_id == anna.user_id
        assert sessions.find_signed_in(db, signed_in.token) is not None
        assert sessions.use_link(db, token, 60) is None
        assert sessions.use_link(db, late, 60) is None
