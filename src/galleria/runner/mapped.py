"""Files of a run whose names may begin with what an administrator mapped to a folder."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from galleria.connecting.maps import PathMap, mapped
from galleria.errors import ToolError
from galleria.tools.contract import Files


@dataclass(frozen=True)
class MappedFiles:
    """As `files`, which may read the mapped folders and write those that are writable."""

    files: Files
    maps: Sequence[PathMap]

    def to_read(self, name: str) -> Path:
        found = mapped(name, self.maps)
        return self.files.to_read(name) if found is None else _told(name, found[1], self.files.to_read)

    def to_write(self, name: str) -> Path:
        found = mapped(name, self.maps)
        if found is None:
            return self.files.to_write(name)
        one, path = found
        if not one.is_writable:
            raise ToolError(f"{name}: the mapped folder {one.source} is for reading only")
        return _told(name, path, self.files.to_write)

    def temporary(self, suffix: str = "") -> Path:
        return self.files.temporary(suffix)


def _told(name: str, path: Path, find: Callable[[str], Path]) -> Path:
    """What `find` says of the path, in the workflow's own words: the server's folders are nothing to it."""
    try:
        return find(str(path))
    except ToolError as error:
        raise ToolError(error.message.replace(str(path), name)) from error
