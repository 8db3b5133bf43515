"""`galleria job | schedule | trigger | workers` over one gallery."""

import re
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from galleria.bootstrap import opened
from galleria.cli.app import main
from galleria.database.base import now
from galleria.gallery.actors import system
from galleria.gallery.jobs import dispatch
from galleria.gallery.jobs.dispatch import Outcome, Worker
from galleria.gallery.schedules.recurrence import Iteration, Kind
from galleria.gallery.schedules.service import NewSchedule, create_schedule
from galleria.gallery.triggers.ends import react
from galleria.gallery.users.records import User
from galleria.gallery.workers.service import report
from galleria.settings import Settings

WORKFLOWS = Path(__file__).parents[1] / "workflows"


class Shell:
    def __init__(self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        self.monkeypatch = monkeypatch
        self.capsys = capsys

    def __call__(self, *arguments: str, code: int = 0) -> str:
        """Call the command line and give what it printed."""
        self.monkeypatch.setattr(sys, "argv", ["galleria", *arguments])
        with pytest.raises(SystemExit) as ended:
            main()
        printed = self.capsys.readouterr()
        assert (ended.value.code or 0) == code, printed
        return (printed.out + printed.err).strip()


def test_the_queue_is_looked_after_from_a_shell(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("GALLERIA_DATA_DIR", str(tmp_path))
    told = Shell(monkeypatch, capsys)
    told("user", "add", "me@example.com")
    owner = ("--owner", "me@example.com")
    workflow = told("publish", str(Path(WORKFLOWS, "branches_run_in_turn", "workflow.yxmd")), *owner)
    trigger = told("trigger", "add", workflow, *owner, "--on", "failure", "--on", "recovery", "--mail", "a@example.com")
    secret = told("trigger", "add", workflow, *owner, "--on", "success", "--webhook", "https://example.com/hook")
    assert re.fullmatch(r"[0-9a-f]{24}\nsecret: whsec_\S+", secret)
    assert "one of --mail" in told("trigger", "add", workflow, *owner, "--on", "success", code=2)
    first = told("job", "queue", workflow, *owner, "--priority", "High")
    second = told("job", "queue", workflow, *owner, "--tag", "gpu", "--time-limit", "60")
    assert "position 1; 0 of 0 slots are busy\nNo worker is there" in told("job", "why", first)
    assert told("job", "wait", second, "--seconds", "0", code=2) == "Queued"
    with opened(Settings()) as parts, parts.database.write() as db:
        report(db, Worker("one:1"), 2)
        [claim] = dispatch.claim(db, Worker("one:1"))
        dispatch.finish(db, claim.lease, Outcome.ERROR)
        react(db)
        me = db.scalars(select(User)).one()
        rule = Iteration(Kind.DAILY, (now() + timedelta(days=1)).replace(tzinfo=None, microsecond=0))
        schedule = create_schedule(db, system("test"), NewSchedule(workflow, rule, owner_id=me.id)).id
    assert told("job", "wait", first, code=1) == "Error"
    assert "No worker takes jobs with the tag gpu." in told("job", "why", second)
    assert told("schedule", "next", schedule, "--count", "3").count("\n") == 2
    assert "Nothing is in the way" in told("schedule", "why", schedule)
    assert "No run is planned" in told("schedule", "why", schedule, "--at", "2020-01-01T00:00")
    log = told("trigger", "log", trigger)
    assert f"waiting  failure  job {first}" in log
    told("trigger", "remove", trigger)
    assert "webhook https://example.com/hook" in told("trigger", "list", workflow)
    told("workers", "drain", "one:1")
    assert re.match(r"one:1  draining  0 of 2 slots  jobs without a tag  heard of \d+ s ago", told("workers", "list"))
    assert "no worker is called 'two'; there are one:1" in told("workers", "pause", "two", code=2)
