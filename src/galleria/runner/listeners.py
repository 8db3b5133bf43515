"""Who hears of a run: a file of messages, a job's stream of events, several at once."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from galleria.formats.yxdb_layout import holds_shapes
from galleria.messages import Message
from galleria.runner.surroundings import Far, Listener


@dataclass
class Silent:
    """Keeps the files a run wrote; says nothing."""

    outputs: list[Path] = field(default_factory=list[Path])

    def message(self, message: Message) -> None: ...

    def progress(self, far: Far) -> None: ...

    def output(self, path: Path) -> None:
        if path not in self.outputs:
            self.outputs.append(path)


@dataclass
class MessageFile:
    """One JSON object a line: {"toolId", "status", "text", "path"}."""

    file: IO[str]

    def message(self, message: Message) -> None:
        print(json.dumps(as_json(message), ensure_ascii=False), file=self.file, flush=True)

    def progress(self, far: Far) -> None: ...

    def output(self, path: Path) -> None: ...


@dataclass
class EventStream:
    """Everything that happens, one JSON object a line, as whoever started the runner reads it."""

    file: IO[str]
    folder: Path
    """Outputs are named relative to it."""

    def message(self, message: Message) -> None:
        self.event("message", as_json(message))

    def progress(self, far: Far) -> None:
        at_work = [{"toolId": tool_id, "name": name} for tool_id, name in far.at_work.items()]
        records = {str(tool_id): dict(counts) for tool_id, counts in far.records.items()}
        read = {str(tool_id): count for tool_id, count in far.read.items()}
        self.event("progress", {"done": far.done, "steps": far.steps, "tools": at_work, "records": records, "read": read})

    def output(self, path: Path) -> None:
        """Files in the administrator's folders, or temporary ones, are no outputs of the job."""
        name, folder = path.resolve(), self.folder.resolve()
        if name.is_relative_to(folder):
            file = str(name.relative_to(folder))
            self.event("output", {"name": file, "file": file, "isSpatial": name.is_file() and holds_shapes(name)})

    def event(self, kind: str, what: dict[str, object]) -> None:
        print(json.dumps({"event": kind, **what}, ensure_ascii=False), file=self.file, flush=True)


@dataclass
class Several:
    listeners: Sequence[Listener]

    def message(self, message: Message) -> None:
        for listener in self.listeners:
            listener.message(message)

    def progress(self, far: Far) -> None:
        for listener in self.listeners:
            listener.progress(far)

    def output(self, path: Path) -> None:
        for listener in self.listeners:
            listener.output(path)


def as_json(message: Message) -> dict[str, object]:
    """The message as the contract of `galleria run --messages` has it."""
    return {"toolId": message.tool_id, "status": int(message.status), "text": message.text, "path": list(message.path)}
