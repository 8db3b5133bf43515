"""One box for everything: workflows, apps, macros, collections, schedules, connections, results and, for Curators, people.

Rights come before counting: totals and suggestions are of what the visitor may see.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain
from typing import ClassVar

from fastapi import APIRouter, Request
from fastapi.responses import Response
from sqlalchemy.orm import Session

from galleria.gallery.actors import Actor
from galleria.gallery.collections.service import list_collections
from galleria.gallery.connections.records import Origin
from galleria.gallery.connections.service import list_connections
from galleria.gallery.jobs.names import find_by_output
from galleria.gallery.jobs.records import Job
from galleria.gallery.jobs.service import JobFilter, find_job, list_jobs
from galleria.gallery.pages import Page as Window
from galleria.gallery.schedules.service import ScheduleFilter, list_schedules
from galleria.gallery.users.service import UserFilter, list_users
from galleria.gallery.workflows.records import PackageKind
from galleria.gallery.workflows.service import WorkflowFilter, find_matches
from galleria.web.door import door_of
from galleria.web.lines import RunLine, WorkflowLine, run_lines, workflow_lines
from galleria.web.page import Page, show
from galleria.web.suggestions import Suggestion, suggestions
from galleria.web.visitors import SignedIn

router = APIRouter()

_MOST = 10
_MOST_RUNS_EACH = 2
_KINDS = ((PackageKind.WORKFLOW, "workflow", "Workflows"), (PackageKind.APP, "app", "Apps"), (PackageKind.MACRO, "macro", "Macros"))


@dataclass(frozen=True)
class Found:
    path: str
    name: str
    detail: str


@dataclass(frozen=True)
class FoundKind:
    words: str
    found: Sequence[Found]
    has_more: bool


@dataclass(frozen=True)
class KindTotal:
    kind: str
    """As the first page's address names it."""
    words: str
    total: int


@dataclass(frozen=True)
class SearchPage(Page):
    template: ClassVar[str] = "search.html"

    search: str
    workflows: Sequence[WorkflowLine]
    totals: Sequence[KindTotal]
    """How many workflows, apps and macros there are; the first few of them are listed."""
    kinds: Sequence[FoundKind]
    """What else was found; kinds without any left out."""
    results: Sequence[RunLine]
    """The latest runs of what was found, and those with outputs of such a name."""
    outputs_total: int
    """How many names of outputs fit; no more than `MOST_COUNTED` are counted."""

    @property
    def title(self) -> str:
        return f"{self.search} - search" if self.search else "Search"

    @property
    def total(self) -> int:
        return sum(one.total for one in self.totals)


@dataclass(frozen=True)
class SuggestionsPage(Page):
    template: ClassVar[str] = "suggestions.html"

    search: str
    found: Sequence[Suggestion]

    @property
    def title(self) -> str:
        return "Suggestions"


@router.get("/search")
def search(request: Request, visitor: SignedIn, q: str = "") -> Response:
    text, actor = q.strip()[:200], visitor.actor
    if not text:
        return show(request, SearchPage("", (), (), (), (), 0))
    with door_of(request).parts.database.read() as db:
        matches = find_matches(db, actor, WorkflowFilter(anywhere=text), _MOST)
        named = find_by_output(db, actor, text, _MOST)
        page = SearchPage(
            search=text,
            workflows=workflow_lines(db, matches.workflows),
            totals=[KindTotal(kind, words, total) for one, kind, words in _KINDS if (total := matches.totals.get(one))],
            kinds=[_kind(words, found) for words, found in _others(db, actor, text) if found],
            results=run_lines(db, _results(db, actor, text, [workflow.id for workflow in matches.workflows], named.jobs)),
            outputs_total=named.total,
        )
    return show(request, page)


@router.get("/search/suggestions")
def suggest(request: Request, visitor: SignedIn, q: str = "") -> Response:
    """A part of a page: links to put below the box that somebody types into."""
    text = q.strip()[:200]
    with door_of(request).parts.database.read() as db:
        found = suggestions(db, visitor.actor, text) if text else ()
    return show(request, SuggestionsPage(text, found))


def _kind(words: str, found: Sequence[Found]) -> FoundKind:
    return FoundKind(words, found[:_MOST], len(found) > _MOST)


def _others(db: Session, actor: Actor, text: str) -> Sequence[tuple[str, Sequence[Found]]]:
    first = Window(0, _MOST + 1)
    place = "/admin/connections" if actor.is_curator else "/connections"
    found = [
        (
            "Collections",
            [Found(f"/collections/{one.id}", one.name, "") for one in list_collections(db, actor, first, search=text, made_by_people=True)],
        ),
        (
            "Schedules",
            [
                Found(f"/schedules/{one.id}", one.name or "a schedule", one.comment)
                for one in list_schedules(db, actor, ScheduleFilter(search=text), first)
            ],
        ),
        ("Connections", [Found(place, one.name, one.type) for one in list_connections(db, actor, Origin.SERVER, first, search=text)]),
    ]
    if actor.is_curator:
        people = list_users(db, actor, UserFilter(search=text), first)
        found.append(("Users", [Found(f"/admin/users/{one.id}", one.full_name, one.email) for one in people]))
    return found


def _results(db: Session, actor: Actor, text: str, workflow_ids: Sequence[str], named: Sequence[Job]) -> Sequence[Job]:
    """The run of this id, or the latest runs of each workflow and of each name: of a few at a time an index gives them."""
    if re.fullmatch("[0-9a-f]{24}", text.lower()):
        found = find_job(db, actor, text.lower())
        return [found] if found else []
    latest = [
        job for workflow_id in workflow_ids for job in list_jobs(db, actor, JobFilter(workflow_id=workflow_id), Window(0, _MOST_RUNS_EACH))
    ]
    by_seq = {job.seq: job for job in (*latest, *named)}
    # Half of them for either reason, where there are as many.
    shares = (sorted((job.seq for job in jobs), reverse=True)[: _MOST // 2] for jobs in (latest, named))
    first = dict.fromkeys(chain(*shares, sorted(by_seq, reverse=True)))
    return [by_seq[seq] for seq in sorted(list(first)[:_MOST], reverse=True)]
