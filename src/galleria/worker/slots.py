"""The slots of a worker: threads that claim a job, carry it out and claim the next, or sleep until a bell rings."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence

import structlog
from sqlalchemy.exc import DBAPIError

from galleria.gallery.jobs import dispatch
from galleria.gallery.jobs.dispatch import Claim
from galleria.worker.held import Holdings
from galleria.worker.run import Place, carry_out

LOOK_EVERY_S = 5.0
"""Without any ring: one may have been missed, and a lease that ran out rings no bell."""
AFTER_FAILURE_S = 1.0

log = structlog.stdlib.get_logger()


class Slots:
    def __init__(self, place: Place, holdings: Holdings, is_ending: threading.Event) -> None:
        """Claims nothing any more once `is_ending` is set, even before `close`."""
        self._place = place
        self._is_ending = is_ending
        self._holdings = holdings
        self._bell = threading.Condition()
        self._rings = 0
        self._is_closing = False
        self.is_paused = False
        """Claims nothing while it is set; `ring` after it is unset."""
        self._threads = [threading.Thread(target=self._work, name=f"slot-{number}", daemon=True) for number in range(place.options.slots)]

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def ring(self) -> None:
        """There may be work: wake one slot; it wakes the next when it finds some."""
        with self._bell:
            self._rings += 1
            self._bell.notify()

    def close(self) -> None:
        """Claim nothing any more."""
        with self._bell:
            self._is_closing = True
            self._bell.notify_all()

    def wait(self, timeout_s: float) -> bool:
        """Wait until every slot is empty; to be called after `close`. False when the time is over before."""
        until = time.monotonic() + timeout_s
        for thread in self._threads:
            thread.join(max(0.0, until - time.monotonic()))
        return not any(thread.is_alive() for thread in self._threads)

    def _work(self) -> None:
        rang = False
        while not self._is_closing:
            heard = self._rings
            claims = self._claim(is_likely=rang)
            if not claims:
                with self._bell:
                    rang = self._bell.wait_for(lambda heard=heard: self._is_closing or self._rings != heard, LOOK_EVERY_S)
                continue
            rang = False
            with self._bell:
                # Another job may be there for another slot.
                self._rings += 1
                self._bell.notify()
            for claim in claims:
                self._carry_out(claim)

    def _claim(self, *, is_likely: bool) -> Sequence[Claim]:
        """Claim a job, after a look that locks nothing unless there is likely to be one."""
        place = self._place
        if self.is_paused or self._is_ending.is_set():
            return ()
        try:
            if not is_likely:
                with place.database.read() as db:
                    if not dispatch.is_waiting(db, place.options.worker):
                        return ()
            with place.database.write() as db:
                return dispatch.claim(db, place.options.worker, 1, place.options.lease_s)
        except DBAPIError as error:
            log.warning("claim_failed", reason=type(error.orig).__name__)
            time.sleep(AFTER_FAILURE_S)
            return ()

    def _carry_out(self, claim: Claim) -> None:
        held = self._holdings.add(claim.lease)
        try:
            carry_out(self._place, claim, held)
        except Exception as error:
            # Not even its end could be written: the lease runs out, and the job is tried again. The slot must live.
            log.error("job_abandoned", job_id=claim.lease.job_id, reason=type(error).__name__)  # noqa: TRY400
        finally:
            self._holdings.remove(held)
