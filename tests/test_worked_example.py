"""The article's example, asked of a real server with a real worker: answers equal key for key, files equal value for value."""

import json
import re
import subprocess
import sys
from collections.abc import Generator
from dataclasses import dataclass
from pathlib import Path

import openyxdb
import pytest
import requests
import sigilyx
from requests_oauthlib import OAuth1
from yxdb.yxdb_reader import YxdbReader

from galleria.demo.feed import feed
from galleria.demo.setup import Ready, served, set_up
from tests.patience import PATIENCE_S, wait_until


@dataclass(frozen=True)
class Answers:
    queued: str
    done: str
    output: bytes
    raw_type: str
    feed_url: str


@pytest.fixture(scope="module")
def answers(tmp_path_factory: pytest.TempPathFactory) -> Generator[Answers]:
    folder = tmp_path_factory.mktemp("gallery")
    with feed() as address:
        ready = set_up(folder, address, 0)
        with served(ready.settings, folder / "serve.log"):
            yield _ask(ready, address)


def _ask(ready: Ready, address: str) -> Answers:
    api = f"{ready.settings.gallery_url}/api/v1"
    auth = OAuth1(ready.studio.key, ready.studio.secret)
    queued = requests.post(f"{api}/workflows/{ready.app_id}/jobs/", json={}, auth=auth, timeout=PATIENCE_S)
    assert queued.status_code == 200, queued.text
    job_id = queued.json()["id"]

    def look() -> requests.Response | None:
        answer = requests.get(f"{api}/jobs/{job_id}/", auth=auth, timeout=PATIENCE_S)
        return answer if answer.json()["status"] == "Completed" else None

    done = wait_until(look, every_s=0.05)
    assert done is not None
    output_id = done.json()["outputs"][0]["id"]
    output = requests.get(f"{api}/jobs/{job_id}/output/{output_id}/", auth=auth, timeout=PATIENCE_S)
    return Answers(queued.text, done.text, output.content, output.headers["content-type"], address)


def test_the_queued_job_reads_as_in_the_article(answers: Answers) -> None:
    job = json.loads(answers.queued)
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{7}Z", job["createDate"])
    assert list(job.items()) == [
        ("id", job["id"]),
        ("appId", None),
        ("createDate", job["createDate"]),
        ("status", "Queued"),
        ("disposition", "None"),
        ("outputs", []),
        ("messages", []),
        ("priority", 0),
        ("workerTag", ""),
        ("runWithE2", False),
    ]


def test_the_finished_job_reads_as_in_the_article(answers: Answers) -> None:
    job = json.loads(answers.done)
    assert "." not in job["createDate"]
    rate = job["messages"][2]["text"].rpartition(" ")[2]
    assert rate.isdecimal()
    assert list(job.items()) == [
        ("id", job["id"]),
        ("appId", None),
        ("createDate", job["createDate"]),
        ("status", "Completed"),
        ("disposition", "Success"),
        ("outputs", job["outputs"]),
        ("messages", _messages(answers.feed_url, rate)),
        ("priority", 0),
        ("workerTag", None),
        ("runWithE2", False),
    ]
    assert [(list(output), output["name"]) for output in job["outputs"]] == [(["id", "formats", "name"], "output.yxdb")]
    assert {"Raw", "Csv"} <= set(job["outputs"][0]["formats"])


def _messages(address: str, rate: str) -> list[dict[str, object]]:
    texts = [
        (1, "1 record was output", 6),
        (101, f"action:GET URL:{address}", 7),
        (1, f"Records transferred: 1; active connections: 1; average records per minute: {rate}", 7),
        (1, "32 records were successfully parsed and 4 were not.", 10),
        (1, "32 records were True and 4 were False", 12),
        (9, 'output.yxdb|32 records were written to "output.yxdb"', 8),
    ]
    return [{"status": status, "text": text, "toolId": tool} for status, text, tool in texts]


def test_three_foreign_readers_read_the_same_32_records(answers: Answers, tmp_path: Path) -> None:
    path = tmp_path / "output.yxdb"
    path.write_bytes(answers.output)
    frame = sigilyx.read_yxdb(path)
    by_sigilyx = list(zip(frame["Currency"], frame["Rate"], strict=True))
    reader = YxdbReader(path=str(path))
    by_yxdb = []
    while reader.next():
        by_yxdb.append((reader.read_name("Currency"), reader.read_name("Rate")))
    assert len(by_sigilyx) == 32
    assert by_yxdb == by_sigilyx
    by_openyxdb = openyxdb.to_polars(str(path))
    assert list(zip(by_openyxdb["Currency"], by_openyxdb["Rate"], strict=True)) == by_sigilyx


def test_the_demo_ends_well() -> None:
    command = [sys.executable, "-m", "galleria", "demo", "--exit"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=600, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    for text in ("1 record was output", "32 records were True and 4 were False", "output.yxdb", "/sign-in/", "studio-secret: "):
        assert text in done.stdout
