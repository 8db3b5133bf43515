"""What an input asks for, and the table that comes of it: one file or many, each by its format."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from fnmatch import translate
from pathlib import Path, PureWindowsPath

import polars as pl

from galleria.connecting.address import address_of, is_connection, shown
from galleria.errors import InvalidError, UnsupportedError
from galleria.fields.names import unique_name
from galleria.fields.types import Field, FieldType
from galleria.formats.catalogue import format_of
from galleria.formats.format import Circumstances, Content, Source
from galleria.formats.options import Options
from galleria.formats.sizes import merged_trouble
from galleria.formats.sql.database import read_database
from galleria.messages import Status
from galleria.table.table import Table

PART_MARK = "|||"
"""Between a file's name and what inside it is meant."""


class NameColumn(StrEnum):
    """Whether the rows tell which file they came from."""

    NONE = ""
    FILE_NAME = "FileName"
    """Without folder, extension and sheet."""
    PATH = "Path"


@dataclass(frozen=True)
class Request:
    """What a workflow wants to read."""

    name: str
    """As written, without what follows `|||`. May hold `*` and `?` in its last part."""
    part: str = ""
    code: int | None = None
    """The number of the format; None leaves it to the extension."""
    options: Options = field(default_factory=Options)
    record_limit: int = 0
    """0 for all."""
    name_column: NameColumn = NameColumn.NONE
    searches_below: bool = False
    """Wildcards are looked for in subfolders, too."""


@dataclass(frozen=True)
class FileRead:
    """One file among those that a request reads."""

    name: str
    """As the workflow would name it."""
    table: Table


@dataclass(frozen=True)
class Answered:
    """What a request reads."""

    table: Table
    files: Sequence[FileRead]
    trouble: pl.LazyFrame | None
    """A query with the schema `TROUBLE`."""
    notes: Sequence[tuple[Status, str]]


def read(request: Request, find: Callable[[str], Path], around: Circumstances) -> Answered:
    """The table that a request means; `find` gives the existing file or folder of that name or raises.

    Several files are stacked in the order of their names: the first says what the fields are, one with other fields is
    left out and told. Raises UnsupportedError for a format that is not read, InvalidError for a damaged file.
    """
    refuse_connections(request.name, request.code)
    if is_connection(request.name):
        file = file_behind(request.name, around)
        if file is None:
            return _from_database(request, around)
        request = replace(request, name=file, code=SQLITE)
    if request.name.lower().startswith(_GEOJSON_MARK):
        request = replace(request, name=request.name[len(_GEOJSON_MARK) :])
    sources = list(_sources(request, find))
    if not sources:
        raise InvalidError(f'File not found "{request.name}"')
    if request.record_limit:
        limit = min(request.record_limit, around.record_limit or request.record_limit)
        around = replace(around, record_limit=limit)
    notes: list[tuple[Status, str]] = []
    kept: list[tuple[FileRead, Content]] = []
    for source in sources:
        if source.path.is_dir():
            raise InvalidError(f'"{source.name}" is a folder, not a file.')
        content = _limited(format_of(request.code, source.path).read(source, request.options, around), around.record_limit)
        if len(sources) > 1:
            content = _shared(content)
        if kept and not _same_fields(kept[0][1].table.fields, content.table.fields):
            notes.append(
                (Status.WARNING, f'The file "{source.name}" has a different schema than the 1st file in the set and will be skipped')
            )
            continue
        notes.extend(content.notes)
        kept.append((FileRead(source.name, content.table), content))
    table = _stacked([(one, content.table) for one, content in kept], request, around)
    troubles = [content.trouble for _, content in kept if content.trouble is not None]
    trouble = merged_trouble(pl.concat(troubles), around.problem_limit) if troubles else None
    return Answered(table, [one for one, _ in kept], trouble, notes)


def split_name(text: str) -> tuple[str, str]:
    """A file's name and what inside it is meant: `book.xlsx|||Sheet1$`; documents before 11 have a single bar."""
    name, mark, part = text.strip().partition(PART_MARK)
    if not mark:
        name, _, part = name.partition("|")
    return name.strip(), part.strip()


def refuse_connections(name: str, code: int | None) -> None:
    """Raise UnsupportedError for what is a connection rather than a file, named by its kind and never with its secrets.

    Raises InvalidError where nothing is chosen at all.
    """
    kind = name.partition(":")[0].strip().lower()
    if kind in _CONNECTIONS:
        raise UnsupportedError(f"format {_CONNECTIONS[kind]}", "connections of this kind are not supported")
    if not name and code is None:
        raise InvalidError("No file and no data connection is chosen.")


def file_behind(name: str, around: Circumstances) -> str | None:
    """The file that a connection leads to (SQLite); None where it leads to a server, and while only fields are wanted."""
    if around.checking:
        return None
    address = address_of(name, around.databases)
    return address.database if address.kind == "sqlite" else None


def _from_database(request: Request, around: Circumstances) -> Answered:
    limits = [limit for limit in (request.record_limit, around.record_limit) if limit]
    around = replace(around, record_limit=min(limits, default=0))
    content = _limited(read_database(request.name, request.part, request.options, around), around.record_limit)
    file = FileRead(shown(request.name), content.table)
    return Answered(_stacked([(file, content.table)], request, around), [file], content.trouble, content.notes)


SQLITE = 36
"""The number of its format."""
_GEOJSON_MARK = "gjsn:"
"""Before the name of a GeoJSON file."""
_CONNECTIONS = {
    "sdbc": "ODBC Spatial Database",
    "sdb": "OleDb Spatial Database",
    "32bit": "32 bit Database Connections",
    "vlmn": "Alteryx Web",
    "gdb": "ESRI GeoDatabase",
    "livy": "Apache Spark Direct",
}


def _sources(request: Request, find: Callable[[str], Path]) -> Iterator[Source]:
    last = PureWindowsPath(request.name).name
    if not ("*" in last or "?" in last):
        yield Source(find(request.name), request.name, request.part)
        return
    folder_name = request.name[: len(request.name) - len(last)]
    folder = find(folder_name or ".")
    for path in matching(folder, last, below=request.searches_below):
        inside = "\\".join(path.relative_to(folder).parts) if "\\" in folder_name else path.relative_to(folder).as_posix()
        # Asked for by name, so that a link which leaves the run's folders is refused.
        yield Source(find(f"{folder_name}{inside}"), f"{folder_name}{inside}", request.part)


def matching(folder: Path, pattern: str, *, below: bool = False) -> list[Path]:
    """The files in a folder (and, with `below`, in its subfolders) whose names match in any letter case, folder by folder, by name.

    `*.*` means every file, as on Windows. Folders that are links are not entered.
    """
    wanted = re.compile(translate("*" if pattern == "*.*" else pattern.replace("[", "[[]")), re.IGNORECASE)
    entries = sorted(folder.iterdir(), key=lambda path: path.name.casefold())
    found = [path for path in entries if wanted.match(path.name) and path.is_file()]
    if below:
        for inner in entries:
            if inner.is_dir() and not inner.is_symlink():
                found.extend(matching(inner, pattern, below=True))
    return found


def _limited(content: Content, limit: int) -> Content:
    table = content.table
    return replace(content, table=Table(table.frame.head(limit), table.fields)) if limit else content


def _shared(content: Content) -> Content:
    """The same, read once though the file is counted by itself and passed on with others."""
    return replace(content, table=replace(content.table, frame=content.table.frame.cache()))


def _same_fields(first: Sequence[Field], other: Sequence[Field]) -> bool:
    return [(one.name.casefold(), one.type) for one in first] == [(one.name.casefold(), one.type) for one in other]


def _stacked(kept: Sequence[tuple[FileRead, Table]], request: Request, around: Circumstances) -> Table:
    first = kept[0][1].fields
    fields = tuple(replace(one, size=max(table.fields[at].size for _, table in kept)) for at, one in enumerate(first))
    names = [one.name for one in fields]
    frames = [table.frame.rename(dict(zip(table.names, names, strict=True))) for _, table in kept]
    if request.name_column is not NameColumn.NONE:
        column = Field(unique_name("FileName", names), FieldType.V_WSTRING, 254, source=request.name_column)
        frames = [
            frame.with_columns(pl.lit(_told_name(one.name, request)).alias(column.name))
            for frame, (one, _) in zip(frames, kept, strict=True)
        ]
        fields = (*fields, column)
    if len(frames) == 1:
        return kept[0][1].same_rows(frames[0], fields)
    frame = pl.concat(frames)
    return Table(frame.head(around.record_limit) if around.record_limit else frame, fields)


def _told_name(name: str, request: Request) -> str:
    if request.name_column is NameColumn.FILE_NAME:
        return PureWindowsPath(name).stem
    return f"{name}{PART_MARK}{request.part}" if request.part else name
