"""Districts, the parts of the gallery that curators lay out: to walk through, and, for Curators, to lay out."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from fastapi import APIRouter, Request
from fastapi.responses import Response

from galleria.gallery.actors import Role
from galleria.gallery.districts import service as districts
from galleria.gallery.districts.service import DistrictChange
from galleria.gallery.workflows.placing import counts_in_districts, districts_of, place_workflow
from galleria.gallery.workflows.service import WorkflowFilter, WorkflowSort, count_workflows, list_workflows
from galleria.web.door import door_of
from galleria.web.forms import Sent
from galleria.web.lines import WorkflowLine, workflow_lines
from galleria.web.page import Page, go, own_path, show
from galleria.web.paging import Listing, listing, number_of, window
from galleria.web.visitors import SignedIn, Visitor

router = APIRouter()


@dataclass(frozen=True)
class DistrictLine:
    district_id: str
    title: str
    description: str
    """Markdown."""
    is_active: bool
    workflows: int
    """Those that the visitor may see."""


@dataclass(frozen=True)
class DistrictsPage(Page):
    template: ClassVar[str] = "districts.html"
    section: ClassVar[str] = "workflows"

    districts: Sequence[DistrictLine]

    @property
    def title(self) -> str:
        return "Districts"


@dataclass(frozen=True)
class AdminDistrictsPage(Page):
    template: ClassVar[str] = "admin_districts.html"
    section: ClassVar[str] = "admin"

    districts: Sequence[DistrictLine]

    @property
    def title(self) -> str:
        return "Districts"


@dataclass(frozen=True)
class AdminDistrictPage(Page):
    template: ClassVar[str] = "admin_district.html"
    section: ClassVar[str] = "admin"

    district: DistrictLine
    longest: int
    workflows: Listing[WorkflowLine]

    @property
    def title(self) -> str:
        return self.district.title


@router.get("/districts")
def show_districts(request: Request, visitor: SignedIn) -> Response:
    return show(request, DistrictsPage(_lines(request, visitor)))


@router.get("/admin/districts")
def list_districts(request: Request, visitor: SignedIn) -> Response:
    visitor.actor.require(Role.CURATOR, "lay out districts")
    return show(request, AdminDistrictsPage(_lines(request, visitor)))


def _lines(request: Request, visitor: Visitor) -> list[DistrictLine]:
    with door_of(request).parts.database.read() as db:
        found = districts.list_districts(db, visitor.actor)
        counts = counts_in_districts(db, visitor.actor)
    return [DistrictLine(one.id, one.title, one.description, one.is_active, counts.get(one.id, 0)) for one in found]


@router.post("/admin/districts")
def create(request: Request, visitor: SignedIn, form: Sent) -> Response:
    with door_of(request).parts.database.write() as db:
        made = districts.create_district(db, visitor.actor, form.text("title", 300), form.text("description", districts.LONGEST))
    return go(request, f"/admin/districts/{made.id}", "created")


@router.get("/admin/districts/{district_id}")
def show_district(request: Request, visitor: SignedIn, district_id: str, page: str = "") -> Response:
    visitor.actor.require(Role.CURATOR, "lay out districts")
    number, wanted = number_of(page), WorkflowFilter(district_id=district_id)
    with door_of(request).parts.database.read() as db:
        found = districts.get_district(db, visitor.actor, district_id)
        total = count_workflows(db, visitor.actor, wanted)
        workflows = list_workflows(db, visitor.actor, wanted, window(number), WorkflowSort.NAME, descending=False)
        listed = listing(workflow_lines(db, workflows), number, f"/admin/districts/{district_id}", total=total)
    line = DistrictLine(found.id, found.title, found.description, found.is_active, total)
    return show(request, AdminDistrictPage(line, districts.LONGEST, listed))


@router.post("/admin/districts/{district_id}")
def change(request: Request, visitor: SignedIn, form: Sent, district_id: str) -> Response:
    wanted = DistrictChange(form.text("title", 300), form.text("description", districts.LONGEST), form.is_ticked("is_active"))
    with door_of(request).parts.database.write() as db:
        districts.change_district(db, visitor.actor, district_id, wanted)
    return go(request, f"/admin/districts/{district_id}", "saved")


@router.post("/admin/districts/{district_id}/delete")
def delete(request: Request, visitor: SignedIn, form: Sent, district_id: str) -> Response:
    with door_of(request).parts.database.write() as db:
        districts.delete_district(db, visitor.actor, district_id)
    return go(request, "/admin/districts", "deleted")


@router.post("/app/{name}/{app_id}/districts")
def place(request: Request, visitor: SignedIn, form: Sent, app_id: str) -> Response:
    """Put a workflow into the ticked districts and no others; or take it out of the one that `without` names."""
    visitor.actor.require(Role.CURATOR, "put workflows into districts")
    without = form.text("without", 24)
    with door_of(request).parts.database.write() as db:
        lies_in = [district.id for district in districts_of(db, visitor.actor, [app_id]).get(app_id, ())]
        wanted = [one for one in lies_in if one != without] if without else form.texts("district")
        place_workflow(db, visitor.actor, app_id, wanted)
    return go(request, own_path(form.text("back")), "removed" if without else "saved")
