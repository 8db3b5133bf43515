"""What an import from another server tells while it goes and in the end: what will run, what not, what did not come along."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING

import typer

from galleria.cli.printing import printable
from galleria.gallery.bringing.lines import Deed, Line
from galleria.gallery.bringing.pairs import KeyLine
from galleria.gallery.bringing.world import NOT_TOLD

if TYPE_CHECKING:
    from galleria.gallery.bringing.there import World


class Story:
    """Gathers the lines of an import and prints each at once, unless it is to be quiet."""

    def __init__(self, world: World, *, is_quiet: bool) -> None:
        self._world = world
        self._is_quiet = is_quiet
        self._lines: list[Line] = []
        self._keys: list[KeyLine] = []

    @property
    def has_refusals(self) -> bool:
        return any(line.deed is Deed.REFUSED for line in self._lines) or not all(line.is_kept for line in self._keys)

    def tell(self, line: Line | KeyLine) -> None:
        if isinstance(line, KeyLine):
            self._keys.append(line)
            state = f"kept {line.reason}".strip() if line.is_kept else f"refused: {line.reason}"
            self._say(f"key of {line.who}: {state}")
        else:
            self._lines.append(line)
            self._say(f"{line.deed:12} {line.thing:10} {line.local_id or '-':24} {line.name}{_after(line)}")

    def _say(self, text: str) -> None:
        if not self._is_quiet:
            typer.echo(printable(text))

    def ending(self) -> Iterator[str]:
        """The report, line by line."""
        yield ""
        for thing, deeds in self._counts().items():
            yield f"{thing}s: {', '.join(f'{count} {deed}' for deed, count in sorted(deeds.items()))}"
        stopped = self._stopped_by()
        whole, partly = self._running()
        yield f"{whole} workflows will run, {partly} will not yet"
        for feature, ids in sorted(stopped.items(), key=lambda pair: (-len(pair[1]), pair[0])):
            yield printable(f"{len(ids):5} stopped by {feature}")
        yield "not brought along, because no API tells it:"
        yield from (f"  {what}" for what in NOT_TOLD)
        yield from (printable(f"  data connection {name}: make it anew, with its password") for name in self._world.connections)
        if self._world.worker_tags:
            yield printable(f"jobs wait for workers with the tags {', '.join(self._world.worker_tags)} (GALLERIA_WORKER_TAGS)")
        yield from (printable(f"not understood: {oddity}") for oddity in self._world.oddities)

    def as_json(self) -> dict[str, object]:
        whole, partly = self._running()
        return {
            "things": [_record(line) for line in self._lines],
            "keys": [{"who": line.who, "kept": line.is_kept, "reason": line.reason} for line in self._keys],
            "counts": {thing: dict(deeds) for thing, deeds in self._counts().items()},
            "willRun": whole,
            "willNotRun": partly,
            "stoppedBy": self._stopped_by(),
            "notTold": list(NOT_TOLD),
            "workerTags": list(self._world.worker_tags),
            "connections": list(self._world.connections),
            "oddities": list(self._world.oddities),
        }

    def _counts(self) -> dict[str, Counter[str]]:
        counts: dict[str, Counter[str]] = {}
        for line in self._lines:
            counts.setdefault(line.thing.value, Counter())[line.deed.value] += 1
        return counts

    def _running(self) -> tuple[int, int]:
        reports = [line.report for line in self._lines if line.report is not None]
        whole = sum(1 for report in reports if report.is_supported)
        return whole, len(reports) - whole

    def _stopped_by(self) -> dict[str, list[str]]:
        """The ids of workflows by what stops them."""
        found: dict[str, list[str]] = {}
        for line in self._lines:
            for reason in _stopping(line):
                found.setdefault(reason, []).append(line.local_id)
        return found


def _stopping(line: Line) -> list[str]:
    if line.report is None:
        return []
    missing = ["a file that the package lacks"] if line.report.missing else []
    return sorted({one.feature for one in line.report.unsupported}) + missing


def _after(line: Line) -> str:
    stopped = _stopping(line)
    runs = [] if line.report is None else ["will not run: " + ", ".join(stopped) if stopped else "will run"]
    texts = [*runs, *line.notes]
    return f": {'; '.join(texts)}" if texts else ""


def _record(line: Line) -> dict[str, object]:
    record: dict[str, object] = {
        "thing": line.thing.value,
        "deed": line.deed.value,
        "name": line.name,
        "sourceId": line.source_id,
        "id": line.local_id or None,
        "notes": list(line.notes),
    }
    return record if line.report is None else record | {"stoppedBy": _stopping(line)}
