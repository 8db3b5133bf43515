"""What apps ask, and which answers they take."""

from __future__ import annotations

import pytest

from galleria.documents.answers import check_answers
from galleria.documents.questions import Asked, Item, asked, parse_ticks
from galleria.documents.workflow import Workflow
from galleria.errors import InvalidError
from tests.documents.apps import app, question

NUMBER = "<Minimum value='1' /><Maximum value='13.5' /><Increment value='1' /><Default value='6.0' /><Decimals value='1' />"
COLOURS = "<Mode>Manual</Mode><Manual_Values>Red:r\nGreen5419541n5148905f1n0941f5809g\n\nBlue</Manual_Values>"
ONE = f"<Multiple value='False' /><Default>g</Default>{COLOURS}"
SEVERAL = f"<Multiple value='True' /><Multiple_Custom value='False' /><Multiple_Default value='False' />{COLOURS}"
QUOTED = (
    "<Multiple value='True' /><Multiple_Custom value='True' /><Multiple_Start>\"</Multiple_Start>"
    '<Multiple_Separator>","</Multiple_Separator><Multiple_End>"</Multiple_End><Multiple_Default value=\'True\' />' + COLOURS
)
FIELDS = "<Multiple value='True' /><Multiple_Custom value='False' /><Mode>Field</Mode><Field_ToolId value='1' />"
ITEMS = (Item("Red", "r"), Item("Green", "g"), Item("Blue", "Blue"))


@pytest.mark.parametrize(
    ("kind", "inside", "value", "items", "multiple"),
    [
        ("TextBox", "<Default>4</Default>", "4", None, None),
        ("TextBox", "<Default />", "", None, None),
        ("TextBox", "<Default>secret</Default><Password value='True' />", None, None, None),
        ("NumericUpDown", NUMBER, "6", None, None),
        ("NumericUpDown", "<Default value='0.5' /><Decimals value='0' />", "0.5", None, None),
        ("BooleanGroup", "<Default value='true' />", "True", None, None),
        ("RadioGroup", "<Default value='False' />", "False", None, None),
        ("Date", "", None, None, None),
        ("FileBrowse", "<SaveAs value='False' />", None, None, None),
        ("ListBox", ONE, "g", ITEMS, False),
        ("ListBox", "<Multiple value='False' /><Default /><Mode>DW2</Mode>", None, (), False),
        ("ListBox", SEVERAL, "r=False,g=False,Blue=False", ITEMS, True),
        ("ListBox", QUOTED, '"r","g","Blue"', ITEMS, True),
        ("ListBox", FIELDS, "", (), True),
    ],
)
def test_a_question_is_listed_with_its_default_and_choices(
    kind: str, inside: str, value: str | None, items: tuple[Item, ...] | None, multiple: bool | None
) -> None:
    expected = Asked("it", f"Question{kind}", "About it", value, items, multiple)
    assert asked(app("", question(kind, "it", inside))) == (expected,)


def test_the_list_is_flat_and_holds_questions_only() -> None:
    inner = question("TextBox", "inner", tool_id=52)
    group = question("LabelGroup", "group", f"<Questions>{question('BooleanGroup', 'box', f'<Questions>{inner}</Questions>')}</Questions>")
    others = "".join(question(kind, kind) for kind in ("Label", "Link", "ControlParam", "MacroInput", "MacroOutput"))
    assert [found.name for found in asked(app("", group + others))] == ["box", "inner"]


def test_a_plain_workflow_asks_nothing() -> None:
    assert asked(app("", question("TextBox", "it"), name="was an app.yxmd")) == ()


def with_question(kind: str, inside: str = "") -> Workflow:
    return app("", question(kind, "it", inside))


@pytest.mark.parametrize(
    ("kind", "inside", "answer", "text"),
    [
        ("TextBox", "", " as it is ", " as it is "),
        ("TextBox", "", "", ""),
        ("NumericUpDown", NUMBER, " 13.50 ", "13.5"),
        ("NumericUpDown", NUMBER, "1e1", "10"),
        ("NumericUpDown", "", "-5", "-5"),
        ("NumericUpDown", NUMBER, "", None),
        ("BooleanGroup", "", "true", "True"),
        ("BooleanGroup", "", "0", "False"),
        ("RadioGroup", "", "True", "True"),
        ("Date", "", "2024-02-29", "2024-02-29"),
        ("FolderBrowse", "", r"C:\data", r"C:\data"),
        ("ListBox", ONE, "Blue", "Blue"),
        ("ListBox", ONE, "r", "r"),
        ("ListBox", ONE, "Red", "r"),
        ("ListBox", ONE, "", None),
        ("ListBox", "<Mode>Field</Mode>", "any field", "any field"),
        ("ListBox", SEVERAL, "r", "r=True,g=False,Blue=False"),
        ("ListBox", SEVERAL, "Blue,r", "r=True,g=False,Blue=True"),
        ("ListBox", SEVERAL, "r=False,g=True,Blue=true", "r=False,g=True,Blue=True"),
        ("ListBox", SEVERAL, '["r", "Green"]', "r=True,g=True,Blue=False"),
        ("ListBox", SEVERAL, '[{"key": "r", "value": true}, {"key": "g", "value": "false"}]', "r=True,g=False,Blue=False"),
        ("ListBox", SEVERAL, "", "r=False,g=False,Blue=False"),
        ("ListBox", QUOTED, "r,g", '"r","g"'),
        ("ListBox", QUOTED, '"r","g"', '"r","g"'),
        ("ListBox", QUOTED, '"r"', '"r"'),
        ("ListBox", QUOTED, '""', '""'),
        ("ListBox", QUOTED, "[]", '""'),
        ("ListBox", FIELDS, "a,b", "a=True,b=True"),
    ],
)
def test_answers_become_the_text_that_actions_use(kind: str, inside: str, answer: str, text: str | None) -> None:
    assert check_answers(with_question(kind, inside), {"it": answer}).get("it") == text


@pytest.mark.parametrize(
    ("kind", "inside", "answer", "reason"),
    [
        ("NumericUpDown", NUMBER, "14", "14 is not between 1 and 13.5"),
        ("NumericUpDown", NUMBER, "0.9", "not between"),
        ("NumericUpDown", NUMBER, "2.25", "more than 1 digits"),
        ("NumericUpDown", "", "nan", "'nan' is no number"),
        ("NumericUpDown", "", "1e999999999", "is no number"),
        ("NumericUpDown", "", "five", "'five' is no number"),
        ("BooleanGroup", "", "maybe", "'maybe' is neither True nor False"),
        ("Date", "", "29.02.2024", "is no date"),
        ("Date", "", "2023-02-29", "is no date"),
        ("Date", "", "2024-W01-1", "is no date"),
        ("ListBox", ONE, "Pink", r"'Pink' is not in the list \('r', 'g', 'Blue'\)"),
        ("ListBox", SEVERAL, "r,Pink", "'Pink' is not in the list"),
        ("ListBox", SEVERAL, "[[1]]", "a list is answered by names"),
    ],
)
def test_wrong_answers_are_refused_naming_question_and_reason(kind: str, inside: str, answer: str, reason: str) -> None:
    with pytest.raises(InvalidError, match=f"^question 'it': .*{reason}"):
        check_answers(with_question(kind, inside), {"it": answer})


def test_an_unknown_question_is_refused_and_an_unnamed_one_ignored() -> None:
    workflow = with_question("TextBox")
    assert check_answers(workflow, {"": "x", "IT": "y"}) == {"it": "y"}
    with pytest.raises(InvalidError, match="question 'that': there is no such question; the questions are 'it'"):
        check_answers(workflow, {"that": "x"})


def test_of_radio_buttons_beside_each_other_one_is_chosen() -> None:
    workflow = app("", question("RadioGroup", "a", "<Default value='True' />", 50) + question("RadioGroup", "b", tool_id=51))
    assert check_answers(workflow, {"b": "true"}) == {"a": "False", "b": "True"}
    with pytest.raises(InvalidError, match="question 'b': only one may be True beside 'a'"):
        check_answers(workflow, {"a": "True", "b": "True"})


@pytest.mark.parametrize(
    ("text", "ticks"),
    [
        ("a=True,b=False", [("a", True), ("b", False)]),
        ("a, b=True,c=d=false", [("a, b", True), ("c=d", False)]),
        ("a,b", []),
        ("", []),
    ],
)
def test_ticks_are_read_from_text(text: str, ticks: list[tuple[str, bool]]) -> None:
    assert parse_ticks(text) == ticks
