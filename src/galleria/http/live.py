"""Wait for news of jobs without a thread each: one thread a process hears the bell, looks once for all, and wakes whom it concerns."""

import asyncio
import threading
import time
from collections.abc import Mapping

import structlog
from sqlalchemy.exc import DBAPIError

from galleria.database.connect import Database
from galleria.database.wake import Bell
from galleria.errors import TooBusyError
from galleria.gallery.jobs.following import Pulse, pulses
from galleria.gallery.jobs.service import HEARD

MOST_WAITING = 1000
"""Connections of one process; more are told to come again later."""
MOST_OF_ONE = 250
"""Connections of one user or studio, so that nobody's leave none for the others."""
PAUSE_S = 0.1
"""Between two looks, however often the bell rings."""
LOOK_EVERY_S = 1.0
"""Not every change rings: the start of a job does not."""

log = structlog.stdlib.get_logger()


class Follower:
    """One connection that waits for news of a job; belongs to its event loop."""

    def __init__(self, job_id: str, whose: str) -> None:
        self.job_id = job_id
        self.whose = whose
        self._loop = asyncio.get_running_loop()
        self._news = asyncio.Event()

    async def wait(self, timeout_s: float) -> bool:
        """True as soon as there may be news since the last wait; False after `timeout_s`."""
        try:
            await asyncio.wait_for(self._news.wait(), timeout_s)
        except TimeoutError:
            return False
        self._news.clear()
        return True

    def wake(self) -> None:
        """To be called from any thread."""
        try:
            self._loop.call_soon_threadsafe(self._news.set)
        except RuntimeError:
            # Its loop is closed: nobody waits any more.
            return


class Live:
    """Who waits for which job; the thread is there as long as anybody waits."""

    def __init__(self, most: int = MOST_WAITING, most_of_one: int = MOST_OF_ONE) -> None:
        self._most = most
        self._most_of_one = most_of_one
        self._lock = threading.Lock()
        self._followers: set[Follower] = set()
        self._is_watching = False

    def follow(self, database: Database, job_id: str, whose: str) -> Follower:
        """Begin to wait; `leave` must follow. What happens from now on wakes it. Raises TooBusyError when too many wait."""
        follower = Follower(job_id, whose)
        with self._lock:
            if sum(other.whose == whose for other in self._followers) >= self._most_of_one:
                raise TooBusyError(f"{self._most_of_one} connections of yours wait for jobs already; close some, or ask again in a while")
            if len(self._followers) >= self._most:
                raise TooBusyError(f"{self._most} connections wait for jobs already; ask again in a while")
            self._followers.add(follower)
            if not self._is_watching:
                self._is_watching = True
                threading.Thread(target=self._watch, args=(database,), name="live", daemon=True).start()
        return follower

    def leave(self, follower: Follower) -> None:
        with self._lock:
            self._followers.discard(follower)

    @property
    def waiting(self) -> int:
        """How many connections wait."""
        return len(self._followers)

    def _watch(self, database: Database) -> None:
        bell = Bell(database, HEARD)
        seen: Mapping[str, Pulse] = {}
        try:
            while self._is_needed():
                try:
                    bell.listen()
                    seen = self._look(database, seen)
                    bell.wait(LOOK_EVERY_S)
                except Exception as error:
                    # The database is away, in whatever words its driver has for that: those who wait see it themselves.
                    log.warning("live_failed", reason=type(error.orig if isinstance(error, DBAPIError) else error).__name__)
                    bell.close()
                    time.sleep(LOOK_EVERY_S)
                time.sleep(PAUSE_S)
        finally:
            bell.close()

    def _is_needed(self) -> bool:
        with self._lock:
            self._is_watching = bool(self._followers)
            return self._is_watching

    def _look(self, database: Database, seen: Mapping[str, Pulse]) -> Mapping[str, Pulse]:
        with self._lock:
            followers = list(self._followers)
        with database.read() as db:
            found = pulses(db, {follower.job_id for follower in followers})
        for follower in followers:
            # One that has just come is woken, too: it looked before this thread knew of it.
            if found.get(follower.job_id) != seen.get(follower.job_id):
                follower.wake()
        return found
