"""Credentials and connections that Members keep for themselves, and to whom they may lend them. On both databases."""

import pytest

from galleria.errors import ConflictError, ForbiddenError, InvalidError, NotFoundError
from galleria.gallery.actors import Actor, Role
from galleria.gallery.audit.service import uses_of
from galleria.gallery.connections import service as connections
from galleria.gallery.connections.records import Origin
from galleria.gallery.connections.service import NewConnection
from galleria.gallery.credentials import service as credentials
from galleria.gallery.credentials.records import CredentialShare
from galleria.gallery.groups.service import actor_for, add_members, create_group
from galleria.gallery.shares import lending
from galleria.gallery.shares.records import Party
from galleria.gallery.users.service import get_user
from tests.gallery.scene import SYSTEM, Scene, a_user

ADDRESS = "postgresql://reader:hunter2@db.example.com/sales"


def colleague(scene: Scene, email: str = "boris@example.com") -> Actor:
    return a_user(scene.database, email, Role.MEMBER, subscription_id=scene.anna.subscription_id)


def test_a_member_keeps_a_credential_for_himself(scene: Scene) -> None:
    boris = colleague(scene)
    with scene.database.write() as db:
        mine = credentials.create_credential(db, boris, "boris", "hunter2")
        assert [one.id for one in credentials.usable_credentials(db, boris)] == [mine.id]
        assert credentials.list_credentials(db, scene.anna) == []
        credentials.change_password(db, boris, mine.id, "hunter3")
        assert credentials.use_credential(db, boris, mine.id, "1" * 24).password == "hunter3"
        assert uses_of(db, credentials.ENTITY, [mine.id, "2" * 24])[mine.id].count == 1
        # Names are his own matter: nobody learns by trying which others there are.
        credentials.create_credential(db, scene.anna, "boris", "other")
        with pytest.raises(ConflictError):
            credentials.create_credential(db, boris, "boris", "again")
        credentials.delete_credential(db, boris, mine.id, with_shares=True)
        assert credentials.list_credentials(db, boris) == []


def test_things_are_lent_within_ones_studio_and_groups(scene: Scene) -> None:
    boris, stranger, near = colleague(scene), a_user(scene.database, "stranger@example.com"), a_user(scene.database, "near@example.com")
    with scene.database.write() as db:
        group, other = (create_group(db, SYSTEM, name, Role.EVALUATED) for name in ("Ours", "Theirs"))
        add_members(db, SYSTEM, group.id, [scene.anna.user_id or "", near.user_id or ""])
        anna = actor_for(db, get_user(db, SYSTEM, scene.anna.user_id or ""), "test")
        mine = connections.create_connection(db, anna, NewConnection("Sales", ADDRESS))
        allowed = [(Party.USER, boris.user_id), (Party.USER, near.user_id), (Party.GROUP, group.id), (Party.STUDIO, anna.subscription_id)]
        for party, party_id in allowed:
            connections.share_connection(db, anna, mine.id, party, party_id or "")
        refused = [(Party.USER, stranger.user_id), (Party.GROUP, other.id), (Party.STUDIO, stranger.subscription_id)]
        refused.append((Party.USER, "0" * 24))
        for party, party_id in refused:
            with pytest.raises(ForbiddenError):
                connections.share_connection(db, anna, mine.id, party, party_id or "")
        assert [one.id for one in connections.list_connections(db, boris, Origin.SERVER)] == [mine.id]
        with pytest.raises(ForbiddenError):
            connections.delete_connection(db, boris, mine.id)
        with pytest.raises(NotFoundError):
            connections.change_address(db, stranger, mine.id, "DSN=x")
        connections.unshare_connection(db, anna, mine.id, Party.STUDIO, anna.subscription_id or "")
        connections.unshare_connection(db, anna, mine.id, Party.USER, boris.user_id or "")
        assert connections.list_connections(db, boris, Origin.SERVER) == []


def test_a_curators_run_opens_no_connection_that_a_member_keeps_for_himself(scene: Scene) -> None:
    cora = a_user(scene.database, "cora@example.com", Role.CURATOR)
    with scene.database.write() as db:
        for actor, name in ((scene.anna, "Warehouse"), (cora, "Sales"), (SYSTEM, "Stock")):
            connections.create_connection(db, actor, NewConnection(name, ADDRESS))
        for actor, names in ((cora, {"sales", "stock"}), (scene.anna, {"warehouse"})):
            opened = connections.use_connections(db, actor, "1" * 24, lambda _: True)
            assert {name for name in opened.addresses if len(name) < 20} == names
            assert bool(opened.vouched) is (actor is cora)


def test_no_second_connection_slips_in_under_a_name(scene: Scene) -> None:
    boris = colleague(scene)
    with scene.database.write() as db:
        connections.create_connection(db, SYSTEM, NewConnection("Warehouse", ADDRESS))
        with pytest.raises(ConflictError):
            connections.create_connection(db, boris, NewConnection("warehouse", "DSN=mine"))
        with pytest.raises(ForbiddenError):
            connections.create_connection(db, boris, NewConnection("Machine", "DSN=mine", origin=Origin.SYSTEM))


def test_a_new_connection_string_shows_no_password(scene: Scene) -> None:
    with scene.database.write() as db:
        mine = connections.create_connection(db, scene.anna, NewConnection("Sales", "DSN=x;PWD=hunter2"))
        changed = connections.change_address(db, scene.anna, mine.id, ADDRESS)
        assert "hunter2" not in changed.address
        assert connections.use_connections(db, scene.anna, "1" * 24, lambda _: True).addresses["sales"] == ADDRESS
        with pytest.raises(InvalidError):
            connections.change_address(db, scene.anna, mine.id, " ")


@pytest.mark.parametrize("role", [Role.VIEWER, Role.NO_ACCESS])
def test_whoever_is_no_member_keeps_nothing(scene: Scene, role: Role) -> None:
    actor = a_user(scene.database, "vera@example.com", role)
    with scene.database.write() as db:
        with pytest.raises(ForbiddenError):
            credentials.create_credential(db, actor, "x", "y")
        with pytest.raises(ForbiddenError):
            connections.create_connection(db, actor, NewConnection("x", "y"))


def test_a_studios_key_is_nobody(scene: Scene) -> None:
    key = Actor(role=Role.ARTISAN, subscription_id=scene.anna.subscription_id)
    with scene.database.write() as db:
        with pytest.raises(ForbiddenError):
            credentials.create_credential(db, key, "x", "y")
        with pytest.raises(ForbiddenError):
            connections.create_connection(db, key, NewConnection("x", "y"))


def test_shares_are_listed_by_thing(scene: Scene) -> None:
    with scene.database.write() as db:
        made = [credentials.create_credential(db, SYSTEM, name, "x").id for name in ("a", "b")]
        credentials.share_credential(db, SYSTEM, made[1], Party.USER, scene.anna.user_id or "")
        found = lending.shares_of(db, CredentialShare, made)
        assert [(one.thing_id, one.party, one.party_id) for one in found] == [(made[1], Party.USER, scene.anna.user_id)]
