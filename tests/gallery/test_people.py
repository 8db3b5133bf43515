"""Users, groups, studios and what becomes of leavers."""

from datetime import timedelta

import pytest

from galleria.database.base import now
from galleria.database.connect import Database
from galleria.errors import ConflictError, ForbiddenError, InvalidError, NotFoundError
from galleria.gallery.actors import Actor, Role
from galleria.gallery.assets import service as assets
from galleria.gallery.audit import service as audit
from galleria.gallery.audit.service import AuditFilter
from galleria.gallery.groups import service as groups
from galleria.gallery.pages import EVERYTHING, Page
from galleria.gallery.preferences.service import set_default_role
from galleria.gallery.subscriptions import service as subscriptions
from galleria.gallery.users import service as users
from galleria.gallery.users.records import User
from galleria.gallery.users.service import NewUser, UserChange, UserFilter
from tests.gallery.scene import SYSTEM, Scene, a_user


def test_an_email_is_taken_in_any_letter_case(database: Database) -> None:
    a_user(database, "Anna@Example.com")
    with database.write() as db:
        for email in ("anna@example.com", " ANNA@EXAMPLE.COM "):
            with pytest.raises(ConflictError, match="exists"):
                users.create_user(db, SYSTEM, NewUser(email))
        found = users.find_by_email(db, "aNNa@example.COM")
        assert found is not None
        assert found.email == "Anna@Example.com"


@pytest.mark.parametrize("email", ["o'brien@example.com", "anna+x@example.com", "änne@exämple.com"])
def test_addresses_as_people_have_them_are_taken(database: Database, email: str) -> None:
    with database.write() as db:
        assert users.create_user(db, SYSTEM, NewUser(email)).email == email


@pytest.mark.parametrize(
    "email",
    [
        *("", "anna", "a b@c.d", "a@b@c", "@x.y", "a@", "a@b\nc", "x" * 80 + "@example.com", "a<b>@c.d"),
        # What mail programs read as something else.
        *("a@[b", "a@b\0", "a(b)@c", "a\x01@b", "a;b@c", "a\\b@c"),
    ],
)
def test_what_is_no_email_is_refused(database: Database, email: str) -> None:
    with database.write() as db, pytest.raises(InvalidError, match="no e-mail"):
        users.create_user(db, SYSTEM, NewUser(email))


@pytest.mark.parametrize(
    ("own", "given", "default", "expected"),
    [
        (Role.EVALUATED, [], Role.VIEWER, Role.VIEWER),
        (Role.EVALUATED, [], Role.NO_ACCESS, Role.NO_ACCESS),
        (Role.EVALUATED, [Role.MEMBER, Role.ARTISAN, Role.VIEWER], Role.VIEWER, Role.ARTISAN),
        (Role.EVALUATED, [Role.EVALUATED], Role.MEMBER, Role.MEMBER),
        (Role.EVALUATED, [Role.NO_ACCESS], Role.ARTISAN, Role.NO_ACCESS),
        (Role.VIEWER, [Role.CURATOR], Role.ARTISAN, Role.VIEWER),
        (Role.CURATOR, [Role.VIEWER], Role.VIEWER, Role.CURATOR),
    ],
)
def test_an_evaluated_user_may_what_his_groups_give(
    database: Database, own: Role, given: list[Role], default: Role, expected: Role
) -> None:
    with database.write() as db:
        set_default_role(db, SYSTEM, default)
        user = users.create_user(db, SYSTEM, NewUser("anna@example.com", own))
        for number, role in enumerate(given):
            groups.add_members(db, SYSTEM, groups.create_group(db, SYSTEM, f"group {number}", role).id, [user.id])
        actor = groups.actor_for(db, user, "test")
    assert (actor.role, len(actor.group_ids)) == (expected, len(given))


@pytest.mark.parametrize("change", [{"is_active": False}, {"expires_at": now() - timedelta(days=1)}])
def test_who_is_out_has_no_access(database: Database, change: dict[str, object]) -> None:
    curator = a_user(database, "anna@example.com", Role.CURATOR)
    with database.write() as db:
        user = db.get(User, curator.user_id)
        assert user is not None
        for name, value in change.items():
            setattr(user, name, value)
        actor = groups.actor_for(db, user, "test")
        assert (actor.role, actor.can_schedule) == (Role.NO_ACCESS, False)


def test_lists_are_searched_and_paged(database: Database) -> None:
    for name in ("anna", "boris", "clara_100%"):
        a_user(database, f"{name.partition('_')[0]}@example.com", Role.ARTISAN, first_name=name)
    with database.read() as db:

        def found(wanted: UserFilter, page: Page = EVERYTHING) -> list[str]:
            return [user.first_name for user in users.list_users(db, SYSTEM, wanted, page)]

        assert found(UserFilter()) == ["anna", "boris", "clara_100%"]
        assert found(UserFilter(), Page(1, 1)) == ["boris"]
        assert found(UserFilter(), Page(2)) == ["clara_100%"]
        assert found(UserFilter(email="BORIS")) == ["boris"]
        assert found(UserFilter(first_name="_1")) == ["clara_100%"]
        assert found(UserFilter(first_name="%")) == ["clara_100%"]
        assert found(UserFilter(role=Role.CURATOR)) == []
        assert found(UserFilter(created_since=now() + timedelta(hours=1))) == []


def test_a_user_changes_his_name_and_not_his_role(database: Database) -> None:
    anna = a_user(database, "anna@example.com", Role.VIEWER)
    boris = a_user(database, "boris@example.com", Role.VIEWER)
    assert anna.user_id is not None
    with database.write() as db:
        assert users.change_user(db, anna, anna.user_id, UserChange(first_name="Anna", timezone="Europe/Berlin")).first_name == "Anna"
        with pytest.raises(ForbiddenError):
            users.change_user(db, anna, anna.user_id, UserChange(role=Role.CURATOR))
        with pytest.raises(NotFoundError):
            users.change_user(db, boris, anna.user_id, UserChange(first_name="Bad"))
        with pytest.raises(InvalidError, match="no time zone"):
            users.change_user(db, anna, anna.user_id, UserChange(timezone="Mars/Base"))
        with pytest.raises(ForbiddenError):
            users.list_users(db, anna)


def test_the_last_curator_stays(database: Database) -> None:
    anna = a_user(database, "anna@example.com", Role.CURATOR)
    assert anna.user_id is not None
    with database.write() as db:
        for change in (UserChange(role=Role.ARTISAN), UserChange(is_active=False)):
            with pytest.raises(ConflictError, match="last curator"):
                users.change_user(db, anna, anna.user_id, change)
        for deed in (assets.deactivate_user, assets.delete_user):
            with pytest.raises(ConflictError, match="last curator"):
                deed(db, anna, anna.user_id)
        users.create_user(db, SYSTEM, NewUser("boris@example.com", Role.CURATOR))
        assert users.change_user(db, anna, anna.user_id, UserChange(role=Role.ARTISAN)).role is Role.ARTISAN


def test_a_group_with_members_is_deleted_only_with_them(database: Database) -> None:
    anna = a_user(database, "anna@example.com")
    with database.write() as db:
        group = groups.create_group(db, SYSTEM, "finance", Role.ARTISAN)
        added = groups.add_members(db, SYSTEM, group.id, [anna.user_id or "", anna.user_id or "", "f" * 24])
        assert (added.added, dict(added.refused)) == ((anna.user_id,), {"f" * 24: "there is no such user"})
        with pytest.raises(ConflictError, match="has members"):
            groups.delete_group(db, SYSTEM, group.id)
        groups.delete_group(db, SYSTEM, group.id, with_members=True)
        with pytest.raises(NotFoundError):
            groups.get_group(db, SYSTEM, group.id)


def test_who_owns_something_is_deleted_only_after_it_was_given_away(scene: Scene) -> None:
    boris = a_user(scene.database, "boris@example.com")
    anna_id, boris_id = scene.anna.user_id or "", boris.user_id or ""
    with scene.database.write() as db:
        with pytest.raises(ConflictError, match="1 workflows"):
            assets.delete_user(db, SYSTEM, anna_id)
        assert assets.transfer_assets(db, SYSTEM, anna_id, boris_id, workflows=True, schedules=True, collections=True) == ()
        assert [workflow.subscription_id for workflow in assets.assets_of(db, SYSTEM, boris_id).workflows] == [boris.subscription_id]
        assets.delete_user(db, SYSTEM, anna_id)
        with pytest.raises(NotFoundError):
            users.get_user(db, SYSTEM, anna_id)
        assert users.create_user(db, SYSTEM, NewUser("anna@example.com")).id != anna_id


def test_a_studio_goes_only_when_it_is_empty(scene: Scene) -> None:
    studio_id = scene.anna.subscription_id or ""
    with scene.database.write() as db:
        other = subscriptions.create_subscription(db, SYSTEM, "other")
        with pytest.raises(ConflictError, match="1 users and 1 workflows"):
            assets.delete_subscription(db, SYSTEM, studio_id)
        assets.move_users(db, SYSTEM, other.id, [scene.anna.user_id or ""])
        assert assets.studio_counts(db, [other.id])[other.id] == assets.StudioCounts(1, 1)
        assets.delete_subscription(db, SYSTEM, studio_id)
        assert [studio.name for studio in subscriptions.list_subscriptions(db, SYSTEM)] == ["other"]


def test_the_audit_log_tells_who_did_what(database: Database) -> None:
    curator = a_user(database, "curator@example.com", Role.CURATOR)
    anna = a_user(database, "anna@example.com")
    with database.write() as db:
        users.change_user(db, curator, anna.user_id or "", UserChange(role=Role.VIEWER, first_name=""))
    with database.read() as db:
        [event] = audit.audit_log(db, curator, AuditFilter("User", anna.user_id, event="Update"), EVERYTHING)
        assert (event.user_id, event.via, event.old_values, event.new_values) == (
            curator.user_id,
            "test",
            {"role": "Artisan"},
            {"role": "Viewer"},
        )
        assert [entry.event for entry in audit.audit_log(db, curator, AuditFilter(entity_id=anna.user_id), Page(0, 1))] == ["Update"]
        with pytest.raises(ForbiddenError):
            audit.audit_log(db, Actor(Role.ARTISAN), AuditFilter(), EVERYTHING)
