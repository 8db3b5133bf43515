"""The jobs that this worker holds, shared between the threads that run them and the one that keeps their leases."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from galleria.gallery.jobs.dispatch import Lease


class Why(Enum):
    """Why a run must not go on."""

    CANCELLED = "cancelled"
    LOST = "lost"
    """The lease is somebody else's: nothing may be written any more."""
    GIVEN_BACK = "given back"
    """The worker goes down."""


@dataclass
class Held:
    lease: Lease
    stop: Why | None = None
    progress: Mapping[str, Any] = field(default_factory=dict[str, Any])
    """The run's last words about how far it is."""

    def ask_to_stop(self, why: Why) -> None:
        """The first reason counts, but a lost lease counts before all."""
        if self.stop is None or why is Why.LOST:
            self.stop = why


class Holdings:
    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._held: dict[str, Held] = {}

    def add(self, lease: Lease) -> Held:
        held = Held(lease)
        with self._lock:
            self._held[lease.job_id] = held
        return held

    def remove(self, held: Held) -> None:
        with self._lock:
            if self._held.get(held.lease.job_id) is held:
                del self._held[held.lease.job_id]

    def all(self) -> Sequence[Held]:
        with self._lock:
            return list(self._held.values())
