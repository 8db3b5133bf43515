"""Following, comments and requests for access: who may, who is told, and that nobody learns what he may not see. On both databases."""

import pytest
from sqlalchemy import select

from galleria.database.connect import Database
from galleria.errors import ConflictError, ForbiddenError, GalleriaError, InvalidError, NotFoundError
from galleria.gallery.actors import Actor, Role
from galleria.gallery.audit.records import AuditEvent
from galleria.gallery.collections.service import Membership, add_item, create_collection, share_collection
from galleria.gallery.comments import service as comments
from galleria.gallery.jobs.dispatch import Outcome
from galleria.gallery.mails.records import Mail
from galleria.gallery.requests import service as requests
from galleria.gallery.requests.records import Outcome as Answer
from galleria.gallery.shares.records import Party, Shared
from galleria.gallery.triggers.ends import react
from galleria.gallery.triggers.records import Action
from galleria.gallery.triggers.service import delete_trigger
from galleria.gallery.workflows.access import find_workflow
from galleria.gallery.workflows.changes import WorkflowChange, change_workflow, delete_workflow
from galleria.gallery.workflows.followers import follow, followed_by, is_following, unfollow
from galleria.gallery.workflows.records import Workflow
from tests.gallery.scene import SYSTEM, Scene, a_user
from tests.gallery.test_triggers import a_trigger, run

UNKNOWN = "5" * 24


def mails(database: Database) -> list[tuple[str, str]]:
    with database.read() as db:
        return [(row[0], row[1]) for row in db.execute(select(Mail.recipient, Mail.subject).order_by(Mail.created_at, Mail.recipient))]


def let_in(scene: Scene, actor: Actor) -> None:
    with scene.database.write() as db:
        collection = create_collection(db, SYSTEM, "Shared", owner_id=scene.anna.user_id)
        add_item(db, SYSTEM, collection.id, Shared.WORKFLOW, scene.workflow_id)
        share_collection(db, SYSTEM, collection.id, Membership(Party.USER, actor.user_id or ""))


def colleague(scene: Scene, email: str, role: Role = Role.ARTISAN) -> Actor:
    return a_user(scene.database, email, role, subscription_id=scene.anna.subscription_id)


def test_a_follower_hears_of_the_first_failure_of_runs_that_he_may_see(scene: Scene) -> None:
    boris, vera = colleague(scene, "boris@example.com"), a_user(scene.database, "vera@example.com", Role.VIEWER)
    let_in(scene, vera)
    with scene.database.write() as db:
        for actor in (boris, vera):
            follow(db, actor, scene.workflow_id)
    for _ in range(2):
        run(scene, Outcome.ERROR)
        with scene.database.write() as db:
            react(db)
    # Another one's runs are not Vera's to see.
    assert mails(scene.database) == [("boris@example.com", "Rates failed")]


def test_followers_stay_heard_when_the_last_trigger_goes(scene: Scene) -> None:
    trigger_id = a_trigger(scene, Action.MAIL)
    with scene.database.write() as db:
        follow(db, scene.anna, scene.workflow_id)
        delete_trigger(db, scene.anna, trigger_id)
        assert db.scalars(select(Workflow.is_watched).where(Workflow.id == scene.workflow_id)).one()
        unfollow(db, scene.anna, scene.workflow_id)
        assert not is_following(db, scene.anna, scene.workflow_id)
        changes = select(AuditEvent.new_values).where(AuditEvent.entity == "AppInfo", AuditEvent.user_id == scene.anna.user_id)
        assert {"follower": scene.anna.user_id} in db.scalars(changes).all()


def test_followers_hear_of_changes_that_others_make(scene: Scene) -> None:
    boris, other = colleague(scene, "boris@example.com"), a_user(scene.database, "other@example.com")
    with scene.database.write() as db:
        follow(db, boris, scene.workflow_id)
        follow(db, scene.anna, scene.workflow_id)
        with pytest.raises(NotFoundError):
            follow(db, other, scene.workflow_id)
        assert [workflow.id for workflow in followed_by(db, boris)] == [scene.workflow_id]
        change_workflow(db, scene.anna, scene.workflow_id, WorkflowChange(name="Better rates"))
        change_workflow(db, scene.anna, scene.workflow_id, WorkflowChange(can_download=False))
        delete_workflow(db, scene.anna, scene.workflow_id)
    assert mails(scene.database) == [
        ("boris@example.com", "Better rates has a new name; it was Rates"),
        ("boris@example.com", "Better rates was deleted"),
    ]


def test_comments_are_for_all_who_see_the_workflow(scene: Scene) -> None:
    vera, other = a_user(scene.database, "vera@example.com", Role.VIEWER), a_user(scene.database, "other@example.com")
    let_in(scene, vera)
    with scene.database.write() as db:
        said = comments.write_comment(db, vera, scene.workflow_id, "  Good\0 work ")
        assert [(one.text, one.author_id) for one in comments.list_comments(db, scene.anna, scene.workflow_id)] == [
            ("Good work", vera.user_id)
        ]
        for verb in (
            lambda: comments.list_comments(db, other, scene.workflow_id),
            lambda: comments.write_comment(db, other, scene.workflow_id, "x"),
            lambda: comments.delete_comment(db, other, said.id),
            lambda: comments.change_comment(db, other, said.id, "x"),
        ):
            with pytest.raises(NotFoundError):
                verb()
    assert mails(scene.database) == [("anna@example.com", "vera@example.com on Rates")]


def test_a_comment_is_changed_by_its_author_and_deleted_by_managers_too(scene: Scene) -> None:
    vera, mia = (a_user(scene.database, f"{name}@example.com", Role.VIEWER) for name in ("vera", "mia"))
    let_in(scene, vera)
    let_in(scene, mia)
    with scene.database.write() as db:
        said = comments.write_comment(db, vera, scene.workflow_id, "One")
        assert comments.change_comment(db, vera, said.id, "Two").changed_at is not None
        for actor in (scene.anna, mia):
            with pytest.raises(ForbiddenError):
                comments.change_comment(db, actor, said.id, "Three")
        with pytest.raises(ForbiddenError):
            comments.delete_comment(db, mia, said.id)
        comments.delete_comment(db, scene.anna, said.id)
        assert comments.list_comments(db, vera, scene.workflow_id) == []


@pytest.mark.parametrize("text", ["", "  \n", "\0", "x" * 10_001])
def test_a_comment_says_something_but_no_book(scene: Scene, text: str) -> None:
    with scene.database.write() as db, pytest.raises(InvalidError):
        comments.write_comment(db, scene.anna, scene.workflow_id, text)


def test_nobody_floods_a_workflow_with_comments(scene: Scene) -> None:
    with scene.database.write() as db:
        for number in range(20):
            comments.write_comment(db, scene.anna, scene.workflow_id, str(number))
        with pytest.raises(ConflictError):
            comments.write_comment(db, scene.anna, scene.workflow_id, "one more")


def test_who_asks_is_let_in_and_both_hear_of_it(scene: Scene) -> None:
    vera, cora = a_user(scene.database, "vera@example.com", Role.VIEWER), a_user(scene.database, "cora@example.com", Role.CURATOR)
    with scene.database.write() as db:
        asked = requests.ask(db, vera, scene.workflow_id, "rates of old", "Please")
        assert requests.ask(db, vera, scene.workflow_id).id == asked.id
        assert [(one.text, workflow.name) for one, workflow in requests.requests_to(db, scene.anna)] == [("Please", "Rates")]
        requests.answer_request(db, cora, asked.id, Answer.GRANTED, "Welcome")
        assert requests.requests_to(db, scene.anna) == []
        assert find_workflow(db, vera, scene.workflow_id) is not None
        with pytest.raises(ConflictError):
            requests.answer_request(db, scene.anna, asked.id, Answer.DECLINED)
        with pytest.raises(ConflictError):
            requests.ask(db, vera, scene.workflow_id)
    # What is written in the same moment has no order.
    assert sorted(mails(scene.database)) == [
        ("anna@example.com", "The request of vera@example.com for Rates was granted"),
        ("anna@example.com", "vera@example.com asks for Rates"),
        ("vera@example.com", "You have access to Rates now"),
    ]


def test_who_is_declined_learns_no_name_and_may_ask_again(scene: Scene) -> None:
    vera = a_user(scene.database, "vera@example.com", Role.VIEWER)
    with scene.database.write() as db:
        asked = requests.ask(db, vera, scene.workflow_id, "a guess")
        requests.answer_request(db, scene.anna, asked.id, Answer.DECLINED)
        assert find_workflow(db, vera, scene.workflow_id) is None
        assert requests.ask(db, vera, scene.workflow_id, "a guess").outcome is Answer.WAITING
    assert mails(scene.database)[1:] == [("vera@example.com", "Your request for access to a guess was declined")]


def test_asking_for_what_never_was_looks_the_same(scene: Scene) -> None:
    vera = a_user(scene.database, "vera@example.com", Role.VIEWER)
    with scene.database.write() as db:
        for workflow_id in (scene.workflow_id, UNKNOWN):
            requests.ask(db, vera, workflow_id, "x")
        rows = [(one.name, one.outcome) for one in requests.own_requests(db, vera)]
        assert rows == [("x", Answer.WAITING)] * 2
        for number in range(18):
            requests.ask(db, vera, f"{number:024}", "x")
        with pytest.raises(ConflictError):
            requests.ask(db, vera, "f" * 24, "x")


@pytest.mark.parametrize("email", ["stranger@example.com", "vera@example.com"])
def test_only_managers_answer(scene: Scene, email: str) -> None:
    vera = a_user(scene.database, "vera@example.com", Role.VIEWER)
    actor = vera if email == vera.email else a_user(scene.database, email)
    with scene.database.write() as db:
        asked = requests.ask(db, vera, scene.workflow_id)
        assert requests.requests_to(db, actor) == []
        with pytest.raises(NotFoundError):
            requests.answer_request(db, actor, asked.id, Answer.GRANTED)


def test_everybody_who_is_let_in_is_in_one_collection(scene: Scene) -> None:
    people = [a_user(scene.database, f"{name}@example.com", Role.VIEWER) for name in ("vera", "mia")]
    with scene.database.write() as db:
        ids = {requests.answer_request(db, scene.anna, requests.ask(db, one, scene.workflow_id).id, Answer.GRANTED).id for one in people}
        made = select(AuditEvent).where(AuditEvent.entity == "Collection", AuditEvent.event == "Insert")
        assert len(ids) == 2
        assert [event.user_id for event in db.scalars(made)] == [scene.anna.user_id]


@pytest.mark.parametrize("verb", [follow, lambda db, actor, app: comments.write_comment(db, actor, app, "x"), requests.ask])
def test_a_studios_key_is_nobody(scene: Scene, verb: object) -> None:
    key = Actor(role=Role.ARTISAN, subscription_id=scene.anna.subscription_id)
    with scene.database.write() as db, pytest.raises(GalleriaError):
        verb(db, key, scene.workflow_id)  # type: ignore[operator] - verbs in a table
