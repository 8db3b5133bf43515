"""The outputs of one run on their way into the storage: noted with the job's end, or removed again."""

from __future__ import annotations

from pathlib import Path
from typing import Self

from galleria.database.base import new_id
from galleria.gallery.jobs.dispatch import NewOutput
from galleria.storage.contract import Area, Storage
from galleria.worker.folder import opened_output
from galleria.worker.offered import formats_of
from galleria.worker.said import Output


class StoredOutputs:
    """What was stored in this block is deleted at its end, unless it was to be kept or nobody knows whether it was noted."""

    def __init__(self, storage: Storage) -> None:
        self._storage = storage
        self._keys: list[str] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for key in self._keys:
            self._storage.delete(key)

    def store(self, folder: Path, output: Output) -> NewOutput:
        """Raises NotFoundError where the run did not leave the file, as the storage does when it is full."""
        with opened_output(folder, output.file) as file:
            stored = self._storage.put(Area.OUTPUTS, new_id(), file)
        self._keys.append(stored.key)
        return NewOutput(output.name, stored, formats_of(output.file, is_spatial=output.is_spatial), output.tool_id, output.record_count)

    def keep(self) -> None:
        self._keys.clear()

    def doubt(self) -> None:
        """A transaction that notes them failed without an answer: it may have been committed, and a file too many does no harm."""
        self._keys.clear()
