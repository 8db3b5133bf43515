"""A worker from its start until it is told to end."""

from __future__ import annotations

import select
import signal
import threading
import time
from collections.abc import Callable, Generator, Sequence
from contextlib import ExitStack, contextmanager
from types import FrameType

import structlog

from galleria.children.server import RunnerServer
from galleria.database.connect import Database
from galleria.database.wake import Bell
from galleria.gallery.jobs.service import CHANNEL
from galleria.storage.contract import Storage
from galleria.worker.folders import WorkerFolder
from galleria.worker.following import errands
from galleria.worker.held import Holdings, Why
from galleria.worker.options import Options
from galleria.worker.order import order_for_all
from galleria.worker.packages import Packages
from galleria.worker.pulse import Pulse
from galleria.worker.run import Place
from galleria.worker.slots import Slots
from galleria.worker.spare import Spare

WAIT_S = 0.25
GIVEN_BACK_WITHIN_S = 20.0

log = structlog.stdlib.get_logger()


class Ending:
    """Told by signals or by the end of a pipe: the first time to finish what runs, the second time to give it back."""

    def __init__(self) -> None:
        self.is_asked = threading.Event()
        self.is_urgent = threading.Event()
        self.is_patient = False
        """Jobs may take their time to end, until the end is asked for again."""

    def drain(self) -> None:
        """Ask for the end after the jobs that run, however long they take."""
        if not self.is_asked.is_set():
            self.is_patient = True
            self.is_asked.set()

    def ask(self) -> None:
        if self.is_asked.is_set():
            self.is_urgent.set()
        self.is_asked.set()

    def on_signals(self) -> None:
        """To be called by the main thread."""
        for sign in (signal.SIGTERM, signal.SIGINT):
            signal.signal(sign, self._on_signal)

    def on_end_of(self, pipe: int) -> None:
        """Ask when the other end of the pipe is closed: whoever started this worker is gone."""
        threading.Thread(target=self._wait_for, args=(pipe,), name="parent", daemon=True).start()

    def _on_signal(self, _sign: int, _frame: FrameType | None) -> None:
        self.ask()

    def _wait_for(self, pipe: int) -> None:
        poll = select.poll()
        # Nothing is ever written to it: only its end matters.
        poll.register(pipe, select.POLLHUP)
        poll.poll()
        self.ask()


def work(database: Database, storage: Storage, options: Options, ending: Ending, server: RunnerServer | None = None) -> None:
    """Claim jobs and carry them out until `ending` is asked for; then let them finish for a while and give the rest back."""
    with ExitStack() as ends:
        folder = WorkerFolder(options.folder, options.worker.name)
        ends.callback(folder.close)
        runners = server or RunnerServer()
        ends.callback(runners.close)
        runners.start()
        holdings = Holdings()
        spare = Spare(runners, folder.jobs, order_for_all(options))
        place = Place(
            database=database,
            storage=storage,
            server=runners,
            packages=Packages(folder.packages, storage),
            spare=spare,
            folder=folder.jobs,
            options=options,
            has_free_slot=lambda: len(holdings.all()) < options.slots,
        )
        spare.make()
        slots = Slots(place, holdings, ending.is_asked)
        pulse = Pulse(place, holdings, slots, ending.drain)
        beside = errands(database, options, slots.ring)
        with _bell(database) as bell:
            pulse.start()
            ends.callback(pulse.close)
            slots.start()
            for errand in beside.all:
                ends.callback(errand.close)
                errand.start()
            log.info("worker_started", worker=options.worker.name, slots=options.slots, fence=runners.fence)
            _listen(bell, (slots.ring, pulse.ring, beside.ends.ring), ending)
            _drain(slots, pulse, holdings, options, ending)
    log.info("worker_ended", worker=options.worker.name)


@contextmanager
def _bell(database: Database) -> Generator[Bell]:
    bell = Bell(database, CHANNEL)
    bell.listen()
    try:
        yield bell
    finally:
        bell.close()


def _listen(bell: Bell, rings: Sequence[Callable[[], None]], ending: Ending) -> None:
    """Hand rings on until the end is asked for."""
    while not ending.is_asked.is_set():
        try:
            if bell.wait(WAIT_S):
                for ring in rings:
                    ring()
        except Exception as error:
            # The database is away, in whatever words its driver has for that; slots look by themselves every few seconds.
            log.warning("bell_failed", reason=type(error).__name__)
            bell.close()
            time.sleep(WAIT_S)


def _drain(slots: Slots, pulse: Pulse, holdings: Holdings, options: Options, ending: Ending) -> None:
    log.info("worker_draining", jobs=len(holdings.all()))
    slots.close()
    until = float("inf") if ending.is_patient else time.monotonic() + options.drain_s
    while time.monotonic() < until and not ending.is_urgent.is_set():
        # Cancelled jobs are still to be heard of.
        pulse.ring()
        if slots.wait(0.1):
            return
    for held in holdings.all():
        held.ask_to_stop(Why.GIVEN_BACK)
    slots.wait(GIVEN_BACK_WITHIN_S)
