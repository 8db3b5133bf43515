"""The files of a macro: a relative name in it starts from the macro's own folder."""

from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path, PureWindowsPath

from galleria.errors import ToolError
from galleria.tools.contract import Files


@dataclass(frozen=True)
class Beside:
    """As `files`, but names that are not absolute are looked for in `folder` first."""

    files: Files
    folder: Path

    def to_read(self, name: str) -> Path:
        is_absolute = name.startswith(("/", "\\")) or PureWindowsPath(name).drive
        if not is_absolute:
            # What is not there may lie in the workflow's own folder, beside all its macros.
            with suppress(ToolError):
                return self.files.to_read(f"{self.folder}/{name}")
        return self.files.to_read(name)

    def to_write(self, name: str) -> Path:
        return self.files.to_write(name)

    def temporary(self, suffix: str = "") -> Path:
        return self.files.temporary(suffix)
