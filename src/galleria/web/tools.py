"""The tools of a workflow as its report lists them, in words."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

_NAMES = {
    "DbFileInput": "Input Data",
    "DbFileOutput": "Output Data",
    "BrowseV2": "Browse",
    "AlteryxSelect": "Select",
    "RegEx": "RegEx",
    "JSONParse": "JSON Parse",
    "XMLParse": "XML Parse",
    "RecordID": "Record ID",
    "TextBox": "Comment",
    "QuestionTextBox": "Text Box",
    "BlockUntilDone": "Block Until Done",
}
"""Where people call a tool otherwise than its plugin is called."""
_WORDS = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_LONGEST_LIST = 2000


@dataclass(frozen=True)
class ToolLine:
    tool_id: int | None
    name: str
    """`Filter`, `Text Input`, or the macro's file name."""
    problem: str
    """Why it cannot run; empty for one that can."""


def tool_lines(report: Mapping[str, Any]) -> list[ToolLine]:
    """List the tools, those that cannot run first, then by id; containers and comments are no tools."""
    entries: Any = report.get("tools")
    if not isinstance(entries, list):
        return []
    lines = [_line(cast("Mapping[str, Any]", entry)) for entry in cast("list[Any]", entries)[:_LONGEST_LIST] if isinstance(entry, Mapping)]
    return sorted(lines, key=lambda line: (not line.problem, line.tool_id or 0))


def _line(entry: Mapping[str, Any]) -> ToolLine:
    tool_id = entry.get("tool_id")
    problem = ""
    if not entry.get("supported", True):
        problem = str(entry.get("detail") or "") or "this tool is not supported yet"
    name = tool_name(str(entry.get("plugin") or entry.get("feature") or ""))
    return ToolLine(tool_id if isinstance(tool_id, int) else None, name, problem)


def tool_names(report: Mapping[str, Any]) -> dict[int, str]:
    """Give the names of a workflow's tools by id."""
    return {line.tool_id: line.name for line in tool_lines(report) if line.tool_id is not None}


def tool_name(plugin: str) -> str:
    """Write a plugin's name as people do: `AlteryxBasePluginsGui.TextInput.TextInput` becomes `Text Input`."""
    last = plugin.replace("\\", "/").rpartition("/")[2]
    if last.lower().endswith((".yxmc", ".yxmd")):
        return last.rpartition(".")[0]
    word = last.rpartition(".")[2]
    return _NAMES.get(word) or _WORDS.sub(" ", word) or "Tool"
