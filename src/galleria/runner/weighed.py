"""How much a run reads: files are weighed as its tools find them."""

from collections.abc import Iterable
from pathlib import Path

from galleria.compiler.plan import Step
from galleria.runner.given import Given
from galleria.tools.contract import Files, Tool

LITTLE = 4 * 1024 * 1024
"""Bytes of all files together up to which a run may hold rows in memory that it could let pass."""


class WeighedFiles:
    """As `files`; `is_little` as long as the files found to read are little together, and nothing makes rows beside them."""

    def __init__(self, files: Files, steps: Iterable[Step]) -> None:
        self.files = files
        self.weight = 0
        """Bytes, of each file as often as it was found."""
        self._noted = 0
        self._is_bounded = not any(isinstance(step.tool, Given) or step.plugin.endswith("GenerateRows") for step in steps)

    @property
    def is_little(self) -> bool:
        return self._is_bounded and self.weight <= LITTLE

    def note(self, tool: Tool) -> None:
        """The tool is built: what it reads, but from no file, may be of any size."""
        self._is_bounded = self._is_bounded and not (tool.scans and self.weight == self._noted)
        self._noted = self.weight

    def to_read(self, name: str) -> Path:
        path = self.files.to_read(name)
        # A folder may hold anything.
        self.weight += path.stat().st_size if path.is_file() else LITTLE + 1
        return path

    def to_write(self, name: str) -> Path:
        return self.files.to_write(name)

    def temporary(self, suffix: str = "") -> Path:
        return self.files.temporary(suffix)
