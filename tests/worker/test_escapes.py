"""Workflows that try to leave their fence, run by the real engine: each attempt is refused by name."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path
from zipfile import ZipFile

import pytest

from galleria.children.server import RunnerServer
from galleria.gallery.jobs.records import Disposition
from galleria.gallery.workflows.publish import publish
from tests.gallery.scene import a_report
from tests.worker.conftest import Plant, Shared

NODE = '<Node ToolID="{id}"><GuiSettings Plugin="{plugin}"/><Properties><Configuration>{config}</Configuration></Properties></Node>'
WIRE = '<Connection><Origin ToolID="1" Connection="Output"/><Destination ToolID="2" Connection="Input"/></Connection>'
BASE = "AlteryxBasePluginsGui."
ROWS = '<NumRows value="1"/><Fields><Field name="url"/></Fields><Data><r><c>{text}</c></r></Data>'
CSV = "<FormatSpecificOptions><HeaderRow>True</HeaderRow><Delimeter>,</Delimeter></FormatSpecificOptions>"
DOWNLOAD = '<URLField>url</URLField><Headers/><OutputModes value="Output"/>'


def document(*nodes: str, wires: str = "") -> str:
    inside = f"<Nodes>{''.join(nodes)}</Nodes><Connections>{wires}</Connections><Properties/>"
    return f'<AlteryxDocument yxmdVer="2021.3">{inside}</AlteryxDocument>'


def reads(name: str) -> str:
    return document(NODE.format(id=1, plugin=f"{BASE}DbFileInput.DbFileInput", config=f'<File FileFormat="0">{name}</File>{CSV}'))


def writes(name: str) -> str:
    rows = NODE.format(id=1, plugin=f"{BASE}TextInput.TextInput", config=ROWS.format(text="x"))
    sink = NODE.format(id=2, plugin=f"{BASE}DbFileOutput.DbFileOutput", config=f'<File FileFormat="0">{name}</File>{CSV}')
    return document(rows, sink, wires=WIRE)


def downloads(url: str) -> str:
    rows = NODE.format(id=1, plugin=f"{BASE}TextInput.TextInput", config=ROWS.format(text=url))
    tool = NODE.format(id=2, plugin="AlteryxConnectorGui.Download.Download", config=DOWNLOAD)
    return document(rows, tool, wires=WIRE)


@pytest.fixture(scope="module")
def engine() -> Iterator[RunnerServer]:
    server = RunnerServer()
    server.start()
    yield server
    server.close()


@pytest.fixture
def database_kind() -> str:
    """What is tested here has nothing to do with the kind of database."""
    return "sqlite"


@pytest.fixture
def started(plant: Plant, engine: RunnerServer) -> Plant:
    plant.server = Shared(engine)
    plant.start(plant.options(allowed_roots=(_folder(plant, "allowed"),)))
    return plant


def _folder(plant: Plant, name: str) -> Path:
    folder = plant.folder / name
    folder.mkdir(exist_ok=True)
    return folder


def texts_of(plant: Plant, workflow: str) -> list[str]:
    """Run a workflow that must fail, and give what it said."""
    job = plant.run(workflow)
    assert job.disposition is Disposition.ERROR, plant.texts(job.id)
    return plant.texts(job.id)


@pytest.mark.parametrize(
    "name",
    [
        "/etc/passwd",
        "..\\..\\..\\secret.key",
        "{root}/secret.key",
        "{root}/galleria.sqlite",
        "{root}/jobs/other/outputs/theirs.csv",
        "/proc/1/environ",
        "/proc/self/environ",
    ],
)
def test_reading_elsewhere_is_refused_by_name(started: Plant, name: str) -> None:
    name = name.format(root=started.folder)
    for file in ("secret.key", "galleria.sqlite"):
        (started.folder / file).write_text("hidden")
    texts = texts_of(started, reads(name))
    assert any(name in text and "a run may read only" in text for text in texts), texts
    assert not any("hidden" in text or "root:" in text for text in texts)


def test_a_link_in_a_package_is_refused_when_it_is_unpacked(started: Plant) -> None:
    import zipfile

    package = started.folder / "linked.yxzp"
    with ZipFile(package, "w") as archive:
        archive.writestr("main.yxmd", reads("link.csv"))
        link = zipfile.ZipInfo("link.csv")
        link.external_attr = 0o120777 << 16
        archive.writestr(link, "/etc/passwd")
    with started.database.write() as db:
        workflow = publish(db, started.anna, started.storage, package, a_report(file_name="main.yxmd")).id
    job = started.wait_for(started.queue(workflow))
    assert job.disposition is Disposition.ERROR
    assert "could not be prepared" in started.texts(job.id)[0]


@pytest.mark.parametrize(
    ("name", "output"),
    [("..\\..\\..\\up.csv", "up.csv"), ("C:\\Windows\\out.csv", "out.csv"), ("/etc/cron.d/out.csv", "out.csv"), ("a/b.csv", "a/b.csv")],
)
def test_whatever_is_written_is_an_output(started: Plant, name: str, output: str) -> None:
    job = started.run(writes(name))
    assert job.disposition is Disposition.SUCCESS, started.texts(job.id)
    assert [one.name for one in started.outputs(job.id)] == [output]


def test_an_allowed_folder_is_read_and_written(started: Plant) -> None:
    allowed = _folder(started, "allowed")
    assert started.run(writes(f"{allowed}/made.csv")).disposition is Disposition.SUCCESS
    assert (allowed / "made.csv").read_text().split() == ["url", "x"] or (allowed / "made.csv").exists()
    assert started.run(reads(f"{allowed}/MADE.csv")).disposition is Disposition.SUCCESS


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("http://127.0.0.1:{port}/", "127.0.0.1 is a loopback address"),
        ("http://localhost:{port}/", "is a loopback address"),
        ("http://169.254.169.254/latest/meta-data/", "169.254.169.254 is a cloud metadata address"),
        ("http://10.1.2.3/", "10.1.2.3 is a private address"),
        ("http://[::ffff:127.0.0.1]:{port}/", "is a loopback address"),
    ],
)
def test_downloading_from_inside_is_refused_by_name(started: Plant, url: str, words: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as neighbour:
        texts = texts_of(started, downloads(url.format(port=neighbour.getsockname()[1])))
        neighbour.settimeout(0)
        with pytest.raises(BlockingIOError):
            neighbour.accept()
    assert any(words in text for text in texts), texts
