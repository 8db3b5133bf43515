"""What machines ask a server: `/health/live` whether it is to be restarted, `/health/ready` whether to send it requests, `/metrics`."""

from __future__ import annotations

import hmac
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version

import psutil
import structlog
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, PlainTextResponse, Response
from sqlalchemy import text

from galleria.gallery.jobs.records import State
from galleria.gallery.metrics.moment import AtWork, Queued, Standing, jobs_now, workers_now
from galleria.gallery.metrics.tallies import BOUNDS_S, Ended, Tallies
from galleria.http.askers import is_at_the_machine
from galleria.http.exposition import MEDIA_TYPE, Family, Kind, exposed
from galleria.http.parts import Parts
from galleria.storage.contract import Area, key_for

_OK = "ok"
_AWAY = "away"

log = structlog.get_logger()


@dataclass(frozen=True)
class Measured:
    """Whether and to whom `/metrics` answers."""

    is_on: bool = True
    token: str = ""
    """What callers send as `Authorization: Bearer`; empty: only programs on this machine are answered."""
    settled_s: float | None = None
    """As `Tallies` has it; None: its own."""


def attach(app: FastAPI, parts: Parts, measured: Measured) -> None:
    tallies = Tallies() if measured.settled_s is None else Tallies(measured.settled_s)

    async def live() -> Response:
        return JSONResponse({"status": _OK})

    def ready() -> Response:
        found = {"database": _state(lambda: _ask_database(parts)), "storage": _state(lambda: _ask_storage(parts))}
        is_ready = all(state == _OK for state in found.values())
        return JSONResponse({"status": _OK if is_ready else _AWAY, **found}, 200 if is_ready else 503)

    def metrics(request: Request) -> Response:
        if measured.token and not _knows(request, measured.token):
            return PlainTextResponse("the token of GALLERIA_METRICS_TOKEN is wanted", 401, {"WWW-Authenticate": "Bearer"})
        if not measured.token and not is_at_the_machine(request):
            return PlainTextResponse("only this machine is answered, because GALLERIA_METRICS_TOKEN names no token", 403)
        return PlainTextResponse(exposed(_families(parts, tallies)), media_type=MEDIA_TYPE)

    for path in ("/health", "/health/live"):
        app.add_api_route(path, live, methods=["GET", "HEAD"])
    app.add_api_route("/health/ready", ready, methods=["GET", "HEAD"])
    if measured.is_on:
        app.add_api_route("/metrics", metrics, methods=["GET", "HEAD"])


def _knows(request: Request, token: str) -> bool:
    given = request.headers.get("authorization", "").partition(" ")
    return given[0].lower() == "bearer" and hmac.compare_digest(given[2].strip().encode(), token.encode())


def _state(ask: Callable[[], object]) -> str:
    try:
        ask()
    except Exception as error:
        # Whatever is wrong, in whichever library's words: it cannot be worked with.
        log.warning("not_ready", reason=type(error).__name__)
        return _AWAY
    return _OK


def _ask_database(parts: Parts) -> None:
    with parts.database.read() as db:
        db.execute(text("SELECT 1"))


def _ask_storage(parts: Parts) -> None:
    # Never there: that it can be told is what matters.
    parts.storage.exists(key_for(Area.CONVERTED, "ready"))


def _families(parts: Parts, tallies: Tallies) -> list[Family]:
    with parts.database.read() as db:
        queue = [_queue(state, jobs_now(db, state)) for state in (State.QUEUED, State.RUNNING)]
        workers, ended = workers_now(db), tallies.count_on(db)
    return [*(family for pair in queue for family in pair), *_ended(ended), *_workers(workers), *_process()]


def _queue(state: State, jobs: Sequence[Queued]) -> Sequence[Family]:
    word = state.value.lower()
    count = Family(f"galleria_jobs_{word}", Kind.GAUGE, f"Jobs that are {word} at this moment.")
    oldest = Family(f"galleria_jobs_{word}_oldest_seconds", Kind.GAUGE, f"How long the oldest job has been {word}.")
    for one in jobs:
        labels = {"tag": one.tag, "priority": one.priority.name.capitalize()}
        count.add(one.count, **labels)
        oldest.add(one.oldest_s, **labels)
    return count, oldest


def _ended(ended: Mapping[tuple[str, str], Ended]) -> Sequence[Family]:
    since = "of the whole gallery, since this server was first asked"
    count = Family("galleria_jobs_ended_total", Kind.COUNTER, f"Jobs that ended, {since}.")
    waited = Family("galleria_job_wait_seconds", Kind.HISTOGRAM, f"From being queued to the start, {since}.")
    ran = Family("galleria_job_run_seconds", Kind.HISTOGRAM, f"From the start to the end, {since}.")
    for (tag, outcome), one in sorted(ended.items()):
        labels = {"tag": tag, "outcome": outcome}
        count.add(one.count, **labels)
        for family, times in ((waited, one.waited), (ran, one.ran)):
            family.add_histogram(BOUNDS_S, times.below, times.count, times.total_s, **labels)
    return count, waited, ran


def _workers(workers: Sequence[AtWork]) -> Sequence[Family]:
    standing = Family("galleria_workers", Kind.GAUGE, "Workers on the list.")
    for word in Standing:
        standing.add(sum(worker.standing is word for worker in workers), state=word.value)
    slots = Family("galleria_worker_slots", Kind.GAUGE, "Jobs that the worker runs at once.")
    busy = Family("galleria_worker_slots_busy", Kind.GAUGE, "Jobs that it last said it runs.")
    memory = Family("galleria_worker_runs_memory_bytes", Kind.GAUGE, "Memory that its runs hold, as it last said.")
    seen = Family("galleria_worker_seen_seconds", Kind.GAUGE, "How long ago it was heard of.")
    for worker in workers:
        labels = {"worker": worker.name, "tags": ",".join(worker.tags)}
        for family, value in ((slots, worker.slots), (busy, worker.busy), (memory, worker.memory_bytes), (seen, worker.seen_s)):
            family.add(value, **labels)
    return standing, slots, busy, memory, seen


def _process() -> Sequence[Family]:
    process = psutil.Process()
    times = process.cpu_times()
    return (
        Family("galleria_info", Kind.GAUGE, "What this server is.").add(1, version=version("galleria")),
        Family("process_start_time_seconds", Kind.GAUGE, "When this server started.").add(process.create_time()),
        Family("process_cpu_seconds_total", Kind.COUNTER, "Processor time of this server.").add(times.user + times.system),
        Family("process_resident_memory_bytes", Kind.GAUGE, "Memory of this server.").add(process.memory_info().rss),
    )
