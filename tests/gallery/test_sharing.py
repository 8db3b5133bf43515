"""A workflow shared with somebody in one step: who then sees it and why, and how it is taken back."""

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from galleria.database.base import now
from galleria.database.clock import from_now
from galleria.errors import ConflictError, ForbiddenError, InvalidError, NotFoundError
from galleria.gallery.actors import Actor, Role
from galleria.gallery.assets.service import transfer_workflow
from galleria.gallery.collections import service as collections
from galleria.gallery.collections.service import Membership
from galleria.gallery.groups import service as groups
from galleria.gallery.groups.service import actor_for
from galleria.gallery.mails.records import Mail
from galleria.gallery.shares.records import Collection, CollectionMember, Party, Shared
from galleria.gallery.sharing.reach import reach_of
from galleria.gallery.sharing.service import share_workflow, unshare_workflow, withdraw
from galleria.gallery.sharing.whom import near, party_called
from galleria.gallery.users.service import NewUser, create_user, get_user
from galleria.gallery.workflows.access import find_workflow, require_updater
from galleria.gallery.workflows.changes import delete_workflow
from tests.gallery.scene import SYSTEM, Scene, a_user, a_workflow


@pytest.fixture
def vera(scene: Scene) -> Actor:
    return a_user(scene.database, "vera@example.com", Role.VIEWER, first_name="Vera", last_name="Ökonom")


def sees(scene: Scene, user_id: str | None, workflow_id: str = "") -> bool:
    with scene.database.read() as db:
        actor = actor_for(db, get_user(db, SYSTEM, user_id or ""), "test")
        return find_workflow(db, actor, workflow_id or scene.workflow_id) is not None


def test_a_person_gets_it_is_told_once_and_loses_it_again(scene: Scene, vera: Actor) -> None:
    with scene.database.write() as db:
        for can_update in (False, True):
            share_workflow(db, scene.anna, scene.workflow_id, Party.USER, vera.user_id or "", can_update=can_update)
    assert sees(scene, vera.user_id)
    with scene.database.write() as db:
        found = find_workflow(db, vera, scene.workflow_id)
        assert found is not None
        require_updater(db, vera, found, "publish")
        assert [mail.recipient for mail in db.scalars(select(Mail))] == ["vera@example.com"]
        [one] = reach_of(db, scene.anna, scene.workflow_id).alone
        assert (one.party_id, one.can_update_items, one.is_admin) == (vera.user_id, True, False)
        assert list(collections.list_collections(db, scene.anna, made_by_people=True)) == []
        unshare_workflow(db, scene.anna, scene.workflow_id, Party.USER, vera.user_id or "")
        assert reach_of(db, scene.anna, scene.workflow_id).alone == []
    assert not sees(scene, vera.user_id)


def test_groups_and_studios_get_it_with_everybody_in_them(scene: Scene, vera: Actor) -> None:
    boris = a_user(scene.database, "boris@example.com", Role.MEMBER)
    with scene.database.write() as db:
        group = groups.create_group(db, SYSTEM, "Sales", Role.EVALUATED)
        groups.add_members(db, SYSTEM, group.id, [vera.user_id or ""])
        share_workflow(db, scene.anna, scene.workflow_id, Party.GROUP, group.id)
        share_workflow(db, scene.anna, scene.workflow_id, Party.STUDIO, boris.subscription_id or "")
        reach = reach_of(db, scene.anna, scene.workflow_id)
        assert sorted((reach.names[one.party_id], reach.sizes[one.party_id]) for one in reach.alone) == [("Sales", 1), ("boris", 1)]
        assert db.scalars(select(Mail)).all() == []
    assert sees(scene, vera.user_id)
    assert sees(scene, boris.user_id)


def test_a_share_ends_by_itself(scene: Scene, vera: Actor) -> None:
    with scene.database.write() as db:
        end = now() + timedelta(days=1)
        share_workflow(db, scene.anna, scene.workflow_id, Party.USER, vera.user_id or "", expires_at=end)
    assert sees(scene, vera.user_id)
    with scene.database.write() as db:
        db.execute(update(CollectionMember).values(expires_at=from_now(-1)))
    assert not sees(scene, vera.user_id)
    with scene.database.read() as db:
        assert reach_of(db, scene.anna, scene.workflow_id).alone == []


def test_who_sees_it_through_which_collection_is_told(scene: Scene, vera: Actor) -> None:
    boris = a_user(scene.database, "boris@example.com")
    with scene.database.write() as db:
        theirs = collections.create_collection(db, SYSTEM, "Theirs", owner_id=boris.user_id)
        collections.add_item(db, SYSTEM, theirs.id, Shared.WORKFLOW, scene.workflow_id)
        collections.share_collection(db, SYSTEM, theirs.id, Membership(Party.USER, vera.user_id or ""))
        reach = reach_of(db, scene.anna, scene.workflow_id)
        [through] = reach.through
        assert (through.collection.name, through.is_seen, [one.party_id for one in through.members]) == ("Theirs", False, [vera.user_id])
        assert reach.names[boris.user_id or ""] == "boris@example.com"
        assert (reach.owner_id, reach.studio_id, reach.is_public) == (scene.anna.user_id, scene.anna.subscription_id, False)
        # It is Anna's, so she takes it out of a collection that she does not even see.
        withdraw(db, scene.anna, scene.workflow_id, theirs.id)
        with pytest.raises(NotFoundError):
            withdraw(db, scene.anna, scene.workflow_id, theirs.id)
    assert not sees(scene, vera.user_id)


def test_only_who_manages_it_shares_it_or_learns_with_whom(scene: Scene, vera: Actor) -> None:
    with scene.database.write() as db:
        with pytest.raises(NotFoundError):
            share_workflow(db, vera, scene.workflow_id, Party.USER, vera.user_id or "")
        share_workflow(db, scene.anna, scene.workflow_id, Party.USER, vera.user_id or "", can_update=True)
        [collection] = db.scalars(select(Collection)).all()
        for deed in (
            lambda: share_workflow(db, vera, scene.workflow_id, Party.USER, vera.user_id or ""),
            lambda: unshare_workflow(db, vera, scene.workflow_id, Party.USER, vera.user_id or ""),
            lambda: withdraw(db, vera, scene.workflow_id, collection.id),
            lambda: reach_of(db, vera, scene.workflow_id),
        ):
            with pytest.raises(ForbiddenError):
                deed()
        with pytest.raises(ConflictError, match="theirs already"):
            share_workflow(db, scene.anna, scene.workflow_id, Party.USER, scene.anna.user_id or "")
        with pytest.raises(NotFoundError):
            share_workflow(db, scene.anna, scene.workflow_id, Party.GROUP, "0" * 24)


def test_what_shares_it_goes_with_it(scene: Scene, vera: Actor) -> None:
    boris = a_user(scene.database, "boris@example.com")
    other = a_workflow(scene.database, scene.storage, scene.folder, scene.anna)
    with scene.database.write() as db:
        share_workflow(db, scene.anna, scene.workflow_id, Party.USER, vera.user_id or "")
        [collection] = db.scalars(select(Collection)).all()
        with pytest.raises(ConflictError, match="by itself"):
            collections.add_item(db, SYSTEM, collection.id, Shared.WORKFLOW, other)
        transfer_workflow(db, SYSTEM, scene.workflow_id, boris.user_id or "", with_schedules=False)
        assert collection.owner_id == boris.user_id
    assert not sees(scene, scene.anna.user_id)
    assert sees(scene, vera.user_id)
    with scene.database.write() as db:
        delete_workflow(db, boris, scene.workflow_id)
        assert db.scalars(select(Collection)).all() == []


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("vera@example.com", "vera"),
        (" VERA@example.com ", "vera"),
        ("vera ökonom", "vera"),
        ("VERA ÖKONOM", "vera"),
        ("sales team", "group"),
        ("boris", "studio"),
        ("Vera", "nobody"),
        ("%", "nobody"),
        ("nobody@example.com", "nobody"),
        ("", "write with whom"),
        ("Twin", "2 people or groups"),
    ],
)
def test_whom_a_text_means(scene: Scene, vera: Actor, text: str, found: str) -> None:
    boris = a_user(scene.database, "boris@example.com")
    with scene.database.write() as db:
        group = groups.create_group(db, SYSTEM, "Sales Team", Role.EVALUATED)
        groups.create_group(db, SYSTEM, "Twin", Role.EVALUATED)
        create_user(db, SYSTEM, NewUser("twin@example.com", Role.VIEWER, first_name="Twin", subscription_id=boris.subscription_id))
        known = {"vera": (Party.USER, vera.user_id), "group": (Party.GROUP, group.id), "studio": (Party.STUDIO, boris.subscription_id)}
        if found in known:
            assert party_called(db, text) == known[found]
        else:
            with pytest.raises(InvalidError, match=found):
                party_called(db, text)


def test_those_near_are_offered(scene: Scene, vera: Actor) -> None:
    mate = a_user(scene.database, "mate@example.com", subscription_id=scene.anna.subscription_id)
    with scene.database.write() as db:
        group = groups.create_group(db, SYSTEM, "Sales", Role.EVALUATED)
        assert [one.text for one in near(db, scene.anna)] == ["mate@example.com"]
        groups.add_members(db, SYSTEM, group.id, [vera.user_id or "", mate.user_id or ""])
        member = actor_for(db, get_user(db, SYSTEM, mate.user_id or ""), "test")
        assert [one.text for one in near(db, member)] == ["Sales", "anna@example.com", "vera@example.com"]
        assert len(near(db, SYSTEM)) == 4
