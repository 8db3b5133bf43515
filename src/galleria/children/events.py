"""The events that a run writes, read while it writes them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, cast

LONGEST_LINE = 4 << 20
"""Bytes; a longer line is nothing that a run says."""
_CHUNK = 1 << 20

Event = dict[str, Any]
"""Has `event`, which says what it is."""


class EventFile:
    """Reads a file of JSON lines from where it last stopped; what is no event is passed over."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._position = 0
        self._rest = b""

    def read(self) -> Sequence[Event]:
        """The events whose lines are complete by now and were not read before."""
        events: list[Event] = []
        try:
            with self._path.open("rb") as file:
                file.seek(self._position)
                while chunk := file.read(_CHUNK):
                    self._position += len(chunk)
                    *lines, self._rest = (self._rest + chunk).split(b"\n")
                    events.extend(event for line in lines if (event := _event(line)) is not None)
                    if len(self._rest) > LONGEST_LINE:
                        self._rest = b""
        except FileNotFoundError:
            pass
        return events


def _event(line: bytes) -> Event | None:
    try:
        event = json.loads(line)
    except (ValueError, RecursionError):
        return None
    if not isinstance(event, dict) or not isinstance(cast("Event", event).get("event"), str):
        return None
    return cast("Event", event)
