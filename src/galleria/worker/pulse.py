"""The worker's pulse: leases kept, cancellations heard, lost jobs of dead workers recovered, its own row."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import structlog
from sqlalchemy.exc import DBAPIError

from galleria.children.memory import held_bytes
from galleria.gallery.jobs import dispatch
from galleria.gallery.workers import service as workers
from galleria.worker.held import Holdings, Why
from galleria.worker.run import Place
from galleria.worker.slots import Slots
from galleria.worker.tidying import Tidying

MOST_S = 5.0
"""Between two beats; less where leases are short."""
CANCEL_S = 0.05
"""Between two looks at what is asked to stop, however often bells ring."""

log = structlog.stdlib.get_logger()


class Pulse:
    def __init__(self, place: Place, holdings: Holdings, slots: Slots, drain: Callable[[], None] = lambda: None) -> None:
        """`drain` is called when somebody asks the worker to end in good order."""
        self._drain = drain
        self._is_drained = False
        self._place = place
        self._holdings = holdings
        self._slots = slots
        self._rang = threading.Event()
        self._is_closing = False
        self._period_s = min(MOST_S, place.options.lease_s / 3)
        self._tidying = Tidying(place.database, place.storage, place.options.keeps)
        self._thread = threading.Thread(target=self._beat_on, name="pulse", daemon=True)

    def start(self) -> None:
        with self._place.database.write() as db:
            workers.arrive(db, self._place.options.worker)
        self._beat()
        self._thread.start()

    def ring(self) -> None:
        """Something may have been asked of a running job."""
        self._rang.set()

    def close(self) -> None:
        """Take the worker off the list."""
        self._is_closing = True
        self._rang.set()
        self._thread.join(self._period_s)
        try:
            with self._place.database.write() as db:
                workers.sign_off(db, self._place.options.worker)
        except DBAPIError as error:
            log.warning("sign_off_failed", reason=type(error.orig).__name__)

    def _beat_on(self) -> None:
        due = time.monotonic() + self._period_s
        while not self._is_closing:
            rang = self._rang.wait(max(0.0, due - time.monotonic()))
            self._rang.clear()
            try:
                if time.monotonic() >= due:
                    due = time.monotonic() + self._period_s
                    self._beat()
                elif rang:
                    self._hear_cancellations()
                    time.sleep(CANCEL_S)
            except DBAPIError as error:
                # Runs go on: should the database stay away, their leases run out, which `_beat` finds out later.
                log.warning("beat_failed", reason=type(error.orig).__name__)
                time.sleep(min(1.0, self._period_s))

    def _hear_cancellations(self) -> None:
        held = self._holdings.all()
        if not held:
            return
        with self._place.database.read() as db:
            asked = dispatch.asked_to_stop(db, [one.lease for one in held])
        for one in held:
            if one.lease.job_id in asked:
                one.ask_to_stop(Why.CANCELLED)

    def _beat(self) -> None:
        self._renew()
        self._recover()
        self._report()
        self._tidying.step()

    def _renew(self) -> None:
        held = self._holdings.all()
        if not held:
            return
        with self._place.database.write() as db:
            kept = dispatch.renew(db, [one.lease for one in held], self._place.options.lease_s)
        # A job that ended meanwhile is not among the kept ones, and not lost either: nobody looks at it any more.
        for one in held:
            if one.lease.job_id not in kept:
                one.ask_to_stop(Why.LOST)
            elif kept[one.lease.job_id]:
                one.ask_to_stop(Why.CANCELLED)

    def _recover(self) -> None:
        with self._place.database.write() as db:
            found = dispatch.recover_lost(db, self._place.options.most_attempts)
        for key in found.orphaned_keys:
            self._place.storage.delete(key)
        for word, job_ids in (("requeued", found.requeued), ("failed", found.failed), ("cancelled", found.cancelled)):
            if job_ids:
                log.warning("lost_jobs_recovered", became=word, job_ids=list(job_ids))
        if found.requeued:
            self._slots.ring()

    def _report(self) -> None:
        options, server = self._place.options, self._place.server
        held = self._holdings.all()
        doing = {
            "jobs": {one.lease.job_id: dict(one.progress) for one in held},
            "memory_bytes": held_bytes(server.pid) if server.pid else 0,
            "fence": server.fence,
        }
        with self._place.database.write() as db:
            orders = workers.report(db, options.worker, options.slots, doing)
        was_paused, self._slots.is_paused = self._slots.is_paused, orders.is_paused
        if was_paused and not orders.is_paused:
            self._slots.ring()
        if orders.is_drained and not self._is_drained:
            self._is_drained = True
            log.info("worker_asked_to_drain")
            self._drain()
