"""What a place for files is: packages, inputs and outputs, each under a key that we make and never a user's file name."""

import re
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import BinaryIO, Protocol

from galleria.errors import InvalidError


class Area(StrEnum):
    PACKAGES = "packages"
    INPUTS = "inputs"
    OUTPUTS = "outputs"
    CONVERTED = "converted"
    """Outputs in other formats; may be deleted at any time."""


@dataclass(frozen=True)
class Stored:
    key: str
    """`outputs/65/65a1...f0`: area, two digits that spread the files over folders, name."""
    size_bytes: int
    sha256: str


Kept = Callable[[Sequence[str]], Collection[str]]
"""Says which of these keys must stay."""


def nothing(_: Sequence[str]) -> Collection[str]:
    """For an area whose files may go at any time."""
    return ()


class Storage(Protocol):
    def put(self, area: Area, name: str, source: BinaryIO, limit_bytes: int | None = None) -> Stored:
        """Store everything that `source` still gives. The file appears whole or not at all; an existing one is replaced.

        Raises TooLargeError above the limit; nothing is left behind then.
        """
        ...

    def open(self, key: str) -> BinaryIO:
        """Open for reading; seekable. Raises NotFoundError."""
        ...

    def fetch(self, key: str, to: Path) -> None:
        """Copy into a local file. Raises NotFoundError."""
        ...

    def size_bytes(self, key: str) -> int: ...

    def exists(self, key: str) -> bool: ...

    def delete(self, key: str) -> None:
        """Remove; what is not there is no error."""
        ...

    def purge(self, area: Area, age_s: float, kept: Kept = nothing, spread: str = "") -> int:
        """Remove what was stored in an area longer ago and is not kept; gives how many files.

        `spread` are the two characters that keys of one folder share; empty: all folders.
        """
        ...


_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,127}")
_KEY = re.compile(r"(packages|inputs|outputs|converted)/[A-Za-z0-9]{2}/[A-Za-z0-9][A-Za-z0-9_.-]{0,127}")


def key_for(area: Area, name: str) -> str:
    """Make the key of a name that we chose: an id, perhaps with an extension."""
    if not _NAME.fullmatch(name) or ".." in name:
        raise InvalidError(f"{name!r} cannot name a stored file: letters, digits, '.', '_' and '-' only")
    # The end of an id is its random part; the start is the same all day.
    spread = "".join(character for character in name.split(".")[0] if character.isalnum())[-2:].rjust(2, "0")
    return f"{area}/{spread}/{name}"


def all_spreads() -> Sequence[str]:
    """The two characters that `key_for` takes of ids."""
    return [f"{number:02x}" for number in range(256)]


def checked(key: str) -> str:
    """Give the key back, or raise InvalidError when it is not one of `key_for`."""
    if not _KEY.fullmatch(key) or ".." in key:
        raise InvalidError(f"{key!r} is no key of a stored file")
    return key
