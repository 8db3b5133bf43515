"""Packages, fetched from the storage and unpacked once, and kept for the next jobs of the same version."""

from __future__ import annotations

import shutil
import threading
from collections import OrderedDict
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from galleria.documents import archive
from galleria.storage.contract import Storage

MOST_UNUSED = 32


class Packages:
    """Runs read an unpacked package and cannot write it, so that all runs of a version share one."""

    def __init__(self, folder: Path, storage: Storage) -> None:
        """`folder` is this worker's own."""
        self._folder = folder
        self._storage = storage
        self._lock = threading.Lock()
        self._uses: OrderedDict[str, int] = OrderedDict()
        """By folder name, the one longest unused first."""
        self._making: dict[str, threading.Lock] = {}

    @contextmanager
    def unpacked(self, package_key: str) -> Generator[Path]:
        """The folder of an unpacked package, there until the block ends. Raises as `archive.extract` and the storage do."""
        name = package_key.rsplit("/", 1)[-1].replace(".", "_")
        with self._lock:
            self._uses[name] = self._uses.get(name, 0) + 1
            making = self._making.setdefault(name, threading.Lock())
        try:
            with making:
                self._make(name, package_key)
            yield self._folder / name
        finally:
            self._leave(name)

    def _make(self, name: str, package_key: str) -> None:
        if (self._folder / name).is_dir():
            return
        partial, package = self._folder / f".{name}", self._folder / f"{name}.yxzp"
        self._folder.mkdir(parents=True, exist_ok=True)
        shutil.rmtree(partial, ignore_errors=True)
        try:
            self._storage.fetch(package_key, package)
            archive.extract(package, partial, archive.Limits())
            partial.rename(self._folder / name)
        finally:
            package.unlink(missing_ok=True)

    def _leave(self, name: str) -> None:
        with self._lock:
            self._uses[name] -= 1
            self._uses.move_to_end(name)
            unused = [name for name, uses in self._uses.items() if uses == 0]
            for old in unused[: max(0, len(unused) - MOST_UNUSED)]:
                del self._uses[old]
                self._making.pop(old, None)
                shutil.rmtree(self._folder / old, ignore_errors=True)
