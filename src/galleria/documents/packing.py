"""Collects what goes into a package: a workflow, its macros and theirs, and the files that they read."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath, PureWindowsPath

from lxml import etree

from galleria.documents import xml
from galleria.documents.assets import Reference, Use, find_file, find_files, is_decided_later, meant_path, references
from galleria.documents.read import read_document
from galleria.errors import GalleriaError, NotFoundError

_NOT_FOUND = "not found"
_OUTSIDE = "lies outside the workflow's folder"
_LATER = "is known only when it runs"
_EXTERNALS = "_externals"
_DOCUMENT = re.compile(r"\.yx(md|mc|wz)\w*", re.IGNORECASE)
_OWN_FOLDER = re.compile(r"%Engine\.(?:Workflow|Module)Directory%[\\/]?", re.IGNORECASE)
_COMPANIONS = {
    ".shp": (".dbf", ".shx", ".prj", ".cpg"),
    ".tab": (".dat", ".map", ".id", ".ind"),
    ".mif": (".mid",),
}
"""Files that belong to one: a spatial file comes with its table and index."""


@dataclass(frozen=True)
class Missing:
    """A file that a document names and the package does not hold."""

    document: str
    """Name in the package of the document that names it."""
    tool_id: int | None
    name: str
    """As the document writes it."""
    reason: str

    def __str__(self) -> str:
        where = "" if self.tool_id is None else f"tool {self.tool_id}: "
        return f"{self.document}: {where}{self.name}: {self.reason}"


@dataclass
class Collector:
    base: Path
    """The folder of the main workflow."""
    macro_folders: Sequence[Path]
    shipped: frozenset[str]
    """File names in lower case of macros that need no file."""
    allowed: Sequence[Path]
    files: dict[str, Path | bytes] = field(default_factory=dict[str, "Path | bytes"])
    """What is packed, by name in the package."""
    missing: list[Missing] = field(default_factory=list[Missing])
    _names: dict[Path, str] = field(default_factory=dict[Path, str])
    _taken: dict[str, Path] = field(default_factory=dict[str, Path])
    """The files behind the names, in lower case."""
    _folders: dict[Path, str] = field(default_factory=dict[Path, str])
    """The places below `_externals` of folders elsewhere."""

    _pending: list[tuple[Path, str]] = field(default_factory=list[tuple[Path, str]])
    """Documents that are packed but not read yet, with their names."""

    def __post_init__(self) -> None:
        self.base = _absolute(self.base)
        self.macro_folders = [_absolute(folder) for folder in self.macro_folders]
        self._roots = [self.base, *self.macro_folders, *(_absolute(folder) for folder in self.allowed)]

    def add_main(self, workflow: Path) -> str:
        """Pack the main workflow and all that it needs; its name in the package. Raises where it cannot be read."""
        path = find_file(self.base, workflow.name)
        if path is None:
            raise NotFoundError(f"no document at {workflow.name}")
        name = self._names[path] = path.name
        self._taken[name.casefold()] = path
        xml.check_size(path.stat().st_size, name)
        self._add_document(path, name, path.read_bytes())
        while self._pending:
            self._add_inner_document(*self._pending.pop(0))
        return name

    def _add_document(self, path: Path, name: str, data: bytes) -> None:
        """Pack a document and what it names. It goes in byte for byte, unless a name in it must change."""
        workflow = read_document(data, path.name, path)
        self.files[name] = data
        changed = False
        for reference in references(workflow):
            new_name = self._add_reference(reference, path, name)
            if new_name is not None:
                reference.rename(new_name)
                changed = True
        if changed and workflow.root is not None:
            self.files[name] = etree.tostring(workflow.root, encoding="utf-8", xml_declaration=True)

    def _add_reference(self, reference: Reference, document: Path, name: str) -> str | None:
        """Pack what a place in a document names; the name that the document must use for it where that changes."""
        written = _OWN_FOLDER.sub("", reference.name)
        if is_decided_later(written):
            return self._miss(reference, name, _LATER)
        folders = self._folders_for(written, reference.use, document)
        found = next((found for folder in folders if (found := _find(folder, written, reference.use))), ())
        if not found:
            is_shipped = reference.use is Use.MACRO and PureWindowsPath(written).name.casefold() in self.shipped
            return None if is_shipped else self._miss(reference, name, _NOT_FOUND if folders else _OUTSIDE)
        for path in found:
            if not self._may_pack(path):
                return self._miss(reference, name, _OUTSIDE)
            if not self._add_file(path):
                return self._miss(reference, name, "another file has the same name but for its letter case")
        return self._new_name(written, found[0], name)

    def _miss(self, reference: Reference, document: str, reason: str) -> None:
        if reference.use is not Use.MENTION:
            self.missing.append(Missing(document, reference.tool_id, reference.name, reason))

    def _folders_for(self, name: str, use: Use, document: Path) -> Sequence[Path]:
        """Where to look for a name: folders from which it leads to no place that is not allowed, which is not even looked at."""
        folders = [document.parent, self.base, *(self.macro_folders if use is Use.MACRO else ())]
        return [folder for folder in folders if (path := meant_path(folder, name)) is not None and self._is_inside(path)]

    def _is_inside(self, path: Path) -> bool:
        parts = [part.casefold() for part in path.parts]
        return any(parts[: len(root.parts)] == [part.casefold() for part in root.parts] for root in self._roots)

    def _may_pack(self, path: Path) -> bool:
        """Whether a file lies, links followed, below the workflow's folder or one that is allowed."""
        real = path.resolve()
        return any(real.is_relative_to(root.resolve()) for root in self._roots)

    def _add_file(self, path: Path) -> bool:
        """Pack a file, once, and what it needs; False where its name is taken."""
        if path in self._names:
            return True
        name = self._place(path)
        if self._taken.setdefault(name.casefold(), path) != path:
            return False
        self._names[path] = name
        self.files[name] = path
        if _DOCUMENT.fullmatch(path.suffix):
            self._pending.append((path, name))
        for suffix in _COMPANIONS.get(path.suffix.casefold(), ()):
            companion = find_file(path.parent, path.stem + suffix)
            if companion is not None and self._may_pack(companion):
                self._add_file(companion)
        return True

    def _add_inner_document(self, path: Path, name: str) -> None:
        try:
            xml.check_size(path.stat().st_size, path.name)
            self._add_document(path, name, path.read_bytes())
        except GalleriaError as error:
            # It is packed as it is; the run will say whether it matters.
            self.files[name] = path
            self.missing.append(Missing(name, None, path.name, f"is packed, but what it names is not known: {error}"))

    def _place(self, path: Path) -> str:
        """The name of a file in the package."""
        if path.is_relative_to(self.base):
            return path.relative_to(self.base).as_posix()
        for folder, place in self._folders.items():
            if path.is_relative_to(folder):
                return f"{place}/{path.relative_to(folder).as_posix()}"
        place = f"{_EXTERNALS}/{self._first_number() + len(self._folders)}"
        self._folders[path.parent] = place
        return f"{place}/{path.name}"

    def _first_number(self) -> int:
        """The workflow's folder may itself be an unpacked package, with externals of its own."""
        own = self.base / _EXTERNALS
        numbers = [int(child.name) for child in own.iterdir() if child.name.isdecimal()] if own.is_dir() else []
        return max(numbers, default=0) + 1

    def _new_name(self, written: str, path: Path, document: str) -> str | None:
        """The name by which a document in the package finds a file there; None where the written one does."""
        windows = PureWindowsPath(written)
        inside = os.path.normpath(f"{PurePosixPath(document).parent}/{written.replace(chr(92), '/')}")
        leads_out = windows.root or windows.drive or inside.split("/")[0] == ".."
        if not leads_out and path.is_relative_to(self.base):
            return None
        name = os.path.relpath(self._names[path], PurePosixPath(document).parent)
        if any(sign in windows.name for sign in "*?"):
            name = str(PurePosixPath(name).parent / windows.name)
        if os.path.normcase(name).casefold() == os.path.normpath(written.replace("\\", "/")).casefold():
            return None
        return name.replace("/", "\\")


def _find(folder: Path, name: str, use: Use) -> Sequence[Path]:
    if use is Use.INPUT and any(sign in name for sign in "*?"):
        return find_files(folder, name)
    path = find_file(folder, name)
    return () if path is None else (path,)


def _absolute(folder: Path) -> Path:
    """The whole path, links not followed."""
    return Path(os.path.normpath(folder.absolute()))
