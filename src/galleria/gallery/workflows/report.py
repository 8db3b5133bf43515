"""What the check before publishing hands over: JSON from a child process, made into records here.

```
{"file_name": "Rates.yxmd", "name": "Rates", "kind": "workflow" | "app" | "... macro", "version": "2021.3", "uses_amp": false,
 "meta": {"description", "author", "copyright", "url", "url_text", "output_message", "no_output_files_message"},
 "tools": [{"tool_id": 6, "plugin": "...", "supported": false, "feature": "...", "detail": "..."}],
 "questions": [{"name", "type", "description", "value", "items": [{"key", "value"}], "multiple": true | false | null, "tool_id"}],
 "missing": ["Macros/Other.yxmc"]}
```

Only `file_name` must be there. Keys that are not named here are kept and shown, not read.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

from galleria.errors import InvalidError
from galleria.gallery.workflows.records import PackageKind

_META = ("author", "copyright", "url", "url_text", "output_message", "no_output_files_message")


@dataclass(frozen=True)
class Unsupported:
    tool_id: int | None
    feature: str
    detail: str


@dataclass(frozen=True)
class Question:
    name: str
    type: str
    """The document's word: TextBox, ListBox, FileBrowse ..."""
    description: str = ""
    value: str | None = None
    """What the app takes when nobody answers."""
    items: tuple[tuple[str, str], ...] = ()
    """Key (the label) and value of each choice."""
    multiple: bool | None = None
    """None where the question is no list."""
    tool_id: int | None = None
    is_password: bool = False


@dataclass(frozen=True)
class Report:
    file_name: str
    name: str
    kind: PackageKind
    description: str
    meta: Mapping[str, str]
    uses_amp: bool
    unsupported: tuple[Unsupported, ...]
    questions: tuple[Question, ...]
    missing: tuple[str, ...]
    """Files that the workflow names and the package does not hold."""

    @property
    def is_supported(self) -> bool:
        return not self.unsupported and not self.missing


def read(data: Mapping[str, Any]) -> Report:
    file_name = _text(data, "file_name", 300)
    if not file_name:
        raise InvalidError("the check of the package names no workflow file")
    meta = _mapping(data.get("meta"))
    stem = file_name.rpartition(".")[0] or file_name
    return Report(
        file_name=file_name,
        name=_text(data, "name", 300) or stem,
        kind=_kind(str(data.get("kind", "")), file_name),
        description=_text(meta, "description", 100_000),
        meta={key: _text(meta, key, 10_000) for key in _META},
        uses_amp=bool(data.get("uses_amp", False)),
        unsupported=tuple(_unsupported(tool) for tool in _mappings(data.get("tools")) if not tool.get("supported", True)),
        questions=tuple(_question(question) for question in _mappings(data.get("questions"))),
        missing=tuple(str(path) for path in _list(data.get("missing"))),
    )


def _kind(word: str, file_name: str) -> PackageKind:
    if word.endswith("macro") or (not word and file_name.lower().endswith(".yxmc")):
        return PackageKind.MACRO
    if word == "app" or (not word and file_name.lower().endswith(".yxwz")):
        return PackageKind.APP
    return PackageKind.WORKFLOW


def _unsupported(tool: Mapping[str, Any]) -> Unsupported:
    feature = _text(tool, "feature", 300) or _text(tool, "plugin", 300)
    return Unsupported(_whole(tool.get("tool_id")), feature, _text(tool, "detail", 2000))


def _question(question: Mapping[str, Any]) -> Question:
    value = question.get("value")
    multiple = question.get("multiple")
    return Question(
        name=_text(question, "name", 1000),
        type=_text(question, "type", 100),
        description=_text(question, "description", 10_000),
        value=None if value is None else str(value),
        items=tuple((str(item.get("key", "")), str(item.get("value", ""))) for item in _mappings(question.get("items"))),
        multiple=None if multiple is None else bool(multiple),
        tool_id=_whole(question.get("tool_id")),
        is_password=question.get("is_password") is True,
    )


def _text(data: Mapping[str, Any], key: str, longest: int) -> str:
    value = data.get(key)
    # PostgreSQL cannot hold NUL in a text.
    return "" if value is None else str(value).replace("\0", "")[:longest]


def _whole(value: object) -> int | None:
    return value if isinstance(value, int) else None


def _list(value: object) -> list[Any]:
    return cast(list[Any], value) if isinstance(value, list) else []


def _mapping(value: object) -> Mapping[str, Any]:
    return cast(Mapping[str, Any], value) if isinstance(value, Mapping) else {}


def _mappings(value: object) -> list[Mapping[str, Any]]:
    return [_mapping(entry) for entry in _list(value)]


_MOST_INSIDE = 20_000
_JOINTS = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


def inside_text(data: Mapping[str, Any]) -> str:
    """Give the names of the tools and fields of a canvas, each once, in lower case and one a line."""
    nodes = _mappings(_mapping(data.get("canvas")).get("nodes"))
    names = [_JOINTS.sub(" ", str(node.get(word) or "")) for node in nodes for word in ("name", "label")]
    names += [str(field[0]) for node in nodes for fields in _mapping(node.get("fields")).values() for field in _list(fields) if field]
    return "\n".join(dict.fromkeys(name.replace("\0", "").lower() for name in names if name))[:_MOST_INSIDE]
