"""Keys of users and studios, nonces, and bearer tokens."""

import multiprocessing
import re

import pytest
from sqlalchemy import select, text

from galleria.database.connect import Database, connect
from galleria.errors import ConflictError, ForbiddenError, InvalidError, NotFoundError
from galleria.gallery.actors import Actor, Role
from galleria.gallery.keys import service as keys
from galleria.gallery.keys import tokens
from galleria.gallery.keys.records import Kind, Nonce
from galleria.gallery.keys.service import Pair
from galleria.gallery.users.service import UserChange, change_user
from tests.databases import new_vault
from tests.gallery.scene import SYSTEM, a_user


def users_pair(database: Database, actor: Actor) -> Pair:
    with database.write() as db:
        return keys.user_keys(db, actor, actor.user_id or "")


def test_keys_look_as_clients_expect_and_stay_the_same(database: Database) -> None:
    anna = a_user(database, "anna@example.com")
    pair = users_pair(database, anna)
    assert re.fullmatch(r"[0-9A-F]{60}", pair.key)
    assert re.fullmatch(r"[0-9a-f]{64}", pair.secret)
    assert users_pair(database, anna) == pair


def test_a_secret_is_not_in_the_database(database: Database) -> None:
    pair = users_pair(database, a_user(database, "anna@example.com"))
    with database.read() as db:
        stored = db.execute(text("SELECT secret_sealed FROM api_keys")).scalar_one()
    assert pair.secret not in stored
    assert database.vault.open(stored) == pair.secret


def test_a_key_finds_its_owner_and_kind(database: Database) -> None:
    anna = a_user(database, "anna@example.com")
    own = users_pair(database, anna)
    with database.write() as db:
        studio = keys.studio_keys(db, anna, anna.subscription_id or "")
        user, consumer = keys.find_consumer(db, own.key), keys.find_consumer(db, studio.key)
        assert user is not None
        assert consumer is not None
        assert (user.kind, user.secret, user.actor.user_id, user.actor.role) == (Kind.USER, own.secret, anna.user_id, Role.ARTISAN)
        assert (consumer.kind, consumer.actor.is_studio) == (Kind.STUDIO, True)
        assert consumer.actor.subscription_id == anna.subscription_id
        assert keys.find_consumer(db, own.key.lower()) is None


@pytest.mark.parametrize("change", [UserChange(is_active=False), UserChange(is_api_enabled=False), UserChange(role=Role.NO_ACCESS)])
def test_the_key_of_one_who_is_shut_out_is_unknown(database: Database, change: UserChange) -> None:
    anna = a_user(database, "anna@example.com")
    pair = users_pair(database, anna)
    with database.write() as db:
        token = tokens.issue_token(db, pair.key, pair.secret, 60)
        change_user(db, SYSTEM, anna.user_id or "", change)
        assert keys.find_consumer(db, pair.key) is None
        assert tokens.find_bearer(db, token or "") is None


def test_a_new_pair_ends_the_old_one_and_its_tokens(database: Database) -> None:
    anna = a_user(database, "anna@example.com")
    old = users_pair(database, anna)
    with database.write() as db:
        token = tokens.issue_token(db, old.key, old.secret, 60)
        assert token is not None
        found = tokens.find_bearer(db, token)
        assert found is not None
        assert found.user_id == anna.user_id
        keys.set_user_keys(db, anna, anna.user_id or "", keys.new_pair())
    with database.read() as db:
        assert keys.find_consumer(db, old.key) is None
        assert tokens.find_bearer(db, token) is None


def test_tokens_are_for_the_right_secret_of_a_user_and_for_a_while(database: Database) -> None:
    anna = a_user(database, "anna@example.com")
    pair = users_pair(database, anna)
    with database.write() as db:
        studio = keys.studio_keys(db, anna, anna.subscription_id or "")
        assert tokens.issue_token(db, pair.key, pair.secret + "0", 60) is None
        assert tokens.issue_token(db, studio.key, studio.secret, 60) is None
        assert tokens.issue_token(db, "unknown", pair.secret, 60) is None
        assert tokens.find_bearer(db, "unknown") is None
        old = tokens.issue_token(db, pair.key, pair.secret, -1)
        assert tokens.find_bearer(db, old or "") is None


def test_others_keys_are_not_to_be_seen(database: Database) -> None:
    anna, boris = a_user(database, "anna@example.com"), a_user(database, "boris@example.com", Role.VIEWER)
    with database.write() as db:
        with pytest.raises(NotFoundError):
            keys.user_keys(db, boris, anna.user_id or "")
        with pytest.raises(ForbiddenError):
            keys.studio_keys(db, boris, boris.subscription_id or "")
        with pytest.raises(NotFoundError):
            keys.studio_keys(db, anna, boris.subscription_id or "")


def test_a_pair_is_brought_along_unless_the_key_is_somebodys(database: Database) -> None:
    anna, boris = a_user(database, "anna@example.com"), a_user(database, "boris@example.com")
    brought = Pair("8DBC6AB3", "0a0a")
    with database.write() as db:
        assert keys.set_user_keys(db, SYSTEM, anna.user_id or "", brought) == brought
        with pytest.raises(ConflictError):
            keys.set_user_keys(db, SYSTEM, boris.user_id or "", brought)
        with pytest.raises(InvalidError):
            keys.set_user_keys(db, SYSTEM, boris.user_id or "", Pair("", "x"))


def test_a_nonce_is_good_once_for_its_key_and_time(database: Database) -> None:
    with database.write() as db:
        assert keys.remember_nonce(db, "KEY", "n", 1000)
        assert not keys.remember_nonce(db, "KEY", "n", 1000)
        assert keys.remember_nonce(db, "KEY", "n", 1001)
        assert keys.remember_nonce(db, "OTHER", "n", 1000)
        assert keys.remember_nonce(db, "KEY", "x" * 100_000, 1000)
        keys.purge_nonces(db, before_s=1001)
        assert db.scalars(select(Nonce.timestamp_s)).all() == [1001]


def _remember(url: str, results: "multiprocessing.Queue[int]") -> None:
    database = connect(url, new_vault())
    accepted = 0
    for number in range(50):
        with database.write() as db:
            accepted += keys.remember_nonce(db, "KEY", f"nonce {number}", 1000)
    results.put(accepted)
    database.close()


def test_a_nonce_is_good_once_among_several_processes(database_url: str) -> None:
    spawn = multiprocessing.get_context("spawn")
    results: multiprocessing.Queue[int] = spawn.Queue()
    processes = [spawn.Process(target=_remember, args=(database_url, results)) for _ in range(2)]
    for process in processes:
        process.start()
    assert sum(results.get(timeout=300) for _ in processes) == 50
    for process in processes:
        process.join(300)
