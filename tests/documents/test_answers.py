"""What the answers change in a document."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from lxml import etree

from galleria.documents.answers import apply_answers
from galleria.documents.workflow import Constant, Wire, Workflow
from galleria.errors import FormulaError, GalleriaError, InvalidError, ToolError, UnsupportedError
from tests.documents.apps import action, app, destination, expression, lookup, no_formula, question, tool
from tests.documents.small import document, node, read, wire

TEXT = question("TextBox", "text", "<Default>d</Default>")
BOX = question("BooleanGroup", "box", "<Default value='False' />")
SIMPLE = "<Mode>Simple</Mode><Variable /><Replace value='False' />"


def xml(workflow: Workflow, tool_id: int = 1) -> str:
    """What tool 1's configuration holds."""
    whole = etree.tostring(tool(workflow, tool_id).configuration, encoding="unicode", with_tail=False)
    return whole.removeprefix("<Configuration>").removesuffix("</Configuration>")


SELECT = '<SelectFields><SelectField field="a" rename="x"/><SelectField field="it\'s/[b]" rename="y"/></SelectFields>'


@pytest.mark.parametrize(
    ("configuration", "path", "expected"),
    [
        ("<N>5</N>", "1/N", "<N>new</N>"),
        ("<N/>", "1/N", "<N>new</N>"),
        ('<N value="5"/>', "1/N/@value", '<N value="new"/>'),
        ("<N/>", "1/N/@added", '<N added="new"/>'),
        ("<D><r><c>1</c></r><r><c>2</c><c>3</c></r></D>", "1/D/r[2]/c[2]", "<D><r><c>1</c></r><r><c>2</c><c>new</c></r></D>"),
        ("<D><c>1</c><c>2</c></D>", "1/D/c", "<D><c>new</c><c>2</c></D>"),
        (SELECT, "1/SelectFields/SelectField[@field='a']/@rename", SELECT.replace('"x"', '"new"')),
        (SELECT, "1/SelectFields/SelectField[@field='it's/[b]']/@rename", SELECT.replace('"y"', '"new"')),
        ("<A>1</A>", "1", "new<A>1</A>"),
        ("<A>1</A>", "999/A", "<A>new</A>"),
        ("<A>1<B/></A>", "1/A", "<A>new<B/></A>"),
    ],
)
def test_a_value_is_written_where_the_action_says(configuration: str, path: str, expected: str) -> None:
    workflow = app(configuration, TEXT, action("UpdateValue", SIMPLE + destination(path)))
    assert xml(apply_answers(workflow, {"text": "new"}, no_formula)) == expected
    assert xml(workflow) == configuration


@pytest.mark.parametrize(
    ("inside", "expected"),
    [
        ("<Replace value='True' /><ReplaceText>6</ReplaceText>", "[a] &gt; 9 and 9"),
        ("<Replace value='True' /><ReplaceText>x</ReplaceText>", "[a] &gt; 6 and 6"),
        ("<Replace value='True' />", "9"),
        ("<Variable>#1</Variable>", "9"),
        ("<Variable>#2</Variable>", "two"),
        ("<Variable>second</Variable>", "two"),
        ("<Variable>not there</Variable>", "9"),
    ],
)
def test_a_value_replaces_all_or_parts_and_comes_from_the_named_question(inside: str, expected: str) -> None:
    questions = TEXT + question("TextBox", "second", "<Default>two</Default>", 51)
    workflow = app("<E>[a] &gt; 6 and 6</E>", questions, action("UpdateValue", inside + destination("1/E")))
    assert xml(apply_answers(workflow, {"text": "9"}, no_formula)) == f"<E>{expected}</E>"


def test_a_formula_sees_the_answers_and_what_is_there() -> None:
    seen: dict[str, str] = {}

    def evaluate(text: str, variables: Mapping[str, str]) -> str:
        seen.update(variables, text=text)
        return "result"

    update = action("UpdateValueFormula", expression("[Destination] + '%Question.text%' + %User.u%") + destination("1/E"))
    workflow = app("<E>old</E>", TEXT + question("BooleanGroup", "box", tool_id=51), update)
    assert xml(apply_answers(workflow, {"text": "a<b", "box": "true"}, evaluate)) == "<E>result</E>"
    assert seen["text"] == "[Destination] + 'a<b' + %User.u%"
    expected = {"#1": "a<b", "#2": "True", "Destination": "old", "Question.text": "a<b", "Question.box": "True", "text": seen["text"]}
    assert {name: seen[name] for name in expected} == expected


@pytest.mark.parametrize(
    ("path", "outer", "raw", "expected"),
    [
        ("1/F", "False", "<a x='1'/>t<b/>", '<F k="1"><a x="1"/>t<b/></F><G/>'),
        ("1/F", "False", "", '<F k="1"/><G/>'),
        ("1/F", "True", "<a/><b/>", "<a/><b/><G/>"),
        ("1/G", "True", "text", '<F k="1">old<o/></F>text'),
        ("1/F/o", "True", "t", '<F k="1">oldt</F><G/>'),
        ("1/F", "True", "[Destination]", '<F k="1">old<o/></F><G/>'),
        ("1/F", "False", "[Destination]", '<F k="1">old<o/></F><G/>'),
        ("1", "False", "<N>1</N>", "<N>1</N>"),
        ("1", "True", "<Configuration><N>2</N></Configuration>", "<N>2</N>"),
    ],
)
def test_raw_xml_replaces_what_an_element_holds_or_the_element(path: str, outer: str, raw: str, expected: str) -> None:
    update = action("UpdateRawXml", expression(raw) + destination(path) + f"<OuterXml value='{outer}' />")
    workflow = app('<F k="1">old<o/></F><G/>', TEXT, update)
    assert xml(apply_answers(workflow, {"text": "x"}, lookup)) == expected


def helper(mapping: str, path: str, text: str = "{{INPUT}}") -> str:
    return action("Dynamic", f"<Mode>Expression</Mode><Mapping>{mapping}</Mapping>" + expression(text) + destination(path))


@pytest.mark.parametrize(
    ("act", "answer", "expected"),
    [
        (helper("Update Cell", "1/Data/r[1]/c[1]"), "True", '<Data><r><c>True</c></r></Data><Disabled value="?"/>'),
        (
            helper("Enable/Disable Container from Question", "1/Disabled/@value"),
            "true",
            '<Data><r><c>1</c></r></Data><Disabled value="True"/>',
        ),
        (
            helper("Enable/Disable Container from Question", "1/Disabled/@value"),
            "no",
            '<Data><r><c>1</c></r></Data><Disabled value="False"/>',
        ),
        (helper("Enable/Disable Container", "1/Disabled/@value", "ever"), "no", '<Data><r><c>1</c></r></Data><Disabled value="ever"/>'),
        (
            helper("Update Detour Direction", "1/Disabled/@value", "!{{INPUT}}"),
            "no",
            '<Data><r><c>1</c></r></Data><Disabled value="True"/>',
        ),
    ],
)
def test_helpers_write_the_answer_or_a_result(act: str, answer: str, expected: str) -> None:
    workflow = app('<Data><r><c>1</c></r></Data><Disabled value="?"/>', BOX, act)
    assert xml(apply_answers(workflow, {"box": answer}, lookup)) == expected


def test_fields_are_ticked_as_the_list_says_and_added_before_the_unknown() -> None:
    fields = '<SelectFields><SelectField field="a" selected="True"/>{}<SelectField field="*Unknown" selected="False"/></SelectFields>'
    listed = question("ListBox", "text", "<Multiple value='True' /><Mode>Field</Mode>")
    workflow = app(fields.format(""), listed, action("UpdateSelect", "<Variable /><SelectTool value='-1' />"))
    expected = fields.replace('"True"', '"False"').format('<SelectField field="b, c" selected="True"/>')
    assert xml(apply_answers(workflow, {"text": "a=False,b, c=True"}, no_formula)) == expected


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ("new.CSV", '<File FileFormat="0">new.CSV</File>'),
        ("b.xlsx|||S", "<File>b.xlsx|||S</File>"),
        ("", '<File FileFormat="0">a.csv</File>'),
    ],
)
def test_an_input_is_pointed_to_the_chosen_file(answer: str, expected: str) -> None:
    update = action("UpdateInput", "<Variable /><InputTool value='-1' /><Required value='False' />")
    workflow = app('<File FileFormat="0">a.csv</File>', question("FileBrowse", "text"), update)
    assert xml(apply_answers(workflow, {"text": answer}, no_formula)) == expected


@pytest.mark.parametrize(
    ("wires", "expected"),
    [
        (wire(2, 1) + wire(1, 3, 'name="#1"', ("True", "Left")), {Wire(2, "Output", 3, "Left", "#1")}),
        (wire(2, 1), set[Wire]()),
        (wire(1, 3), set[Wire]()),
        (wire(2, 1) + wire(1, 3) + wire(1, 3, anchors=("False", "Right")), set[Wire]()),
    ],
)
def test_a_deleted_tool_lets_its_one_stream_through(wires: str, expected: set[Wire]) -> None:
    workflow = app("", TEXT, action("DeleteTool", "<DeleteTool value='1' />"), wires=wires)
    after = apply_answers(workflow, {}, no_formula)
    assert 1 not in {node.tool_id for node in after.nodes}
    assert {found for found in after.wires if found.destination == 3} == expected


@pytest.mark.parametrize(
    ("test", "answer", "expected"),
    [
        ("[#1]", "True", "yes"),
        ("[#1]", "False", "no"),
        ("1", "False", "yes"),
        ("-1", "False", "yes"),
        ("0", "True", "no"),
        ("", "True", "no"),
    ],
)
def test_a_condition_decides_which_actions_happen(test: str, answer: str, expected: str) -> None:
    def write(text: str) -> str:
        return action("UpdateValueFormula", expression(text) + destination("1/N"), 61)

    branches = f"<True>{write('yes')}</True><False>{write('no')}</False>"
    condition = f"<Condition><Type>Condition</Type><ToolId value='70' />{expression(test)}{branches}</Condition>"
    workflow = app("<N/>", BOX, conditions=condition, wires=wire(50, 70, 'name="#1"', ("Question", "Question")))
    assert xml(apply_answers(workflow, {"box": answer}, lookup)) == f"<N>{expected}</N>"


def test_questions_without_an_answer_keep_their_default_and_without_a_default_change_nothing() -> None:
    update = action("UpdateValue", SIMPLE + destination("1/N"))
    assert xml(apply_answers(app("<N>old</N>", TEXT, update), {}, no_formula)) == "<N>d</N>"
    assert xml(apply_answers(app("<N>old</N>", question("Date", "day"), update), {}, no_formula)) == "<N>old</N>"


def test_the_design_value_of_a_constant_stands_in_where_there_is_no_default() -> None:
    constant = "<Constants><Constant><Namespace>Question</Namespace><Name>day</Name><Value>2020-01-01</Value></Constant></Constants>"
    workflow = app("<N/>", question("Date", "day"), action("UpdateValue", SIMPLE + destination("1/N")), constants=constant)
    assert xml(apply_answers(workflow, {}, no_formula)) == "<N>2020-01-01</N>"


def test_question_constants_hold_the_answers() -> None:
    constant = "<Constants><Constant><Namespace>Question</Namespace><Name>text</Name><Value>x</Value></Constant></Constants>"
    number = question("NumericUpDown", "n", "<Decimals value='0' />", 51)
    after = apply_answers(app("", TEXT + number, constants=constant), {"text": "y", "n": "5.0"}, no_formula)
    assert after.constants == (Constant("Question", "text", "y"), Constant("Question", "n", "5", is_numeric=True))


def test_a_macro_takes_its_callers_texts_as_they_are() -> None:
    listed = question(
        "ListBox", "text", "<Multiple value='True' /><Multiple_Custom value='True' /><Mode>Manual</Mode><Manual_Values>a</Manual_Values>"
    )
    workflow = app("<N/>", listed, action("UpdateValue", SIMPLE + destination("1/N")), name="m.yxmc")
    assert xml(apply_answers(workflow, {"text": '"gone","also gone"', "stale": "x"}, no_formula)) == '<N>"gone","also gone"</N>'


def test_a_control_parameter_is_a_question_of_a_macro() -> None:
    workflow = app("<N/>", question("ControlParam", "text"), action("UpdateValue", SIMPLE + destination("1/N")), name="m.yxmc")
    assert xml(apply_answers(workflow, {"text": "7"}, no_formula)) == "<N>7</N>"


def test_a_control_parameter_of_an_old_macro_has_no_question() -> None:
    batch = "<BatchMacro><ControlParams><ControlParam><Name>p</Name></ControlParam></ControlParams></BatchMacro>"
    update = "<Action><Type>UpdateValue</Type><Variable>ControlParam.p</Variable><Destination>1/N</Destination></Action>"
    runtime = f"<RuntimeProperties>{batch}<Actions><NoCondition><True>{update}</True></NoCondition></Actions></RuntimeProperties>"
    workflow = read(document(node(1, "<N/>"), properties=runtime), "m.yxmcbatch")
    assert xml(apply_answers(workflow, {"p": "7"}, no_formula)) == "<N>7</N>"


def test_a_plain_workflow_that_was_an_app_stays_as_it_is() -> None:
    workflow = app("<N>old</N>", TEXT, action("UpdateValue", SIMPLE + destination("1/N")), name="was.yxmd")
    assert apply_answers(workflow, {}, no_formula) is workflow
    with pytest.raises(InvalidError, match="question 'text': a plain workflow asks nothing"):
        apply_answers(workflow, {"text": "x"}, no_formula)


@pytest.mark.parametrize(
    ("actions", "error", "words"),
    [
        (action("Error", expression("[#1]")), ToolError, "^No way$"),
        (action("Teleport", destination("1/N")), UnsupportedError, r"^action Teleport: .*not supported \(tool 60\)$"),
        (helper("Update Password", "1/N"), UnsupportedError, r"^action Update Password: .*\(tool 60\)$"),
        (action("UpdateValue", destination("1/Missing/@x")), ToolError, "there is nothing at 1/Missing/@x"),
        (action("UpdateValue", destination("1/N[")), ToolError, r"cannot be understood at 'N\['"),
        (action("UpdateValue", destination("N/@x")), ToolError, "does not begin with a tool id"),
        (action("UpdateRawXml", expression("<a>") + destination("1/N")), ToolError, "not well-formed"),
        (
            action("UpdateRawXml", expression("<a/><b/>") + destination("1") + "<OuterXml value='True' />"),
            ToolError,
            "must be one element, not 2",
        ),
        (
            action("UpdateValueFormula", expression("a\x7f\x80") + destination("1/N")) + action("UpdateSelect", ""),
            ToolError,
            "no list of fields",
        ),
        (action("UpdateInput", "<Required value='True' /><Variable>empty</Variable>"), ToolError, "a file must be chosen"),
    ],
)
def test_actions_that_cannot_be_done_are_refused_naming_the_interface_tool(actions: str, error: type[GalleriaError], words: str) -> None:
    questions = BOX + question("TextBox", "empty", "<Default />", 52)
    with pytest.raises(error, match=words) as caught:
        apply_answers(app("<N/>", questions, actions), {"box": "true"}, lookup)
    assert isinstance(caught.value, ToolError | UnsupportedError)
    assert caught.value.tool_id == 60


def test_an_error_message_that_does_not_fire_lets_the_run_go_on() -> None:
    assert apply_answers(app("", BOX, action("Error", expression("[#1]"))), {"box": "false"}, lookup).nodes


def test_a_wrong_expression_is_reported_with_its_interface_tool() -> None:
    def evaluate(text: str, variables: Mapping[str, str]) -> str:
        raise FormulaError("nonsense", 3)

    update = action("UpdateValueFormula", expression("((") + destination("1/N"))
    with pytest.raises(ToolError, match=r"its expression cannot be evaluated: .*nonsense") as caught:
        apply_answers(app("<N/>", TEXT, update), {}, evaluate)
    assert caught.value.tool_id == 60


@pytest.mark.parametrize("answer", ["\x00", "a\x0bb", "\ud800"])
def test_characters_that_no_document_can_hold_are_refused(answer: str) -> None:
    workflow = app("<N/>", TEXT, action("UpdateValue", SIMPLE + destination("1/N")))
    with pytest.raises(InvalidError, match="characters that a configuration cannot hold"):
        apply_answers(workflow, {"text": answer}, no_formula)
