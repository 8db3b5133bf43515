"""For Curators: how the gallery is doing, its workers, its audit log."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import ClassVar, cast

from fastapi import APIRouter, Request
from fastapi.responses import Response
from sqlalchemy.orm import Session

from galleria.database.base import now
from galleria.errors import InvalidError
from galleria.gallery.actors import Role
from galleria.gallery.audit import service as audit
from galleria.gallery.audit.records import AuditEvent
from galleria.gallery.audit.service import AuditFilter, Event
from galleria.gallery.jobs.records import Priority
from galleria.gallery.jobs.statistics import SPANS, Failing, Queue, Stretch, failing, last_failures, over_time, queue_now
from galleria.gallery.users.service import find_by_email, users_by_id
from galleria.gallery.workers.records import WorkerRecord
from galleria.gallery.workers.service import GONE_S, drain_worker, list_workers, pause_worker
from galleria.gallery.workflows.service import workflows_by_id
from galleria.web.days import moment_of
from galleria.web.door import door_of
from galleria.web.failures import sentence
from galleria.web.forms import Sent
from galleria.web.lines import RunLine, app_path, run_lines
from galleria.web.page import Page, go, show
from galleria.web.pages.home import Choice, choices
from galleria.web.paging import Listing, listing, number_of, window
from galleria.web.visitors import SignedIn
from galleria.web.words import moment

router = APIRouter()

_RECENT = 8
SPAN_WORDS = (("day", "24 hours"), ("week", "7 days"), ("month", "30 days"))
ENTITIES = (
    "AppInfo",
    "User",
    "Subscription",
    "UserGroup",
    "Collection",
    "District",
    "Schedule",
    "Credential",
    "DataConnection",
    "Job",
    "ApiKey",
    "Trigger",
    "Worker",
)


@dataclass(frozen=True)
class WorkerLine:
    worker_id: str
    name: str
    tags: Sequence[str]
    runs_unassigned: bool
    slots: int
    busy: int
    """How many of its slots are taken."""
    seen_at: datetime
    is_gone: bool
    is_paused: bool
    is_drained: bool
    """Ends once its jobs are over."""
    least_priority: str
    """The least urgent jobs that it takes; empty for all."""


@dataclass(frozen=True)
class FailingLine:
    name: str
    path: str
    failed: int
    total: int


@dataclass(frozen=True)
class OverviewPage(Page):
    template: ClassVar[str] = "admin.html"
    section: ClassVar[str] = "admin"

    queue: Queue
    spans: Sequence[Choice]
    stretches: Sequence[Stretch]
    """Of the span that is chosen."""
    most: int
    """Jobs of the busiest part."""
    workers: Sequence[WorkerLine]
    failing: Sequence[FailingLine]
    failures: Sequence[RunLine]

    @property
    def title(self) -> str:
        return "Admin"

    @property
    def present(self) -> int:
        """Workers that are there."""
        return sum(not worker.is_gone for worker in self.workers)

    @property
    def succeeded(self) -> int:
        return sum(part.succeeded for part in self.stretches)

    @property
    def failed(self) -> int:
        return sum(part.failed for part in self.stretches)

    @property
    def span(self) -> str:
        """`24 hours`, `7 days` ..."""
        return next(words for choice in self.spans for words in [choice.words] if choice.is_chosen)

    @property
    def mean_wait_s(self) -> float:
        started = sum(part.started for part in self.stretches)
        return sum(part.waited_s for part in self.stretches) / started if started else 0.0

    @property
    def longest_wait_s(self) -> float:
        return max(part.longest_wait_s for part in self.stretches)

    @property
    def most_wait_s(self) -> float:
        """Of the parts' means; never nothing, to be divided by."""
        return max(part.mean_wait_s for part in self.stretches) or 1.0


@dataclass(frozen=True)
class WorkersPage(Page):
    template: ClassVar[str] = "admin_workers.html"
    section: ClassVar[str] = "admin"

    workers: Sequence[WorkerLine]

    @property
    def title(self) -> str:
        return "Workers"


@dataclass(frozen=True)
class EventLine:
    at: datetime
    who: str
    via: str
    event: str
    entity: str
    entity_id: str
    old: str
    """JSON; empty where there is none, as the next."""
    new: str


@dataclass(frozen=True)
class AuditPage(Page):
    template: ClassVar[str] = "admin_audit.html"
    section: ClassVar[str] = "admin"

    events: Listing[EventLine]
    entities: Sequence[Choice]
    deeds: Sequence[Choice]
    entity_id: str
    email: str
    """Whose deeds are shown; empty for everybody's."""
    since: str
    """Dates, as the next; empty for all time."""
    until: str
    problem: str

    @property
    def title(self) -> str:
        return "Audit log"


@router.get("/admin")
def show_overview(request: Request, visitor: SignedIn, span: str = "") -> Response:
    visitor.actor.require(Role.CURATOR, "see the gallery's state")
    span = span if span in SPANS else "day"
    with door_of(request).parts.database.read() as db:
        stretches = over_time(db, visitor.actor, SPANS[span])
        page = OverviewPage(
            queue=queue_now(db, visitor.actor),
            spans=choices(SPAN_WORDS, span),
            stretches=stretches,
            most=max(part.total for part in stretches) or 1,
            workers=[_worker(worker) for worker in list_workers(db, visitor.actor)],
            failing=_failing(db, failing(db, visitor.actor, SPANS[span])),
            failures=run_lines(db, last_failures(db, visitor.actor, _RECENT)),
        )
    return show(request, page)


def _failing(db: Session, found: Sequence[Failing]) -> list[FailingLine]:
    workflows = workflows_by_id(db, [one.workflow_id for one in found])
    named = [(one, workflows[one.workflow_id]) for one in found if one.workflow_id in workflows]
    return [FailingLine(workflow.name, app_path(workflow.name, workflow.id), one.failed, one.total) for one, workflow in named]


@router.get("/admin/workers")
def show_workers(request: Request, visitor: SignedIn) -> Response:
    with door_of(request).parts.database.read() as db:
        workers = [_worker(worker) for worker in list_workers(db, visitor.actor)]
    return show(request, WorkersPage(workers))


@router.post("/admin/workers/{worker_id}")
def change_worker(request: Request, visitor: SignedIn, form: Sent, worker_id: str) -> Response:
    with door_of(request).parts.database.write() as db:
        if form.text("deed") == "drain":
            drain_worker(db, visitor.actor, worker_id)
        else:
            pause_worker(db, visitor.actor, worker_id, paused=form.text("deed") == "pause")
    return go(request, "/admin/workers", "saved")


def _worker(record: WorkerRecord) -> WorkerLine:
    doing = record.doing or {}
    jobs = doing.get("jobs")
    return WorkerLine(
        worker_id=record.id,
        name=record.name,
        tags=[str(tag) for tag in record.tags],
        runs_unassigned=record.runs_unassigned,
        slots=record.slots,
        busy=len(cast("Mapping[str, object]", jobs)) if isinstance(jobs, Mapping) else 0,
        seen_at=record.seen_at,
        is_gone=(now() - record.seen_at).total_seconds() > GONE_S,
        is_paused=record.is_paused,
        is_drained=record.is_drained,
        least_priority=Priority(record.least_priority).name.capitalize() if record.least_priority else "",
    )


@router.get("/admin/audit")
def show_audit(request: Request, visitor: SignedIn, page: str = "") -> Response:
    given, number, problem = request.query_params, number_of(page), ""
    names = ("entity", "event", "id", "email", "since", "until")
    query = {name: given.get(name, "").strip()[:100] for name in names}
    with door_of(request).parts.database.read() as db:
        user = find_by_email(db, query["email"]) if query["email"] else None
        try:
            wanted = AuditFilter(
                entity=query["entity"] or None,
                event=query["event"] or None,
                entity_id=query["id"][:24] or None,
                user_id=(user.id if user else "nobody") if query["email"] else None,
                since=moment_of(query["since"], visitor.zone),
                until=moment_of(query["until"], visitor.zone, end=True),
            )
        except InvalidError as error:
            wanted, problem = AuditFilter(), sentence(error.message)
        events = audit.audit_log(db, visitor.actor, wanted, window(number))
        users = users_by_id(db, [event.user_id for event in events if event.user_id])
        lines = [_event(event, {user_id: user.full_name for user_id, user in users.items()}, visitor.zone) for event in events]
    words = [("", "Everything"), *((name, name) for name in ENTITIES)]
    deeds = [("", "Every action"), *((deed.value, deed.value) for deed in Event)]
    shown = AuditPage(
        events=listing(lines, number, "/admin/audit", query),
        entities=choices(words, query["entity"]),
        deeds=choices(deeds, query["event"]),
        entity_id=query["id"],
        email=query["email"],
        since=query["since"],
        until=query["until"],
        problem=problem,
    )
    return show(request, shown, 400 if problem else 200)


def _event(event: AuditEvent, names: Mapping[str, str], zone: tzinfo) -> EventLine:
    return EventLine(
        at=event.at,
        who=names.get(event.user_id or "", "a studio's key" if event.subscription_id else "the server"),
        via=event.via,
        event=event.event,
        entity=event.entity,
        entity_id=event.entity_id,
        old=_values(event.old_values, zone),
        new=_values(event.new_values, zone),
    )


def _values(values: Mapping[str, object] | None, zone: tzinfo) -> str:
    return ", ".join(f"{name}: {_value(value, zone)}" for name, value in (values or {}).items())


_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?[+-]\d\d:\d\d")


def _value(value: object, zone: tzinfo) -> str:
    if isinstance(value, str) and _MOMENT.fullmatch(value):
        return moment(datetime.fromisoformat(value), zone)
    return json.dumps(value, ensure_ascii=False)
