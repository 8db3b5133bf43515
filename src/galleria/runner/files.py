"""How a run's tools reach files: names as workflows spell them, looked for in the folders that the run may use.

Names come in Windows or POSIX spelling and any letter case. What a workflow writes lands below the run's output folder:
relative names with their folders (a `..` above the top counts as the top), absolute ones by their base name, because the
author's drives are not there. Reading outside the folders is refused by name.
"""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from galleria.errors import ToolError
from galleria.runner.fence import Fence

NAME_BYTES = 255
"""What file systems allow for one name."""


class FencedFiles:
    """Files of a run on a server, whose job folder holds `package`, `inputs`, `outputs` and `temporary`."""

    def __init__(self, folder: Path, workflow_folder: Path, fence: Fence) -> None:
        """`workflow_folder` lies in the package: relative names are looked for there, then in the inputs and the outputs."""
        package, inputs, outputs, scratch = (_real(folder / name) for name in ("package", "inputs", "outputs", "temporary"))
        allowed = tuple(map(_real, fence.write))
        self.outputs = outputs
        self.scratch = scratch
        self._bases = (_real(workflow_folder), inputs, outputs)
        self._readable = (package, inputs, outputs, scratch, *map(_real, fence.read), *allowed)
        self._writable = (outputs, scratch, *allowed)

    def to_read(self, name: str) -> Path:
        spelled = spell(name)
        if spelled.is_windows_absolute:
            raise ToolError(f"{name}: {_NO_DRIVES}")
        refused = False
        looked = False
        for base in [Path("/")] if spelled.is_absolute else self._bases:
            path = _within(Path(os.path.normpath(base.joinpath(*spelled.parts))), self._readable)
            found = None if path is None else find(*path)
            # Where links lead is judged as well.
            if found is not None and _within(_real(found), self._readable) is not None:
                return found
            looked = looked or path is not None
            refused = refused or found is not None
        if refused or not looked:
            raise ToolError(f"{name}: a run may read only its package, its inputs and the folders that the administrator allows")
        raise _missing(name)

    def to_write(self, name: str) -> Path:
        return _to_write(name, self.outputs, self._writable)

    def temporary(self, suffix: str = "") -> Path:
        return _temporary(self.scratch, suffix)


@dataclass(frozen=True)
class LocalFiles:
    """Files of a run on the command line: the user reads what the operating system lets him read."""

    folder: Path
    """The workflow's: where relative names are looked for."""
    outputs: Path
    scratch: Path
    writable: tuple[Path, ...] = ()
    """Folders that are written where they are; all other absolute names land in `outputs`."""

    def to_read(self, name: str) -> Path:
        spelled = spell(name)
        if not spelled.is_windows_absolute:
            for base in [Path("/")] if spelled.is_absolute else [self.folder, self.outputs]:
                path = Path(os.path.normpath(base.absolute().joinpath(*spelled.parts)))
                found = path if path.exists() else find(Path("/"), path.parts[1:])
                if found is not None:
                    return found
        raise _missing(name)

    def to_write(self, name: str) -> Path:
        return _to_write(name, _real(self.outputs), (_real(self.scratch), *map(_real, self.writable)))

    def temporary(self, suffix: str = "") -> Path:
        return _temporary(self.scratch, suffix)


@dataclass(frozen=True)
class Spelled:
    """A file name taken apart."""

    parts: tuple[str, ...]
    """Without the root; `..` kept. None for the root, or for the folder itself (`.`)."""
    is_absolute: bool = False
    is_windows_absolute: bool = False
    """It begins with a drive or a server."""


def spell(name: str) -> Spelled:
    """Take a file name apart, in Windows or POSIX spelling; raises ToolError for what can be no name."""
    slashed = name.strip().replace("\\", "/")
    if not slashed or "\0" in slashed:
        raise ToolError("a file name is empty" if not slashed else "a file name holds a NUL character")
    # `//?/` and `//./` only announce what follows.
    if slashed[:4] in ("//?/", "//./"):
        slashed = "//" + slashed[8:] if slashed[4:8].casefold() == "unc/" else slashed[4:]
    has_drive = len(slashed) > 1 and slashed[1] == ":" and slashed[0].isascii() and slashed[0].isalpha()
    # On POSIX a doubled slash is a slash, in a workflow from Windows it is a server.
    has_server = slashed.startswith("//") and not slashed.startswith("///")
    parts = tuple(part for part in (slashed[2:] if has_drive else slashed).split("/") if part not in ("", "."))
    if any(len(os.fsencode(part)) > NAME_BYTES for part in parts):
        raise ToolError(f"{name[:80]!r} is no file name")
    return Spelled(parts, has_drive or slashed.startswith("/"), has_drive or has_server)


def find(top: Path, parts: Sequence[str]) -> Path | None:
    """The existing file or folder below `top`, each name as written or else in another letter case; None where there is none.

    Raises ToolError where only the letter case tells several apart and none is written like it.
    """
    path = top
    for part in parts:
        if not (path / part).exists():
            try:
                alike = [entry.name for entry in path.iterdir() if entry.name.casefold() == part.casefold()]
            except OSError:
                return None
            if len(alike) > 1:
                raise ToolError(f"{part}: there are {', '.join(sorted(alike))}, and none is spelled like this")
            if not alike:
                return None
            part = alike[0]
        path = path / part
    return path if path.exists() else None


def _to_write(name: str, outputs: Path, writable: Iterable[Path]) -> Path:
    spelled = spell(name)
    if spelled.is_absolute and not spelled.is_windows_absolute:
        within = _within(Path(os.path.normpath(Path("/").joinpath(*spelled.parts))), writable)
        if within is not None:
            return _ready(name, *within)
    kept: list[str] = []
    for part in spelled.parts[-1:] if spelled.is_absolute else spelled.parts:
        if part != "..":
            kept.append(part)
        elif kept:
            kept.pop()
    if not kept:
        raise ToolError(f"{name}: that is a folder, not a file to write")
    return _ready(name, outputs, kept)


def _temporary(scratch: Path, suffix: str) -> Path:
    scratch.mkdir(parents=True, exist_ok=True)
    return scratch / f"{uuid.uuid4().hex}{suffix}"


def _ready(name: str, top: Path, parts: Sequence[str]) -> Path:
    """Make the folders; a name that is there in another letter case is that file."""
    path = top
    for part in parts:
        try:
            path.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise ToolError(f"{name}: the folder {path.name} cannot be made: {error.strerror}") from error
        path = find(path, [part]) or path / part
        if _within(_real(path), [_real(top)]) is None:
            raise ToolError(f"{name}: a link leads out of the folder that the run may write")
    return path


def _within(path: Path, roots: Iterable[Path]) -> tuple[Path, tuple[str, ...]] | None:
    """The root that holds the path, and the way from there; by spelling only, letter case counts."""
    for root in roots:
        if path == root or root in path.parents:
            return root, path.relative_to(root).parts
    return None


def _real(path: Path) -> Path:
    return Path(os.path.realpath(path))


def _missing(name: str) -> ToolError:
    return ToolError(f"{name}: there is no such file")


_NO_DRIVES = "drives and servers of the author's network are not there; pack the file with the workflow or give it by a question"
