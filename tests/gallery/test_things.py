"""Credentials, connections, input files, collections, insights and workers."""

import io
from dataclasses import replace

import pytest
from sqlalchemy import text, update
from sqlalchemy.orm import Session

from galleria.database.clock import from_now
from galleria.database.connect import Database
from galleria.errors import ConflictError, ForbiddenError, InvalidError, NotFoundError, TooLargeError
from galleria.gallery.actors import Actor, Role
from galleria.gallery.collections import service as collections
from galleria.gallery.collections.service import Membership, Rights
from galleria.gallery.connections import service as connections
from galleria.gallery.connections.records import Origin
from galleria.gallery.connections.service import NewConnection
from galleria.gallery.credentials import service as credentials
from galleria.gallery.files import service as files
from galleria.gallery.files.records import InputFile
from galleria.gallery.groups import service as groups
from galleria.gallery.insights import service as insights
from galleria.gallery.jobs import service as jobs
from galleria.gallery.jobs.dispatch import Worker
from galleria.gallery.jobs.service import NewJob
from galleria.gallery.shares.records import CollectionMember, Party, Shared
from galleria.gallery.workers import service as workers
from galleria.storage.folder import Folder
from tests.gallery.scene import SYSTEM, Scene, a_user, a_workflow

PASSWORD = "s3cret-of-the-warehouse"


def test_a_credential_is_sealed_shared_used_and_never_shown(scene: Scene) -> None:
    boris = a_user(scene.database, "boris@example.com")
    with scene.database.write() as db:
        credential = credentials.create_credential(db, SYSTEM, "ACME\\report", PASSWORD)
        assert PASSWORD not in str(db.execute(text("SELECT * FROM credentials")).all())
        assert PASSWORD not in str(db.execute(text("SELECT new_values FROM audit_events")).all())
        credentials.share_credential(db, SYSTEM, credential.id, Party.USER, boris.user_id or "")
        credentials.share_credential(db, SYSTEM, credential.id, Party.USER, boris.user_id or "")
        assert [found.user_name for found in credentials.list_credentials(db, boris)] == ["ACME\\report"]
        assert list(credentials.list_credentials(db, scene.anna)) == []
        secret = credentials.use_credential(db, SYSTEM, credential.id, "f" * 24)
        assert (secret.user_name, secret.password) == ("ACME\\report", PASSWORD)
        assert PASSWORD not in repr(secret)
        with pytest.raises(NotFoundError):
            jobs.queue(db, scene.anna, NewJob(scene.workflow_id, credential_id=credential.id))


def test_a_credential_reaches_a_group_and_a_studio(scene: Scene) -> None:
    with scene.database.write() as db:
        group = groups.create_group(db, SYSTEM, "finance", Role.VIEWER)
        credential = credentials.create_credential(db, SYSTEM, "report", PASSWORD)
        member = replace(scene.anna, group_ids=frozenset((group.id,)))
        credentials.share_credential(db, SYSTEM, credential.id, Party.GROUP, group.id)
        assert len(credentials.usable_credentials(db, member)) == 1
        credentials.unshare_credential(db, SYSTEM, credential.id, Party.GROUP, group.id)
        assert len(credentials.usable_credentials(db, member)) == 0
        credentials.share_credential(db, SYSTEM, credential.id, Party.STUDIO, scene.anna.subscription_id or "")
        assert jobs.queue(db, scene.anna, NewJob(scene.workflow_id, credential_id=credential.id)).credential_id == credential.id
        with pytest.raises(ConflictError, match="is shared"):
            credentials.delete_credential(db, SYSTEM, credential.id)
        credentials.delete_credential(db, SYSTEM, credential.id, with_shares=True)
        with pytest.raises(NotFoundError):
            credentials.share_credential(db, SYSTEM, credential.id, Party.USER, scene.anna.user_id or "")


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("Driver=x;Server=db;UID=me;PWD=a;b", "Driver=x;Server=db;UID=me;PWD=***;b"),
        ("odbc:DSN=wh;Uid=me;password = {a;b};x=1", "odbc:DSN=wh;Uid=me;password = ***;x=1"),
        ("postgresql://me:pa/ss@host/db", "postgresql://me:***@host/db"),
        ("snowflake:token=abc|warehouse=w", "snowflake:token=***|warehouse=w"),
        ("odbc:DSN=wh;__EncPwd1__=AAE", "odbc:DSN=wh;__EncPwd1__=***"),
        ("/data/keys.yxdb", "/data/keys.yxdb"),
    ],
)
def test_a_connection_is_shown_without_its_password(address: str, shown: str) -> None:
    assert connections.shown(address) == shown


def given(db: Session, actor: Actor) -> dict[str, str]:
    """By name, without the ids."""
    opened = connections.use_connections(db, actor, "a job", lambda connection: True)
    return {name: address for name, address in opened.addresses.items() if len(name) < 20}


def test_a_connection_is_given_to_the_runs_of_those_it_is_shared_with(scene: Scene) -> None:
    with scene.database.write() as db:
        connections.create_connection(db, SYSTEM, NewConnection("Machine", "DSN=m", origin=Origin.SYSTEM))
        wh = connections.create_connection(db, SYSTEM, NewConnection("Warehouse", f"DSN=wh;PWD={PASSWORD}", "ODBC"))
        assert wh.address == "DSN=wh;PWD=***"
        assert given(db, scene.anna) == {"machine": "DSN=m"}
        connections.share_connection(db, SYSTEM, wh.id, Party.USER, scene.anna.user_id or "")
        assert given(db, scene.anna) == {"machine": "DSN=m", "warehouse": f"DSN=wh;PWD={PASSWORD}"}
        connections.create_connection(db, SYSTEM, NewConnection("WAREHOUSE", "DSN=of-the-machine", origin=Origin.SYSTEM))
        assert given(db, scene.anna)["warehouse"] == f"DSN=wh;PWD={PASSWORD}"
        with pytest.raises(ConflictError, match="exists"):
            connections.create_connection(db, SYSTEM, NewConnection("warehouse", "DSN=x"))
        with pytest.raises(ForbiddenError):
            connections.rename_connection(db, scene.anna, wh.id, "mine")
        assert [found.name for found in connections.list_connections(db, SYSTEM, Origin.SERVER)] == ["Warehouse"]


def upload(scene: Scene, actor: Actor, name: str = "rates.csv", content: bytes = b"a,b", lifetime_s: float = 60) -> str:
    stored = files.store_upload(scene.storage, io.BytesIO(content), 100)
    with scene.database.write() as db:
        return files.add_input_file(db, actor, scene.storage, name, stored, lifetime_s).id


def test_an_uploaded_file_answers_its_own_users_question(scene: Scene) -> None:
    asked = [{"name": "File", "type": "FileBrowse"}]
    app_id = a_workflow(scene.database, scene.storage, scene.folder, scene.anna, kind="app", questions=asked)
    boris = a_user(scene.database, "boris@example.com", Role.CURATOR)
    file_id = upload(scene, scene.anna)
    with scene.database.write() as db:
        assert jobs.queue(db, scene.anna, NewJob(app_id, answers={"File": file_id})).answers == {"File": file_id}
        with pytest.raises(InvalidError, match="no uploaded file"):
            jobs.queue(db, boris, NewJob(app_id, answers={"File": file_id}))
        with pytest.raises(InvalidError, match="no uploaded file"):
            jobs.queue(db, scene.anna, NewJob(app_id, answers={"File": "/etc/passwd"}))
        assert files.get_input_file(db, file_id).name == "rates.csv"


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("a.csv", "a.csv"),
        ("../../etc/passwd", "passwd"),
        ("C:\\data\\x.xlsx", "x.xlsx"),
        ("..", "upload"),
        ("", "upload"),
        ("a\0b\n.csv", "ab.csv"),
        ("x" * 300 + ".csv", "x" * 196 + ".csv"),
    ],
)
def test_an_upload_keeps_its_bare_name(scene: Scene, name: str, kept: str) -> None:
    file_id = upload(scene, scene.anna, name)
    with scene.database.read() as db:
        assert files.get_input_file(db, file_id).name == kept


def test_a_refused_upload_leaves_nothing_behind(scene: Scene) -> None:
    assert isinstance(scene.storage, Folder)
    before = len(list(scene.storage.root.rglob("*.*"))), len(list((scene.storage.root / "inputs").glob("*/*")))
    with pytest.raises(InvalidError, match="empty"):
        upload(scene, scene.anna, content=b"")
    with pytest.raises(ForbiddenError):
        upload(scene, Actor(Role.NO_ACCESS))
    with pytest.raises(TooLargeError):
        upload(scene, scene.anna, content=b"x" * 101)
    assert (len(list(scene.storage.root.rglob("*.*"))), len(list((scene.storage.root / "inputs").glob("*/*")))) == before


def test_files_whose_time_is_over_are_thrown_away(scene: Scene) -> None:
    assert isinstance(scene.storage, Folder)
    old, young = upload(scene, scene.anna, lifetime_s=0), upload(scene, scene.anna)
    with scene.database.write() as db:
        assert list(files.find_input_files(db, scene.anna, [old, young])) == [young]
        assert files.purge_input_files(db, scene.storage) == 1
    with scene.database.read() as db:
        assert db.get(InputFile, old) is None
    assert len(list((scene.storage.root / "inputs").glob("*/*"))) == 1


def a_collection(scene: Scene, member: Actor, rights: Rights) -> str:
    owner = replace(scene.anna, can_create_collections=True)
    with scene.database.write() as db:
        made = collections.create_collection(db, owner, "shared")
        collections.share_collection(db, owner, made.id, Membership(Party.USER, member.user_id or "", rights))
        return made.id


@pytest.mark.parametrize("right", ["can_add_items", "can_remove_items", "can_add_members", "can_remove_members", "is_admin"])
def test_a_member_does_in_a_collection_what_his_rights_allow(scene: Scene, right: str) -> None:
    boris, clara = a_user(scene.database, "boris@example.com"), a_user(scene.database, "clara@example.com")
    own = a_workflow(scene.database, scene.storage, scene.folder, boris)
    collection_id = a_collection(scene, boris, Rights(**{right: True}))
    claras = Membership(Party.USER, clara.user_id or "")
    deeds = {
        "can_add_items": lambda: collections.add_item(db, boris, collection_id, Shared.WORKFLOW, own),
        "can_remove_items": lambda: collections.remove_item(db, boris, collection_id, Shared.WORKFLOW, own),
        "can_add_members": lambda: collections.share_collection(db, boris, collection_id, claras),
        "can_remove_members": lambda: collections.unshare_collection(db, boris, collection_id, Party.USER, clara.user_id or ""),
        "is_admin": lambda: collections.change_collection(db, boris, collection_id, "new", boris.user_id or ""),
    }
    for needed, deed in deeds.items():
        with scene.database.write() as db:
            if right in (needed, "is_admin"):
                deed()
            else:
                with pytest.raises(ForbiddenError, match=needed):
                    deed()
            db.rollback()


def test_nobody_gives_rights_that_he_lacks_or_shares_what_is_not_his(scene: Scene) -> None:
    boris, clara = a_user(scene.database, "boris@example.com"), a_user(scene.database, "clara@example.com")
    collection_id = a_collection(scene, boris, Rights(can_add_members=True, can_add_items=True))
    with scene.database.write() as db:
        with pytest.raises(ForbiddenError, match="that he lacks: is_admin"):
            collections.share_collection(db, boris, collection_id, Membership(Party.USER, clara.user_id or "", Rights(is_admin=True)))
        with pytest.raises(NotFoundError):
            collections.add_item(db, boris, collection_id, Shared.WORKFLOW, scene.workflow_id)
        with pytest.raises(NotFoundError):
            collections.get_collection(db, clara, collection_id)
        with pytest.raises(ForbiddenError, match="may not create"):
            collections.create_collection(db, boris, "own")


def test_a_membership_that_has_expired_opens_nothing(scene: Scene) -> None:
    boris = a_user(scene.database, "boris@example.com")
    collection_id = a_collection(scene, boris, Rights(is_admin=True))
    with scene.database.write() as db:
        db.execute(update(CollectionMember).values(expires_at=from_now(-1)))
        with pytest.raises(NotFoundError):
            collections.get_collection(db, boris, collection_id)


def test_a_collection_with_content_is_deleted_only_with_it(scene: Scene) -> None:
    boris = a_user(scene.database, "boris@example.com")
    collection_id = a_collection(scene, boris, Rights())
    with scene.database.write() as db:
        collections.add_item(db, scene.anna, collection_id, Shared.WORKFLOW, scene.workflow_id)
        assert [found.name for _, found in collections.collections_holding(db, SYSTEM, Shared.WORKFLOW, [scene.workflow_id])] == ["shared"]
        with pytest.raises(ConflictError, match="not empty"):
            collections.delete_collection(db, scene.anna, collection_id)
        collections.delete_collection(db, scene.anna, collection_id, with_content=True)
        assert (list(collections.items_of(db, [collection_id])), list(collections.members_of(db, [collection_id]))) == ([], [])


def test_insights_are_listed_as_they_came(scene: Scene) -> None:
    with scene.database.write() as db:
        insights.import_insight(db, SYSTEM, "Sales by region", scene.anna.user_id or "", {"iconId": "x"})
        assert [found.document for found in insights.list_insights(db, scene.anna, "REGION")] == [{"iconId": "x"}]
        assert list(insights.list_insights(db, SYSTEM, "other")) == []


def test_workers_report_are_paused_and_forgotten(database: Database) -> None:
    worker = Worker("host:1", frozenset({"gpu"}))
    with database.write() as db:
        assert not workers.report(db, worker, 2, {"jobs": []}).is_paused
        [record] = workers.list_workers(db, SYSTEM)
        workers.pause_worker(db, SYSTEM, record.id, paused=True)
        assert workers.report(db, worker, 4).is_paused
        [record] = workers.list_workers(db, SYSTEM)
        assert (record.name, record.tags, record.slots, record.doing) == ("host:1", ["gpu"], 4, None)
        with pytest.raises(ForbiddenError):
            workers.list_workers(db, Actor(Role.ARTISAN))
        workers.forget_gone(db, -60)
        assert list(workers.list_workers(db, SYSTEM)) == []
