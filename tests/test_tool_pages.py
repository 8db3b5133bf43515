"""Runs every scenario of every tool's page through the runner."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import polars as pl
import pytest
from lxml import etree
from polars.testing import assert_series_equal
from shapely import from_wkb, normalize

import galleria.tools
from galleria.compiler.plan import Feed, Plan, Step
from galleria.documents.workflow import Settings
from galleria.errors import GalleriaError
from galleria.fields.types import FieldType
from galleria.runner.execute import Outcome, execute
from galleria.runner.given import given_step
from galleria.runner.surroundings import Surroundings
from galleria.runner.world import NoWorld
from galleria.table.table import Table
from galleria.tools.configuration import Configuration
from galleria.tools.contract import Files, Tool
from galleria.tools.palette import all_tools
from tests.pages import ExpectedTable, Scenario, scenarios

ROOT = Path(galleria.tools.__path__[0])
PAGES = sorted(ROOT.glob("*/*.md"))
SCENARIOS = [pytest.param(one, id=f"{page.stem}: {one.title}") for page in PAGES for one in scenarios(page)]


@dataclass
class Heard:
    messages: list[tuple[int, str]] = field(default_factory=list)
    tool_id: int = 1

    def message(self, message) -> None:
        if message.tool_id == self.tool_id:
            self.messages.append((int(message.status), message.text))

    def progress(self, far) -> None: ...

    def output(self, path: Path) -> None: ...


@dataclass
class FolderFiles:
    """All files in one folder."""

    folder: Path
    made: int = 0

    def to_read(self, name: str) -> Path:
        path = self.folder / name.replace("\\", "/")
        if not path.exists():
            raise GalleriaError(f'File not found "{name}"')
        return path

    def to_write(self, name: str) -> Path:
        return self.folder / name.replace("\\", "/")

    def temporary(self, suffix: str = "") -> Path:
        self.made += 1
        return self.folder / f"temporary{self.made}{suffix}"


def tool_of(page: Path) -> type[Tool]:
    module = f"galleria.tools.{page.parent.name}.{page.stem}"
    found = [tool for tool in all_tools() if tool.__module__ == module]
    assert len(found) == 1, f"{module} must hold one tool"
    return found[0]


def run(scenario: Scenario, folder: Path, files: Files | None = None) -> tuple[Outcome, Heard]:
    for name, text in scenario.files.items():
        (folder / name).write_text(text, encoding="utf-8")
    kind = tool_of(scenario.page)
    tool = kind.read(Configuration(etree.fromstring(scenario.configuration)))
    steps, feeds = [], {}
    for number, (anchor, wire, table) in enumerate(scenario.inputs, 1000):
        steps.append(given_step((number,), table))
        feeds.setdefault(anchor, []).append(Feed((number,), "Output", wire))
    steps.append(Step((1,), "page", tool, feeds))
    heard = Heard()
    keep = [Feed((1,), anchor) for anchor in scenario.outputs]
    around = Surroundings(files or FolderFiles(folder), NoWorld())
    return execute(Plan(steps, (), Settings()), around, heard, keep), heard


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_scenario(scenario: Scenario, tmp_path: Path) -> None:
    if scenario.error is not None:
        assert error_of(scenario, tmp_path) == scenario.error
        return
    outcome, heard = run(scenario, tmp_path)
    assert [text for status, text in heard.messages if status == 3 and scenario.messages is None] == []
    for anchor, expected in scenario.outputs.items():
        compare(outcome.tables[(1,), anchor], expected, anchor)
    if scenario.messages is not None:
        assert heard.messages == scenario.messages
    for name, text in scenario.writes.items():
        assert (tmp_path / name).read_text(encoding="utf-8") == text


def error_of(scenario: Scenario, folder: Path) -> str:
    try:
        _, heard = run(scenario, folder)
    except GalleriaError as error:
        return error.message.removesuffix(" (tool 1)")
    return next((text for status, text in heard.messages if status == 3), "no error")


def compare(table: Table, expected: ExpectedTable, anchor: str) -> None:
    frame = table.frame.collect()
    assert [(f.name, f.type.value) for f in table.fields] == [(f.name, f.type.value) for f in expected.fields], anchor
    for given, wanted, sized in zip(table.fields, expected.fields, expected.sized, strict=True):
        if sized:
            assert (given.name, given.size, given.scale) == (wanted.name, wanted.size, wanted.scale)
        assert frame.schema[given.name] == given.dtype, f"{anchor}: column {given.name} has another Polars type than its field"
    assert frame.columns == table.names
    wanted_frame = expected.table.frame.collect()
    for one in expected.fields:
        tolerant = one.type in (FieldType.DOUBLE, FieldType.FLOAT)
        left, right = frame[one.name], wanted_frame[one.name]
        if one.type is FieldType.SPATIAL:
            compare_shapes(left, right)
            continue
        if one.type is FieldType.FIXED_DECIMAL:
            left, right = left.cast(pl.String), right.cast(left.dtype).cast(pl.String)
        assert_series_equal(left, right, check_exact=not tolerant, check_dtypes=False, rel_tol=1e-9)


def compare_shapes(given: pl.Series, wanted: pl.Series) -> None:
    """Equal to a millionth of a degree; where the ring of a polygon begins does not count."""
    assert len(given) == len(wanted)
    for number, (one, other) in enumerate(zip(given, wanted, strict=True), 1):
        left, right = (
            shape if shape is None or shape.geom_type[-7:] != "Polygon" else normalize(shape) for shape in map(from_wkb, (one, other))
        )
        assert (left is right is None) or left.equals_exact(right, 1.1e-6), f"{given.name}, row {number}: {left} instead of {right}"


@pytest.mark.parametrize("tool", all_tools(), ids=lambda tool: tool.__name__)
def test_every_tool_has_its_page(tool: type[Tool]) -> None:
    page = ROOT / tool.__module__.split(".")[-2] / f"{tool.__module__.split('.')[-1]}.md"
    assert page.exists(), f"{tool.__module__} needs {page.name} beside it"
    text = page.read_text(encoding="utf-8")
    assert text.startswith("# ")
    assert "## Source" in text
    assert scenarios(page), "a page shows at least one scenario"
