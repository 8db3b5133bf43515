"""The canvas of a document as plain data, for the gallery to draw: tools, containers, comments, wires, settings in words.

```
{"nodes": [{"id", "x", "y", "width", "height", "kind": "tool" | "macro" | "container" | "comment", "plugin", "name", "family",
            "label", "container", "is_disabled", "text", "inputs": [...], "outputs": [...], "settings": [[word, value], ...],
            "fields": {anchor: [[name, type], ...]}}],
 "wires": [{"from", "from_anchor", "to", "to_anchor", "name", "is_wireless"}]}
```

Positions are the document's own; width and height are null where it gives none. What looks like a secret is left out,
and what is very long is cut: this is for looking at, not for running.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from galleria.documents.workflow import Node, Wire, Workflow
from galleria.fields.types import Field
from galleria.tools.configuration import Configuration
from galleria.tools.palette import find_macro_tool, find_tool

if TYPE_CHECKING:
    from galleria.documents.xml import Element

Fields = Mapping[int, Mapping[str, Sequence[Field]]]
"""The schemas that were worked out, by tool id and anchor."""

_MOST_NODES = 5000
_MOST_SETTINGS = 60
_LONGEST_VALUE = 600
_MOST_FIELDS = 200
_BUDGET_CHARACTERS = 1_500_000
"""Of settings and fields of the whole document; tools after that are drawn without."""
_SECRET = re.compile(r"passw|secret|token|pwd|credential|connection ?string|api ?key|access ?key", re.IGNORECASE)
_ROWS = "Data"
"""The rows of a Text Input: data, no settings."""
_CONTAINERS = ("toolcontainer", "controlcontainer")
_COMMENTS = ("alteryxguitoolkit.textbox.textbox", "alteryxguitoolkit.htmlbox.htmlbox", "alteryxbasepluginsgui.textbox.textbox")
_FAMILIES = (
    ("alteryxguitoolkit.questions", "interface"),
    ("alteryxguitoolkit.action", "interface"),
    ("alteryxguitoolkit.condition", "interface"),
    ("alteryxguitoolkit", "documentation"),
    ("macroinput", "interface"),
    ("macrooutput", "interface"),
    ("lockin", "in_database"),
    ("spatial", "spatial"),
    ("portfolio", "reporting"),
    ("connector", "connectors"),
    ("textmining", "analysis"),
    ("predictive", "analysis"),
    ("computervision", "analysis"),
)
"""By a part of the plugin's name, for tools that Galleria does not have."""


def canvas_of(workflow: Workflow, fields: Fields) -> dict[str, Any]:
    """Describe everything on the canvas."""
    left = _BUDGET_CHARACTERS
    nodes: list[dict[str, Any]] = []
    arriving, leaving = _wired(workflow.wires)
    for node in workflow.nodes[:_MOST_NODES]:
        described = _node(node, arriving.get(node.tool_id, []), leaving.get(node.tool_id, []))
        more: dict[str, Any] = {"settings": list(_settings(node)), "fields": _fields(node, fields.get(node.tool_id, {}))}
        left -= len(str(more))
        nodes.append(described | (more if left > 0 else {"settings": [], "fields": {}}))
    shown = {node["id"] for node in nodes}
    return {"nodes": nodes, "wires": [_wire(wire) for wire in workflow.wires if wire.origin in shown and wire.destination in shown]}


def _wired(wires: Sequence[Wire]) -> tuple[dict[int, list[str]], dict[int, list[str]]]:
    """The anchors that wires arrive at and leave from, by tool."""
    arriving: dict[int, list[str]] = {}
    leaving: dict[int, list[str]] = {}
    for wire in wires:
        arriving.setdefault(wire.destination, []).append(wire.destination_anchor)
        leaving.setdefault(wire.origin, []).append(wire.origin_anchor)
    return arriving, leaving


def _node(node: Node, arriving: Sequence[str], leaving: Sequence[str]) -> dict[str, Any]:
    configuration = Configuration(node.configuration)
    kind = kind_of(node)
    width, height = node.size or (None, None)
    inputs, outputs = _anchors(node, arriving, leaving) if kind in ("tool", "macro") else ([], [])
    return {
        "id": node.tool_id,
        "x": node.position[0],
        "y": node.position[1],
        "width": width,
        "height": height,
        "kind": kind,
        "plugin": node.plugin,
        "name": _cut(tool_name(node)),
        "family": _family(node),
        "label": _cut(node.given_name or node.annotation),
        "container": node.container,
        "is_disabled": (disabled := configuration.find("Disabled")) is not None and disabled.attribute("value").casefold() == "true",
        "text": _cut(configuration.value("Caption") if kind == "container" else configuration.value("Text") if kind == "comment" else ""),
        "inputs": inputs,
        "outputs": outputs,
    }


def kind_of(node: Node) -> str:
    """`tool`, `macro`, `container` or `comment`."""
    plugin = node.plugin.casefold()
    if plugin.rpartition(".")[2] in _CONTAINERS:
        return "container"
    if plugin in _COMMENTS:
        return "comment"
    return "macro" if node.macro else "tool"


def tool_name(node: Node) -> str:
    """The macro's or the plugin's name, as people read it."""
    if node.macro:
        return node.macro.replace("\\", "/").rpartition("/")[2].removesuffix(".yxmc")
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", node.plugin.rpartition(".")[2])


def _family(node: Node) -> str:
    tool = find_macro_tool(node.macro) if node.macro else find_tool(node.plugin)
    if tool is not None:
        return tool.__module__.split(".")[2]
    if node.macro:
        return "macros"
    plugin = node.plugin.casefold()
    return next((family for part, family in _FAMILIES if part in plugin), "other")


def _anchors(node: Node, arriving: Sequence[str], leaving: Sequence[str]) -> tuple[list[str], list[str]]:
    """The anchors from top to bottom: those that the tool has, then any other that a wire names."""
    tool = find_macro_tool(node.macro) if node.macro else find_tool(node.plugin)
    inputs = [anchor.name for anchor in tool.inputs] if tool is not None else []
    known = {name for anchor in tool.inputs for name in (anchor.name, *anchor.aliases)} if tool is not None else set[str]()
    outputs = list(tool.outputs) if tool is not None else []
    return list(dict.fromkeys([*inputs, *(name for name in arriving if name not in known)])), list(dict.fromkeys([*outputs, *leaving]))


def _wire(wire: Wire) -> dict[str, Any]:
    return {
        "from": wire.origin,
        "from_anchor": wire.origin_anchor,
        "to": wire.destination,
        "to_anchor": wire.destination_anchor,
        "name": wire.name[:100],
        "is_wireless": wire.wireless,
    }


def _settings(node: Node) -> Iterator[tuple[str, str]]:
    """The first settings of a tool as words and values, in the document's order."""
    found = 0
    for words, value in leaves(node.configuration, ""):
        if found == _MOST_SETTINGS:
            return
        if value.strip() and not is_secret(words, value):
            found += 1
            yield words, _cut(value.strip())


def is_secret(words: str, value: str) -> bool:
    """Say whether a setting looks like something that is not for everybody's eyes."""
    return bool(_SECRET.search(words) or _SECRET.search(value))


def leaves(element: Element, above: str) -> Iterator[tuple[str, str]]:
    """Every setting as words and value, in the document's order; the rows of a Text Input left out."""
    for child in element:
        if child.tag == _ROWS and not above:
            continue
        words = _words(str(child.tag))
        path = f"{above}, {words.lower()}" if above else words
        if len(child):
            if attributes := _attributes(child):
                yield path, attributes
            yield from leaves(child, path)
        else:
            yield path, child.get("value", "") if child.keys() == ["value"] else f"{child.text or ''} {_attributes(child)}"


def _attributes(element: Element) -> str:
    return ", ".join(f"{_words(str(name)).lower()}: {value}" for name, value in element.items() if not _SECRET.search(_words(str(name))))


def _words(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|_", " ", name)


def _fields(node: Node, known: Mapping[str, Sequence[Field]]) -> dict[str, list[tuple[str, str]]]:
    """The schema of each anchor: worked out where that was possible, else as the document remembers it."""
    schemas = {**node.saved_fields, **known}
    return {anchor: [(field.name, field.type.value) for field in some[:_MOST_FIELDS]] for anchor, some in schemas.items()}


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST_VALUE else f"{text[:_LONGEST_VALUE]}…"
