"""An output of a run, looked into: first rows, types, empty cells, what is frequent."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, cast

from fastapi import APIRouter, Request
from fastapi.responses import Response

from galleria.errors import InvalidError, TooLargeError, UnsupportedError
from galleria.gallery.jobs import service as jobs
from galleria.gallery.jobs.framing import is_report
from galleria.gallery.jobs.preview import plot_output, preview_output
from galleria.gallery.jobs.records import JobOutput
from galleria.gallery.workflows.service import workflows_by_id
from galleria.storage.contract import Storage
from galleria.web.chart import Chart, chart_of
from galleria.web.door import door_of
from galleria.web.failures import sentence
from galleria.web.lines import other_formats
from galleria.web.map import MapDrawing, map_of
from galleria.web.page import Page, show
from galleria.web.pages.home import Choice, choices
from galleria.web.pages.report import show_report
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
class Plots:
    """What the plot's form offers and what is chosen in it."""

    kinds: Sequence[Choice]
    across: Sequence[Choice]
    """The fields of the first axis."""
    up: Sequence[Choice]
    """The fields of numbers; the first choice counts rows."""
    hows: Sequence[Choice]


@dataclass(frozen=True)
class OutputPage(Page):
    template: ClassVar[str] = "output.html"
    section: ClassVar[str] = "runs"

    job_id: str
    output_id: str
    name: str
    workflow_name: str
    formats: Sequence[str]
    """Other than the one that it was written in."""
    problem: str
    """Why it cannot be looked into; empty where it can."""
    records: int
    fields: Sequence[FieldLine]
    rows: Sequence[Sequence[str | None]]
    """None for Null."""
    chart: Chart | None
    """None until one is asked for."""
    map: MapDrawing | None
    """As `chart`, for the kind that is drawn on the earth."""
    chart_problem: str
    plots: Plots

    @property
    def title(self) -> str:
        return self.name


@router.get("/runs/{job_id}/outputs/{output_id}/look")
def look_into(
    request: Request, visitor: SignedIn, job_id: str, output_id: str, plot: str = "", x: str = "", y: str = "", how: str = ""
) -> Response:
    """Show the first rows; with `plot`, a plot of the fields `x` and `y` as well."""
    parts = door_of(request).parts
    with parts.database.read() as db:
        output = jobs.get_output(db, visitor.actor, job_id, output_id)
        workflow = workflows_by_id(db, [jobs.get_job(db, visitor.actor, job_id).workflow_id])
    if is_report(output):
        return show_report(request, visitor, job_id, output)
    problem, found = "", cast("Mapping[str, Any]", {})
    try:
        found = preview_output(parts.storage, output)
    except _WORDS as error:
        problem = sentence(error.message)
    fields = [_field(field) for field in cast("list[Mapping[str, Any]]", found.get("fields") or [])]
    wanted = _wanted(fields, plot, x, y, how)
    drawn, chart_problem = _plotted(parts.storage, output, fields, wanted) if plot and fields else (None, "")
    with parts.database.write() as db:
        jobs.note_download(db, visitor.actor, job_id, output, "Preview")
    page = OutputPage(
        job_id=job_id,
        output_id=output_id,
        name=output.name,
        workflow_name=next((one.name for one in workflow.values()), ""),
        formats=other_formats(output),
        problem=problem,
        records=int(found.get("records") or 0),
        fields=fields,
        rows=cast("list[list[str | None]]", found.get("rows") or []),
        chart=drawn if isinstance(drawn, Chart) else None,
        map=drawn if isinstance(drawn, MapDrawing) else None,
        chart_problem=chart_problem,
        plots=_plots(fields, wanted),
    )
    return show(request, page, 200 if not problem else 422)


def _wanted(fields: Sequence[FieldLine], kind: str, x: str, y: str, how: str) -> Mapping[str, str]:
    """What the form asks for; a kind that the field `x` does not fit takes the first that does."""
    kind = kind or ("map" if _across(fields, "map") else "bars")
    across = _across(fields, kind)
    return {"kind": kind, "x": x if x in across or not across else across[0], "y": y, "how": how}


def _across(fields: Sequence[FieldLine], kind: str) -> list[str]:
    return [field.name for field in fields if (field.type == _SPATIAL if kind == "map" else field.type not in _BINARY)]


def _plotted(
    storage: Storage, output: JobOutput, fields: Sequence[FieldLine], wanted: Mapping[str, str]
) -> tuple[Chart | MapDrawing | None, str]:
    """Give the plot, or why there is none."""
    try:
        found = plot_output(storage, output, wanted)
    except _WORDS as error:
        return None, sentence(error.message)
    if wanted["kind"] == "map":
        return map_of(found, f"{wanted['x']} by {wanted['y']}" if wanted["y"] else wanted["x"]), ""
    is_moment = any(field.name == wanted["x"] and field.type in _MOMENTS for field in fields)
    words = f"{wanted['how'] or 'count'} of {wanted['y'] or 'rows'} by {wanted['x']}"
    return chart_of(found, wanted["kind"], is_moment, words), ""


def _plots(fields: Sequence[FieldLine], wanted: Mapping[str, str]) -> Plots:
    numbers = [field.name for field in fields if field.is_number]
    kinds = [kind for kind in _KINDS if kind[0] != "map" or _across(fields, "map")]
    nothing = "one colour" if wanted["kind"] == "map" else "the rows"
    return Plots(
        kinds=choices(kinds, wanted["kind"]),
        across=choices([(name, name) for name in _across(fields, wanted["kind"])], wanted["x"]),
        up=choices([("", nothing), *((name, name) for name in numbers)], wanted["y"]),
        hows=choices(_HOWS, wanted["how"] or "count"),
    )


_WORDS = (UnsupportedError, InvalidError, TooLargeError)
"""Errors that are shown on the page itself."""
_KINDS = (("bars", "Bars"), ("line", "A line"), ("points", "Points"), ("map", "A map"))
_HOWS = (("count", "count"), ("sum", "sum"), ("mean", "mean"), ("minimum", "smallest"), ("maximum", "largest"))
_MOMENTS = ("Date", "DateTime")
_SPATIAL = "SpatialObj"
_BINARY = ("Blob", _SPATIAL)
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
