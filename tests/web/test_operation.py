"""What machines ask a server: whether it lives, whether it is ready, its numbers."""

import re
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from galleria.bootstrap import application
from galleria.gallery.workers import service as workers
from galleria.http.exposition import Family, Kind, exposed
from galleria.http.operation import Measured
from galleria.storage.contract import Storage
from tests.gallery.test_dispatch import queue
from tests.gallery.test_metrics import ANY, end
from tests.web.conftest import House

_LINE = re.compile(r'[a-z_]+(\{[a-z]+="([^"\\\n]|\\.)*"(,[a-z]+="([^"\\\n]|\\.)*")*\})? (\+Inf|-?\d+(\.\d+)?(e-?\d+)?)')


OWN = "http://127.0.0.1"


def asked(house: House, measured: Measured | None = None, url: str = OWN, peer: str = "127.0.0.1") -> TestClient:
    app = application(house.parts, measured or Measured(settled_s=0))
    return TestClient(app, url, raise_server_exceptions=False, client=(peer, 50000))


def test_metrics_tell_of_the_queue_the_workers_and_the_times_of_jobs(house: House) -> None:
    http = asked(house)
    http.get("/metrics")
    end(house.scene, 40, 3)
    queue(house.scene, 2, tag="gpu")
    with house.parts.database.write() as db:
        workers.report(db, ANY, 4, {"jobs": {"a": {}}})
    answer = http.get("/metrics")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/plain; version=0.0.4; charset=utf-8")
    lines = answer.text.splitlines()
    assert [line for line in lines if not line.startswith("#") and not _LINE.fullmatch(line)] == []
    for wanted in (
        'galleria_jobs_queued{tag="gpu",priority="Low"} 2',
        'galleria_jobs_ended_total{tag="",outcome="Success"} 1',
        'galleria_job_wait_seconds_bucket{tag="",outcome="Success",le="15"} 0',
        'galleria_job_wait_seconds_bucket{tag="",outcome="Success",le="60"} 1',
        'galleria_job_wait_seconds_bucket{tag="",outcome="Success",le="+Inf"} 1',
        'galleria_job_run_seconds_count{tag="",outcome="Success"} 1',
        'galleria_workers{state="working"} 1',
        'galleria_worker_slots_busy{worker="any",tags="gpu"} 1',
    ):
        assert wanted in lines, answer.text


def test_every_family_is_explained_once_and_typed(house: House) -> None:
    lines = asked(house).get("/metrics").text.splitlines()
    typed = [line.split()[2] for line in lines if line.startswith("# TYPE ")]
    assert len(typed) == len(set(typed)) == sum(line.startswith("# HELP ") for line in lines) > 15


def test_metrics_are_given_to_who_knows_the_token(house: House) -> None:
    http = asked(house, Measured(token="pssst"), "http://gallery.example.com", "10.0.0.7")
    said = [
        http.get("/metrics", headers=headers).status_code
        for headers in ({}, {"Authorization": "Bearer no"}, {"Authorization": "Bearer pssst"})
    ]
    assert said == [401, 401, 200]
    assert asked(house, Measured(is_on=False)).get("/metrics").status_code == 404


@pytest.mark.parametrize(
    ("url", "peer", "headers", "status"),
    [
        (OWN, "127.0.0.1", {}, 200),
        ("http://localhost:8080", "::1", {}, 200),
        (OWN, "10.0.0.7", {}, 403),
        # A proxy on the machine, and a page whose name was made to lead to it.
        (OWN, "127.0.0.1", {"X-Forwarded-For": "10.0.0.7"}, 403),
        ("http://evil.example.com", "127.0.0.1", {}, 403),
    ],
)
def test_metrics_without_a_token_are_for_the_machine_itself(
    house: House, url: str, peer: str, headers: dict[str, str], status: int
) -> None:
    answer = asked(house, None, url, peer).get("/metrics", headers=headers)
    assert (answer.status_code, "galleria_info" in answer.text) == (status, status == 200)


def test_a_server_that_lives_may_be_not_ready(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    http = asked(house)
    assert http.get("/health/ready").json() == {"status": "ok", "database": "ok", "storage": "ok"}

    def away(_self: Storage, _key: str) -> bool:
        raise OSError("the share is gone")

    monkeypatch.setattr(type(house.parts.storage), "exists", away)
    answer = http.get("/health/ready")
    assert (answer.status_code, answer.json()) == (503, {"status": "away", "database": "ok", "storage": "away"})
    assert http.get("/health/live").json() == http.get("/health").json() == {"status": "ok"}


def test_a_server_without_its_database_lives_and_is_not_ready(house: House) -> None:
    http = asked(house)
    file = Path(str(house.parts.database.engine.url.database))
    house.parts.database.engine.dispose()
    for part in file.parent.glob(f"{file.name}*"):
        part.unlink()
    file.mkdir()
    assert http.get("/health/ready").json() == {"status": "away", "database": "away", "storage": "ok"}
    assert http.get("/health/live").status_code == 200


def test_labels_are_written_so_that_any_text_fits() -> None:
    family = Family("a_b", Kind.GAUGE, "one\\two\nthree").add(1.5, tag='say "hi"\\\n')
    assert exposed([family]) == '# HELP a_b one\\\\two\\nthree\n# TYPE a_b gauge\na_b{tag="say \\"hi\\"\\\\\\n"} 1.5\n'
