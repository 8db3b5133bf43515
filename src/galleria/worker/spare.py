"""A process that waits, warmed up and fenced in, for the next job of this worker: light jobs start in it at once."""

from __future__ import annotations

import shutil
import threading
from pathlib import Path

import structlog

from galleria.children.server import RunnerServer, ServerLostError
from galleria.database.base import new_id
from galleria.worker.folder import make_empty
from galleria.worker.order import Order

log = structlog.stdlib.get_logger()


class Spare:
    """At most one process, in the folder of a job that is not known yet. Fence and limits are the same for all jobs of a worker."""

    def __init__(self, server: RunnerServer, folder: Path, order: Order) -> None:
        self._server = server
        self._folder = folder
        self._order = order
        self._lock = threading.Lock()
        self._ready: Path | None = None

    def make(self) -> None:
        """Prepare a process if none waits."""
        with self._lock:
            if self._ready is not None:
                return
            folder = self._folder / new_id()
            try:
                make_empty(folder, self._order)
                self._server.prepare(folder)
            except (OSError, ServerLostError) as error:
                # Jobs start without it, more slowly.
                log.warning("spare_failed", reason=type(error).__name__)
                shutil.rmtree(folder, ignore_errors=True)
            else:
                self._ready = folder

    def take(self) -> Path | None:
        """The folder of the waiting process, which is the caller's from now on."""
        with self._lock:
            folder, self._ready = self._ready, None
            return folder

    def discard(self, folder: Path) -> None:
        """End a process that was taken for nothing."""
        self._server.ask({"kill": str(folder)})
        shutil.rmtree(folder, ignore_errors=True)
