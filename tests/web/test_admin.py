"""What Curators see of the whole gallery: charts, jobs, storage, settings."""

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import update

from galleria.bootstrap import opened
from galleria.gallery.jobs.records import Disposition, Job, State
from galleria.gallery.jobs.service import NewJob, queue
from galleria.gallery.jobs.statistics import SPANS, failing, over_time
from galleria.gallery.retention.service import Policy
from galleria.settings import Settings
from tests.api.gallery import run_next
from tests.databases import KINDS
from tests.patience import DAY_S, HOUR_S, keep_clear
from tests.web.conftest import House
from tests.web.visiting import found, signed_in


@pytest.fixture(params=KINDS)
def database_kind(request: pytest.FixtureRequest) -> str:
    return request.param


def ended(house: House, hours_ago: float, waited_s: float = 0, disposition: Disposition = Disposition.SUCCESS) -> str:
    """A job of Anna's that ended so long ago."""
    at = datetime.now(UTC) - timedelta(hours=hours_ago)
    with house.parts.database.write() as db:
        job = queue(db, house.anna, NewJob(house.scene.workflow_id)).id
        times = {"queued_at": at - timedelta(seconds=waited_s), "started_at": at, "ended_at": at}
        db.execute(update(Job).where(Job.id == job).values(**times, state=State.COMPLETED, disposition=disposition))
    return job


@pytest.mark.parametrize(("span", "counts"), [("day", 1), ("week", 2), ("month", 3)])
def test_a_span_counts_what_ended_within_it(house: House, span: str, counts: int) -> None:
    keep_clear(HOUR_S)
    for hours in (0, 30, 20 * 24, 90 * 24):
        ended(house, hours)
    with house.parts.database.read() as db:
        stretches = over_time(db, house.curator, SPANS[span])
    assert len(stretches) == SPANS[span].parts
    assert sum(part.succeeded for part in stretches) == counts
    assert stretches[-1].succeeded == 1
    assert stretches[0].starts_at < stretches[-1].starts_at <= datetime.now(UTC)


def test_waiting_and_failures_are_told(house: House) -> None:
    keep_clear(HOUR_S)
    for waited_s, disposition in ((2, Disposition.SUCCESS), (10, Disposition.ERROR)):
        ended(house, 0, waited_s, disposition)
    with house.parts.database.read() as db:
        last = over_time(db, house.curator, SPANS["day"])[-1]
        [worst] = failing(db, house.curator, SPANS["day"])
    assert (last.succeeded, last.failed, last.started) == (1, 1, 2)
    assert (round(last.mean_wait_s), round(last.longest_wait_s)) == (6, 10)
    assert (worst.workflow_id, worst.failed, worst.total) == (house.scene.workflow_id, 1, 2)
    page = house.visit(house.curator).page("/admin?span=week")
    assert "1 of 2 runs" in page.text
    assert re.search(r"\b10(\.0)? s at most", page.text)


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("", 2),
        ("?state=failed", 1),
        ("?email=anna@example.com", 2),
        ("?email=vera@example.com", 0),
        ("?workflow={app}", 2),
        ("?workflow=000000000000000000000000", 0),
        ("?since={today}", 1),
        ("?until={yesterday}", 1),
    ],
)
def test_jobs_are_narrowed(house: House, query: str, count: int) -> None:
    keep_clear(DAY_S)
    ended(house, 0, 0, Disposition.ERROR)
    ended(house, 72)
    today = datetime.now(UTC).date()
    given = {"app": house.scene.workflow_id, "today": today, "yesterday": today - timedelta(days=1)}
    page = house.visit(house.curator).page(f"/admin/jobs{query.format(**given)}")
    assert len([link for link in page.links if link.startswith("/gallery/runs/")]) == count


@pytest.mark.parametrize("query", ["?email=nobody@example.com", "?since=yesterday", "?until=9999-99-99"])
def test_what_cannot_be_asked_for_is_told_above_the_list(house: House, query: str) -> None:
    answer = house.visit(house.curator).get(f"/admin/jobs{query}")
    assert answer.status_code == 400
    assert "No jobs here" in found(answer).text


@pytest.mark.parametrize(
    ("query", "count"), [("?email=anna@example.com", 1), ("?since=2999-01-01", 0), ("?until=2001-01-01", 0), ("?since=x", None)]
)
def test_the_audit_log_is_narrowed_by_who_and_when(house: House, query: str, count: int | None) -> None:
    answer = house.visit(house.curator).get(f"/admin/audit{query}&entity=AppInfo&event=Insert")
    assert answer.status_code == (400 if count is None else 200)
    if count is not None:
        assert found(answer).text.count("web") + found(answer).text.count("test") >= count
        assert ("Nothing found" in found(answer).text) == (count == 0)


def test_what_is_kept_no_longer_goes_at_a_press(house: House) -> None:
    with house.parts.database.write() as db:
        queue(db, house.anna, NewJob(house.scene.workflow_id))
    old = run_next(house.scene, files={"a/out.csv": b"A\n1\n"})
    with house.parts.database.write() as db:
        db.execute(update(Job).where(Job.id == old).values(ended_at=datetime.now(UTC) - timedelta(days=9)))
    recent = ended(house, 1)
    assert "everything is kept" in house.visit(house.curator).page("/admin/storage").text
    curator = signed_in(replace(house.parts, keeps=Policy(jobs_days=7)), house.curator)
    page = curator.page("/admin/storage")
    for words in ("for 7 days", "1 run, with messages and outputs", "GALLERIA_KEEP_JOBS_DAYS"):
        assert words in page.text, words
    assert "is gone" in found(curator.post("/admin/storage")).text
    assert curator.get(f"/runs/{old}").status_code == 404
    assert curator.get(f"/runs/{recent}").status_code == 200
    assert "Nothing at the moment" in curator.page("/admin/storage").text


def test_settings_are_shown_without_their_secrets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    settings = Settings(
        data_dir=tmp_path, smtp_password="hunter2", data_sources="A=postgresql://u:hunter2@h/d", smtp_host="post.example.com"
    )
    with opened(settings) as parts:
        shown = {one.variable: one for one in parts.in_force}
    assert shown["GALLERIA_SMTP_HOST"].value == "post.example.com"
    assert not shown["GALLERIA_SMTP_HOST"].is_default
    assert (shown["GALLERIA_SMTP_PASSWORD"].value, shown["GALLERIA_DATA_SOURCES"].value) == ("set", "1 set")
    assert shown["GALLERIA_PORT"].is_default
    assert "hunter2" not in str(shown)


def test_health_tells_what_is_missing(house: House) -> None:
    text = house.visit(house.curator).page("/admin/settings").text
    assert "nothing runs until one starts" in text
    assert text.count("Well") >= 3
