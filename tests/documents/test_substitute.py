"""Constants in configurations become their values."""

from __future__ import annotations

import pytest

from galleria.documents.substitute import substitute
from galleria.errors import ToolError
from tests.documents.apps import tool
from tests.documents.small import document, node, read

VARIABLES = {
    "User.start date": "2021-04-01",
    "Question.n": "5",
    "Engine.WorkflowDirectory": "/data/",
    "User.odd": "<%User.x%&>",
    "User.x": "y",
}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("'%User.start date%' + %Question.n%", "'2021-04-01' + 5"),
        ("%engine.WORKFLOWDIRECTORY%in.csv", "/data/in.csv"),
        ("%User.unknown% 100% %TEMP%", "%User.unknown% 100% %TEMP%"),
        ("50% of %User.x%", "50% of y"),
        ("%User.odd%", "<%User.x%&>"),
        ("plain", "plain"),
    ],
)
def test_constants_are_replaced_in_texts_attributes_and_between_elements(text: str, expected: str) -> None:
    escaped = text.replace("&", "&amp;").replace("<", "&lt;")
    workflow = read(document(node(1, f'<A x="{escaped}">{escaped}<B/>{escaped}</A>')))
    found = tool(substitute(workflow, VARIABLES)).configuration.find("A")
    assert found is not None
    assert (found.get("x"), found.text, found[0].tail) == (expected, expected, expected)
    assert workflow.nodes[0].configuration.findtext("A") == text


def test_a_workflow_without_constants_is_the_same_object() -> None:
    workflow = read(document(node(1, "<A>100%</A>")))
    assert substitute(workflow, VARIABLES) is workflow


def test_the_name_of_a_macro_may_hold_a_constant() -> None:
    workflow = read(document(node(1, macro="%Engine.WorkflowDirectory%M.yxmc")))
    assert substitute(workflow, VARIABLES).nodes[0].macro == "/data/M.yxmc"


def test_a_value_that_no_document_can_hold_is_refused_with_the_tool() -> None:
    with pytest.raises(ToolError, match="characters") as caught:
        substitute(read(document(node(4, "<A>%User.x%</A>"))), {"User.x": "\x00"})
    assert caught.value.tool_id == 4
