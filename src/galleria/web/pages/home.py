"""The first page: everything that can be run, found by words, and what ran lately."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from fastapi import APIRouter, Request
from fastapi.responses import Response
from sqlalchemy.orm import Session

from galleria.gallery.jobs.service import JobFilter, list_jobs
from galleria.gallery.pages import Page as Window
from galleria.gallery.workflows.records import PackageKind
from galleria.gallery.workflows.service import WorkflowFilter, WorkflowSort, count_workflows, list_workflows
from galleria.web.door import door_of
from galleria.web.lines import RunLine, WorkflowLine, run_lines, workflow_lines
from galleria.web.page import Page, show
from galleria.web.paging import Listing, listing, number_of, window
from galleria.web.visitors import SignedIn, Visitor

router = APIRouter()

KINDS: Mapping[str, PackageKind | None] = {
    "": None,
    "workflow": PackageKind.WORKFLOW,
    "app": PackageKind.APP,
    "macro": PackageKind.MACRO,
}
KIND_WORDS = (("", "Everything"), ("workflow", "Workflows"), ("app", "Apps"), ("macro", "Macros"))
SORTS: Mapping[str, tuple[WorkflowSort, bool]] = {
    "newest": (WorkflowSort.UPLOAD_DATE, True),
    "name": (WorkflowSort.NAME, False),
    "runs": (WorkflowSort.RUN_COUNT, True),
}
SORT_WORDS = (("newest", "Newest first"), ("name", "By name"), ("runs", "Most run"))
_RECENT = 6


@dataclass(frozen=True)
class Choice:
    value: str
    words: str
    is_chosen: bool


@dataclass(frozen=True)
class HomePage(Page):
    template: ClassVar[str] = "home.html"
    section: ClassVar[str] = "workflows"

    search: str
    kinds: Sequence[Choice]
    sorts: Sequence[Choice]
    is_mine: bool
    found: Listing[WorkflowLine]
    recent: Sequence[RunLine]
    can_publish: bool

    @property
    def title(self) -> str:
        return f"{self.search} - search" if self.search else "Workflows"

    @property
    def is_narrowed(self) -> bool:
        """Whether words or choices leave something out."""
        return bool(self.search) or self.is_mine or not self.kinds[0].is_chosen


@router.get("/")
def home(
    request: Request, visitor: SignedIn, q: str = "", kind: str = "", sort: str = "newest", mine: str = "", page: str = ""
) -> Response:
    kind, sort = kind if kind in KINDS else "", sort if sort in SORTS else "newest"
    wanted = WorkflowFilter(anywhere=q.strip()[:200], kind=KINDS[kind], owner_id=visitor.user_id if mine else None)
    query = {"q": wanted.anywhere, "kind": kind, "sort": sort if sort != "newest" else "", "mine": "1" if mine else ""}
    with door_of(request).parts.database.read() as db:
        found = _found(db, visitor, wanted, sort, query, number_of(page))
        recent = run_lines(db, list_jobs(db, visitor.actor, JobFilter(owner_id=visitor.user_id), Window(0, _RECENT)))
    return show(
        request,
        HomePage(
            search=wanted.anywhere,
            kinds=choices(KIND_WORDS, kind),
            sorts=choices(SORT_WORDS, sort),
            is_mine=bool(mine),
            found=found,
            recent=recent,
            can_publish=visitor.is_artisan,
        ),
    )


def choices(words: Sequence[tuple[str, str]], chosen: str) -> list[Choice]:
    return [Choice(value, text, value == chosen) for value, text in words]


def _found(
    db: Session, visitor: Visitor, wanted: WorkflowFilter, sort: str, query: Mapping[str, str], number: int
) -> Listing[WorkflowLine]:
    column, is_falling = SORTS[sort]
    rows = list_workflows(db, visitor.actor, wanted, window(number), column, descending=is_falling)
    total = count_workflows(db, visitor.actor, wanted)
    return listing(workflow_lines(db, rows), number, "/", query, total)
