"""A job's news as server-sent events, and the wait for its end.

`state` tells where the job stands, `message` what it said, `output` what it made, `restart` that another worker began anew and
what was told before does not count, `end` that nothing follows. A client that comes again with `Last-Event-ID` gets what it missed.
"""

import json
import time
from collections.abc import AsyncIterator, Mapping
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from galleria.errors import GalleriaError, InvalidError
from galleria.gallery.actors import Actor
from galleria.gallery.jobs.following import Mark, News, mark_from, news_of
from galleria.gallery.jobs.records import Job
from galleria.gallery.jobs.service import get_job
from galleria.http.heads import is_head
from galleria.http.live import Follower
from galleria.http.parts import Parts

HEARTBEAT_S = 15.0
LONGEST_S = 900.0
"""Then a client has to come again, and is asked anew who it is."""
LONGEST_WAIT_S = 60.0
_MEDIA_TYPE = "text/event-stream"
_HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}


async def job_events(request: Request, parts: Parts, actor: Actor, job_id: str) -> Response:
    """Answer with the events of a job that the actor may see; what is wrong is raised before anything is sent."""
    seen = mark_from(request.headers.get("last-event-id", "") or request.query_params.get("lastEventId", ""))
    follower = parts.live.follow(parts.database, job_id, actor.user_id or actor.subscription_id or "")
    try:
        first = await run_in_threadpool(_news, parts, actor, job_id, seen)
    except BaseException:
        parts.live.leave(follower)
        raise
    if is_head(request.scope):
        parts.live.leave(follower)
        return Response(media_type=_MEDIA_TYPE, headers=_HEADERS)
    return StreamingResponse(_stream(parts, actor, follower, first), media_type=_MEDIA_TYPE, headers=_HEADERS)


def _news(parts: Parts, actor: Actor, job_id: str, seen: Mark) -> News:
    with parts.database.read() as db:
        return news_of(db, actor, job_id, seen)


async def _stream(parts: Parts, actor: Actor, follower: Follower, news: News) -> AsyncIterator[str]:
    until = time.monotonic() + LONGEST_S
    told: Mapping[str, Any] = {}
    try:
        yield "retry: 2000\n\n"
        while True:
            state = state_of(news.job)
            for line in _lines(news, None if state == told else state):
                yield line
            told = state
            if news.is_all:
                if news.job.is_over or time.monotonic() > until:
                    return
                while not await follower.wait(HEARTBEAT_S):
                    yield ": still here\n\n"
            try:
                news = await run_in_threadpool(_news, parts, actor, follower.job_id, news.mark)
            except GalleriaError:
                # It is gone, or not the actor's to see any more.
                return
    finally:
        parts.live.leave(follower)


def _lines(news: News, state: Mapping[str, Any] | None) -> list[str]:
    lines = [_event("restart", {}, Mark(news.job.attempts))] if news.is_restarted else []
    if state is not None:
        lines.append(_event("state", state, None))
    for message in news.messages:
        about = {
            "position": message.position,
            "toolId": message.tool_id,
            "status": message.status,
            "text": message.text,
            "path": message.path or [],
            "at": message.at.isoformat(timespec="milliseconds"),
        }
        lines.append(_event("message", about, Mark(news.job.attempts, message.position + 1)))
    if news.is_all and news.job.is_over:
        for output in news.outputs:
            about = {"id": output.id, "name": output.name, "sizeBytes": output.size_bytes, "records": output.record_count}
            lines.append(_event("output", {**about, "toolId": output.tool_id}, None))
        lines.append(_event("end", {}, news.mark))
    return lines


def state_of(job: Job) -> dict[str, Any]:
    """Where a job stands: `progress` has `done` and `steps`, the `tools` at work, `records` by tool and anchor, `read` by tool."""
    return {
        "id": job.id,
        "status": job.state.value,
        "disposition": job.disposition.value,
        "isStopping": job.cancel_requested_at is not None and not job.is_over,
        "startedAt": None if job.started_at is None else job.started_at.isoformat(timespec="milliseconds"),
        "endedAt": None if job.ended_at is None else job.ended_at.isoformat(timespec="milliseconds"),
        "worker": job.worker,
        "progress": job.progress,
    }


def _event(kind: str, about: Mapping[str, Any], mark: Mark | None) -> str:
    # JSON on one line: a line break in a text is an escape there.
    number = "" if mark is None else f"id: {mark}\n"
    return f"{number}event: {kind}\ndata: {json.dumps(about, ensure_ascii=False, separators=(',', ':'))}\n\n"


async def wait_until_over(parts: Parts, actor: Actor, job_id: str, wait: str | None) -> None:
    """Come back when the job is over, or after `wait` seconds (60 at most); at once without `wait`.

    Raises NotFoundError for a job that the actor may not see, InvalidError for a `wait` that is no number.
    """
    seconds = seconds_from(wait)
    if not seconds:
        return
    until = time.monotonic() + seconds
    follower = parts.live.follow(parts.database, job_id, actor.user_id or actor.subscription_id or "")
    try:
        while not await run_in_threadpool(_is_over, parts, actor, job_id) and (left_s := until - time.monotonic()) > 0:
            await follower.wait(left_s)
    finally:
        parts.live.leave(follower)


def seconds_from(wait: str | None) -> float:
    if wait is None or not wait.strip():
        return 0.0
    try:
        seconds = float(wait)
    except ValueError as error:
        raise InvalidError(f"wait is a number of seconds, not {wait[:40]!r}") from error
    if not 0 <= seconds <= LONGEST_WAIT_S:
        raise InvalidError(f"wait is 0 to {LONGEST_WAIT_S:g} seconds")
    return seconds


def _is_over(parts: Parts, actor: Actor, job_id: str) -> bool:
    with parts.database.read() as db:
        return get_job(db, actor, job_id).is_over
