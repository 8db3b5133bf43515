"""What an administrator offers to every workflow: macro folders, formula add-ins, programs; through real checks and real jobs."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest

from galleria.children.commands import Commands, Offered
from galleria.children.server import RunnerServer
from galleria.gallery.jobs.records import Disposition, Job
from galleria.gallery.workflows.publish import publish
from galleria.settings import Settings
from tests.documents.small import document, node, wire
from tests.worker.conftest import Plant, Shared
from tests.worker.test_escapes import BASE, CSV, ROWS, engine

__all__ = ["engine"]
MACRO_OUTPUT = "AlteryxBasePluginsGui.MacroOutput.MacroOutput"
OUTPUT = f'<File FileFormat="0">out.csv</File>{CSV}'


@pytest.fixture
def database_kind() -> str:
    """What is tested here has nothing to do with the kind of database."""
    return "sqlite"


@pytest.fixture
def fenced(plant: Plant, engine: RunnerServer) -> Plant:
    plant.server = Shared(engine)
    return plant


@pytest.fixture
def commands(engine: RunnerServer) -> Commands:
    return Commands(Shared(engine), kept_s=0)


def rows(text: str) -> str:
    return node(1, ROWS.format(text=text), f"{BASE}TextInput.TextInput")


def macro(inner: str = "") -> str:
    """A macro that gives one row; `inner` is another that it uses, whose row comes out instead."""
    source = node(1, macro=inner, plugin="") if inner else rows("from the folder")
    return document(source + node(2, "<Name>Out</Name>", MACRO_OUTPUT), wire(1, 2, anchors=("Out" if inner else "Output", "Input")))


def uses(name: str) -> str:
    sink = node(2, OUTPUT, f"{BASE}DbFileOutput.DbFileOutput")
    return document(node(1, macro=name, plugin="") + sink, wire(1, 2, anchors=("Out", "Input")))


def computes(expression: str) -> str:
    fields = f'<FormulaFields><FormulaField expression="{expression}" field="half" size="8" type="Double"/></FormulaFields>'
    nodes = rows("7") + node(2, fields, f"{BASE}Formula.Formula") + node(3, OUTPUT, f"{BASE}DbFileOutput.DbFileOutput")
    return document(nodes, wire(1, 2) + wire(2, 3))


def published(plant: Plant, package: Path, report: dict[str, Any]) -> str:
    with plant.database.write() as db:
        return publish(db, plant.anna, plant.storage, package, report).id


def said(plant: Plant, job: Job) -> str:
    return " ".join(plant.texts(job.id))


@pytest.mark.parametrize("suffix", [".yxmd", ".yxzp"])
def test_macros_of_the_folders_are_packed_so_that_a_run_needs_no_folder(
    fenced: Plant, commands: Commands, tmp_path: Path, suffix: str
) -> None:
    shared, up = tmp_path / "shared", tmp_path / "up"
    (shared / "Deep").mkdir(parents=True)
    up.mkdir()
    (shared / "One.yxmc").write_text(macro(r"Deep\Two.yxmc"))
    (shared / "Deep" / "Two.yxmc").write_text(macro())
    source, package = up / f"main{suffix}", tmp_path / "package.yxzp"
    if suffix == ".yxmd":
        source.write_text(uses("One.yxmc"))
    else:
        with ZipFile(source, "w") as archive:
            archive.writestr("main.yxmd", uses("One.yxmc"))
            archive.writestr("notes/read me.txt", "kept")
    lacking = commands.check(source, tmp_path / "lacking.yxzp")
    assert "find the macro" in str(lacking["tools"])
    commands.offered = Offered((shared,))
    report = commands.check(source, package)
    assert all(tool["supported"] for tool in report["tools"]), report["tools"]
    with ZipFile(package) as archive:
        assert {"main.yxmd", "_externals/1/One.yxmc", "_externals/1/Deep/Two.yxmc"} <= set(archive.namelist())
        assert suffix == ".yxmd" or archive.read("notes/read me.txt") == b"kept"
    shutil.rmtree(shared)
    fenced.start()
    job = fenced.wait_for(fenced.queue(published(fenced, package, report)))
    assert job.disposition is Disposition.SUCCESS, said(fenced, job)


def test_a_package_that_brings_its_macros_stays_as_it_is(commands: Commands, tmp_path: Path) -> None:
    for folder in ("shared", "up"):
        (tmp_path / folder).mkdir()
    (tmp_path / "shared" / "One.yxmc").write_text(macro())
    source = tmp_path / "up" / "main.yxzp"
    with ZipFile(source, "w") as archive:
        archive.writestr("main.yxmd", uses("One.yxmc"))
        archive.writestr("One.yxmc", macro())
    commands.offered = Offered((tmp_path / "shared",))
    commands.check(source, tmp_path / "package.yxzp")
    assert (tmp_path / "package.yxzp").read_bytes() == source.read_bytes()


def test_formulas_of_a_job_and_of_a_check_know_the_add_ins(fenced: Plant, commands: Commands, tmp_path: Path) -> None:
    (tmp_path / "addins").mkdir()
    half = "<Function><Name>HALF</Name><NumParams variable='false'>1</NumParams><Formula>P1 / 2</Formula></Function>"
    (tmp_path / "addins" / "own.xml").write_text(f"<FormulaAddIn>{half}</FormulaAddIn>")
    text = computes("HALF(ToNumber([url]))")
    (tmp_path / "up").mkdir()
    (tmp_path / "up" / "main.yxmd").write_text(text)
    assert "Unknown function" in str(commands.check(tmp_path / "up" / "main.yxmd", tmp_path / "one.yxzp")["tools"])
    commands.offered = Offered(addins=tmp_path / "addins")
    assert all(tool["supported"] for tool in commands.check(tmp_path / "up" / "main.yxmd", tmp_path / "two.yxzp")["tools"])
    fenced.start(replace(fenced.options(), formula_addins=tmp_path / "addins"))
    job = fenced.run(text)
    assert job.disposition is Disposition.SUCCESS, said(fenced, job)
    (file,) = fenced.stored_files()
    assert file.read_text().split() == ["url,half", "7,3.5"]


@pytest.mark.parametrize("is_unrestricted", [False, True])
def test_programs_run_on_a_server_only_where_the_administrator_says_so(fenced: Plant, tmp_path: Path, is_unrestricted: bool) -> None:
    command = f"<ProgramName>touch</ProgramName><Arguments>{tmp_path}/made</Arguments>"
    fenced.start(replace(fenced.options(), is_unrestricted=is_unrestricted))
    job = fenced.run(document(node(1, command, f"{BASE}RunCommand.RunCommand")))
    assert (tmp_path / "made").exists() is is_unrestricted
    assert ("This run may not start programs; an administrator can allow it." in said(fenced, job)) is not is_unrestricted
    assert (job.disposition is Disposition.SUCCESS) is is_unrestricted, said(fenced, job)


@pytest.mark.parametrize("text", ["/a,/b", "/a:/b", " /a , /b "])
def test_macro_folders_are_separated_by_commas_or_as_in_path(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setenv("GALLERIA_MACRO_FOLDERS", text)
    assert Settings().macro_folders == (Path("/a"), Path("/b"))
