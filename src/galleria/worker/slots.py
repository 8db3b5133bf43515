"""The slots of a worker: threads that claim a job, carry it out and claim the next, or sleep until a bell rings."""

from __future__ import annotations

import threading
import time
from collections import deque
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
        # Unanswered from the beginning: jobs may be there already.
        self._rings = 1
        self._answered = 0
        """The ring after which the queue was seen to be empty."""
        self._idle = 0
        self._claimed: deque[Claim] = deque()
        """For the slots that sleep, by the one that was awake."""
        self._is_closing = False
        self.is_paused = False
        """Claims nothing while it is set; `ring` after it is unset."""
        self._threads = [threading.Thread(target=self._work, name=f"slot-{number}", daemon=True) for number in range(place.options.slots)]

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def ring(self) -> None:
        """There may be work: wake one slot, which claims for all that sleep."""
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
        while (claim := self._next()) is not None:
            self._carry_out(claim)

    def _next(self) -> Claim | None:
        """The slot's next job, waited for; None when there is to be none any more."""
        was_rung = True
        while True:
            if not was_rung or self._rings == self._answered:
                # Nobody waits for it now: it is warmed up for whoever comes.
                self._place.spare.make()
            with self._bell:
                if not self._claimed and (not was_rung or self._rings == self._answered):
                    self._idle += 1
                    was_rung = self._bell.wait_for(self._is_called, LOOK_EVERY_S)
                    self._idle -= 1
                if self._claimed:
                    return self._claimed.popleft()
                if self._is_closing:
                    return None
                heard, count = self._rings, self._idle + 1
            claims = self._claim(count, is_likely=was_rung)
            if claims is None:
                time.sleep(AFTER_FAILURE_S)
                continue
            with self._bell:
                # As many as wanted: there may be more, which the next slot to be free finds out.
                self._answered = heard if len(claims) < count else heard - 1
                self._claimed.extend(claims[1:])
                self._bell.notify(len(claims[1:]))
            if claims:
                return claims[0]

    def _is_called(self) -> bool:
        return bool(self._claimed) or self._is_closing or self._rings != self._answered

    def _claim(self, count: int, *, is_likely: bool) -> Sequence[Claim] | None:
        """Claim jobs, after a look that locks nothing unless there is likely to be one; None where the database failed."""
        place = self._place
        if self._claims_nothing():
            return ()
        try:
            if not is_likely:
                with place.database.read() as db:
                    if not dispatch.is_waiting(db, place.options.worker):
                        return ()
            with place.database.write() as db:
                # Getting the lock may take a while, in which the end can have been asked for.
                db.connection()
                return () if self._claims_nothing() else dispatch.claim(db, place.options.worker, count, place.options.lease_s)
        except DBAPIError as error:
            log.warning("claim_failed", reason=type(error.orig).__name__)
            return None

    def _claims_nothing(self) -> bool:
        return self.is_paused or self._is_ending.is_set()

    def _carry_out(self, claim: Claim) -> None:
        held = self._holdings.add(claim.lease)
        try:
            carry_out(self._place, claim, held)
        except Exception as error:
            # Not even its end could be written: the lease runs out, and the job is tried again. The slot must live.
            log.error("job_abandoned", job_id=claim.lease.job_id, reason=type(error).__name__)  # noqa: TRY400 (its text may be data)
        finally:
            self._holdings.remove(held)
