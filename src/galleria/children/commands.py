"""Check, convert and look into files in a child process: strangers' XML, formulas and tables are read there and nowhere else.

A fork server is kept for a while after each use, so that the next one takes milliseconds.
"""

from __future__ import annotations

import json
import shutil
import tempfile
import threading
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from galleria.children.server import RunnerServer
from galleria.children.watch import Limits, Stopped, watch
from galleria.errors import InvalidError, TooLargeError, UnsupportedError

KEPT_S = 60.0
AT_ONCE = 4
_UNSUPPORTED = "unsupported: "
_INVALID = "invalid: "
_LOG_BYTES = 64 * 1024


@dataclass(frozen=True)
class Allowance:
    time_s: float = 300
    memory_bytes: int = 4 << 30


@dataclass(frozen=True)
class Offered:
    """What the administrator offers to every workflow."""

    macro_folders: tuple[Path, ...] = ()
    addins: Path | None = None
    """A folder with functions that formulas know."""

    @property
    def folders(self) -> list[Path]:
        return [folder.absolute() for folder in (*self.macro_folders, *([self.addins] if self.addins else []))]

    def as_json(self) -> str:
        folders = [str(folder.absolute()) for folder in self.macro_folders]
        return json.dumps({"macro_folders": folders, "addins": str(self.addins.absolute()) if self.addins else None})


class Commands:
    """Carries out single commands; safe to use from several threads."""

    def __init__(self, server: RunnerServer | None = None, allowance: Allowance | None = None, kept_s: float = KEPT_S) -> None:
        self._server = server or RunnerServer()
        self._allowance = allowance or Allowance()
        self._kept_s = kept_s
        self.offered = Offered()
        self._slots = threading.BoundedSemaphore(AT_ONCE)
        self._lock = threading.Lock()
        self._using = 0
        self._closing: threading.Timer | None = None

    def check(self, source: Path, package: Path) -> dict[str, Any]:
        """Make `package` of a `.yxmd .yxmc .yxwz .yxzp` file and give the report on it (`gallery.workflows.report`).

        The child may read the folder that holds `source`, for the macros and files that a workflow names; put nothing
        else there. Macros that the workflow lacks are packed from the folders that are offered. Raises InvalidError or
        UnsupportedError in words.
        """
        with _folder() as work:
            made, report = work / "outputs" / package.name, work / "outputs" / "report.json"
            command = ["check", str(source.absolute()), str(made), str(report), self.offered.as_json()]
            self._run(work, command, source.absolute().parent, *self.offered.folders)
            found = cast("dict[str, Any]", json.loads(_plain(report).read_bytes()))
            shutil.move(_plain(made), package)
        return found

    def convert(self, source: Path, target: Path) -> None:
        """Write a file again in the format of the target's extension. Raises InvalidError or UnsupportedError in words."""
        with _folder() as work:
            made = work / "outputs" / target.name
            self._run(work, ["convert", str(source.absolute()), str(made)], source.absolute())
            shutil.move(_plain(made), target)

    def preview(self, source: Path) -> dict[str, Any]:
        """Look into a table file (see `runner.preview`). Raises InvalidError or UnsupportedError in words."""
        with _folder() as work:
            report = work / "outputs" / "preview.json"
            self._run(work, ["preview", str(source.absolute()), str(report)], source.absolute())
            return cast("dict[str, Any]", json.loads(_plain(report).read_bytes()))

    def plot(self, source: Path, wanted: Mapping[str, str]) -> dict[str, Any]:
        """Compute a plot of a table file (see `runner.plot`). Raises InvalidError or UnsupportedError in words."""
        with _folder() as work:
            report = work / "outputs" / "plot.json"
            self._run(work, ["plot", str(source.absolute()), str(report), json.dumps(dict(wanted))], source.absolute())
            return cast("dict[str, Any]", json.loads(_plain(report).read_bytes()))

    def compare(self, folder: Path, before: str, after: str) -> dict[str, Any]:
        """Tell what changed between two packages of these names in `folder` (see `runner.differences`). Raises as `check`."""
        with _folder() as work:
            report = work / "outputs" / "differences.json"
            place = folder.absolute()
            self._run(work, ["compare", str(place / before), str(place / after), str(report)], place)
            return cast("dict[str, Any]", json.loads(_plain(report).read_bytes()))

    def close(self) -> None:
        """End the fork server; it comes back at the next use."""
        with self._lock:
            if self._closing is not None:
                self._closing.cancel()
            if not self._using:
                self._server.close()

    def _run(self, folder: Path, command: Sequence[str], *read: Path) -> None:
        job = {
            "command": list(command),
            "fence": {"read": [str(path) for path in read]},
            "limits": {"time_s": self._allowance.time_s, "memory_bytes": self._allowance.memory_bytes},
        }
        (folder / "job.json").write_text(json.dumps(job), encoding="utf-8")
        limits = Limits(self._allowance.time_s, self._allowance.memory_bytes)
        with self._slots:
            self._begin_use()
            try:
                ending = watch(self._server.run(folder), limits, lambda _: None, lambda: False)
            finally:
                self._end_use()
        if ending.stopped is not Stopped.NO:
            raise TooLargeError(f"{command[0]} was stopped because {ending.stopped.value}")
        if ending.ended.exit != 0:
            raise _problem(command[0], ending.ended.detail or _last_line(folder / "log.txt"))

    def _begin_use(self) -> None:
        with self._lock:
            self._using += 1
            if self._closing is not None:
                self._closing.cancel()

    def _end_use(self) -> None:
        with self._lock:
            self._using -= 1
            self._closing = threading.Timer(self._kept_s, self.close)
            self._closing.daemon = True
            self._closing.start()


_commands = Commands()
"""One for the process: it holds no state but the server that it keeps, and what is offered."""


def offer(offered: Offered) -> None:
    """Offer this to every workflow that this process checks from now on."""
    _commands.offered = offered


def check(source: Path, package: Path) -> dict[str, Any]:
    """As `Commands.check`, with this process's own fork server."""
    return _commands.check(source, package)


def convert(source: Path, target: Path) -> None:
    """As `Commands.convert`, with this process's own fork server."""
    _commands.convert(source, target)


def preview(source: Path) -> dict[str, Any]:
    """As `Commands.preview`, with this process's own fork server."""
    return _commands.preview(source)


def plot(source: Path, wanted: Mapping[str, str]) -> dict[str, Any]:
    """As `Commands.plot`, with this process's own fork server."""
    return _commands.plot(source, wanted)


def compare(folder: Path, before: str, after: str) -> dict[str, Any]:
    """As `Commands.compare`, with this process's own fork server."""
    return _commands.compare(folder, before, after)


@contextmanager
def _folder() -> Generator[Path]:
    """A job folder for one command."""
    with tempfile.TemporaryDirectory(prefix="galleria-child-") as name:
        folder = Path(name).resolve()
        for part in ("package", "inputs", "outputs", "temporary"):
            (folder / part).mkdir()
        yield folder


def _plain(path: Path) -> Path:
    """A file that the child should have written: there, and no link."""
    if path.is_symlink() or not path.is_file():
        raise InvalidError("the child process wrote nothing")
    return path


def _problem(command: str, line: str) -> InvalidError | UnsupportedError:
    """The error that the child put into its last line."""
    if line.startswith(_UNSUPPORTED):
        feature, _, detail = line.removeprefix(_UNSUPPORTED).partition(": ")
        return UnsupportedError(feature, detail)
    if line.startswith(_INVALID):
        return InvalidError(line.removeprefix(_INVALID))
    return InvalidError(f"{command} ended without a result" + (f": {line}" if line else ""))


def _last_line(log: Path) -> str:
    try:
        with log.open("rb") as file:
            file.seek(max(0, log.stat().st_size - _LOG_BYTES))
            lines = file.read().decode("utf-8", "replace").splitlines()
    except FileNotFoundError:
        return ""
    return lines[-1] if lines else ""
