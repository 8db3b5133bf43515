"""Constants written as text (`%User.x%`, `%Question.x%`, `%Engine.x%`) become their values, before any tool reads its settings."""

from __future__ import annotations

import re
from collections.abc import Mapping
from copy import deepcopy
from dataclasses import replace

from galleria.documents.workflow import Node, Workflow
from galleria.documents.xml import Element
from galleria.errors import ToolError

_CONSTANT = re.compile(r"%((?:User|Question|Engine)\.[^%\r\n]+)%", re.IGNORECASE)


def substitute(workflow: Workflow, variables: Mapping[str, str]) -> Workflow:
    """The workflow with every constant in its configurations and macro names replaced; `variables` are named `User.x`.

    Names compare without letter case; a constant that is unknown stays as written. Nothing is replaced within a value.
    """
    known = {name.casefold(): value for name, value in variables.items()}
    nodes = [_substituted(node, known) for node in workflow.nodes]
    if all(new is old for new, old in zip(nodes, workflow.nodes, strict=True)):
        return workflow
    return replace(workflow, nodes=tuple(nodes))


def substitute_text(text: str, variables: Mapping[str, str]) -> str:
    """`text` with every constant replaced; the names of `variables` are in lower case."""
    if "%" not in text:
        return text
    return _CONSTANT.sub(lambda found: variables.get(found.group(1).strip().casefold(), found.group()), text)


def _substituted(node: Node, variables: Mapping[str, str]) -> Node:
    macro = substitute_text(node.macro, variables)
    if not _has_constant(node.configuration):
        return node if macro == node.macro else replace(node, macro=macro)
    configuration = deepcopy(node.configuration)
    try:
        for element in configuration.iter("*"):
            _fill(element, variables)
    except ValueError:
        raise ToolError("the value of a constant holds characters that a configuration cannot hold", node.tool_id) from None
    return replace(node, configuration=configuration, macro=macro)


def _has_constant(configuration: Element) -> bool:
    return any(
        _CONSTANT.search(text)
        for element in configuration.iter("*")
        for text in (element.text, element.tail, *element.attrib.values())
        if text and "%" in text
    )


def _fill(element: Element, variables: Mapping[str, str]) -> None:
    if element.text:
        element.text = substitute_text(element.text, variables)
    if element.tail:
        element.tail = substitute_text(element.tail, variables)
    for name, value in element.attrib.items():
        element.set(name, substitute_text(value, variables))
