"""The canvas from the document to the drawing."""

import json
from pathlib import Path
from typing import Any

import pytest

from galleria.children.commands import check
from galleria.web.canvas import drawing_of, inside_of
from galleria.web.questions import asked, filled
from tests.web.conftest import WORKFLOWS


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    made = tmp_path_factory.mktemp("canvas")
    # What is stored has been JSON.
    return json.loads(json.dumps(check(WORKFLOWS / "Orders by region.yxwz", made / "package.yxzp")))


def test_every_tool_container_comment_and_wire_is_drawn(report: dict[str, Any]) -> None:
    drawing = drawing_of(report, {})
    assert drawing is not None
    assert [tile.tool_id for tile in drawing.tiles] == [1, 2, 3, 4, 5, 6, 10, 11, 12, 13]
    assert [tile.name for tile in drawing.tiles[:3]] == ["Text Input", "Select", "Filter"]
    assert [tile.family for tile in drawing.tiles[:3]] == ["in_out", "preparation", "preparation"]
    assert [box.lines for box in drawing.containers] == [["What was asked for"]]
    assert " ".join(drawing.comments[0].lines) == "Change the region in the form, not here."
    assert len(drawing.lines) == 9
    assert {line.kind for line in drawing.lines} == {"plain", "interface"}


def test_everything_lies_inside_the_frame(report: dict[str, Any]) -> None:
    drawing = drawing_of(report, {})
    assert drawing is not None
    for tile in drawing.tiles:
        assert drawing.left < tile.x < drawing.left + drawing.width
        assert drawing.top < tile.y < drawing.top + drawing.height


def test_a_filter_has_two_outputs_told_apart_by_letters(report: dict[str, Any]) -> None:
    drawing = drawing_of(report, {3: "no"})
    assert drawing is not None
    tile = drawing.tiles[2]
    assert [point.letter for point in tile.outputs] == ["T", "F"]
    assert tile.problem == "no"


def test_a_tool_tells_its_settings_and_schemas(report: dict[str, Any]) -> None:
    inside = inside_of(report, {}, 3)
    assert inside is not None
    assert ("Expression", '[Region] = "North"') in inside.settings
    assert dict(inside.schemas)["True"] == [("Region", "String"), ("Customer", "String"), ("Ordered", "Date"), ("Amount", "Double")]
    assert inside_of(report, {}, 999) is None


def test_rows_and_secrets_are_not_settings(tmp_path: Path) -> None:
    text = (WORKFLOWS / "Quiet night.yxmd").read_text()
    text = text.replace(
        "<Passwords />", "<Passwords>hunter2</Passwords><Login secret='hunter2' user='u'/><Line>odbc:DSN=x;PWD=hunter2</Line>"
    )
    (tmp_path / "in").mkdir()
    source = tmp_path / "in" / "secret.yxmd"
    source.write_text(text)
    canvas = json.dumps(check(source, tmp_path / "package.yxzp")["canvas"])
    assert "hunter2" not in canvas
    assert "Harbour" not in canvas


def test_questions_become_fields(report: dict[str, Any]) -> None:
    kinds = {question.name: question.kind for question in asked(report)}
    assert kinds == {
        "Region": "choice",
        "Smallest amount": "number",
        "Title": "text",
        "Remarks": "long text",
        "Columns": "many",
        "Since": "date",
        "Cancelled": "tick",
        "One table": "radio",
        "A table a customer": "radio",
        "More orders": "file",
    }
    fields = {
        question.name: question for question in filled(asked(report), {"Region": "West", "Columns": '["Amount"]', "More orders": "5a"})
    }
    assert [option.value for option in fields["Region"].options if option.is_chosen] == ["West"]
    assert [option.value for option in fields["Columns"].options if option.is_chosen] == ["Amount"]
    assert fields["More orders"].value == ""
    assert (fields["Smallest amount"].minimum, fields["Smallest amount"].maximum) == ("0", "1000")
    assert fields["One table"].group == fields["A table a customer"].group != 0


def test_a_version_without_a_canvas_has_no_drawing() -> None:
    assert drawing_of({}, {}) is None
