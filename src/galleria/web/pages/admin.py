"""For Curators: how the gallery is doing, its workers, its audit log, and what holds for all."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import ClassVar, cast

from fastapi import APIRouter, Request
from fastapi.responses import Response

from galleria.database.base import now
from galleria.gallery.actors import Role
from galleria.gallery.audit import service as audit
from galleria.gallery.audit.records import AuditEvent
from galleria.gallery.audit.service import AuditFilter, Event
from galleria.gallery.jobs.records import Disposition, Priority
from galleria.gallery.jobs.service import JobFilter, list_jobs
from galleria.gallery.jobs.statistics import Hour, Queue, last_day, queue_now
from galleria.gallery.pages import Page as Window
from galleria.gallery.preferences.service import preferences, set_default_role
from galleria.gallery.users.service import users_by_id
from galleria.gallery.workers.records import WorkerRecord
from galleria.gallery.workers.service import GONE_S, drain_worker, list_workers, pause_worker
from galleria.web.door import door_of
from galleria.web.forms import Sent
from galleria.web.lines import RunLine, run_lines
from galleria.web.page import Page, go, show
from galleria.web.pages.home import Choice, choices
from galleria.web.pages.profile import ROLES
from galleria.web.paging import Listing, listing, number_of, window
from galleria.web.visitors import SignedIn

router = APIRouter()

_RECENT = 8
ENTITIES = (
    "AppInfo",
    "User",
    "Subscription",
    "UserGroup",
    "Collection",
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
class OverviewPage(Page):
    template: ClassVar[str] = "admin.html"
    section: ClassVar[str] = "admin"

    queue: Queue
    hours: Sequence[Hour]
    most: int
    """Jobs of the busiest hour."""
    workers: Sequence[WorkerLine]
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
        return sum(hour.succeeded for hour in self.hours)

    @property
    def failed(self) -> int:
        return sum(hour.failed for hour in self.hours)


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

    @property
    def title(self) -> str:
        return "Audit log"


@dataclass(frozen=True)
class SettingsPage(Page):
    template: ClassVar[str] = "admin_settings.html"
    section: ClassVar[str] = "admin"

    roles: Sequence[Choice]

    @property
    def title(self) -> str:
        return "Settings"


@router.get("/admin")
def show_overview(request: Request, visitor: SignedIn) -> Response:
    visitor.actor.require(Role.CURATOR, "see the gallery's state")
    with door_of(request).parts.database.read() as db:
        hours = last_day(db, visitor.actor)
        failed = list_jobs(db, visitor.actor, _failures(), Window(0, _RECENT))
        page = OverviewPage(
            queue=queue_now(db, visitor.actor),
            hours=hours,
            most=max((hour.total for hour in hours), default=0) or 1,
            workers=[_worker(worker) for worker in list_workers(db, visitor.actor)],
            failures=run_lines(db, failed),
        )
    return show(request, page)


def _failures() -> JobFilter:
    return JobFilter(disposition=Disposition.ERROR, queued_since=now() - timedelta(days=7))


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
def show_audit(request: Request, visitor: SignedIn, entity: str = "", event: str = "", id: str = "", page: str = "") -> Response:  # noqa: A002
    number = number_of(page)
    wanted = AuditFilter(entity=entity[:40] or None, event=event[:40] or None, entity_id=id.strip()[:24] or None)
    with door_of(request).parts.database.read() as db:
        events = audit.audit_log(db, visitor.actor, wanted, window(number))
        users = users_by_id(db, [event.user_id for event in events if event.user_id])
        names = {user_id: user.full_name for user_id, user in users.items()}
        lines = [_event(event, names) for event in events]
    query = {"entity": entity, "event": event, "id": id}
    words = [("", "Everything"), *((name, name) for name in ENTITIES)]
    deeds = [("", "Every deed"), *((deed.value, deed.value) for deed in Event)]
    found = listing(lines, number, "/admin/audit", query)
    return show(request, AuditPage(found, choices(words, entity), choices(deeds, event), wanted.entity_id or ""))


def _event(event: AuditEvent, names: Mapping[str, str]) -> EventLine:
    return EventLine(
        at=event.at,
        who=names.get(event.user_id or "", "a studio's key" if event.subscription_id else "the server"),
        via=event.via,
        event=event.event,
        entity=event.entity,
        entity_id=event.entity_id,
        old=_values(event.old_values),
        new=_values(event.new_values),
    )


def _values(values: Mapping[str, object] | None) -> str:
    return ", ".join(f"{name}: {json.dumps(value, ensure_ascii=False)}" for name, value in values.items()) if values else ""


@router.get("/admin/settings")
def show_settings(request: Request, visitor: SignedIn) -> Response:
    visitor.actor.require(Role.CURATOR, "see the settings")
    with door_of(request).parts.database.read() as db:
        role = preferences(db).default_role
    words = [(one.value, words) for one, words in ROLES.items() if one is not Role.EVALUATED]
    return show(request, SettingsPage(choices(words, role.value)))


@router.post("/admin/settings")
def change_settings(request: Request, visitor: SignedIn, form: Sent) -> Response:
    visitor.actor.require(Role.CURATOR, "change the settings")
    role = form.text("role")
    if role in [one.value for one in Role]:
        with door_of(request).parts.database.write() as db:
            set_default_role(db, visitor.actor, Role(role))
    return go(request, "/admin/settings", "saved")
