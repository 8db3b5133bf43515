"""How fast the gallery's pages and the APIs' lists come with many things in it: `python -m benchmarks.pages [WORKFLOWS] [JOBS]`.

Fills a SQLite database (through the tables, as quickly as that goes), then asks for pages as three people and for lists
with signed requests, and prints milliseconds and queries for each. With 100,000 workflows and 1,000,000 jobs the goal is
300 ms for a page and 50 ms for a list.
"""

import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

from cryptography.fernet import Fernet
from fastapi.testclient import TestClient
from sqlalchemy import Engine, event, func, insert, select

from benchmarks._apis import Size, ask_apis
from galleria.bootstrap import application
from galleria.children.commands import convert
from galleria.database.base import new_id, now
from galleria.database.connect import Database, connect
from galleria.database.migrate import migrate
from galleria.database.vault import vault_from
from galleria.gallery.actors import Actor, Role, system
from galleria.gallery.groups.service import actor_for
from galleria.gallery.jobs.records import Disposition, Job, State
from galleria.gallery.sessions.service import new_link, use_link
from galleria.gallery.users.service import NewUser, create_user
from galleria.gallery.workflows.records import PackageKind, Version, Workflow
from galleria.http.origins import PublicAddress
from galleria.http.parts import Limits, Parts
from galleria.storage.place import storage_at

SYSTEM = system("benchmark")
GOAL_MS = 300
TURNS = 7
_BATCH = 5000


def main(workflows: int, jobs: int) -> int:
    with tempfile.TemporaryDirectory(prefix="galleria-bench-") as name:
        database = connect(f"sqlite:///{name}/gallery.sqlite", vault_from([Fernet.generate_key().decode()]))
        migrate(database.engine)
        people = [_person(database, role) for role in (Role.CURATOR, Role.ARTISAN, Role.VIEWER)]
        started = time.perf_counter()
        app = _fill(database, people, workflows, jobs)
        print(f"{workflows:,} workflows and {jobs:,} jobs written in {time.perf_counter() - started:.0f} s")
        with database.read() as db:
            of_app = select(func.count()).where(Job.workflow_id == app, Job.subscription_id == people[1].subscription_id)
            app_jobs = db.scalar(of_app) or 0
        parts = _parts(database, Path(name))
        slow = _ask(parts, people, app, workflows, jobs)
        size = Size(workflows, jobs, app, app_jobs)
        slow += ask_apis(parts, {one.role: one for one in people}, size, lambda ask: _timed(ask, database.engine))
        database.close()
    return 1 if slow else 0


def _person(database: Database, role: Role) -> Actor:
    with database.write() as db:
        return actor_for(db, create_user(db, SYSTEM, NewUser(f"{role.value.lower()}@example.com", role)), "benchmark")


def _fill(database: Database, people: list[Actor], workflows: int, jobs: int) -> str:
    ids = [(new_id(), new_id()) for _ in range(workflows)]
    with database.write() as db:
        for first in range(0, workflows, _BATCH):
            some = ids[first : first + _BATCH]
            db.execute(
                insert(Workflow), [_workflow(first + at, app, version, people[(first + at) % 2]) for at, (app, version) in enumerate(some)]
            )
            db.execute(insert(Version), [_version(app, version, people[0]) for app, version in some])
    for first in range(0, jobs, _BATCH):
        with database.write() as db:
            db.execute(
                insert(Job),
                [
                    _job(jobs - at, *ids[1 if at % 10 == 1 else at * 7 % workflows], people[at % 3])
                    for at in range(first, min(first + _BATCH, jobs))
                ],
            )
    return ids[1][0]


def _workflow(at: int, app: str, version: str, owner: Actor) -> dict[str, object]:
    name = f"Workflow {at} {'rates' if at % 100 == 0 else 'orders'}"
    return {
        "id": app,
        "name": name,
        "description": f"What number {at} does for the month.",
        "owner_id": owner.user_id,
        "subscription_id": owner.subscription_id,
        "kind": PackageKind.WORKFLOW,
        "file_name": f"{name}.yxmd",
        "published_version_id": version,
        "published_number": 1,
        "published_at": now() - timedelta(minutes=at),
        "meta": {"author": "Northwind"},
        "is_public": at % 10 == 0,
        "run_count": at % 50,
        "search_text": f"{name}.yxmd what number {at} does".lower(),
        "inside_text": "filter\nsort\namount",
    }


def _version(app: str, version: str, author: Actor) -> dict[str, object]:
    return {
        "id": version,
        "workflow_id": app,
        "number": 1,
        "author_id": author.user_id,
        "name": "x",
        "kind": PackageKind.WORKFLOW,
        "file_name": "x.yxmd",
        "package_key": "",
        "package_size_bytes": 1,
        "package_sha256": "",
        "is_supported": True,
        "report": {"file_name": "x.yxmd"},
    }


def _job(at: int, app: str, version: str, owner: Actor) -> dict[str, object]:
    """Make the job that was queued as the `at`th before now."""
    queued = now() - timedelta(seconds=10 * at)
    is_over = at > 20
    return {
        "id": new_id(),
        "workflow_id": app,
        "version_id": version,
        "owner_id": owner.user_id,
        "subscription_id": owner.subscription_id,
        "state": State.COMPLETED if is_over else State.QUEUED,
        "disposition": Disposition.NONE if not is_over else Disposition.ERROR if at % 9 == 0 else Disposition.SUCCESS,
        "queued_at": queued,
        "started_at": queued if is_over else None,
        "ended_at": queued if is_over else None,
    }


def _parts(database: Database, folder: Path) -> Parts:
    limits = Limits(1 << 20, 1 << 20, 1, 300, 3600, 3600)
    return Parts(database, storage_at(f"file://{folder}/storage"), convert, PublicAddress(), limits)


def _ask(parts: Parts, people: list[Actor], app: str, workflows: int, jobs: int) -> list[str]:
    pages = ["/", "/?q=rates", "/?q=amount+number", f"/?page={workflows // 25}", "/?sort=name", "/?scope=mine", "/search?q=rates"]
    pages += ["/runs", "/runs?all=1", "/runs?all=1&state=failed", "/runs?state=queued", f"/runs?all=1&page={jobs // 25 // 3}"]
    pages += [
        f"/app/x/{app}",
        f"/app/x/{app}/results",
        f"/app/x/{app}/triggers",
        "/schedules",
        "/collections",
        "/admin",
        "/admin?span=week",
        "/admin?span=month",
        "/admin/jobs",
        "/admin/storage",
        "/admin/users",
        "/admin/audit",
        "/profile/keys",
    ]
    slow: list[str] = []
    for person in people:
        client = _signed_in(parts, person)
        for page in pages:
            status, ms, queries = _timed(lambda page=page, client=client: client.get(f"/gallery{page}").status_code, parts.database.engine)
            if status in (403, 404):
                continue
            mark = "" if ms < GOAL_MS else "  above the goal"
            slow += [page] if mark else []
            print(f"{person.role.value:8} {page:40} {status}  {ms:7.1f} ms  {queries:3} queries{mark}")
    return slow


def _signed_in(parts: Parts, person: Actor) -> TestClient:
    client = TestClient(application(parts), "http://testserver")
    with parts.database.write() as db:
        opened = use_link(db, new_link(db, SYSTEM, person.user_id or ""), 3600)
    assert opened is not None
    client.cookies.set("galleria_session", opened.token, path="/gallery")
    return client


def _timed(ask: Callable[[], int], engine: Engine) -> tuple[int, float, int]:
    """Status, median milliseconds and queries of one request."""
    times: list[float] = []
    status, queries = 0, 0
    for _ in range(TURNS):
        with _counted(engine) as count:
            started = time.perf_counter()
            status = ask()
            times.append(1000 * (time.perf_counter() - started))
        queries = len(count)
    return status, statistics.median(times), queries


@contextmanager
def _counted(engine: Engine) -> Generator[list[str]]:
    seen: list[str] = []

    def note(*arguments: object) -> None:
        seen.append(str(arguments[2]))

    event.listen(engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(engine, "before_cursor_execute", note)


if __name__ == "__main__":
    given = [int(text) for text in sys.argv[1:]]
    sys.exit(main(given[0] if given else 100_000, given[1] if len(given) > 1 else 1_000_000))
