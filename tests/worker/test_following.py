"""What follows a run that is over, carried out by a real worker: chains, signed calls, mails over a real mail server. On both databases."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import socket
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from sqlalchemy import update

from galleria.gallery.jobs.records import Disposition
from galleria.gallery.jobs.service import JobFilter, list_jobs
from galleria.gallery.triggers.records import Action, Delivery, Event, Progress
from galleria.gallery.triggers.service import NewTrigger, create_trigger, deliveries_of
from galleria.worker import following, slots
from galleria.worker.mail import MailServer, Security
from tests.patience import wait_until
from tests.worker.conftest import Plant
from tests.worker.test_jobs import GOOD

BAD = "say('message', toolId=3, status=3, text='no such field', path=[3])\ncode = 1"


class Called(BaseHTTPRequestHandler):
    """Keeps what it is called with; answers with the next of `server.answers`, then with 204."""

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        self.server.calls.append((dict(self.headers), body))  # type: ignore[attr-defined] - the test's own attribute
        answers: list[int] = self.server.answers  # type: ignore[attr-defined] - the test's own attribute
        self.send_response(answers.pop(0) if answers else 204)
        self.send_header("Location", "http://127.0.0.1:1/elsewhere")
        self.end_headers()

    def log_message(self, format: str, *args: Any) -> None: ...  # noqa: A002 (the base class's name)


@contextmanager
def listening(*answers: int) -> Iterator[ThreadingHTTPServer]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Called)
    server.calls, server.answers = [], list(answers)  # type: ignore[attr-defined] - the test's own attribute
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class PostOffice(threading.Thread):
    """A mail server that takes one mail after the other, as far as RFC 5321 is needed for it."""

    def __init__(self, refuses: str = "") -> None:
        super().__init__(daemon=True)
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self.listener.getsockname()[1])
        self.refuses = refuses
        self.mails: list[str] = []
        self.recipients: list[str] = []

    def run(self) -> None:
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            with connection, connection.makefile("rwb") as stream:
                self._talk(stream)

    def _talk(self, stream: Any) -> None:
        def say(text: str) -> None:
            stream.write(f"{text}\r\n".encode())
            stream.flush()

        say("220 post office")
        while line := stream.readline().decode().strip():
            word = line[:4].upper()
            if word == "RCPT":
                self.recipients.append(line.partition(":")[2].strip("<> "))
            if word == "DATA":
                say("354 go on")
                lines = []
                while (text := stream.readline().decode().rstrip("\r\n")) != ".":
                    lines.append(text)
                self.mails.append("\n".join(lines))
            say("221 bye" if word == "QUIT" else self.refuses if word == "MAIL" and self.refuses else "250 well")
            if word == "QUIT":
                return

    def close(self) -> None:
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()


def watch(plant: Plant, workflow_id: str, action: Action, events: Sequence[Event] = tuple(Event), **more: Any) -> tuple[str, str]:
    with plant.database.write() as db:
        made = create_trigger(db, plant.anna, NewTrigger(workflow_id, action, events, **more))
    return made.trigger.id, made.secret


def deliveries(plant: Plant, trigger_id: str) -> Sequence[Delivery]:
    with plant.database.read() as db:
        return deliveries_of(db, plant.anna, trigger_id)


def ended(plant: Plant, trigger_id: str, count: int = 1) -> Sequence[Delivery]:
    def look() -> Sequence[Delivery]:
        found = deliveries(plant, trigger_id)
        return found if len(found) >= count and all(one.progress is not Progress.WAITING for one in found) else ()

    return wait_until(look, lambda: [(one.progress, one.answer) for one in deliveries(plant, trigger_id)])


def test_one_run_follows_another(plant: Plant, monkeypatch: pytest.MonkeyPatch) -> None:
    # By the bell, not by the look every few seconds.
    for module, name in ((following, "MOST_S"), (slots, "LOOK_EVERY_S")):
        monkeypatch.setattr(module, name, 3600.0)
    second = plant.publish(GOOD)
    first = plant.publish(GOOD)
    trigger_id, _ = watch(plant, first, Action.RUN, (Event.SUCCESS,), target_id=second)
    plant.start(plant.options(lease_s=4 * 3600.0))
    job = plant.wait_for(plant.queue(first))
    [delivery] = ended(plant, trigger_id)
    chained = plant.wait_for(delivery.made_job_id or "")
    assert (chained.disposition, chained.cause_job_id) == (Disposition.SUCCESS, job.id)


def test_a_webhook_is_signed_so_that_whoever_is_called_can_check_it(plant: Plant) -> None:
    workflow_id = plant.publish(BAD)
    with listening() as server:
        port = server.server_port
        trigger_id, secret = watch(plant, workflow_id, Action.WEBHOOK, url=f"http://127.0.0.1:{port}/hook?x=1")
        plant.start(plant.options(webhook_addresses=(f"127.0.0.1:{port}",), gallery_url="https://gallery.example.com/gallery"))
        job = plant.wait_for(plant.queue(workflow_id))
        [delivery] = ended(plant, trigger_id)
        [(headers, body)] = server.calls  # type: ignore[attr-defined] - the test's own attribute
    assert (delivery.progress, delivery.answer, delivery.attempts) == (Progress.SENT, "204", 1)
    told = json.loads(body)
    assert told["type"] == "run.failure"
    assert told["data"]["job"]["id"] == job.id
    assert told["data"]["errors"] == [{"toolId": 3, "text": "no such field"}]
    assert told["data"]["url"] == f"https://gallery.example.com/gallery/runs/{job.id}"
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    expected = hmac.new(base64.b64decode(secret.removeprefix("whsec_")), signed, hashlib.sha256).digest()
    assert headers["webhook-signature"] == f"v1,{base64.b64encode(expected).decode()}"
    assert abs(int(headers["webhook-timestamp"]) - time.time()) < 600
    assert headers["webhook-id"] == delivery.id


def test_a_call_that_failed_is_made_again_and_a_redirect_is_not_followed(plant: Plant) -> None:
    workflow_id = plant.publish(GOOD)
    with listening(302, 503) as server:
        trigger_id, _ = watch(plant, workflow_id, Action.WEBHOOK, url=f"http://127.0.0.1:{server.server_port}/")
        plant.start(plant.options(webhook_addresses=("127.0.0.0/8",), lease_s=1.5))
        plant.wait_for(plant.queue(workflow_id))

        def was_called_thrice() -> bool:
            with plant.database.write() as db:
                # Time passes.
                db.execute(update(Delivery).where(Delivery.answer != "").values(next_try_at=Delivery.created_at))
            return len(server.calls) == 3  # type: ignore[attr-defined] - the test's own attribute

        wait_until(was_called_thrice, every_s=0.1)
        [delivery] = ended(plant, trigger_id)
        assert (delivery.progress, delivery.attempts) == (Progress.SENT, 3)
        assert len({headers["webhook-id"] for headers, _ in server.calls}) == 1  # type: ignore[attr-defined] - the test's own attribute


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "localhost", "[::1]", "0x7f.1", "169.254.169.254", "2130706433", "[::ffff:127.0.0.1]", "10.0.0.1"]
)
def test_nobody_is_called_inside_unless_the_administrator_allows_it(plant: Plant, host: str) -> None:
    workflow_id = plant.publish(GOOD)
    with listening() as server:
        trigger_id, _ = watch(plant, workflow_id, Action.WEBHOOK, url=f"http://{host}:{server.server_port}/latest/meta-data")
        plant.start()
        plant.wait_for(plant.queue(workflow_id))
        [delivery] = ended(plant, trigger_id)
        assert server.calls == []  # type: ignore[attr-defined] - the test's own attribute
    assert (delivery.progress, delivery.attempts) == (Progress.FAILED, 1)
    assert "is refused" in delivery.answer


def test_a_mail_tells_of_a_failure_and_of_the_recovery(plant: Plant) -> None:
    office = PostOffice()
    office.start()
    question = {"name": "Fail", "type": "TextBox", "description": "", "value": "", "tool_id": 1}
    text = f"if job['answers'].get('Fail'):\n    {BAD.replace(chr(10), chr(10) + '    ')}"
    workflow_id, people = plant.publish(text, questions=[question]), ["anna@example.com", "boris@example.com"]
    trigger_id, _ = watch(plant, workflow_id, Action.MAIL, (Event.FAILURE, Event.RECOVERY), recipients=people)
    plant.start(plant.options(mail=MailServer("127.0.0.1", office.port, Security.NONE, sender="Galleria <gallery@example.com>")))
    for answers in ({"Fail": "yes"}, {}, {}):
        plant.wait_for(plant.queue(workflow_id, answers=answers))
    found = ended(plant, trigger_id, 2)
    office.close()
    assert [(one.event, one.progress, one.answer) for one in found] == [
        (Event.RECOVERY, Progress.SENT, "handed over"),
        (Event.FAILURE, Progress.SENT, "handed over"),
    ]
    assert office.recipients == people * 2
    failed, recovered = office.mails
    assert "Subject: main failed" in failed
    assert "Tool 3: no such field" in failed
    assert "Subject: main runs again" in recovered
    assert "From: Galleria <gallery@example.com>" in failed


@pytest.mark.parametrize(
    ("refuses", "expected"),
    [("550 not from here", "the mail server answered 550 not from here"), ("", "this gallery has no mail server")],
)
def test_a_mail_that_cannot_be_sent_says_why(plant: Plant, refuses: str, expected: str) -> None:
    office = PostOffice(refuses)
    office.start()
    workflow_id = plant.publish(GOOD)
    trigger_id, _ = watch(plant, workflow_id, Action.MAIL, recipients=["anna@example.com"])
    plant.start(plant.options(mail=MailServer("127.0.0.1", office.port, Security.NONE) if refuses else None))
    plant.wait_for(plant.queue(workflow_id))
    answer = wait_until(lambda: "".join(one.answer for one in deliveries(plant, trigger_id)))
    office.close()
    assert expected in answer


def test_a_worker_that_is_killed_after_a_run_leaves_what_follows_to_others(plant: Plant) -> None:
    second = plant.publish(GOOD)
    first = plant.publish(GOOD)
    watch(plant, first, Action.RUN, (Event.SUCCESS,), target_id=second)
    for _ in range(2):
        process = plant.start_process(lease_s=1)
        plant.wait_for(plant.queue(first))
        process.kill()
        process.wait()
    plant.start(plant.options(lease_s=1))

    def causes() -> list[str]:
        with plant.database.read() as db:
            return [job.cause_job_id or "" for job in list_jobs(db, plant.anna, JobFilter(workflow_id=second)) if job.is_over]

    wait_until(lambda: len(causes()) >= 2, causes, every_s=0.1)
    done = causes()
    assert len(done) == len(set(done)) == 2
