"""What a run said, from the events of a process that is not trusted to messages that can be stored."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from galleria.messages import Message, Status

MOST_MESSAGES = 100_000
"""Of one job; the rest is counted."""
MOST_OUTPUTS = 10_000
_STATUSES = frozenset(map(int, Status))
_INT_32 = 1 << 31
_DEEPEST = 100
_MOST_TOOLS = 2000
"""Of which progress is kept."""
_MOST_ANCHORS = 50


@dataclass(frozen=True)
class Output:
    name: str
    """As the workflow has it."""
    file: str
    """Below the outputs."""
    tool_id: int | None = None
    record_count: int | None = None
    is_spatial: bool = False


class Said:
    """Collects a run's events."""

    def __init__(self) -> None:
        self.waiting: list[Message] = []
        """Not stored yet."""
        self.outputs: dict[str, Output] = {}
        """By file, in the order of their completion."""
        self.progress: Mapping[str, Any] = {}
        """As `Job.progress` keeps it."""
        self.has_moved = False
        """Since `take_progress` was called."""
        self.code: int | None = None
        """What the last event gave; None while there is none."""
        self._count = 0

    def take(self, events: Sequence[Mapping[str, Any]]) -> None:
        for event in events:
            match event.get("event"):
                case "message":
                    self._add(event)
                case "output" if len(self.outputs) < MOST_OUTPUTS:
                    output = _output(event)
                    self.outputs.setdefault(output.file, output)
                case "progress":
                    self.progress = _progress(event)
                    self.has_moved = True
                case "end":
                    self.code = _whole(event.get("code"))
                case _:
                    pass

    def take_waiting(self) -> Sequence[Message]:
        waiting, self.waiting = self.waiting, []
        return waiting

    def take_progress(self) -> Mapping[str, Any] | None:
        """How far the run is; None where it has not moved since the last call."""
        has_moved, self.has_moved = self.has_moved, False
        return self.progress if has_moved else None

    def put_back(self, messages: Sequence[Message]) -> None:
        self.waiting[:0] = messages

    def left_out(self) -> Sequence[Message]:
        """A message about messages that were not kept, where there are such."""
        dropped = self._count - MOST_MESSAGES
        return [Message(None, Status.WARNING, f"{dropped:,} further messages were left out")] if dropped > 0 else []

    def _add(self, event: Mapping[str, Any]) -> None:
        status, text = _whole(event.get("status")), event.get("text")
        if status not in _STATUSES or not isinstance(text, str):
            return
        self._count += 1
        if self._count > MOST_MESSAGES:
            return
        path = cast("list[object]", event.get("path")) if isinstance(event.get("path"), list) else []
        inner = tuple(step for step in map(_whole, path[:_DEEPEST]) if step is not None)
        self.waiting.append(Message(_whole(event.get("toolId")), Status(status), _storable(text), inner))


def _progress(event: Mapping[str, Any]) -> Mapping[str, Any]:
    numbers = {name: _whole(event.get(name)) for name in ("done", "steps")}
    tools = [_tool(one) for one in _listed(event.get("tools"))[:_MOST_TOOLS]]
    records = {tool: _counts(counts) for tool, counts in list(_named(event.get("records")).items())[:_MOST_TOOLS] if tool.isdecimal()}
    read = _counts(event.get("read"), _MOST_TOOLS)
    found: dict[str, Any] = {
        "tools": [tool for tool in tools if tool is not None],
        "records": records,
        "read": {tool: count for tool, count in read.items() if tool.isdecimal()},
    }
    told = {name: value for name, value in numbers.items() if value is not None}
    return {**told, **{name: value for name, value in found.items() if value}}


def _tool(given: object) -> Mapping[str, Any] | None:
    tool = _named(given)
    tool_id = _whole(tool.get("toolId"))
    return None if tool_id is None else {"toolId": tool_id, "name": _storable(str(tool.get("name", "")))[:100]}


def _counts(given: object, most: int = _MOST_ANCHORS) -> Mapping[str, int]:
    counts = [(anchor, _whole(count, 1 << 62)) for anchor, count in list(_named(given).items())[:most]]
    return {_storable(anchor)[:100]: count for anchor, count in counts if count is not None}


def _named(given: object) -> Mapping[str, Any]:
    return cast("Mapping[str, Any]", given) if isinstance(given, dict) else {}


def _listed(given: object) -> list[object]:
    return cast("list[object]", given) if isinstance(given, list) else []


def _output(event: Mapping[str, Any]) -> Output:
    file = _storable(str(event.get("file", "")))
    name, is_spatial = _storable(str(event.get("name", file))), event.get("isSpatial") is True
    return Output(name, file, _whole(event.get("toolId")), _whole(event.get("records"), 1 << 62), is_spatial)


def _whole(value: object, below: int = _INT_32) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and -below <= value < below else None


def _storable(text: str) -> str:
    """Without what no database takes: half a character pair, written by JSON as an escape."""
    return text.encode("utf-8", "replace").decode("utf-8")
