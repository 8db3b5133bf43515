"""Files in a folder of this machine, or of a share that all machines see."""

import hashlib
import os
import shutil
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from galleria.errors import NotFoundError, TooLargeError
from galleria.storage.contract import Area, Kept, Stored, checked, key_for, nothing

_CHUNK_BYTES = 1 << 20


@dataclass(frozen=True)
class Folder:
    root: Path

    def put(self, area: Area, name: str, source: BinaryIO, limit_bytes: int | None = None) -> Stored:
        key = key_for(area, name)
        target = self.root / key
        target.parent.mkdir(parents=True, exist_ok=True)
        # In the same folder: only a rename within one file system is atomic.
        handle, temporary = tempfile.mkstemp(dir=target.parent, prefix=".partial-")
        try:
            with os.fdopen(handle, "wb") as sink:
                size_bytes, sha256 = _copy(source, sink, limit_bytes)
                sink.flush()
                os.fsync(sink.fileno())
            Path(temporary).replace(target)
        except BaseException:
            Path(temporary).unlink(missing_ok=True)
            raise
        return Stored(key, size_bytes, sha256)

    def open(self, key: str) -> BinaryIO:
        try:
            return self._path(key).open("rb")
        except FileNotFoundError as error:
            raise NotFoundError(f"the stored file {key} is gone") from error

    def fetch(self, key: str, to: Path) -> None:
        try:
            shutil.copyfile(self._path(key), to)
        except FileNotFoundError as error:
            if not to.parent.is_dir():
                raise
            raise NotFoundError(f"the stored file {key} is gone") from error

    def size_bytes(self, key: str) -> int:
        try:
            return self._path(key).stat().st_size
        except FileNotFoundError as error:
            raise NotFoundError(f"the stored file {key} is gone") from error

    def exists(self, key: str) -> bool:
        return self._path(key).is_file()

    def delete(self, key: str) -> None:
        self._path(key).unlink(missing_ok=True)

    def purge(self, area: Area, age_s: float, kept: Kept = nothing, spread: str = "") -> int:
        until = time.time() - age_s
        count = 0
        for folder in (self.root / area).glob(spread or "*"):
            # Among them what a put left behind that broke off.
            old = {f"{area}/{folder.name}/{path.name}": path for path in folder.glob("*") if _stored_at(path) < until}
            stays = set(kept(list(old)))
            for path in (path for key, path in old.items() if key not in stays):
                path.unlink(missing_ok=True)
                count += 1
        return count

    def _path(self, key: str) -> Path:
        return self.root / checked(key)


def _stored_at(path: Path) -> float:
    """Never, where it is gone already."""
    try:
        return path.stat().st_mtime
    except FileNotFoundError:
        return float("inf")


def _copy(source: BinaryIO, sink: BinaryIO, limit_bytes: int | None) -> tuple[int, str]:
    digest = hashlib.sha256()
    size_bytes = 0
    while chunk := source.read(_CHUNK_BYTES):
        size_bytes += len(chunk)
        if limit_bytes is not None and size_bytes > limit_bytes:
            raise TooLargeError(f"the file is larger than the limit of {limit_bytes:,} bytes")
        digest.update(chunk)
        sink.write(chunk)
    return size_bytes, digest.hexdigest()
