"""Following a job over HTTP: events as they come, going on where one was, and waiting without asking again and again. On both databases."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import httpx2
import pytest

from galleria.database.wake import ring
from galleria.gallery.actors import Role
from galleria.gallery.jobs import dispatch
from galleria.gallery.jobs import service as jobs
from galleria.gallery.jobs.dispatch import Outcome
from galleria.gallery.jobs.service import HEARD
from galleria.http import events, live
from galleria.http.live import Live
from galleria.messages import Message, Status
from tests.gallery.scene import a_user
from tests.live.conftest import Served
from tests.patience import PATIENCE_S, wait_until

PROGRESS = {"done": 1, "steps": 3, "tools": [{"toolId": 6, "name": "Sort"}], "records": {"2": {"Output": 40}}}


@dataclass
class Heard:
    """What came over one connection, as (event, data, id)."""

    events: list[tuple[str, Mapping[str, Any], str]] = field(default_factory=list)
    comments: int = 0
    is_over: bool = False

    @property
    def kinds(self) -> list[str]:
        return [kind for kind, _, _ in self.events]

    def of(self, kind: str) -> list[Mapping[str, Any]]:
        return [data for other, data, _ in self.events if other == kind]

    def wait_for(self, count: int, kind: str) -> None:
        wait_until(lambda: len(self.of(kind)) >= count, lambda: self.events)


@contextmanager
def following(url: str, headers: Mapping[str, str] | None = None, cookies: Mapping[str, str] | None = None) -> Iterator[Heard]:
    heard = Heard()
    with httpx2.Client(headers=headers, cookies=cookies, timeout=PATIENCE_S) as client, client.stream("GET", url) as answer:
        assert (answer.status_code, answer.headers["content-type"]) == (200, "text/event-stream; charset=utf-8")
        thread = threading.Thread(target=_listen, args=(answer, heard), daemon=True)
        thread.start()
        yield heard
    # Where the connection was left early, its thread may stay in its last read for a while.
    thread.join(0.2)


def _listen(answer: httpx2.Response, heard: Heard) -> None:
    fields: dict[str, str] = {}
    try:
        for line in answer.iter_lines():
            name, _, value = line.partition(": ")
            if line.startswith(":"):
                heard.comments += 1
            elif line:
                fields[name] = value
            elif "event" in fields:
                heard.events.append((fields["event"], json.loads(fields["data"]), fields.get("id", "")))
                fields = {}
    except httpx2.HTTPError:
        return
    heard.is_over = True


get = partial(httpx2.get, timeout=PATIENCE_S)


def say(served: Served, lease: dispatch.Lease, *texts: str) -> None:
    with served.scene.database.write() as db:
        dispatch.add_messages(db, lease, [Message(6, Status.INFO, text) for text in texts], PROGRESS)


@pytest.fixture
def by_bell(served: Served) -> Iterator[Callable[[], None]]:
    """From its call on, but for a look that is waited for already, nobody looks unless a bell rings; a start of a job rings none."""
    before = live.LOOK_EVERY_S

    def begin() -> None:
        live.LOOK_EVERY_S = 3600.0

    yield begin
    live.LOOK_EVERY_S = before
    with served.scene.database.write() as db:
        ring(db, HEARD)


def test_events_come_while_the_job_runs_and_end_with_it(served: Served, by_bell: Callable[[], None]) -> None:
    job_id = served.queue()
    with following(f"{served.url}/webapi/v3/jobs/{job_id}/events", served.bearer()) as heard:
        heard.wait_for(1, "state")
        claim = served.claim()
        heard.wait_for(2, "state")
        by_bell()
        for count, text in enumerate(("first\nline", "Grüße"), 1):
            say(served, claim.lease, text)
            heard.wait_for(count, "message")
        with served.scene.database.write() as db:
            dispatch.finish(db, claim.lease, Outcome.ERROR, messages=[Message(None, Status.ERROR, "last")])
        heard.wait_for(1, "end")
    states = [(state["status"], state["disposition"]) for state in heard.of("state")]
    assert states[0] == ("Queued", "None")
    assert ("Running", "None") in states
    assert states[-1] == ("Completed", "Error")
    assert [message["text"] for message in heard.of("message")] == ["first\nline", "Grüße", "last"]
    assert heard.of("state")[-1]["progress"] == PROGRESS
    assert heard.kinds[-1] == "end"
    assert heard.is_over


def test_who_comes_again_gets_what_was_missed_and_nothing_twice(served: Served) -> None:
    job_id, bearer = served.queue(), served.bearer()
    claim = served.claim()
    say(served, claim.lease, "one", "two")
    url = f"{served.url}/webapi/v3/jobs/{job_id}/events"
    with following(url, bearer) as heard:
        heard.wait_for(2, "message")
    say(served, claim.lease, "three")
    with following(url, {**bearer, "Last-Event-ID": heard.events[-1][2]}) as again:
        again.wait_for(1, "message")
    assert [message["text"] for message in again.of("message")] == ["three"]
    # Another worker starts anew: what was said before does not count.
    with served.scene.database.write() as db:
        dispatch.give_back(db, claim.lease)
        # One that was lost counts its attempts; one that was given back does not.
        db.execute(jobs.update(jobs.Job).values(attempts=1))
    claim = served.claim()
    say(served, claim.lease, "anew")
    with following(url, {**bearer, "Last-Event-ID": again.events[-1][2]}) as anew:
        anew.wait_for(1, "message")
    assert ("restart" in anew.kinds, [message["text"] for message in anew.of("message")]) == (True, ["anew"])


def test_many_messages_come_whole_and_in_order(served: Served) -> None:
    job_id = served.queue()
    claim = served.claim()
    say(served, claim.lease, *map(str, range(1234)))
    with served.scene.database.write() as db:
        dispatch.finish(db, claim.lease, Outcome.SUCCESS)
    with following(f"{served.url}/gallery/runs/{job_id}/events", cookies=served.cookies()) as heard:
        heard.wait_for(1, "end")
    assert [message["text"] for message in heard.of("message")] == [str(number) for number in range(1234)]


def test_events_are_for_those_who_may_see_the_job(served: Served) -> None:
    job_id = served.queue()
    vera = a_user(served.scene.database, "vera@example.com", Role.ARTISAN)
    api, page = f"{served.url}/webapi/v3/jobs/{job_id}/events", f"{served.url}/gallery/runs/{job_id}/events"
    assert get(api).status_code == 401
    assert get(api, headers=served.bearer(vera)).status_code == 404
    assert get(page).status_code == 303
    assert get(page, cookies=served.cookies(vera)).status_code == 404
    assert httpx2.head(api, headers=served.bearer()).headers["content-type"].startswith("text/event-stream")
    assert served.parts.live.waiting == 0


def test_a_connection_says_now_and_then_that_it_is_still_there(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(events, "HEARTBEAT_S", 0.1)
    with following(f"{served.url}/webapi/v3/jobs/{served.queue()}/events", served.bearer()) as heard:
        wait_until(lambda: heard.comments >= 3)
    wait_until(lambda: served.parts.live.waiting == 0)


def test_waiting_connections_take_no_threads_and_are_bounded(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    object.__setattr__(served.parts, "live", Live(most=60))
    monkeypatch.setattr(events, "LONGEST_WAIT_S", 600.0)
    job_ids, bearer, texts = [served.queue() for _ in range(2)], served.bearer(), []
    # The thread pool has 40 threads.
    limits = httpx2.Limits(max_connections=200)

    with httpx2.Client(headers=bearer, timeout=PATIENCE_S, limits=limits) as client:

        def wait(number: int) -> None:
            texts.append(client.get(f"{served.url}/webapi/v1/jobs/{job_ids[number % 2]}?wait=600").text)

        waiters = [threading.Thread(target=wait, args=(number,)) for number in range(60)]
        for waiter in waiters:
            waiter.start()
        wait_until(lambda: served.parts.live.waiting == 60, lambda: served.parts.live.waiting)
        before = threading.active_count()
        answer = client.get(f"{served.url}/webapi/v1/jobs/{job_ids[0]}?wait=1")
        assert answer.status_code == 503
        # Answered while all of them wait.
        assert client.get(f"{served.url}/webapi/v3/workflows").status_code == 200
        assert served.parts.live.waiting == 60
        for _ in job_ids:
            claim = served.claim()
            with served.scene.database.write() as db:
                dispatch.finish(db, claim.lease, Outcome.SUCCESS)
        for waiter in waiters:
            waiter.join(PATIENCE_S)
    assert before < 60 + 100
    assert sum('"Completed"' in text for text in texts) == 60


def test_the_connections_of_one_leave_some_for_others(served: Served) -> None:
    object.__setattr__(served.parts, "live", Live(most=3, most_of_one=1))
    page, api = f"{served.url}/webapi/v3/jobs/{{}}/events", f"{served.url}/webapi/v1/jobs/{{}}?wait=1"
    mine, cora = served.queue(), a_user(served.scene.database, "cora@example.com", Role.CURATOR)
    with following(page.format(mine), served.bearer()) as heard:
        heard.wait_for(1, "state")
        assert get(api.format(mine), headers=served.bearer()).status_code == 503
        assert get(api.format(mine), headers=served.bearer(cora)).status_code == 200


@pytest.mark.parametrize("path", ["/webapi/v1/jobs/{}", "/webapi/v1/jobs/{}/"])
def test_a_client_waits_for_the_end_instead_of_asking_again(served: Served, by_bell: Callable[[], None], path: str) -> None:
    by_bell()
    job_id, bearer = served.queue(), served.bearer()
    url = f"{served.url}{path.format(job_id)}"
    began = time.monotonic()
    assert get(f"{url}?wait=0.3", headers=bearer).json()["status"] == "Queued"
    assert time.monotonic() - began >= 0.3
    claim = served.claim()
    found: list[str] = []
    waiter = threading.Thread(target=lambda: found.append(get(f"{url}?wait=60", headers=bearer).json()["status"]))
    waiter.start()
    wait_until(lambda: served.parts.live.waiting == 1)
    with served.scene.database.write() as db:
        dispatch.finish(db, claim.lease, Outcome.SUCCESS)
    waiter.join(PATIENCE_S)
    assert found == ["Completed"]
    assert get(f"{url}?wait=30", headers=bearer).json()["status"] == "Completed"
    for wrong in ("x", "61", "-1", "nan"):
        assert get(f"{url}?wait={wrong}", headers=bearer).status_code == 400


def test_a_cancelled_job_wakes_those_who_wait(served: Served, by_bell: Callable[[], None]) -> None:
    by_bell()
    job_id, bearer = served.queue(), served.bearer()
    found: list[str] = []
    url = f"{served.url}/webapi/v1/jobs/{job_id}?wait=60"
    waiter = threading.Thread(target=lambda: found.append(get(url, headers=bearer).json()["status"]))
    waiter.start()
    wait_until(lambda: served.parts.live.waiting == 1)
    with served.scene.database.write() as db:
        jobs.cancel(db, served.scene.anna, job_id)
    waiter.join(PATIENCE_S)
    # What the published API calls it.
    assert found == ["Completed"]
