"""Directory: lists the files of a folder."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from os import W_OK, access, stat_result
from pathlib import Path
from typing import ClassVar, Self

import polars as pl

from galleria.errors import ToolError
from galleria.fields.types import Field, FieldType
from galleria.formats.reading import matching
from galleria.table.table import Table, empty_table
from galleria.tools.configuration import Configuration
from galleria.tools.contract import Anchor, Built, Context, Inputs, Tool

_SOURCE = "Directory:"
_ATTRIBUTES = (
    "Archive", "Compressed", "Encrypted", "Hidden", "Normal", "Offline", "Readonly", "ReparsePoint", "SparseFile", "System", "Temporary",
)  # laid out by meaning # fmt: skip
_FIELDS = (
    Field("FullPath", FieldType.V_WSTRING, 32_767, source=_SOURCE),
    Field("Directory", FieldType.V_WSTRING, 32_767, source=_SOURCE),
    Field("FileName", FieldType.V_WSTRING, 260, source=_SOURCE),
    Field("ShortFileName", FieldType.V_WSTRING, 14, source=_SOURCE),
    Field("CreationTime", FieldType.DATETIME, source=_SOURCE),
    Field("LastAccessTime", FieldType.DATETIME, source=_SOURCE),
    Field("LastWriteTime", FieldType.DATETIME, source=_SOURCE),
    Field("Size", FieldType.INT64, source=_SOURCE),
    *(Field(f"Attribute{name}", FieldType.BOOL, source=_SOURCE) for name in _ATTRIBUTES),
)


@dataclass(frozen=True)
class Directory(Tool):
    plugins: ClassVar[Sequence[str]] = ("AlteryxBasePluginsGui.Directory.Directory",)
    inputs: ClassVar[Sequence[Anchor]] = ()

    name: str
    """The folder, as written."""
    pattern: str
    searches_below: bool

    @classmethod
    def read(cls, config: Configuration) -> Self:
        name = config.value("Directory").strip()
        if not name:
            raise ToolError("No folder is named.")
        return cls(name, config.value("FileSpec").strip() or "*.*", config.flag("IncludeSubDirs"))

    def build(self, inputs: Inputs, context: Context) -> Built:
        if context.checking:
            return Built({"Output": empty_table(_FIELDS)})
        folder = context.files.to_read(self.name)
        if not folder.is_dir():
            raise ToolError(f'"{self.name}" is not a folder.')
        rows = [self._row(path, folder) for path in matching(folder, self.pattern, below=self.searches_below)]
        frame = pl.DataFrame(rows, schema={field.name: field.dtype for field in _FIELDS})
        return Built({"Output": Table((frame.head(context.record_limit) if context.record_limit else frame).lazy(), _FIELDS)})

    def _row(self, path: Path, folder: Path) -> Mapping[str, object]:
        """The file under the name by which the workflow reaches it, so that other tools find it again."""
        mark = "/" if "/" in self.name and "\\" not in self.name else "\\"
        inside = path.parent.relative_to(folder).parts
        directory = mark.join([self.name.rstrip("/\\") or mark, *inside]).rstrip(mark) + mark
        status = path.stat()
        return {
            "FullPath": f"{directory}{path.name}",
            "Directory": directory,
            "FileName": path.name,
            "ShortFileName": None,
            "CreationTime": _moment(_born(status)),
            "LastAccessTime": _moment(status.st_atime),
            "LastWriteTime": _moment(status.st_mtime),
            "Size": status.st_size,
            **{f"Attribute{name}": False for name in _ATTRIBUTES},
            "AttributeArchive": True,
            "AttributeHidden": path.name.startswith("."),
            "AttributeReadonly": not access(path, W_OK),
            "AttributeReparsePoint": path.is_symlink(),
        }


def _born(status: stat_result) -> float:
    """When the file was made, where the system knows; else when it was last written, whichever comes first."""
    return getattr(status, "st_birthtime", min(status.st_ctime, status.st_mtime))


def _moment(timestamp: float) -> datetime:
    return datetime.fromtimestamp(int(timestamp))
