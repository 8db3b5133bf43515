"""What a worker tidies away beside its jobs: what expired, and what the administrator keeps no longer."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from itertools import cycle

import structlog

from galleria.database.connect import Database
from galleria.errors import GalleriaError
from galleria.gallery.actors import system
from galleria.gallery.files.service import purge_input_files
from galleria.gallery.mails import post as mails
from galleria.gallery.retention.service import Policy, Removed, sweep, sweep_strays
from galleria.gallery.schedules.due import forget_old_misses
from galleria.gallery.triggers.post import forget_old
from galleria.gallery.workers import service as workers
from galleria.storage.contract import Storage, all_spreads

EVERY_S = 600.0
FOLDERS_AT_ONCE = 2
VIA = "retention"

log = structlog.stdlib.get_logger()


class Tidying:
    """Done in small steps, between which leases are renewed."""

    def __init__(self, database: Database, storage: Storage, policy: Policy) -> None:
        self._database = database
        self._storage = storage
        self._policy = policy
        self._began_at = float("-inf")
        self._sweep: Iterator[Removed] = iter(())
        # Each worker begins elsewhere.
        spreads = list(all_spreads())
        random.shuffle(spreads)
        self._spreads = cycle(spreads)

    def step(self) -> None:
        """Remove a batch of what is old; begin anew when the last time is long ago."""
        if time.monotonic() > self._began_at + EVERY_S:
            self._began_at = time.monotonic()
            self._forget()
            self._remove_strays()
            self._sweep = sweep(self._database, self._storage, self._policy, system(VIA))
        removed = next(self._sweep, None)
        if removed is not None:
            log.info("retention", jobs=removed.jobs, outputs=removed.outputs, bytes=removed.output_bytes, audit_events=removed.audit_events)

    def _forget(self) -> None:
        with self._database.write() as db:
            purge_input_files(db, self._storage)
            workers.forget_gone(db)
            forget_old(db)
            mails.forget_old(db)
            forget_old_misses(db)

    def _remove_strays(self) -> None:
        """Look into two of 256 folders, so that all are seen in a day."""
        try:
            count = sum(sweep_strays(self._database, self._storage, next(self._spreads)) for _ in range(FOLDERS_AT_ONCE))
        except (OSError, GalleriaError) as error:
            log.warning("strays_left", reason=type(error).__name__)
            return
        if count:
            log.info("strays_removed", outputs=count)
