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


@dataclass(frozen=True)
class Output:
    name: str
    """As the workflow has it."""
    file: str
    """Below the outputs."""
    tool_id: int | None = None
    record_count: int | None = None


class Said:
    """Collects a run's events."""

    def __init__(self) -> None:
        self.waiting: list[Message] = []
        """Not stored yet."""
        self.outputs: dict[str, Output] = {}
        """By file, in the order of their completion."""
        self.progress: Mapping[str, Any] = {}
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
                    self.progress = {name: value for name, value in event.items() if name != "event" and isinstance(value, int | float)}
                case "end":
                    self.code = _whole(event.get("code"))
                case _:
                    pass

    def take_waiting(self) -> Sequence[Message]:
        waiting, self.waiting = self.waiting, []
        return waiting

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


def _output(event: Mapping[str, Any]) -> Output:
    file = _storable(str(event.get("file", "")))
    return Output(_storable(str(event.get("name", file))), file, _whole(event.get("toolId")), _whole(event.get("records"), 1 << 62))


def _whole(value: object, below: int = _INT_32) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and -below <= value < below else None


def _storable(text: str) -> str:
    """Without what no database takes: half a character pair, written by JSON as an escape."""
    return text.encode("utf-8", "replace").decode("utf-8")
