"""A file is written to, and whoever waits for it hears of it at once."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from galleria.database.connect import connect
from galleria.database.file_watch import find_watch
from galleria.database.wake import Bell, ring
from tests.databases import Databases, new_vault
from tests.patience import PATIENCE_S


@pytest.mark.skipif(sys.platform != "linux", reason="inotify is Linux's")
def test_a_write_is_noticed_and_silence_is_not(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.touch()
    watch = find_watch(path)
    assert watch is not None
    assert not watch.wait(0.01)
    path.write_text("x")
    assert watch.wait(PATIENCE_S)
    assert not watch.wait(0)
    threading.Timer(0.1, path.write_text, ["y"]).start()
    started = time.monotonic()
    assert watch.wait(PATIENCE_S)
    assert time.monotonic() - started < PATIENCE_S / 2
    watch.close()


def test_a_missing_file_has_no_watch(tmp_path: Path) -> None:
    assert find_watch(tmp_path / "missing") is None


WRITER = """
import sys, time
from sqlalchemy import text
from galleria.database.connect import connect
from galleria.database.wake import ring
from tests.databases import new_vault
database = connect(sys.argv[1], new_vault())
with database.write() as db:
    db.execute(text("create table rung (at real)"))
for _ in range(200):
    time.sleep(0.002)
    with database.write() as db:
        db.execute(text("insert into rung values (1)"))
        ring(db, "any")
    with database.write() as db:
        db.execute(text("update rung set at = 2"))
"""


def test_no_ring_of_another_process_is_missed_and_other_commits_do_not_ring(databases: Databases) -> None:
    url = databases.url("sqlite")
    database = connect(url, new_vault())
    bell = Bell(database, "any")
    bell.listen()
    root = str(Path(__file__).resolve().parents[2])
    writer = subprocess.Popen([sys.executable, "-c", WRITER, url], env={**os.environ, "PYTHONPATH": root})
    seen, rings, until = 0, 0, time.monotonic() + 3 * PATIENCE_S
    while seen < 200 and time.monotonic() < until:
        assert bell.wait(PATIENCE_S), f"{seen} commits seen, and then no ring"
        rings += 1
        with database.engine.connect() as connection:
            seen = connection.exec_driver_sql("select count(*) from rung").scalar_one()
    assert seen == 200
    assert rings <= 200
    assert writer.wait(PATIENCE_S) == 0
    # The last commit may have been seen before its ring was heard; nothing else rings.
    bell.wait(0.1)
    assert not bell.wait(0.1)
    bell.close()
    database.close()


def test_the_end_of_a_job_does_not_wake_those_who_wait_for_work(databases: Databases) -> None:
    from galleria.gallery.jobs.service import CHANNEL, HEARD

    database = connect(databases.url("sqlite"), new_vault())
    waiting, ended = Bell(database, CHANNEL), Bell(database, HEARD)
    waiting.listen()
    ended.listen()
    for _ in range(3):
        with database.write() as db:
            ring(db, HEARD)
    assert ended.wait(PATIENCE_S)
    assert not waiting.wait(0.05)
    with database.write() as db:
        ring(db, CHANNEL)
    assert waiting.wait(PATIENCE_S)
    for bell in (waiting, ended):
        bell.close()
    database.close()


def test_counters_of_rings_run_over_without_touching_each_other(databases: Databases) -> None:
    from sqlalchemy import text

    from galleria.database.wake import _BITS, _MOST_RINGS, _rings  # pyright: ignore[reportPrivateUsage] - how often it rings is nobody else's

    database = connect(databases.url("sqlite"), new_vault())
    full = (_MOST_RINGS - 1) | ((_MOST_RINGS - 1) << _BITS)
    with database.write() as db:
        db.execute(text(f"PRAGMA user_version = {full}"))
        ring(db, "galleria_jobs")
        after = db.execute(text("PRAGMA user_version")).scalar_one()
    assert sorted([_rings(after, 0), _rings(after, _BITS)]) == [0, _MOST_RINGS - 1]
    database.close()
