"""The first page: everything that can be run, found by words, and what ran lately."""

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import ClassVar
from urllib.parse import urlencode

from fastapi import APIRouter, Request
from fastapi.responses import Response
from sqlalchemy.orm import Session

from galleria.gallery.collections.service import get_collection, list_collections
from galleria.gallery.districts.records import District
from galleria.gallery.districts.service import get_district, list_districts
from galleria.gallery.jobs.service import JobFilter, list_jobs
from galleria.gallery.pages import Page as Window
from galleria.gallery.subscriptions.records import Subscription
from galleria.gallery.subscriptions.service import subscriptions_by_id
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
SCOPE_WORDS = (("", "Everybody's"), ("mine", "Mine"), ("shared", "Shared with me"), ("studio", "My studio's"))
STATUS_WORDS = (("", "Whether it runs or not"), ("runs", "Runs here"), ("partly", "Cannot run to its end"))
_RECENT = 6
_MOST_COLLECTIONS = 100
_MOST_DISTRICTS = 8


@dataclass(frozen=True)
class Choice:
    value: str
    words: str
    is_chosen: bool


@dataclass(frozen=True)
class Chip:
    """A choice that came by a link."""

    value: str
    words: str
    without: str
    """The path and query of the page without it."""


@dataclass(frozen=True)
class DistrictCard:
    district_id: str
    title: str
    description: str
    """Markdown."""
    without: str
    """The path and query of the page without it."""


@dataclass(frozen=True)
class HomePage(Page):
    template: ClassVar[str] = "home.html"
    section: ClassVar[str] = "workflows"

    search: str
    kinds: Sequence[Choice]
    sorts: Sequence[Choice]
    scopes: Sequence[Choice]
    """Whose."""
    collections: Sequence[Choice]
    """Those that the visitor sees; empty where there are none."""
    statuses: Sequence[Choice]
    studio: Chip | None
    tag: Chip | None
    district: DistrictCard | None
    """The one that is looked through."""
    districts: Sequence[DistrictCard]
    """The first of all; shown where none was chosen."""
    has_more_districts: bool
    found: Listing[WorkflowLine]
    recent: Sequence[RunLine]
    can_publish: bool

    @property
    def title(self) -> str:
        if self.search:
            return f"{self.search} - search"
        return self.district.title if self.district else "Workflows"

    @property
    def is_narrowed(self) -> bool:
        """Whether words or choices leave something out."""
        choices = (self.kinds, self.scopes, self.statuses, self.collections)
        return bool(self.search or self.studio or self.tag or self.district) or any(some and not some[0].is_chosen for some in choices)


@dataclass(frozen=True)
class _Asked:
    """What the address asks for; odd values are as none."""

    q: str
    kind: str
    sort: str
    scope: str
    status: str
    collection: str
    studio: str
    tag: str
    district: str

    @property
    def query(self) -> dict[str, str]:
        return {**vars(self), "sort": self.sort if self.sort != "newest" else ""}

    def without(self, name: str) -> str:
        given = {word: value for word, value in self.query.items() if value and word != name}
        return f"/?{urlencode(given)}" if given else "/"


@router.get("/")
def home(request: Request, visitor: SignedIn, page: str = "") -> Response:
    asked = _asked(request)
    with door_of(request).parts.database.read() as db:
        studio = _studio(db, visitor, asked.studio)
        asked = replace(asked, studio=studio.id if studio else "")
        collections = list_collections(db, visitor.actor, Window(0, _MOST_COLLECTIONS), made_by_people=True)
        if asked.collection and asked.collection not in [one.id for one in collections]:
            collections = [*collections, get_collection(db, visitor.actor, asked.collection)]
        district = get_district(db, visitor.actor, asked.district) if asked.district else None
        districts = list_districts(db, visitor.actor) if district is None else ()
        found = _found(db, visitor, asked, number_of(page))
        recent = run_lines(db, list_jobs(db, visitor.actor, JobFilter(owner_id=visitor.user_id), Window(0, _RECENT)))
    names = [("", "In any collection"), *((one.id, one.name) for one in collections)]
    return show(
        request,
        HomePage(
            search=asked.q,
            kinds=choices(KIND_WORDS, asked.kind),
            sorts=choices(SORT_WORDS, asked.sort),
            scopes=choices(SCOPE_WORDS, asked.scope),
            collections=choices(names, asked.collection) if collections else (),
            statuses=choices(STATUS_WORDS, asked.status),
            studio=Chip(studio.id, studio.name, asked.without("studio")) if studio else None,
            tag=Chip(asked.tag, asked.tag, asked.without("tag")) if asked.tag else None,
            district=_district(district, asked) if district else None,
            districts=[_district(one, asked) for one in districts[:_MOST_DISTRICTS]],
            has_more_districts=len(districts) > _MOST_DISTRICTS,
            found=found,
            recent=recent,
            can_publish=visitor.is_artisan,
        ),
    )


def _district(found: District, asked: _Asked) -> DistrictCard:
    return DistrictCard(found.id, found.title, found.description, asked.without("district"))


def _studio(db: Session, visitor: Visitor, studio_id: str) -> Subscription | None:
    """Only Curators name studios other than their own."""
    is_known = visitor.is_curator or studio_id == visitor.actor.subscription_id
    return subscriptions_by_id(db, [studio_id]).get(studio_id) if studio_id and is_known else None


def _asked(request: Request) -> _Asked:
    given = request.query_params

    def one_of(name: str, known: Container[str], otherwise: str = "") -> str:
        return value if (value := given.get(name, otherwise)) in known else otherwise

    return _Asked(
        q=given.get("q", "").strip()[:200],
        kind=one_of("kind", KINDS),
        sort=one_of("sort", SORTS, "newest"),
        scope=one_of("scope", dict(SCOPE_WORDS)),
        status=one_of("status", dict(STATUS_WORDS)),
        collection=given.get("collection", "")[:24],
        studio=given.get("studio", "")[:24],
        tag=given.get("tag", "").strip()[:100],
        district=given.get("district", "")[:24],
    )


def choices(words: Sequence[tuple[str, str]], chosen: str) -> list[Choice]:
    return [Choice(value, text, value == chosen) for value, text in words]


def _found(db: Session, visitor: Visitor, asked: _Asked, number: int) -> Listing[WorkflowLine]:
    column, is_falling = SORTS[asked.sort]
    wanted = WorkflowFilter(
        anywhere=asked.q,
        kind=KINDS[asked.kind],
        owner_id=visitor.user_id if asked.scope == "mine" else None,
        shared_only=asked.scope == "shared",
        subscription_id=asked.studio or (visitor.actor.subscription_id if asked.scope == "studio" else None),
        collection_id=asked.collection or None,
        tag=asked.tag or None,
        district_id=asked.district or None,
        is_supported=None if not asked.status else asked.status == "runs",
    )
    rows = list_workflows(db, visitor.actor, wanted, window(number), column, descending=is_falling)
    total = count_workflows(db, visitor.actor, wanted)
    return listing(workflow_lines(db, rows), number, "/", asked.query, total)
