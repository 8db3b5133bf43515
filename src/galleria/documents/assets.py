"""What a document names outside itself: macros, input files, other apps; and where those lie.

Names are matched without letter case and with `\\` or `/`, as on the system that the documents come from.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from fnmatch import fnmatchcase
from pathlib import Path, PureWindowsPath

from galleria.documents.workflow import Node, Workflow
from galleria.documents.xml import Element


class Use(StrEnum):
    MACRO = "macro"
    CHAINED_APP = "app"
    INPUT = "input"
    MENTION = "mention"
    """A text that could be a file's name: it counts only where there is such a file."""


@dataclass(frozen=True)
class Reference:
    """A place in a document that names a file."""

    tool_id: int | None
    use: Use
    name: str
    """The file's name as written, without a sheet or table behind `|||` (`|` in old documents)."""
    element: Element
    attribute: str = ""
    """The attribute that holds it; empty for the element's text."""

    def rename(self, name: str) -> None:
        """Put another file name in its place, in the document's tree."""
        if self.attribute:
            self.element.set(self.attribute, name)
        else:
            _, bar, rest = (self.element.text or "").partition("|")
            self.element.text = name + bar + rest


_INPUTS = {
    "DbFileInput": "File",
    "DynamicInput": "InputConfiguration/Configuration/File",
    "MacroInput": "FileInput/Configuration/File",
    "MapInput": "ReferenceFile",
    "PortfolioComposerImage": "Filename",
}
_NEVER = ("DbFileOutput", "PortfolioComposerRender", "BrowseV2", "TextInput", "TextBox")
"""Tools whose file names are what they write, or no files at all."""
_QUESTIONS = {"DW2_Path": Use.INPUT, "Xml_Path": Use.INPUT, "FileBrowse_ReferenceFile": Use.INPUT, "Wiz_ChainRunWizard": Use.CHAINED_APP}
_FILE_NAME = re.compile(r"""[^<>"|?*\n\r\t]{1,250}\.[A-Za-z0-9_]{1,15}""")
_CONNECTION = re.compile(r"[A-Za-z][A-Za-z0-9_+]+:")
"""`odbc:`, `aka:`, `https:`: a drive letter is one letter."""


def references(workflow: Workflow) -> Iterator[Reference]:
    """Every file that a document names for reading, macros first within a tool. Output files are not among them."""
    for node in workflow.nodes:
        yield from _node_references(node)
    if workflow.runtime is None:
        return
    for tag, use in _QUESTIONS.items():
        for element in workflow.runtime.iter(tag):
            if name := _file_name(element.text):
                yield Reference(None, use, name, element)


def is_decided_later(name: str) -> bool:
    """Whether a name holds a constant or an environment variable (`%User.folder%\\x.csv`)."""
    return re.search(r"%[^%]+%", name) is not None


def find_file(folder: Path, name: str) -> Path | None:
    """The file that a document in `folder` means by a relative or absolute name; the path is normal but no link is followed."""
    start, parts = _split(folder, name)
    return None if start is None else _walk(start, parts)


def meant_path(folder: Path, name: str) -> Path | None:
    """The path that a name means, without a look at the disk; None for a drive or share that this system does not know."""
    start, parts = _split(folder, name)
    return None if start is None else Path(os.path.normpath(start.joinpath(*parts)))


def find_files(folder: Path, pattern: str) -> tuple[Path, ...]:
    """The files that match a name with `*` or `?` in its last part, sorted."""
    start, parts = _split(folder, pattern)
    place = None if start is None else _walk(start, parts[:-1], want_folder=True)
    if place is None or not parts:
        return ()
    wanted = parts[-1].casefold()
    return tuple(sorted(path for path in place.iterdir() if fnmatchcase(path.name.casefold(), wanted) and path.is_file()))


def _node_references(node: Node) -> Iterator[Reference]:
    if node.macro and (engine := _engine(node)) is not None:
        yield Reference(node.tool_id, Use.MACRO, node.macro, engine, "Macro")
    plugin = node.plugin.rpartition(".")[2]
    if plugin in _NEVER:
        return
    known = node.configuration.find(_INPUTS[plugin]) if plugin in _INPUTS else None
    if known is not None and (name := _file_name(known.text)):
        yield Reference(node.tool_id, Use.INPUT, name, known)
    for element in node.configuration.iter("*"):
        text = (element.text or "").strip()
        if element is not known and len(text) <= 300 and _FILE_NAME.fullmatch(text.partition("|")[0]) and (name := _file_name(text)):
            yield Reference(node.tool_id, Use.MENTION, name, element)


def _engine(node: Node) -> Element | None:
    properties = node.configuration.getparent()
    element = None if properties is None else properties.getparent()
    return None if element is None else element.find("EngineSettings")


def _file_name(text: str | None) -> str:
    """The file part of `file|||table`; empty for a database connection or an address."""
    name = (text or "").strip().partition("|")[0].strip()
    return "" if _CONNECTION.match(name) else name


def _split(folder: Path, name: str) -> tuple[Path | None, list[str]]:
    """Where to start, and the parts to go; no start for a drive or a share that this system does not know."""
    windows = PureWindowsPath(name)
    if windows.drive and os.name != "nt":
        return None, []
    parts = [part for part in re.split(r"[\\/]", name[len(windows.drive) :]) if part not in ("", ".")]
    return (Path(windows.anchor.replace("\\", "/")) if windows.root else folder), parts


def _walk(start: Path, parts: list[str], *, want_folder: bool = False) -> Path | None:
    at = Path(os.path.normpath(start))
    try:
        for part in parts:
            at = at.parent if part == ".." else _child(at, part)
        return at if (at.is_dir() if want_folder else at.is_file()) else None
    except OSError:
        # A name that is too long, a folder that may not be read.
        return None


def _child(folder: Path, name: str) -> Path:
    """The child of that name; the exact spelling wins over other letter cases."""
    exact = folder / name
    if exact.exists() or not folder.is_dir():
        return exact
    wanted = name.casefold()
    return min((path for path in folder.iterdir() if path.name.casefold() == wanted), default=exact)
