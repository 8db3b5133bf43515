"""Who may do what: each verb on a workflow and a job, for each caller, as one table."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from galleria.database.connect import Database
from galleria.errors import ForbiddenError, NotFoundError
from galleria.gallery.actors import Actor, Role
from galleria.gallery.audit.records import AuditEvent
from galleria.gallery.collections import service as collections
from galleria.gallery.collections.service import Membership, Rights
from galleria.gallery.jobs import service as jobs
from galleria.gallery.jobs.service import NewJob
from galleria.gallery.shares.records import Party, Shared
from galleria.gallery.workflows import changes
from galleria.gallery.workflows import service as workflows
from galleria.gallery.workflows.access import get_workflow
from galleria.gallery.workflows.changes import WorkflowChange
from galleria.gallery.workflows.publish import Publication, add_version, publish
from tests.gallery.scene import Scene, a_report, a_user, a_workflow

OK, UNKNOWN, FORBIDDEN = "ok", "unknown", "forbidden"

CALLERS = ("owner", "mate", "mate viewer", "studio key", "other artisan", "other studio key", "member of collection", "curator", "nobody")


def caller(scene: Scene, name: str) -> Actor:
    studio = scene.anna.subscription_id
    match name:
        case "owner":
            return scene.anna
        case "mate":
            return a_user(scene.database, "mate@example.com", subscription_id=studio)
        case "mate viewer":
            return a_user(scene.database, "viewer@example.com", Role.VIEWER, subscription_id=studio)
        case "studio key":
            return Actor(Role.ARTISAN, subscription_id=studio)
        case "other studio key":
            return Actor(Role.ARTISAN, subscription_id=a_user(scene.database, "other@example.com").subscription_id)
        case "member of collection":
            member = a_user(scene.database, "member@example.com", Role.VIEWER)
            share(scene, member)
            return member
        case "curator":
            return a_user(scene.database, "curator@example.com", Role.CURATOR)
        case "nobody":
            return a_user(scene.database, "nobody@example.com", Role.NO_ACCESS)
        case _:
            return a_user(scene.database, "stranger@example.com")


def share(scene: Scene, member: Actor, rights: Rights | None = None) -> None:
    owner = replace(scene.anna, can_create_collections=True)
    assert member.user_id is not None
    with scene.database.write() as db:
        shared = collections.create_collection(db, owner, "shared")
        collections.add_item(db, owner, shared.id, Shared.WORKFLOW, scene.workflow_id)
        collections.share_collection(db, owner, shared.id, Membership(Party.USER, member.user_id, rights or Rights()))


Verb = Callable[[Session, Scene, Actor], object]


def _run(db: Session, scene: Scene, actor: Actor) -> object:
    return jobs.queue(db, actor, NewJob(scene.workflow_id))


VERBS: dict[str, Verb] = {
    "see": lambda db, scene, actor: get_workflow(db, actor, scene.workflow_id),
    "run": _run,
    "download": lambda db, scene, actor: workflows.download_package(db, actor, scene.storage, scene.workflow_id).stream.close(),
    "rename": lambda db, scene, actor: changes.change_workflow(db, actor, scene.workflow_id, WorkflowChange(name="new")),
    "make public": lambda db, scene, actor: changes.change_workflow(db, actor, scene.workflow_id, WorkflowChange(is_public=True)),
    "new version": lambda db, scene, actor: add_version(
        db, actor, scene.storage, scene.workflow_id, scene.folder / "package.yxzp", a_report()
    ),
    "delete": lambda db, scene, actor: changes.delete_workflow(db, actor, scene.workflow_id),
    "transfer": lambda db, scene, actor: changes.transfer_workflow(db, actor, scene.workflow_id, scene.anna.user_id or ""),
    "see its job": lambda db, scene, actor: jobs.get_job(db, actor, a_job(db, scene)),
    "cancel its job": lambda db, scene, actor: jobs.cancel(db, actor, a_job(db, scene)),
}


def a_job(db: Session, scene: Scene) -> str:
    return jobs.queue(db, scene.anna, NewJob(scene.workflow_id)).id


# The workflow is Anna's, not public, and not to be downloaded by others; the job is hers, too.
TABLE = {
    #                        see      run      download   rename     public     version    delete     transfer   job      cancel
    "owner":                (OK,      OK,      OK,        OK,        FORBIDDEN, OK,        OK,        FORBIDDEN, OK,      OK),
    "mate":                 (OK,      OK,      OK,        OK,        FORBIDDEN, OK,        OK,        FORBIDDEN, OK,      OK),
    "mate viewer":          (UNKNOWN, UNKNOWN, UNKNOWN,   UNKNOWN,   UNKNOWN,   FORBIDDEN, UNKNOWN,   FORBIDDEN, UNKNOWN, UNKNOWN),
    "studio key":           (OK,      OK,      OK,        OK,        FORBIDDEN, OK,        OK,        FORBIDDEN, OK,      OK),
    "other artisan":        (UNKNOWN, UNKNOWN, UNKNOWN,   UNKNOWN,   UNKNOWN,   UNKNOWN,   UNKNOWN,   FORBIDDEN, UNKNOWN, UNKNOWN),
    "other studio key":     (UNKNOWN, UNKNOWN, UNKNOWN,   UNKNOWN,   UNKNOWN,   UNKNOWN,   UNKNOWN,   FORBIDDEN, UNKNOWN, UNKNOWN),
    "member of collection": (OK,      OK,      FORBIDDEN, FORBIDDEN, FORBIDDEN, FORBIDDEN, FORBIDDEN, FORBIDDEN, UNKNOWN, UNKNOWN),
    "curator":              (OK,      OK,      OK,        OK,        OK,        OK,        OK,        OK,        OK,      OK),
    "nobody":               (UNKNOWN, FORBIDDEN, UNKNOWN, UNKNOWN,   UNKNOWN,   FORBIDDEN, UNKNOWN,   FORBIDDEN, UNKNOWN, UNKNOWN),
}  # laid out by meaning # fmt: skip


@pytest.mark.parametrize("name", CALLERS)
def test_every_caller_may_do_what_the_table_says_and_leaves_no_trace_otherwise(scene: Scene, name: str) -> None:
    with scene.database.write() as db:
        changes.change_workflow(db, scene.anna, scene.workflow_id, WorkflowChange(can_download=False))
    actor = caller(scene, name)
    found: list[str] = []
    for verb in VERBS.values():
        with scene.database.write() as db:
            found.append(outcome(db, scene, actor, verb))
            db.rollback()
    assert dict(zip(VERBS, found, strict=True)) == dict(zip(VERBS, TABLE[name], strict=True))


def outcome(db: Session, scene: Scene, actor: Actor, verb: Verb) -> str:
    before = count_events(db)
    try:
        verb(db, scene, actor)
    except NotFoundError:
        return UNKNOWN
    except ForbiddenError:
        db.flush()
        assert count_events(db) == before, "a refused deed was noted as done"
        return FORBIDDEN
    return OK


def count_events(db: Session) -> int:
    return db.scalar(select(func.count()).select_from(AuditEvent)) or 0


def test_the_list_shows_what_can_be_seen(scene: Scene) -> None:
    for name in CALLERS:
        actor = caller(scene, name)
        with scene.database.read() as db:
            listed = [workflow.id for workflow in workflows.list_workflows(db, actor)]
            assert listed == ([scene.workflow_id] if TABLE[name][0] == OK else []), name
            assert workflows.count_workflows(db, actor) == len(listed)


def test_a_public_workflow_is_everybodys_to_run(database: Database, scene: Scene) -> None:
    app_id = a_workflow(database, scene.storage, scene.folder, scene.anna, Publication(is_public=True))
    viewer = a_user(database, "viewer@example.com", Role.VIEWER)
    with database.write() as db:
        job = jobs.queue(db, viewer, NewJob(app_id))
        assert job.subscription_id == viewer.subscription_id
        with pytest.raises(NotFoundError):
            jobs.get_job(db, Actor(Role.ARTISAN, subscription_id=scene.anna.subscription_id), job.id)


def test_a_collection_whose_members_may_update_lets_them_publish_versions(scene: Scene) -> None:
    member = a_user(scene.database, "member@example.com")
    share(scene, member, Rights(can_update_items=True))
    with scene.database.write() as db:
        assert add_version(db, member, scene.storage, scene.workflow_id, scene.folder / "package.yxzp", a_report()).number == 2


def test_a_deleted_workflow_is_unknown_and_its_jobs_are_not(scene: Scene) -> None:
    with scene.database.write() as db:
        job_id = a_job(db, scene)
        changes.delete_workflow(db, scene.anna, scene.workflow_id)
        with pytest.raises(NotFoundError):
            get_workflow(db, scene.anna, scene.workflow_id)
        assert jobs.get_job(db, scene.anna, job_id).workflow_id == scene.workflow_id


def test_publishing_takes_an_artisan_and_for_others_a_curator(scene: Scene) -> None:
    package = scene.folder / "package.yxzp"
    member = a_user(scene.database, "member@example.com", Role.MEMBER)
    curator = a_user(scene.database, "curator@example.com", Role.CURATOR)
    with scene.database.write() as db:
        with pytest.raises(ForbiddenError, match="takes the role Artisan"):
            publish(db, member, scene.storage, package, a_report())
        with pytest.raises(ForbiddenError, match="only a curator"):
            publish(db, scene.anna, scene.storage, package, a_report(), Publication(owner_id=member.user_id))
        theirs = publish(db, curator, scene.storage, package, a_report(), Publication(owner_id=member.user_id))
        assert (theirs.owner_id, theirs.subscription_id) == (member.user_id, member.subscription_id)
