"""Small apps and macros for the tests of this folder."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape

from galleria.documents.workflow import Node, Workflow
from tests.documents.small import document, node, read, wire

ACTION = "AlteryxGuiToolkit.Action.Action"


def question(kind: str, name: str, inside: str = "", tool_id: int = 50) -> str:
    return (
        f"<Question><Type>{kind}</Type><Description>About {name}</Description><Name>{name}</Name>"
        f"<ToolId value='{tool_id}' />{inside}</Question>"
    )


def action(kind: str, inside: str, tool_id: int = 60) -> str:
    return f"<Action><Type>{kind}</Type><Description>No way</Description><ToolId value='{tool_id}' />{inside}</Action>"


def app(
    configuration: str,
    questions: str = "",
    actions: str = "",
    conditions: str = "",
    wires: str = "",
    constants: str = "",
    name: str = "small.yxwz",
) -> Workflow:
    """An app whose tool 1 has the configuration, with the questions at 50 and 51 wired to the action 60 as #1 and #2."""
    nodes = node(1, configuration) + "".join(node(number) for number in (2, 3, 50, 51, 60, 70))
    usual = (
        wire(50, 60, 'name="#1"', ("Question", "Question"))
        + wire(51, 60, 'name="#2"', ("Question", "Question"))
        + wire(60, 1, anchors=("Action", "Action"))
    )
    runtime = (
        f"<RuntimeProperties><Actions><NoCondition><True>{actions}</True></NoCondition>{conditions}</Actions>"
        f"<Questions>{question('Tab', 'Tab (1)', f'<Questions>{questions}</Questions>', 90)}</Questions></RuntimeProperties>"
    )
    return read(document(nodes, usual + wires, constants + runtime), name)


def destination(path: str) -> str:
    return f"<Destination>{escape(path)}</Destination>"


def expression(text: str) -> str:
    return f"<Expression>{escape(text)}</Expression>"


def tool(workflow: Workflow, tool_id: int = 1) -> Node:
    return next(found for found in workflow.nodes if found.tool_id == tool_id)


def no_formula(text: str, variables: Mapping[str, str]) -> str:
    raise AssertionError(f"nothing to evaluate here: {text}")


def lookup(text: str, variables: Mapping[str, str]) -> str:
    """Stands in for the formula language: `[name]` gives the variable, `![name]` its opposite, other text itself."""
    if text.startswith("!["):
        return str(variables[text[2:-1]] != "True")
    return variables[text[1:-1]] if text.startswith("[") else text
