"""A report from rows to a page, through the tools that make it."""

from pathlib import Path

import polars as pl
from lxml import etree

from galleria.compiler.plan import Feed, Plan, Step
from galleria.documents.workflow import Settings
from galleria.fields.types import Field, FieldType
from galleria.runner.execute import execute
from galleria.runner.given import given_step
from galleria.runner.surroundings import Surroundings
from galleria.runner.world import NoWorld
from galleria.table.table import Table
from galleria.tools.configuration import Configuration
from galleria.tools.contract import Tool
from galleria.tools.join.union import Union
from galleria.tools.reporting.layout import Layout
from galleria.tools.reporting.render import Render
from galleria.tools.reporting.table import ReportTable
from galleria.tools.reporting.text import ReportText
from tests.test_tool_pages import FolderFiles, Heard

ROWS = Table(pl.LazyFrame({"name": ["<script>alert(1)</script>", "b"]}), (Field("name", FieldType.V_STRING, 30),))


def step(number: int, kind: type[Tool], xml: str, *feeds: tuple[int, str]) -> Step:
    inputs = {"Input": [Feed((source,), "Output", wire) for source, wire in feeds]} if feeds else {}
    return Step((number,), kind.__name__, kind.read(Configuration(etree.fromstring(f"<Configuration>{xml}</Configuration>"))), inputs)


def test_snippets_stay_snippets_and_data_stays_data(tmp_path: Path) -> None:
    shown = '<TableFields><Field name="*Unknown" selected="True" /></TableFields>'
    around = "<p><b>All of [Table] here</b></p>".replace("<", "&lt;")
    steps = [
        given_step((1,), ROWS),
        step(2, ReportTable, shown, (1, "")),
        step(3, ReportText, "<Output>Table</Output><Message>title</Message>"),
        step(4, Union, "<Mode>ByName</Mode>", (2, "#1"), (3, "#2")),
        step(5, ReportText, f"<RawMode value='True' /><Message>{around}</Message>", (4, "")),
        step(6, Layout, '<GroupingMode>PerRun</GroupingMode><LayoutFields><Field name="Text" selected="True" /></LayoutFields>', (5, "")),
        step(7, Render, "<OutputFile>a.html</OutputFile><DataField>Layout</DataField>", (6, "")),
    ]
    heard = Heard(tool_id=7)
    outcome = execute(Plan(steps, (), Settings()), Surroundings(FolderFiles(tmp_path), NoWorld()), heard, [Feed((4,), "Output")])
    assert outcome.tables[(4,), "Output"].fields[0].source == "Report: (Multiple Sources)"
    page = (tmp_path / "a.html").read_text(encoding="utf-8")
    assert "<td>&lt;script&gt;alert(1)&lt;/script&gt;</td>" in page.replace(' style="vertical-align:middle"', "")
    assert page.count("<b>All of ") == 2
    assert "<script" not in page
    assert heard.messages == [(9, 'a.html|1 report was written to "a.html"')]
