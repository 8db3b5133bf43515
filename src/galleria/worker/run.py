"""One job from claim to finish: folder, run, messages while it runs, outputs, end. Every write carries the lease."""

from __future__ import annotations

import shutil
import time
import traceback
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeVar

import structlog
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from galleria.children.events import Event
from galleria.children.server import RunnerServer
from galleria.children.watch import Ending, Limits, Stopped, watch
from galleria.database.base import new_id
from galleria.database.connect import Database
from galleria.database.full import is_full
from galleria.errors import ConflictError, GalleriaError
from galleria.gallery.jobs import dispatch
from galleria.gallery.jobs.dispatch import Claim, NewOutput, Outcome
from galleria.gallery.jobs.inputs import inputs_of
from galleria.gallery.jobs.sealed import open_answers
from galleria.gallery.jobs.secrets import give
from galleria.messages import Message, Status
from galleria.storage.contract import Storage
from galleria.worker.folder import fill, has_no_room, log_frames
from galleria.worker.handover import Handover, Named
from galleria.worker.held import Held, Why
from galleria.worker.options import Options
from galleria.worker.order import Input, order_for_all
from galleria.worker.outputs import StoredOutputs
from galleria.worker.packages import Packages
from galleria.worker.patience import patiently
from galleria.worker.said import Said
from galleria.worker.spare import Spare
from galleria.worker.words import why_it_failed

STREAM_EVERY_S = 0.3
"""Messages reach the database this often while the job runs; a job that is shorter writes them with its end."""
CODES: Mapping[int, Outcome] = {0: Outcome.SUCCESS, 1: Outcome.ERROR, 2: Outcome.ERROR}
"""Of a run that ended in good order."""

_NO_ROOM = (
    "There was no room left in the gallery's database for what the run said and made, so it counts as failed."
    " The administrator has to make room; then run it again."
)
_DISK_FULL = "The run broke off because the worker's disk is full. The administrator has to make room; then run it again."

Result = TypeVar("Result")

log = structlog.stdlib.get_logger()


@dataclass(frozen=True)
class Place:
    """What the runs of a worker share."""

    database: Database
    storage: Storage
    server: RunnerServer
    packages: Packages
    spare: Spare
    folder: Path
    """Where the folders of jobs are made."""
    options: Options
    has_free_slot: Callable[[], bool]
    """Whether another job could start now."""


def carry_out(place: Place, claim: Claim, held: Held) -> None:
    """Run a claimed job to its end, whatever that is. What cannot be written because the lease is lost is dropped."""
    started = time.monotonic()
    words = log.bind(job_id=claim.lease.job_id)
    words.info("job_started", attempt=claim.job.attempts, workflow_id=claim.job.workflow_id)
    job = _Job(place, claim, held, words)
    try:
        try:
            outcome = job.carry_out()
        except (ConflictError, DBAPIError):
            raise
        except Exception as error:
            # The texts of errors and variables may hold the user's data: only places are logged.
            words.error("job_broke_off", reason=type(error).__name__, at=_places(error))
            outcome = job.fail(f"The job broke off by a fault of Galleria ({type(error).__name__}).")
    except ConflictError:
        words.warning("job_lost")
    except DBAPIError as error:
        # Its lease runs out, and another attempt follows.
        words.error("job_abandoned", reason=type(error.orig).__name__)
    else:
        words.info("job_ended", outcome=outcome, took_s=round(time.monotonic() - started, 3))


class _Job:
    def __init__(self, place: Place, claim: Claim, held: Held, words: structlog.stdlib.BoundLogger) -> None:
        self.place = place
        self.log = words
        self.claim = claim
        self.lease = claim.lease
        self.held = held
        self.said = Said()
        self.streamed_at = time.monotonic()
        options = place.options
        time_s = min(claim.job.time_limit_s or options.time_limit_s, options.time_limit_s)
        self.limits = Limits(time_s, options.memory_limit_bytes, options.disk_limit_bytes)

    def carry_out(self) -> str:
        with ExitStack() as ends:
            try:
                folder, key = self._prepare(ends)
            except (GalleriaError, OSError) as error:
                return self.fail(f"The job could not be prepared: {_reason(error)}")
            child = self.place.server.run(folder, key)
            ending = watch(child, self.limits, self._hear, lambda: self.held.stop is not None)
            if self.place.has_free_slot():
                # While this job's end is written. Where all slots are busy, jobs wait: none is served by a process that is warmed up first.
                self.place.spare.make()
            return self._conclude(folder, ending)

    def _prepare(self, ends: ExitStack) -> tuple[Path, str]:
        """The job's folder, filled, and the key to what is sealed in it; it is gone when the stack is closed."""
        place, job = self.place, self.claim.job
        package = ends.enter_context(place.packages.unpacked(self.claim.package_key))
        inputs: list[Input] = []
        if job.answers:
            with place.database.read() as db:
                inputs += [Input(question, file.name, file.storage_key) for question, file in inputs_of(db, job).items()]
        common = order_for_all(place.options)
        answers = open_answers(place.database.vault, job.answers)
        order = replace(common, limits={**common.limits, "time_s": self.limits.time_s}, workflow=self.claim.file_name, answers=answers)
        handover = self._handover(package, answers)
        if handover.places:
            fence = {**order.fence, "private_addresses": [*order.fence["private_addresses"], *handover.places]}
            order = replace(order, fence=fence)
        # A process that waits is behind a fence already which knows of no connections.
        spare = place.spare.take() if handover.is_empty else None
        if spare is not None:
            ends.callback(shutil.rmtree, spare, ignore_errors=True)
            try:
                fill(spare, package, order, inputs, place.storage)
            except OSError:
                place.spare.discard(spare)
            else:
                return spare, ""
        # An id of its own: a job whose lease was lost and that comes back to this worker is another run.
        folder = place.folder / new_id()
        ends.callback(shutil.rmtree, folder, ignore_errors=True)
        fill(folder, package, order, inputs, place.storage)
        return folder, "" if handover.is_empty else handover.seal(folder)

    def _handover(self, package: Path, answers: Mapping[str, str]) -> Handover:
        """The connections that the run names and may use; their use is noted before it begins."""
        named = Named.of(package, answers)
        if not named.any:
            return Handover()
        sources = named.sources(self.place.options.data_sources)
        job = self.claim.job
        given = self._write(lambda db: give(db, job, named.connection, wants_account=bool(sources)))
        return Handover(given, sources)

    def _hear(self, events: Sequence[Event]) -> None:
        """Take events while the job runs; raises ConflictError once the lease is lost, which ends the run."""
        self.said.take(events)
        self.held.progress = self.said.progress
        if not (self.said.waiting or self.said.has_moved) or time.monotonic() - self.streamed_at < STREAM_EVERY_S:
            return
        self.streamed_at = time.monotonic()
        waiting, progress = self.said.take_waiting(), self.said.take_progress()
        try:
            with self.place.database.write() as db:
                dispatch.add_messages(db, self.lease, waiting, progress)
        except DBAPIError:
            # The limits must be watched while the database is away; the messages go with the next ones.
            self.said.put_back(waiting)

    def _conclude(self, folder: Path, ending: Ending) -> str:
        if ending.stopped is Stopped.CANCELLED:
            return self._stop(ending)
        outcome = CODES.get(-1 if self.said.code is None else self.said.code)
        if ending.stopped is not Stopped.NO or outcome is None or ending.ended.exit != self.said.code:
            if ending.stopped is Stopped.NO:
                self.log.error("run_broke_off", exit=ending.ended.exit, signal=ending.ended.signal, at=log_frames(folder))
            if ending.stopped is Stopped.NO and has_no_room(folder):
                return self.fail(_DISK_FULL, ending)
            return self.fail(why_it_failed(ending, self.limits, self.said.progress), ending)
        with StoredOutputs(self.place.storage) as stored:
            try:
                outputs = [stored.store(folder, output) for output in self.said.outputs.values()]
            except (GalleriaError, OSError) as error:
                return self.fail(f"An output could not be stored: {_reason(error)}", ending)
            ended = self._finish(outcome, [], ending, outputs, stored.doubt)
            stored.keep()
            return ended

    def _stop(self, ending: Ending) -> str:
        match self.held.stop:
            case Why.GIVEN_BACK:
                for key in self._write(lambda db: dispatch.give_back(db, self.lease)):
                    self.place.storage.delete(key)
                return "given back"
            case Why.LOST:
                raise ConflictError(f"job {self.lease.job_id} is no longer this worker's")
            case _:
                return self._finish(Outcome.CANCELLED, [], ending)

    def fail(self, text: str, ending: Ending | None = None) -> str:
        return self._finish(Outcome.ERROR, [Message(None, Status.ERROR, text)], ending)

    def _finish(
        self,
        outcome: Outcome,
        more: Sequence[Message],
        ending: Ending | None,
        outputs: Sequence[NewOutput] = (),
        on_failure: Callable[[], None] = lambda: None,
    ) -> str:
        """Write what is left to say, the outputs and the end in one transaction."""
        messages = [*self.said.take_waiting(), *self.said.left_out(), *more]

        progress, result = self.said.take_progress(), None if ending is None else _result(ending)

        def finish(db: Session) -> None:
            dispatch.finish(db, self.lease, outcome, result, messages, outputs, progress)

        try:
            self._write(finish, on_failure)
        except DBAPIError as error:
            if not is_full(error):
                raise
            return self._finish_in_short()
        return outcome.value

    def _finish_in_short(self) -> str:
        """There was no room in the database for what the job said and made; a line may fit in."""
        self.log.error("database_full")
        said = [Message(None, Status.ERROR, _NO_ROOM)]
        self._write(lambda db: dispatch.finish(db, self.lease, Outcome.ERROR, None, said))
        return Outcome.ERROR.value

    def _write(self, action: Callable[[Session], Result], on_failure: Callable[[], None] = lambda: None) -> Result:
        """One transaction, tried as long as the lease may still be ours."""

        def transaction() -> Result:
            with self.place.database.write() as db:
                return action(db)

        return patiently(transaction, self.place.options.lease_s, on_failure)


def _result(ending: Ending) -> dict[str, Any]:
    peak_bytes = max(ending.peak_bytes, ending.ended.peak_bytes)
    return {"seconds": round(ending.seconds, 3), "cpu_s": round(ending.ended.cpu_s, 3), "peak_bytes": peak_bytes}


def _reason(error: GalleriaError | OSError) -> str:
    """Without the server's paths, which are nothing to the job's owner."""
    return error.message if isinstance(error, GalleriaError) else error.strerror or type(error).__name__


def _places(error: Exception) -> list[str]:
    return [f"{frame.filename}:{frame.lineno}" for frame in traceback.extract_tb(error.__traceback__)]
