"""What changed between two versions, read from real packages in a child process."""

import pytest

from galleria.children.commands import check
from galleria.gallery.workflows.changes import WorkflowChange, change_workflow
from galleria.gallery.workflows.publish import add_version, publish
from galleria.gallery.workflows.service import versions_of
from tests.gallery.scene import SYSTEM
from tests.web.conftest import WORKFLOWS, House

DOCUMENT = (WORKFLOWS / "Quiet night.yxmd").read_text("utf-8")
FILTER = """<Node ToolID="3"><GuiSettings Plugin="AlteryxBasePluginsGui.Filter.Filter"><Position x="126" y="78" /></GuiSettings>
<Properties><Configuration><Mode>Custom</Mode><Expression>[Decibel] &lt; 55</Expression></Configuration></Properties></Node>
</Nodes>"""
WIRE = '<Connection><Origin ToolID="3" Connection="True" /><Destination ToolID="2" Connection="Input" /></Connection></Connections>'
LATER = (
    DOCUMENT.replace("</Nodes>", FILTER)
    .replace("noise.csv", "quiet.csv")
    .replace("<c>38</c>", "<c>39</c>")
    .replace("<Passwords />", "<Password>hunter2</Password>")
    .replace(
        '<Origin ToolID="1" Connection="Output" /><Destination ToolID="2"',
        '<Origin ToolID="1" Connection="Output" /><Destination ToolID="3"',
    )
    .replace("</Connections>", WIRE)
    .replace("How loud", "How quiet")
)


def published(house: House, document: str, workflow_id: str | None = None) -> str:
    place = house.scene.folder / "published"
    place.mkdir(exist_ok=True)
    source, package = place / "Night.yxmd", house.scene.folder / "night.yxzp"
    source.write_text(document, "utf-8")
    report = check(source, package)
    storage = house.parts.storage
    with house.parts.database.write() as db:
        if workflow_id is None:
            return publish(db, house.anna, storage, package, report).id
        add_version(db, house.anna, storage, workflow_id, package, report)
        return workflow_id


@pytest.fixture
def night(house: House) -> str:
    app = published(house, DOCUMENT)
    return published(house, LATER, app)


def test_what_changed_is_told_tool_by_tool(house: House, night: str) -> None:
    page = house.visit(house.anna).page(f"/app/x/{night}/versions/compare?before=1&after=2")
    for words in (
        "1 tool added",
        "2 tools changed",
        "3 connections changed",
        "How loud the night",
        "How quiet the night",
        "noise.csv",
        "quiet.csv",
        "3 rows, not the same ones",
        "Filter (3), True",
    ):
        assert words in page.text, words
    assert "hunter2" not in page.text
    assert "Password" in page.text


def test_it_is_worked_out_once_and_kept(house: House, night: str) -> None:
    visit = house.visit(house.anna)
    first = visit.page(f"/app/x/{night}/versions/compare")
    with house.parts.database.read() as db:
        for version in versions_of(db, house.anna, night):
            house.parts.storage.delete(version.package_key)
    assert visit.page(f"/app/x/{night}/versions/compare").text == first.text


def test_the_other_way_round_what_came_has_gone(house: House, night: str) -> None:
    page = house.visit(house.anna).page(f"/app/x/{night}/versions/compare?before=2&after=1")
    assert "1 tool removed" in page.text


def test_the_same_version_twice_is_no_change(house: House, night: str) -> None:
    assert "Nothing changed" in house.visit(house.anna).page(f"/app/x/{night}/versions/compare?before=2&after=2").text


def test_there_is_nothing_to_compare_with_one_version(house: House) -> None:
    app = house.scene.workflow_id
    assert "only one version" in house.visit(house.anna).page(f"/app/x/{app}/versions/compare").text


def test_whoever_may_not_have_the_file_does_not_see_what_is_in_it(house: House, night: str) -> None:
    with house.parts.database.write() as db:
        change_workflow(db, SYSTEM, night, WorkflowChange(is_public=True, can_download=False))
    assert house.visit(house.viewer).get(f"/app/x/{night}/versions/compare").status_code == 403
    assert house.visit(house.anna).get(f"/app/x/{night}/versions/compare").status_code == 200


def test_a_package_that_cannot_be_read_is_told_so(house: House) -> None:
    app = house.scene.workflow_id
    with house.parts.database.write() as db:
        add_version(db, house.anna, house.parts.storage, app, house.scene.folder / "package.yxzp", {"file_name": "a.yxmd"})
    assert "holds no workflow" in house.visit(house.anna).page(f"/app/x/{app}/versions/compare").text
