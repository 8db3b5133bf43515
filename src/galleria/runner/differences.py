"""What changed from one version of a workflow to the next, in words: for people who decide whether to trust it.

```
{"tools": [{"id", "name", "kind", "label", "change": "added" | "removed" | "changed",
            "settings": [[words, before | null, after | null], ...]}],
 "wires": [{"change": "added" | "removed", "from", "from_anchor", "to", "to_anchor"}],
 "document": [[words, before | null, after | null], ...], "files": [["added" | "removed" | "changed", name], ...],
 "moved": 3, "names": {"6": "Filter", ...}, "left_out": 0}
```

What looks like a secret is told to have changed, never what it was.
"""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import fields
from difflib import SequenceMatcher
from itertools import islice, zip_longest
from pathlib import Path
from typing import TYPE_CHECKING, Any

from galleria.documents.archive import Limits
from galleria.documents.package import unpack
from galleria.documents.read import read_workflow_file
from galleria.documents.workflow import Node, Question, Wire, Workflow
from galleria.runner.canvas import is_secret, kind_of, leaves, tool_name

if TYPE_CHECKING:
    from galleria.documents.xml import Element

Change = tuple[str, str | None, str | None]
"""Words, before, after; None where it was not there."""

_MOST_TOOLS = 400
_MOST_SETTINGS = 40
"""Of one tool."""
_MOST_COMPARED = 3000
_LONGEST = 400
_HIDDEN = "••••••"
_PLUGIN = "The tool itself"
_ROWS = "Rows of the table"


def differences(before: Path, after: Path) -> dict[str, Any]:
    """Compare two packages. Raises as `unpack` and `read_workflow_file` do."""
    with tempfile.TemporaryDirectory(prefix="galleria-compare-") as name:
        folders = Path(name, "before"), Path(name, "after")
        documents = [unpack(package, folder, Limits()) for package, folder in zip((before, after), folders, strict=True)]
        first, second = (read_workflow_file(document) for document in documents)
        files = _files(*folders, documents)
    tools = [*_tools(first, second)]
    named = {str(node.tool_id): tool_name(node) for workflow in (first, second) for node in workflow.nodes}
    return {
        "tools": tools[:_MOST_TOOLS],
        "wires": [*_wires(first.wires, second.wires)][:_MOST_TOOLS],
        "document": _document(first, second),
        "files": files[:_MOST_TOOLS],
        "moved": _moved(first, second),
        "names": named,
        "left_out": max(len(tools) - _MOST_TOOLS, 0),
    }


def _tools(first: Workflow, second: Workflow) -> Iterator[dict[str, Any]]:
    old, new = ({node.tool_id: node for node in workflow.nodes} for workflow in (first, second))
    for tool_id in sorted({*old, *new}):
        before, after = old.get(tool_id), new.get(tool_id)
        if before is None or after is None:
            yield _told(before or after, "added" if before is None else "removed", [])
        elif changes := _settings(before, after):
            yield _told(after, "changed", changes)


def _told(node: Node | None, change: str, settings: Sequence[Change]) -> dict[str, Any]:
    assert node is not None
    label = node.given_name or node.annotation
    about = {"id": node.tool_id, "name": tool_name(node), "kind": kind_of(node), "label": _cut(label)}
    return {
        **about,
        "change": change,
        "settings": [list(one) for one in settings[:_MOST_SETTINGS]],
        "more": max(len(settings) - _MOST_SETTINGS, 0),
    }


def _settings(before: Node, after: Node) -> list[Change]:
    changes = _one(_PLUGIN, before.macro or before.plugin, after.macro or after.plugin)
    changes += _one("Name", before.given_name, after.given_name)
    changes += _one("Annotation", before.annotation, after.annotation)
    changes += _one("Container", _shown(before.container), _shown(after.container))
    changes += _lists(*([*islice(leaves(node.configuration, ""), _MOST_COMPARED)] for node in (before, after)))
    return changes + _rows(before.configuration, after.configuration)


def _one(words: str, before: str, after: str) -> list[Change]:
    return [] if before == after else [(words, _cut(before) if before else None, _cut(after) if after else None)]


def _lists(before: Sequence[tuple[str, str]], after: Sequence[tuple[str, str]]) -> list[Change]:
    """Settings of the same words that stand in each other's place are one change; lists are compared entry by entry."""
    changes: list[Change] = []
    for deed, from_old, to_old, from_new, to_new in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if deed != "equal":
            changes += _pairs(before[from_old:to_old], after[from_new:to_new])
    return changes


def _pairs(gone: Sequence[tuple[str, str]], come: Sequence[tuple[str, str]]) -> Iterator[Change]:
    for words in dict.fromkeys(words for words, _ in (*gone, *come)):
        olds, news = ([value.strip() for name, value in some if name == words] for some in (gone, come))
        for old, new in zip_longest(olds, news):
            if old != new and (old or new):
                is_hidden = any(is_secret(words, value) for value in (old, new) if value)
                yield words, _value(old, is_hidden=is_hidden), _value(new, is_hidden=is_hidden)


def _value(text: str | None, *, is_hidden: bool) -> str | None:
    return None if not text else _HIDDEN if is_hidden else _cut(text)


def _rows(before: Element, after: Element) -> list[Change]:
    """The rows of a Text Input: how many there are, since they are data."""
    old, new = (element.find("Data") for element in (before, after))
    if old is None or new is None:
        return []
    is_same = [list(row.itertext()) for row in old] == [list(row.itertext()) for row in new]
    return [] if is_same else [(_ROWS, f"{len(old)} rows", f"{len(new)} rows, not the same ones")]


def _wires(old: Sequence[Wire], new: Sequence[Wire]) -> Iterator[dict[str, Any]]:
    before, after = (
        {(wire.origin, wire.origin_anchor, wire.destination, wire.destination_anchor): None for wire in some} for some in (old, new)
    )
    for change, some, other in (("removed", before, after), ("added", after, before)):
        for ends in some:
            if ends not in other:
                yield {"change": change, **dict(zip(("from", "from_anchor", "to", "to_anchor"), ends, strict=True))}


def _document(first: Workflow, second: Workflow) -> list[Change]:
    changes = _one("Name", first.name, second.name) + _one("Description", first.description, second.description)
    changes += _one("Author", first.author, second.author) + _one("Version of the format", first.version, second.version)
    for name in (field.name for field in fields(first.settings)):
        changes += _one(name.replace("_", " ").capitalize(), str(getattr(first.settings, name)), str(getattr(second.settings, name)))
    old, new = (dict(_questions(workflow.questions)) for workflow in (first, second))
    for name in dict.fromkeys([*old, *new]):
        changes += _one(f"Question {name}", old.get(name, ""), new.get(name, ""))
    return changes


def _questions(questions: Sequence[Question]) -> Iterator[tuple[str, str]]:
    """Name and what is asked, those that tabs and groups hold among them."""
    for question in questions:
        yield question.name, f"{question.type}: {question.description}"
        yield from _questions(question.children)


def _moved(first: Workflow, second: Workflow) -> int:
    """How many tools only lie elsewhere on the canvas."""
    places = {node.tool_id: node.position for node in first.nodes}
    return sum(places.get(node.tool_id, node.position) != node.position for node in second.nodes)


def _files(before: Path, after: Path, documents: Sequence[Path]) -> list[list[str]]:
    """What else the packages hold: macros, tables."""
    old, new = (_digests(folder, documents) for folder in (before, after))
    told: list[list[str]] = []
    for name in sorted({*old, *new}):
        if name not in old or name not in new:
            told.append(["removed" if name in old else "added", name])
        elif old[name] != new[name]:
            told.append(["changed", name])
    return told


def _digests(folder: Path, documents: Sequence[Path]) -> dict[str, bytes]:
    found: dict[str, bytes] = {}
    for path in folder.rglob("*"):
        if path.is_file() and path not in documents:
            with path.open("rb") as file:
                found[path.relative_to(folder).as_posix()] = hashlib.file_digest(file, "sha256").digest()
    return found


def _shown(container: int | None) -> str:
    return "" if container is None else str(container)


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
