"""From an earlier release to this one: a database of its schema, with people and jobs, is migrated, and what was queued runs."""

from __future__ import annotations

import io
import uuid
import warnings
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
from sqlalchemy import JSON, Boolean, Connection, DateTime, Integer, MetaData, insert

from galleria.children.server import RunnerServer
from galleria.database import migrations
from galleria.database.connect import connect
from galleria.database.migrate import migrate
from galleria.gallery.groups.service import actor_for
from galleria.gallery.jobs import service as jobs
from galleria.gallery.jobs.records import Disposition, State
from galleria.gallery.schedules.service import list_schedules
from galleria.gallery.users.service import find_by_email
from galleria.storage.contract import Area
from galleria.storage.folder import Folder
from tests.databases import Databases, new_vault
from tests.gallery.scene import a_report
from tests.worker.conftest import Plant

AT = datetime(2025, 3, 1, 12, tzinfo=UTC)
_ALL = sorted(path.name[:4] for path in (Path(migrations.__path__[0]) / "versions").glob("0*.py"))
EARLIER = (_ALL[2], _ALL[4], _ALL[-2])
"""The first one with jobs, one that was long in use, the previous one."""
RUN = """
say("message", toolId=1, status=1, text="it ran", path=[])
"""


def id_of(name: str) -> str:
    return uuid.uuid5(uuid.NAMESPACE_OID, name).hex[:24]


def put(connection: Connection, tables: MetaData, into: str, /, **given: object) -> None:
    """Insert a row of which only what matters is given; all else that must be there is empty."""
    table = tables.tables[into]
    values = {column.name: empty(column.type) for column in table.columns if not column.nullable and column.server_default is None}
    values.pop("seq", None)
    connection.execute(insert(table), {**values, **given})


def empty(kind: Any) -> object:
    found: Mapping[type, object] = {Boolean: False, Integer: 0, DateTime: AT, JSON: {}}
    return next((value for one, value in found.items() if isinstance(kind, one)), "")


def fill(connection: Connection, package_key: str) -> None:
    """What a gallery of the first release held: a studio with its owner, a workflow, jobs in three states, a schedule."""
    tables = MetaData()
    with warnings.catch_warnings():
        # It cannot tell of every index, which matters to nobody here.
        warnings.simplefilter("ignore")
        tables.reflect(connection)
    studio, anna, workflow, version = map(id_of, ("studio", "anna", "workflow", "version"))
    of_anna: dict[str, Any] = {"owner_id": anna, "subscription_id": studio}
    about: dict[str, Any] = {"kind": "WORKFLOW", "file_name": "main.yxmd"}
    put(connection, tables, "subscriptions", id=studio, name="Sales", is_active=True)
    put(connection, tables, "users", id=anna, email="anna@example.com", role="Artisan", subscription_id=studio, is_active=True)
    put(
        connection,
        tables,
        "workflows",
        id=workflow,
        name="Rates",
        published_version_id=version,
        published_number=1,
        search_text="rates",
        **of_anna,
        **about,
    )
    known = {column.name for column in tables.tables["workflow_versions"].columns}
    of_version = {
        "workflow_id": workflow,
        "package_key": package_key,
        "number": 1,
        "author_id": anna,
        "report": a_report(file_name="main.yxmd"),
        **about,
    }
    put(connection, tables, "workflow_versions", id=version, **{name: value for name, value in of_version.items() if name in known})
    for name, state, disposition in (("done", "Completed", "Success"), ("queued", "Queued", "None"), ("cancelled", "Cancelled", "None")):
        of_job = {"workflow_id": workflow, "version_id": version, "state": state, "disposition": disposition, **of_anna}
        put(connection, tables, "jobs", id=id_of(name), **of_job)
    put(
        connection,
        tables,
        "schedules",
        id=id_of("schedule"),
        name="Mornings",
        workflow_id=workflow,
        owner_id=anna,
        overlap="skip",
        iteration={"kind": "Daily", "start": "2025-03-01T07:00:00"},
        timezone="Europe/Berlin",
    )


def a_package(storage: Folder) -> str:
    content = io.BytesIO()
    with ZipFile(content, "w") as archive:
        archive.writestr("main.yxmd", RUN)
    content.seek(0)
    return storage.put(Area.PACKAGES, "first.yxzp", content).key


@pytest.mark.parametrize("release", EARLIER)
def test_what_an_earlier_release_queued_runs_in_this_one(
    databases: Databases, database_kind: str, release: str, storage: Folder, tmp_path: Path, scripted_server: RunnerServer
) -> None:
    database = connect(databases.empty_url(database_kind), new_vault())
    migrate(database.engine, to=release)
    with database.engine.execution_options(galleria_access="write").begin() as connection:
        fill(connection, a_package(storage))
    migrate(database.engine)
    with database.read() as db:
        user = find_by_email(db, "anna@example.com")
        assert user is not None
        anna = actor_for(db, user, "test")
        assert [schedule.name for schedule in list_schedules(db, anna)] == ["Mornings"]
    plant = Plant(database, "", storage, tmp_path, anna, scripted_server)
    plant.start()
    try:
        job = plant.wait_for(id_of("queued"))
        assert (job.state, job.disposition, plant.texts(job.id)) == (State.COMPLETED, Disposition.SUCCESS, ["it ran"])
        with database.read() as db:
            assert [one.id for one in jobs.list_jobs(db, anna)] == [id_of(name) for name in ("cancelled", "queued", "done")]
    finally:
        plant.close()
        database.close()
