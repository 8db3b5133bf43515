"""What every door works with: the real parts, put together once by `bootstrap`."""

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from galleria.database.connect import Database
from galleria.http.origins import PublicAddress
from galleria.storage.contract import Storage


class Convert(Protocol):
    def __call__(self, source: Path, target: Path) -> None:
        """Write `source` again in the format of `target`'s extension, in a limited child process.

        Raises UnsupportedError when the one cannot become the other.
        """
        ...


@dataclass(frozen=True)
class Limits:
    body_bytes: int = 1 << 20
    """Of a request that is no upload."""
    upload_bytes: int = 1 << 30
    free_disk_bytes: int = 1 << 28
    """Left on the disk by an upload; a larger one is refused before it is read."""


@dataclass(frozen=True)
class Parts:
    database: Database
    storage: Storage
    convert: Convert
    public: PublicAddress
    limits: Limits
