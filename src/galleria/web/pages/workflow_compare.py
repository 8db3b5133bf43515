"""What changed between two versions of a workflow, tool by tool, in words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar, cast

from fastapi import APIRouter, Request
from fastapi.responses import Response

from galleria.errors import ForbiddenError, GalleriaError, InvalidError
from galleria.gallery.workflows import service as workflows
from galleria.gallery.workflows.access import get_workflow
from galleria.gallery.workflows.differences import differences_between
from galleria.gallery.workflows.records import Version
from galleria.web.door import door_of
from galleria.web.failures import sentence
from galleria.web.page import Page, show
from galleria.web.pages.home import Choice, choices
from galleria.web.pages.workflow_head import WorkflowHead, workflow_head
from galleria.web.visitors import SignedIn

router = APIRouter()


@dataclass(frozen=True)
class SettingChange:
    words: str
    before: str | None
    """None where it was not there."""
    after: str | None


@dataclass(frozen=True)
class ToolChange:
    tool_id: int
    name: str
    kind: str
    """`tool`, `macro`, `container` or `comment`."""
    label: str
    change: str
    """`added`, `removed` or `changed`."""
    settings: Sequence[SettingChange]
    more: int
    """Changes of settings that are left out."""


@dataclass(frozen=True)
class WireChange:
    change: str
    origin: str
    """`Filter (6), True`."""
    destination: str


@dataclass(frozen=True)
class ComparePage(Page):
    template: ClassVar[str] = "workflow_compare.html"
    section: ClassVar[str] = "workflows"

    head: WorkflowHead
    before: Sequence[Choice]
    """Numbers of versions, as the next."""
    after: Sequence[Choice]
    comments: str
    """What the author said of the later version."""
    published_at: datetime | None
    problem: str
    """Why nothing can be compared; empty where it can."""
    document: Sequence[SettingChange]
    tools: Sequence[ToolChange]
    wires: Sequence[WireChange]
    files: Sequence[tuple[str, str]]
    """Change and name of what else the package holds."""
    moved: int
    """Tools that lie elsewhere on the canvas."""
    left_out: int

    @property
    def title(self) -> str:
        return f"Changes of {self.head.name}"

    @property
    def is_same(self) -> bool:
        return not (self.problem or self.document or self.tools or self.wires or self.files)

    def count(self, change: str) -> int:
        return sum(tool.change == change for tool in self.tools)


@router.get("/app/{name}/{app_id}/versions/compare")
def compare(request: Request, visitor: SignedIn, app_id: str, before: str = "", after: str = "") -> Response:
    """`before` and `after` are numbers of versions: the published one and the one before it when they are not given."""
    parts = door_of(request).parts
    with parts.database.read() as db:
        workflow = get_workflow(db, visitor.actor, app_id)
        head = workflow_head(db, visitor, workflow, "versions")
        if not head.can_download:
            raise ForbiddenError("what is in its file is not shown: the owner does not let others download this workflow")
        versions = {version.number: version for version in workflows.versions_of(db, visitor.actor, app_id)}
    later = versions.get(_number(after) or workflow.published_number)
    earlier = versions.get(_number(before) or (later.number - 1 if later else 0))
    problem, found = "", cast("Mapping[str, Any]", {})
    if earlier is None or later is None:
        problem = "There is only one version so far." if len(versions) < 2 else "Choose two versions."
    else:
        try:
            found = differences_between(parts.storage, earlier, later)
        except GalleriaError as error:
            problem = sentence(error.message)
    return show(request, _page(head, versions, (earlier, later), found, problem))


def _number(text: str) -> int:
    if text and not (text.isascii() and text.isdigit() and len(text) < 9):
        raise InvalidError("a version is a whole number")
    return int(text or 0)


def _page(
    head: WorkflowHead,
    versions: Mapping[int, Version],
    compared: tuple[Version | None, Version | None],
    found: Mapping[str, Any],
    problem: str,
) -> ComparePage:
    earlier, later = compared
    words = [(str(number), f"Version {number}") for number in sorted(versions, reverse=True)]
    names = cast("Mapping[str, str]", found.get("names") or {})
    return ComparePage(
        head=head,
        before=choices(words, str(earlier.number) if earlier else ""),
        after=choices(words, str(later.number) if later else ""),
        comments=later.comments if later else "",
        published_at=later.created_at if later else None,
        problem=problem,
        document=_settings(found.get("document")),
        tools=[_tool(tool) for tool in cast("list[Mapping[str, Any]]", found.get("tools") or [])],
        wires=[_wire(wire, names) for wire in cast("list[Mapping[str, Any]]", found.get("wires") or [])],
        files=[(str(change), str(name)) for change, name in cast("list[list[str]]", found.get("files") or [])],
        moved=int(found.get("moved") or 0),
        left_out=int(found.get("left_out") or 0),
    )


def _settings(found: object) -> list[SettingChange]:
    return [SettingChange(str(words), before, after) for words, before, after in cast("list[list[Any]]", found or [])]


def _tool(found: Mapping[str, Any]) -> ToolChange:
    return ToolChange(
        tool_id=int(found["id"]),
        name=str(found["name"]),
        kind=str(found["kind"]),
        label=str(found["label"]),
        change=str(found["change"]),
        settings=_settings(found["settings"]),
        more=int(found["more"]),
    )


def _wire(found: Mapping[str, Any], names: Mapping[str, str]) -> WireChange:
    def end(tool: str, anchor: str) -> str:
        return f"{names.get(str(found[tool]), 'Tool')} ({found[tool]}), {found[anchor]}"

    return WireChange(str(found["change"]), end("from", "from_anchor"), end("to", "to_anchor"))
