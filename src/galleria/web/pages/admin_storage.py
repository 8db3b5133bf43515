"""For Curators: what the gallery holds, how long it keeps what, what would go now, and the button that lets it go."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from fastapi import APIRouter, Request
from fastapi.responses import Response

from galleria.gallery.actors import Role
from galleria.gallery.retention.holdings import Holding, holdings
from galleria.gallery.retention.service import Policy, Removed, sweep, what_would_go
from galleria.web.door import door_of
from galleria.web.forms import Sent
from galleria.web.page import Page, go, show
from galleria.web.visitors import SignedIn

router = APIRouter()

_LONGEST_S = 10.0
"""That one press of the button works; what is left goes with the next, or when the workers tidy up."""


@dataclass(frozen=True)
class Rule:
    words: str
    setting: str
    value: str
    """In words."""


@dataclass(frozen=True)
class StoragePage(Page):
    template: ClassVar[str] = "admin_storage.html"
    section: ClassVar[str] = "admin"

    holdings: Sequence[Holding]
    rules: Sequence[Rule]
    would_go: Removed
    keeps_everything: bool

    @property
    def title(self) -> str:
        return "Storage"


@router.get("/admin/storage")
def show_storage(request: Request, visitor: SignedIn) -> Response:
    visitor.actor.require(Role.CURATOR, "see what is stored")
    parts = door_of(request).parts
    with parts.database.read() as db:
        page = StoragePage(
            holdings=holdings(db, visitor.actor),
            rules=_rules(parts.keeps),
            would_go=what_would_go(db, parts.keeps),
            keeps_everything=not (parts.keeps.jobs_days or parts.keeps.jobs_each or parts.keeps.outputs_days or parts.keeps.audit_days),
        )
    return show(request, page)


@router.post("/admin/storage")
def clean(request: Request, visitor: SignedIn, form: Sent) -> Response:
    visitor.actor.require(Role.CURATOR, "remove what is kept no longer")
    parts = door_of(request).parts
    until = time.monotonic() + _LONGEST_S
    for _ in sweep(parts.database, parts.storage, parts.keeps, visitor.actor):
        if time.monotonic() > until:
            return go(request, "/admin/storage", "cleaned-partly")
    return go(request, "/admin/storage", "cleaned")


def _rules(policy: Policy) -> list[Rule]:
    return [
        Rule("Runs with messages and outputs", "GALLERIA_KEEP_JOBS_DAYS", _days(policy.jobs_days)),
        Rule("Runs of each workflow", "GALLERIA_KEEP_JOBS_EACH", f"the last {policy.jobs_each:,}" if policy.jobs_each else "all of them"),
        Rule("Outputs alone", "GALLERIA_KEEP_OUTPUTS_DAYS", _days(policy.outputs_days)),
        Rule("The audit log", "GALLERIA_KEEP_AUDIT_DAYS", _days(policy.audit_days)),
        Rule("Copies in other formats, previews", "GALLERIA_KEEP_CONVERTED_DAYS", _days(policy.converted_days)),
    ]


def _days(days: float) -> str:
    return "for ever" if not days else "for 1 day" if days == 1 else f"for {days:g} days"
