"""One box for everything: workflows, collections, schedules and, for Curators, people. Rights come before counting."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from fastapi import APIRouter, Request
from fastapi.responses import Response

from galleria.gallery.collections.service import list_collections
from galleria.gallery.pages import Page as Window
from galleria.gallery.schedules.service import ScheduleFilter, list_schedules
from galleria.gallery.users.service import UserFilter, list_users
from galleria.gallery.workflows.service import WorkflowFilter, WorkflowSort, count_workflows, list_workflows
from galleria.web.door import door_of
from galleria.web.lines import WorkflowLine, workflow_lines
from galleria.web.page import Page, show
from galleria.web.visitors import SignedIn

router = APIRouter()

_MOST = 10


@dataclass(frozen=True)
class Found:
    path: str
    name: str
    detail: str


@dataclass(frozen=True)
class SearchPage(Page):
    template: ClassVar[str] = "search.html"

    search: str
    workflows: Sequence[WorkflowLine]
    total: int
    """Of the workflows; the first few are listed."""
    kinds: Sequence[tuple[str, Sequence[Found]]]
    """What else was found, by kind; kinds without any left out."""

    @property
    def title(self) -> str:
        return f"{self.search} - search" if self.search else "Search"


@router.get("/search")
def search(request: Request, visitor: SignedIn, q: str = "") -> Response:
    text, actor, first = q.strip()[:200], visitor.actor, Window(0, _MOST)
    if not text:
        return show(request, SearchPage("", (), 0, ()))
    wanted = WorkflowFilter(anywhere=text)
    with door_of(request).parts.database.read() as db:
        workflows = workflow_lines(db, list_workflows(db, actor, wanted, first, WorkflowSort.RUN_COUNT))
        total = count_workflows(db, actor, wanted)
        collections = list_collections(db, actor, first, search=text)
        schedules = list_schedules(db, actor, ScheduleFilter(search=text), first)
        people = list_users(db, actor, UserFilter(search=text), first) if actor.is_curator else ()
    kinds = [
        ("Collections", [Found(f"/collections/{one.id}", one.name, "") for one in collections]),
        ("Schedules", [Found(f"/schedules/{one.id}", one.name or "a schedule", one.comment) for one in schedules]),
        ("Users", [Found(f"/admin/users/{one.id}", one.full_name, one.email) for one in people]),
    ]
    return show(request, SearchPage(text, workflows, total, [(kind, found) for kind, found in kinds if found]))
