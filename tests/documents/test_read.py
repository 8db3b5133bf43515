"""Documents become plain data: what is kept, what is mended, what is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from galleria.documents.interface import flat
from galleria.documents.read import read_document, read_workflow_file
from galleria.documents.workflow import Condition, Constant, Kind, Settings, Wire
from galleria.errors import GalleriaError, InvalidError, NotFoundError, TooLargeError, UnsupportedError
from galleria.fields.types import Field, FieldType
from tests.documents.small import document, node, read, wire

META = '<MetaInfo connection="{}"><RecordInfo>{}</RecordInfo></MetaInfo>'
CONTAINER = (
    '<Node ToolID="7"><GuiSettings Plugin="AlteryxGuiToolkit.ToolContainer.ToolContainer"><Position x="1" y="2" width="30.5" height="4" />'
    '</GuiSettings><Properties><Configuration><Disabled value="True" /></Configuration></Properties><ChildNodes>{}</ChildNodes></Node>'
)


def test_a_node_keeps_what_its_document_says() -> None:
    more = (
        "<Annotation><Name>Mine</Name><DefaultAnnotationText>made</DefaultAnnotationText><AnnotationText>said</AnnotationText></Annotation>"
    )
    (found,) = read(document(node(12, "<N>5</N>", more=more))).nodes
    assert (found.tool_id, found.plugin, found.macro, found.container, found.position, found.size) == (
        12,
        "Some.Tool.Tool",
        "",
        None,
        (54, 78),
        None,
    )
    assert (found.annotation, found.given_name, found.engine_dll, found.entry_point) == ("said", "Mine", "Some.dll", "SomeTool")
    assert found.configuration.findtext("N") == "5"


def test_children_of_a_node_may_stand_in_any_order_or_be_missing() -> None:
    turned = '<Node ToolID="1"><EngineSettings Macro="A.yxmc" /><Properties /></Node><Node ToolID="2" />'
    first, second = read(document(turned)).nodes
    assert (first.macro, first.plugin, second.macro, len(first.configuration), first.position) == ("A.yxmc", "", "", 0, (0, 0))


def test_parts_of_a_document_may_stand_in_any_order_or_be_missing() -> None:
    text = f"<AlteryxDocument><Properties/><Connections>{wire(1, 2)}</Connections><Nodes>{node(1)}{node(2)}</Nodes></AlteryxDocument>"
    assert len(read(text).wires) == 1
    assert read("<AlteryxDocument/>").nodes == ()


def test_containers_nest_and_their_tools_know_them() -> None:
    inner = CONTAINER.format(node(3)).replace('"7"', '"8"')
    workflow = read(document(node(1) + CONTAINER.format(node(2) + inner) + node(4)))
    assert [(found.tool_id, found.container) for found in workflow.nodes] == [(1, None), (7, None), (2, 7), (8, 7), (3, 8), (4, None)]
    assert workflow.nodes[1].size == (30.5, 4)


@pytest.mark.parametrize(
    ("connection", "expected"),
    [
        (wire(1, 2), Wire(1, "Output", 2, "Input")),
        (wire(1, 2, 'name="#1"', ("Join", "Left")), Wire(1, "Join", 2, "Left", "#1")),
        (wire(1, 2, 'Wireless="True" name="my rows"'), Wire(1, "Output", 2, "Input", "my rows", wireless=True)),
        ('<Connection><Destination ToolID="2"/><Origin ToolID="1"/></Connection>', Wire(1, "Output", 2, "Input")),
    ],
)
def test_wires_keep_anchors_and_names(connection: str, expected: Wire) -> None:
    assert read(document(node(1) + node(2), connection)).wires == (expected,)


def test_saved_schemas_are_kept_by_anchor() -> None:
    left = META.format(
        "Left", '<Field name="a" type="V_String" size="5" source="File: x" /><Field name="d" type="FixedDecimal" size="19" scale="6" />'
    )
    joined = META.format("Join", '<Field name="b" type="double" description="km" />')
    stale = META.format("Right", '<Field name="b" type="Complex" />')
    saved = read(document(node(1, more=left + joined + stale))).nodes[0].saved_fields
    assert saved == {
        "Left": (Field("a", FieldType.V_STRING, 5, 0, "File: x"), Field("d", FieldType.FIXED_DECIMAL, 19, 6)),
        "Join": (Field("b", FieldType.DOUBLE, description="km"),),
    }


SETTINGS = (
    '<GlobalRecordLimit value="100" /><ConvErrorLimit value="3" /><ConvErrorLimit_Stop value="true" /><CancelOnError value="True" />'
    '<DisableBrowse value="True" /><DisableAllOutput value="True" /><ShowAllMacroMessages value="True" /><RunWithE2 value="True" />'
)


@pytest.mark.parametrize(
    ("properties", "attributes", "expected"),
    [
        ("", 'yxmdVer="8.5"', Settings()),
        (SETTINGS, 'yxmdVer="2025.2"', Settings(100, 3, True, True, True, True, True, True)),
        ("", 'yxmdVer="2025.2" RunE2="T"', Settings(uses_amp=True)),
        ('<GlobalRecordLimit value="many" /><ConvErrorLimit value="-1" />', "", Settings(conversion_error_limit=0)),
        ("<CancelOnError>True</CancelOnError>", "", Settings(cancel_on_error=True)),
    ],
)
def test_run_settings(properties: str, attributes: str, expected: Settings) -> None:
    assert read(document(properties=properties, attributes=attributes)).settings == expected


def test_constants_keep_their_namespace_and_kind() -> None:
    constants = (
        "<Constants><Constant><Namespace>User</Namespace><Name>start date</Name><Value>2021-04-01</Value></Constant>"
        '<Constant><Namespace>Question</Namespace><Name>n</Name><Value>5</Value><IsNumeric value="True" /></Constant></Constants>'
    )
    expected = (Constant("User", "start date", "2021-04-01"), Constant("Question", "n", "5", is_numeric=True))
    assert read(document(properties=constants)).constants == expected


@pytest.mark.parametrize(
    ("meta", "expected"),
    [
        ("", "My file"),
        ("<MetaInfo><NameIsFileName value='True' /><Name>Old</Name></MetaInfo>", "My file"),
        ("<MetaInfo><NameIsFileName value='False' /><Name> Rates </Name></MetaInfo>", "Rates"),
        ("<MetaInfo><NameIsFileName value='False' /><Name /></MetaInfo>", "My file"),
    ],
)
def test_the_name_of_a_workflow(meta: str, expected: str) -> None:
    assert read(document(properties=meta), "folder\\My file.yxmd").name == expected


def runtime(inside: str) -> str:
    return f"<RuntimeProperties>{inside}</RuntimeProperties>"


@pytest.mark.parametrize(
    ("name", "inside", "expected"),
    [
        ("a.yxmd", "", Kind.WORKFLOW),
        ("a.yxmd", "<ModuleType>Wizard</ModuleType>", Kind.WORKFLOW),
        ("a.YXWZ", "<ModuleType>Wizard</ModuleType>", Kind.APP),
        ("a.bak", "<ModuleType>Wizard</ModuleType>", Kind.APP),
        ("a.yxmc", "<ModuleType>Macro</ModuleType>", Kind.STANDARD_MACRO),
        ("a.yxmcbatch", "<ModuleType>Macro</ModuleType><BatchMacro />", Kind.BATCH_MACRO),
        ("a.yxmc", "<IterativeMacro />", Kind.ITERATIVE_MACRO),
        ("a", "", Kind.WORKFLOW),
    ],
)
def test_the_kind_of_a_document(name: str, inside: str, expected: Kind) -> None:
    assert read(document(properties=runtime(inside)), name).kind is expected


QUESTIONS = (
    "<Questions><Question><Type>Tab</Type><Description>Tab</Description><Name>Tab (1)</Name><ToolId value='4' /><Questions>"
    "<Question><Type>BooleanGroup</Type><Description>More?</Description><Name>more</Name><ToolId value='5' /><Questions>"
    "<Question><Type>TextBox</Type><Description>How</Description><Name>how</Name><ToolId value='6' /><Default>so</Default></Question>"
    "</Questions></Question></Questions></Question></Questions>"
)


def test_questions_stay_a_tree_that_can_be_listed_flat() -> None:
    (tab,) = read(document(properties=runtime(QUESTIONS)), "a.yxwz").questions
    assert [child.name for child in tab.children] == ["more"]
    assert [(q.type, q.name, q.tool_id) for q in flat([tab])] == [("Tab", "Tab (1)", 4), ("BooleanGroup", "more", 5), ("TextBox", "how", 6)]


ACTION = "<Action><Type>{}</Type><ToolId value='{}' /></Action>"


def test_actions_know_the_condition_that_lets_them_happen() -> None:
    conditional = (
        "<Condition><Type>Condition</Type><ToolId value='68' /><Expression>[#1]='x'</Expression>"
        f"<True>{ACTION.format('Error', 2)}</True><False>{ACTION.format('UpdateRawXml', 3)}</False></Condition>"
    )
    actions = f"<Actions><NoCondition><True>{ACTION.format('UpdateValue', 1)}</True></NoCondition>{conditional}</Actions>"
    found = read(document(properties=runtime(actions)), "a.yxwz").actions
    condition = Condition(68, "[#1]='x'")
    expected = [("UpdateValue", 1, None, True), ("Error", 2, condition, True), ("UpdateRawXml", 3, condition, False)]
    assert [(action.type, action.tool_id, action.condition, action.when) for action in found] == expected


def test_a_wire_to_nowhere_is_left_out_with_a_note() -> None:
    workflow = read(document(node(1), wire(1, 9)))
    assert (workflow.wires, workflow.notes) == ((), ("a wire from tool 1 to tool 9 was left out: there is no tool 9",))


@pytest.mark.parametrize(
    ("text", "error", "words"),
    [
        (document(node(1) + "\n" + node(1)), InvalidError, "line 4: tool id 1 is taken by the <Node> in line 3"),
        (document("\n<Node/>"), InvalidError, "line 4: <Node> needs a whole number as its ToolID, not ''"),
        (document(node("one")), InvalidError, "not 'one'"),
        (document(node(1), wire(9, 1)), InvalidError, "tool 1 is connected to tool 9, which does not exist"),
        (document(node(1), wire(1, "")), InvalidError, "<Destination> needs a whole number"),
        (document(node(1), "<Connection />"), InvalidError, "needs an <Origin> and a <Destination>"),
        ("<html/>", InvalidError, "the root element is <html>"),
        (
            document("<EncryptedData xmlns='http://www.w3.org/2001/04/xmlenc#' />"),
            UnsupportedError,
            "^encrypted document: small.yxmd was locked",
        ),
        ("<AlteryxDocument><EncryptedData/></AlteryxDocument>", UnsupportedError, "^encrypted document: "),
    ],
)
def test_documents_that_make_no_sense_are_refused_in_words(text: str, error: type[GalleriaError], words: str) -> None:
    with pytest.raises(error, match=words):
        read(text)


def test_a_file_is_read_from_where_it_lies(tmp_path: Path) -> None:
    path = tmp_path / "Rates.yxmd"
    path.write_text(document(node(1)))
    workflow = read_workflow_file(path)
    assert (workflow.name, workflow.path, workflow.version) == ("Rates", path, "2021.3")


def test_a_missing_a_huge_and_a_foreign_file_are_refused(tmp_path: Path) -> None:
    huge = tmp_path / "huge.yxmd"
    with huge.open("wb") as file:
        file.truncate(65 * 1024 * 1024)
    for path, error in ((tmp_path / "none.yxmd", NotFoundError), (tmp_path, NotFoundError), (huge, TooLargeError)):
        with pytest.raises(error):
            read_workflow_file(path)


SHARED = Path(__file__).parents[3] / "shared" / "corpus" / "licensed"


@pytest.mark.skipif(not SHARED.is_dir(), reason="the shared corpus is not beside this repository")
def test_every_real_document_is_read_whole() -> None:
    paths = [path for path in SHARED.rglob("*") if path.suffix.casefold().startswith((".yxmd", ".yxmc", ".yxwz"))]
    assert len(paths) > 100
    for path in paths:
        workflow = read_workflow_file(path)
        assert workflow.root is not None
        assert len(workflow.nodes) == len(list(workflow.root.iter("Node")))
        assert len(workflow.wires) == len(workflow.root.findall("Connections/Connection"))
        assert workflow.notes == ()


def test_the_path_does_not_matter_for_a_document_from_memory() -> None:
    assert read_document(document().encode(), "x.yxmd").path is None
