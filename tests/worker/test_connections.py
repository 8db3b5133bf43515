"""Jobs with data connections: queued, claimed, fenced and run by the real engine against a real PostgreSQL behind a TCP port."""

from __future__ import annotations

import json
import os
from collections.abc import Generator, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest
from sqlalchemy import select as query
from sqlalchemy import update

from galleria.children.server import RunnerServer
from galleria.gallery.audit.records import AuditEvent
from galleria.gallery.connections import service as connections
from galleria.gallery.connections.service import NewConnection
from galleria.gallery.credentials import service as credentials
from galleria.gallery.jobs.records import Disposition
from galleria.gallery.shares.records import Party
from galleria.gallery.users.records import User
from tests.databases import Databases
from tests.forwarding import forwarded
from tests.gallery.scene import SYSTEM
from tests.worker.conftest import Plant, Shared
from tests.worker.test_escapes import BASE, NODE, WIRE, document, engine

__all__ = ["engine"]
PASSWORD = "a-password-nobody-may-see"
FORMAT = "<FormatSpecificOptions><OutputOption>{}</OutputOption></FormatSpecificOptions>"


def copies(source: str, target: str, output: str = "Create") -> str:
    read = f'<File FileFormat="23">{source}</File><FormatSpecificOptions/>'
    write = f'<File FileFormat="23">{target}</File>{FORMAT.format(output)}'
    return document(
        NODE.format(id=1, plugin=f"{BASE}DbFileInput.DbFileInput", config=read),
        NODE.format(id=2, plugin=f"{BASE}DbFileOutput.DbFileOutput", config=write),
        wires=WIRE,
    )


@dataclass
class Warehouse:
    """A database, and a TCP port that leads to it."""

    direct: str
    port: int

    def address(self, user: str = "runner:" + PASSWORD + "@") -> str:
        return f"postgresql://{user}127.0.0.1:{self.port}{urlsplit(self.direct).path}"

    def rows(self, statement: str) -> list[tuple[object, ...]]:
        with psycopg.connect(self.direct) as connection:
            return connection.execute(statement.encode()).fetchall()


@pytest.fixture
def warehouse(databases: Databases) -> Generator[Warehouse]:
    url = databases.empty_url("postgresql")
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("DO $$ BEGIN CREATE ROLE runner LOGIN SUPERUSER; EXCEPTION WHEN duplicate_object THEN NULL; END $$")
        connection.execute("CREATE TABLE orders AS SELECT n AS id, 'town ' || n AS town FROM generate_series(1, 1000) AS n")
    with forwarded(url) as port:
        yield Warehouse(url, port)


@pytest.fixture
def database_kind() -> str:
    return "sqlite"


@pytest.fixture
def fenced(plant: Plant, engine: RunnerServer) -> Plant:
    plant.server = Shared(engine)
    return plant


def share(plant: Plant, name: str, address: str, *, is_shared: bool = True) -> str:
    with plant.database.write() as db:
        made = connections.create_connection(db, SYSTEM, NewConnection(name, address))
        if is_shared:
            connections.share_connection(db, SYSTEM, made.id, Party.USER, plant.anna.user_id or "")
        return made.id


def contents(folder: Path) -> Iterator[bytes]:
    """Of the files below; what goes meanwhile is passed over."""
    for place, _, names in os.walk(folder):
        for name in names:
            with suppress(FileNotFoundError):
                yield (Path(place) / name).read_bytes()


def uses(plant: Plant) -> list[tuple[str, str]]:
    with plant.database.read() as db:
        found = db.scalars(query(AuditEvent).where(AuditEvent.event == "Use").order_by(AuditEvent.entity, AuditEvent.id)).all()
        return [(event.entity, str((event.new_values or {}).get("jobId"))) for event in found]


def test_a_job_reads_a_table_over_a_data_connection_and_writes_back(fenced: Plant, warehouse: Warehouse) -> None:
    share(fenced, "My Warehouse", warehouse.address())
    share(fenced, "My Ware", "postgresql://nobody@127.0.0.1:1/x")
    fenced.start()
    job = fenced.run(copies("aka:my warehouse|||SELECT * FROM orders WHERE id &gt; 990", 'aka:My Warehouse|||"Late Orders"'))
    assert job.disposition is Disposition.SUCCESS, fenced.texts(job.id)
    assert warehouse.rows('SELECT count(*), min(town) FROM "Late Orders"') == [(10, "town 1000")]
    read, written = fenced.texts(job.id)
    assert read.endswith('10 records were read from "aka:my warehouse"')
    assert written.endswith('10 records were written to "aka:My Warehouse|||"Late Orders""')
    # The one that it names, once, and not the one whose name begins like it.
    assert uses(fenced) == [("DataConnection", job.id)]


def test_nothing_of_a_password_is_left_in_folder_message_or_log(
    fenced: Plant, warehouse: Warehouse, capfd: pytest.CaptureFixture[str]
) -> None:
    share(fenced, "Warehouse", warehouse.address())
    fenced.start()
    job = fenced.run(copies("aka:Warehouse|||SELECT pg_sleep(1.5)::text AS x, id FROM orders LIMIT 1", "aka:Warehouse|||nowhere.t"))
    assert job.disposition is Disposition.ERROR
    said = " ".join(fenced.texts(job.id))
    assert "nowhere" in said
    left = b"".join(contents(fenced.folder / "jobs"))
    told = capfd.readouterr()
    for text in (said, told.out, told.err, left.decode("latin-1")):
        assert PASSWORD not in text


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("aka:Secret|||orders", 'The data connection "Secret" is not there, or is not shared'),
        ("aka:Nobody|||orders", 'The data connection "Nobody" is not there, or is not shared'),
        ("odbc:DSN=Unmapped|||orders", 'The data source "Unmapped" is not known here'),
        ("odbc:Driver=PostgreSQL;Server=127.0.0.1;Port={port};UID=runner|||orders", "is a loopback address"),
        ("odbc:Driver=MySQL;Server=example.com;UID=u;PWD=p|||t", "a run on a server reaches PostgreSQL only"),
    ],
)
def test_what_a_run_was_not_given_it_cannot_reach(fenced: Plant, warehouse: Warehouse, source: str, words: str) -> None:
    share(fenced, "Secret", warehouse.address(), is_shared=False)
    fenced.start()
    job = fenced.run(copies(source.replace("{port}", str(warehouse.port)), "aka:Secret|||t"))
    assert words in " ".join(fenced.texts(job.id))
    assert warehouse.rows("SELECT to_regclass('t')") == [(None,)]
    assert uses(fenced) == []


def test_a_member_s_own_connection_opens_no_private_address_and_learns_no_password(fenced: Plant, warehouse: Warehouse) -> None:
    with fenced.database.write() as db:
        connections.create_connection(db, fenced.anna, NewConnection("Mine", warehouse.address()))
        connections.create_connection(db, fenced.anna, NewConnection("Trap", warehouse.address("")))
        credential = credentials.create_credential(db, SYSTEM, "runner", PASSWORD).id
        credentials.share_credential(db, SYSTEM, credential, Party.USER, fenced.anna.user_id or "")
    fenced.start()
    for name, words in (("Mine", "is a loopback address"), ("Trap", "names no user")):
        workflow = fenced.publish(copies(f"aka:{name}|||orders", "x.csv"))
        job = fenced.wait_for(fenced.queue(workflow, credential_id=credential))
        assert words in " ".join(fenced.texts(job.id))


def test_a_job_s_credential_logs_in_where_the_connection_names_nobody(fenced: Plant, warehouse: Warehouse) -> None:
    share(fenced, "Open", warehouse.address(""))
    with fenced.database.write() as db:
        credential = credentials.create_credential(db, SYSTEM, "runner", PASSWORD).id
        credentials.share_credential(db, SYSTEM, credential, Party.USER, fenced.anna.user_id or "")
    fenced.start()
    workflow = fenced.publish(copies("aka:Open|||SELECT current_user::text AS who", "aka:Open|||seen"))
    job = fenced.wait_for(fenced.queue(workflow, credential_id=credential))
    assert job.disposition is Disposition.SUCCESS, fenced.texts(job.id)
    assert warehouse.rows("SELECT who FROM seen") == [("runner",)]
    assert uses(fenced) == [("Credential", job.id), ("DataConnection", job.id)]


def test_a_mapped_data_source_is_reached(fenced: Plant, warehouse: Warehouse) -> None:
    fenced.start(replace(fenced.options(), data_sources={"Night Shift": warehouse.address()}))
    source = "odbc:DSN=night shift;UID=author;PWD=__EncPwd1__"
    job = fenced.run(copies(f"{source}|||orders", f"{source}|||copied"))
    assert job.disposition is Disposition.SUCCESS, fenced.texts(job.id)
    assert warehouse.rows("SELECT count(*) FROM copied") == [(1000,)]


def test_a_workflow_cannot_read_what_was_sealed_for_its_run(fenced: Plant, warehouse: Warehouse) -> None:
    share(fenced, "Warehouse", warehouse.address())
    fenced.start()
    config = '<File FileFormat="0">{}</File><FormatSpecificOptions><HeaderRow>True</HeaderRow></FormatSpecificOptions>'
    names = ["../connections.sealed", "connections.sealed"]
    nodes = [NODE.format(id=9 + at, plugin=f"{BASE}DbFileInput.DbFileInput", config=config.format(name)) for at, name in enumerate(names)]
    job = fenced.run(copies("aka:Warehouse|||orders", "aka:Warehouse|||copied").replace("</Nodes>", "".join(nodes) + "</Nodes>"))
    errors = [message.text for message in fenced.messages(job.id) if message.status == 3]
    assert len(errors) == 2
    assert json.dumps(errors).count("sealed") == 2


def test_a_run_reads_and_writes_mapped_folders(fenced: Plant, tmp_path: Path) -> None:
    for name in ("fin", "in"):
        (tmp_path / name).mkdir()
    (tmp_path / "fin" / "Rates.csv").write_text("a,b\n1,2\n")
    maps = (rf"\\nas\fin={tmp_path}/fin", rf"D:\in={tmp_path}/in:write")
    fenced.start(replace(fenced.options(), path_maps=maps))
    csv = "<FormatSpecificOptions><HeaderRow>True</HeaderRow><Delimeter>,</Delimeter></FormatSpecificOptions>"
    read = NODE.format(id=1, plugin=f"{BASE}DbFileInput.DbFileInput", config=rf'<File FileFormat="0">\\NAS\fin\rat*.csv</File>{csv}')
    listed = NODE.format(id=3, plugin=f"{BASE}Directory.Directory", config=r"<Directory>\\nas\fin</Directory><FileSpec>*.*</FileSpec>")
    for target, disposition in ((r"D:\in\copy.csv", Disposition.SUCCESS), (r"\\nas\fin\copy.csv", Disposition.ERROR)):
        write = NODE.format(id=2, plugin=f"{BASE}DbFileOutput.DbFileOutput", config=f'<File FileFormat="0">{target}</File>{csv}')
        job = fenced.run(document(read, write, listed, wires=WIRE))
        assert job.disposition is disposition, fenced.texts(job.id)
    assert (tmp_path / "in" / "copy.csv").read_text().split() == ["a,b", "1,2"]
    assert not (tmp_path / "fin" / "copy.csv").exists()


def test_a_connection_manager_s_connection_is_known_by_its_id(fenced: Plant, warehouse: Warehouse) -> None:
    connection_id = share(fenced, "Warehouse", warehouse.address())
    managed = (
        '<File FileFormat="23"/><FormatSpecificOptions UseDcm="true" Format="23">'
        f'<Connection DcmType="ConnectionId">{connection_id.upper()}</Connection>{{}}</FormatSpecificOptions>'
    )
    read = NODE.format(id=1, plugin=f"{BASE}DbFileInput.DbFileInput", config=managed.format("<Query>SELECT * FROM orders LIMIT 7</Query>"))
    write = NODE.format(id=2, plugin=f"{BASE}DbFileOutput.DbFileOutput", config=managed.format("<Table>copied</Table>"))
    fenced.start()
    job = fenced.run(document(read, write, wires=WIRE))
    assert job.disposition is Disposition.SUCCESS, fenced.texts(job.id)
    assert warehouse.rows("SELECT count(*) FROM copied") == [(7,)]


def test_a_user_who_may_do_nothing_any_more_is_given_nothing(fenced: Plant, warehouse: Warehouse) -> None:
    share(fenced, "Warehouse", warehouse.address())
    job_id = fenced.queue(fenced.publish(copies("aka:Warehouse|||orders", "aka:Warehouse|||copied")))
    with fenced.database.write() as db:
        db.execute(update(User).where(User.id == fenced.anna.user_id).values(is_active=False))
    fenced.start()
    fenced.wait_for(job_id)
    assert "is not there, or is not shared" in " ".join(fenced.texts(job_id))
    assert uses(fenced) == []
