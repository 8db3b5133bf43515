"""How the databases carry out the queries that must stay quick: by which index."""

from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import event, text
from sqlalchemy.orm import Session

from galleria.database.connect import Database
from galleria.gallery.actors import Actor, Role
from galleria.gallery.jobs import dispatch
from galleria.gallery.jobs import service as jobs
from galleria.gallery.jobs.dispatch import Worker
from galleria.gallery.jobs.records import State
from galleria.gallery.jobs.service import JobFilter
from galleria.gallery.pages import Page
from galleria.gallery.schedules.due import fire_due, is_any_due
from galleria.gallery.triggers import ends, post
from galleria.gallery.workflows import service as workflows
from galleria.gallery.workflows.service import WorkflowSort
from tests.gallery.scene import SYSTEM

MEMBER = Actor(Role.MEMBER, user_id="a" * 24)
STUDIO = Actor(Role.ARTISAN, subscription_id="b" * 24)
FIRST = Page(0, 50)

QUERIES: list[tuple[str, str, Callable[[Session], object]]] = [
    ("claim", "ix_jobs_queue", lambda db: dispatch.claim(db, Worker("one"))),
    ("is waiting", "ix_jobs_queue", lambda db: dispatch.is_waiting(db, Worker("one"))),
    ("recover", "ix_jobs_running", dispatch.recover_lost),
    ("running", "ix_jobs_running", lambda db: jobs.list_jobs(db, SYSTEM, JobFilter(state=State.RUNNING), FIRST)),
    ("queued", "ix_jobs_queued", lambda db: jobs.list_jobs(db, SYSTEM, JobFilter(state=State.QUEUED), FIRST)),
    ("one's own", "ix_jobs_owner_id_seq", lambda db: jobs.list_jobs(db, MEMBER, None, FIRST)),
    ("the studio's", "ix_jobs_subscription_id_seq", lambda db: jobs.list_jobs(db, STUDIO, None, FIRST)),
    ("a workflow's", "ix_jobs_of_workflow", lambda db: jobs.list_jobs(db, SYSTEM, JobFilter(workflow_id="c" * 24), FIRST)),
    ("due", "ix_schedules_due", fire_due),
    ("is any due", "ix_schedules_due", is_any_due),
    ("ends", "ix_jobs_unheard", ends.react),
    ("is any end", "ix_jobs_unheard", ends.is_any_unheard),
    ("post", "ix_trigger_deliveries_due", post.take_due),
    ("is any post", "ix_trigger_deliveries_due", post.is_any_due),
    ("latest", "ix_workflows_latest", lambda db: workflows.list_workflows(db, SYSTEM, None, FIRST)),
    ("by name", "ix_workflows_names", lambda db: workflows.list_workflows(db, SYSTEM, None, FIRST, WorkflowSort.NAME)),
]


@contextmanager
def explained(database: Database) -> Generator[list[str]]:
    """Collect the plan of every statement that runs in the block."""
    plans: list[str] = []
    prefix = "EXPLAIN" if database.is_postgresql else "EXPLAIN QUERY PLAN"

    def explain(connection: Any, cursor: Any, statement: str, parameters: Any, context: Any, is_many: bool) -> None:
        if statement.startswith(("SELECT", "WITH", "UPDATE")) and "pg_notify" not in statement:
            plans.append(str(cursor.execute(f"{prefix} {statement}", parameters).fetchall()))

    event.listen(database.engine, "before_cursor_execute", explain)
    try:
        yield plans
    finally:
        event.remove(database.engine, "before_cursor_execute", explain)


@pytest.mark.parametrize(("name", "index", "query"), QUERIES, ids=[name for name, _, _ in QUERIES])
def test_a_query_is_served_by_its_index(database: Database, name: str, index: str, query: Callable[[Session], object]) -> None:
    with database.write() as db:
        if database.is_postgresql:
            # The tables are empty here, which a scan is good enough for.
            for kind in ("seqscan", "bitmapscan", "sort"):
                db.execute(text(f"SET LOCAL enable_{kind} = off"))
        with explained(database) as plans:
            query(db)
    assert index in plans[0]
