"""An output of a run, looked into: first rows, types, empty cells, what is frequent."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, cast

from fastapi import APIRouter, Request
from fastapi.responses import Response

from galleria.errors import InvalidError, TooLargeError, UnsupportedError
from galleria.gallery.jobs import service as jobs
from galleria.gallery.jobs.preview import preview_output
from galleria.gallery.workflows.service import workflows_by_id
from galleria.web.door import door_of
from galleria.web.failures import sentence
from galleria.web.page import Page, show
from galleria.web.visitors import SignedIn

router = APIRouter()


@dataclass(frozen=True)
class Bar:
    label: str
    count: int
    share: int
    """Of the longest bar, in percent."""


@dataclass(frozen=True)
class FieldLine:
    name: str
    type: str
    nulls: int
    distinct: int | None
    """About how many different values; None where nobody counted."""
    minimum: str
    maximum: str
    mean: str
    bars: Sequence[Bar]
    is_number: bool


@dataclass(frozen=True)
class OutputPage(Page):
    template: ClassVar[str] = "output.html"
    section: ClassVar[str] = "runs"

    job_id: str
    output_id: str
    name: str
    workflow_name: str
    formats: Sequence[str]
    problem: str
    """Why it cannot be looked into; empty where it can."""
    records: int
    fields: Sequence[FieldLine]
    rows: Sequence[Sequence[str | None]]
    """None for Null."""

    @property
    def title(self) -> str:
        return self.name


@router.get("/runs/{job_id}/outputs/{output_id}/look")
def look_into(request: Request, visitor: SignedIn, job_id: str, output_id: str) -> Response:
    parts = door_of(request).parts
    with parts.database.read() as db:
        output = jobs.get_output(db, visitor.actor, job_id, output_id)
        workflow = workflows_by_id(db, [jobs.get_job(db, visitor.actor, job_id).workflow_id])
    problem, found = "", cast("Mapping[str, Any]", {})
    try:
        found = preview_output(parts.storage, output)
    except (UnsupportedError, InvalidError, TooLargeError) as error:
        problem = sentence(error.message)
    with parts.database.write() as db:
        jobs.note_download(db, visitor.actor, job_id, output, "Preview")
    page = OutputPage(
        job_id=job_id,
        output_id=output_id,
        name=output.name,
        workflow_name=next((one.name for one in workflow.values()), ""),
        formats=[str(name) for name in output.formats],
        problem=problem,
        records=int(found.get("records") or 0),
        fields=[_field(field) for field in cast("list[Mapping[str, Any]]", found.get("fields") or [])],
        rows=cast("list[list[str | None]]", found.get("rows") or []),
    )
    return show(request, page, 200 if not problem else 422)


_NUMBERS = ("Byte", "Int16", "Int32", "Int64", "FixedDecimal", "Float", "Double")


def _field(field: Mapping[str, Any]) -> FieldLine:
    bars = [(str(label), int(count)) for label, count in cast("list[tuple[Any, Any]]", field.get("bars") or [])]
    longest = max((count for _, count in bars), default=0) or 1
    return FieldLine(
        name=str(field["name"]),
        type=str(field["type"]),
        nulls=int(field.get("nulls") or 0),
        distinct=field.get("distinct"),
        minimum=str(field.get("minimum") or ""),
        maximum=str(field.get("maximum") or ""),
        mean=str(field.get("mean") or ""),
        bars=[Bar(label, count, round(100 * count / longest)) for label, count in bars],
        is_number=field["type"] in _NUMBERS,
    )
