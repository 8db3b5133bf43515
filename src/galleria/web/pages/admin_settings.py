"""For Curators: what may be changed while the server runs, what the administrator decided before, and whether all is well."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from typing import ClassVar

import structlog
from fastapi import APIRouter, Request
from fastapi.responses import Response
from sqlalchemy import text

from galleria.gallery.actors import Role
from galleria.gallery.preferences.service import preferences, set_default_role
from galleria.gallery.workers.waiting import are_workers_there
from galleria.http.parts import Parts
from galleria.storage.contract import Area, key_for
from galleria.web.door import door_of
from galleria.web.forms import Sent
from galleria.web.page import Page, go, show
from galleria.web.pages.home import Choice, choices
from galleria.web.pages.profile import ROLES
from galleria.web.visitors import SignedIn

router = APIRouter()
log = structlog.stdlib.get_logger()


@dataclass(frozen=True)
class Health:
    words: str
    is_well: bool
    detail: str


@dataclass(frozen=True)
class SettingLine:
    variable: str
    value: str
    """As it may be seen: of a secret, whether it is set."""
    is_default: bool


@dataclass(frozen=True)
class SettingsPage(Page):
    template: ClassVar[str] = "admin_settings.html"
    section: ClassVar[str] = "admin"

    roles: Sequence[Choice]
    health: Sequence[Health]
    settings: Sequence[SettingLine]
    """Those that were changed first; empty where the server was started otherwise."""

    @property
    def title(self) -> str:
        return "Settings"


@router.get("/admin/settings")
def show_settings(request: Request, visitor: SignedIn) -> Response:
    visitor.actor.require(Role.CURATOR, "see the settings")
    parts = door_of(request).parts
    with parts.database.read() as db:
        role = preferences(db).default_role
    words = [(one.value, words) for one, words in ROLES.items() if one is not Role.EVALUATED]
    lines = [SettingLine(one.variable, one.value, one.is_default) for one in parts.in_force]
    return show(request, SettingsPage(choices(words, role.value), _health(parts), sorted(lines, key=lambda line: line.is_default)))


@router.post("/admin/settings")
def change_settings(request: Request, visitor: SignedIn, form: Sent) -> Response:
    visitor.actor.require(Role.CURATOR, "change the settings")
    role = form.text("role")
    if role in [one.value for one in Role]:
        with door_of(request).parts.database.write() as db:
            set_default_role(db, visitor.actor, Role(role))
    return go(request, "/admin/settings", "saved")


def _health(parts: Parts) -> list[Health]:
    def ask_database() -> str:
        with parts.database.read() as db:
            db.execute(text("SELECT 1"))
            return {"postgresql": "PostgreSQL", "sqlite": "SQLite"}.get(db.get_bind().dialect.name, "")

    def ask_storage() -> str:
        parts.storage.exists(key_for(Area.CONVERTED, "ready"))
        return ""

    found = [_asked("Database", ask_database), _asked("Storage", ask_storage)]
    with parts.database.read() as db:
        is_there = are_workers_there(db)
    found.append(Health("Workers", is_there, "" if is_there else "None is there: nothing runs until one starts."))
    return [*found, Health("Galleria", True, version("galleria"))]


def _asked(words: str, ask: Callable[[], str]) -> Health:
    try:
        return Health(words, True, ask())
    except Exception as error:
        # In whichever library's words: the page says that, the log of which kind.
        log.warning("not_well", of=words, reason=type(error).__name__)
        return Health(words, False, "It does not answer.")
