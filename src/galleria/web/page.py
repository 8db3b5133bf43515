"""The contract of a page, and how one becomes an answer.

A page is a frozen dataclass of what is shown, and a template that uses its fields as `page.…`. Around it lies the frame:
who is signed in, where in the gallery the page is, what was just done.
"""

import secrets
from dataclasses import dataclass
from datetime import UTC, tzinfo
from typing import ClassVar

from fastapi.responses import HTMLResponse, RedirectResponse
from starlette.requests import Request
from starlette.responses import Response

from galleria.web import cookies
from galleria.web.door import door_of
from galleria.web.forms import token_for
from galleria.web.notices import NOTICES
from galleria.web.visitors import Visitor, find_visitor

THEMES = ("light", "dark")


class Page:
    """Subclasses are frozen dataclasses."""

    template: ClassVar[str]
    section: ClassVar[str] = ""
    """Which part of the navigation is marked: `workflows`, `runs`, `admin` ..."""

    @property
    def title(self) -> str:
        """What the browser shows as the page's name."""
        raise NotImplementedError


@dataclass(frozen=True)
class Frame:
    title: str
    section: str
    visitor: Visitor | None
    csrf: str
    """The token of this page's forms."""
    theme: str
    """`light`, `dark`, or empty for what the system prefers."""
    notice: str
    """What was just done, in words; mostly empty."""
    zone: tzinfo
    here: str
    """This page's own path below the root, with its query, to come back to."""


def show(request: Request, page: Page, status: int = 200, *, is_secret: bool = False) -> Response:
    """Render a page; one that shows a secret is kept by nobody."""
    visit = request.cookies.get(cookies.VISIT, "") or secrets.token_urlsafe(24)
    frame = _frame(request, page, visit)
    html = door_of(request).environment.get_template(page.template).render(page=page, frame=frame)
    response = HTMLResponse(html, status, {"Cache-Control": "no-store"} if is_secret else None)
    if not request.cookies.get(cookies.VISIT):
        cookies.put(request, response, cookies.VISIT, visit)
    if frame.notice:
        cookies.drop(request, response, cookies.NOTICE)
    return response


def _frame(request: Request, page: Page, visit: str) -> Frame:
    visitor = find_visitor(request)
    theme = request.cookies.get(cookies.THEME, "")
    return Frame(
        title=page.title,
        section=page.section,
        visitor=visitor,
        csrf=token_for(request.cookies.get(cookies.SESSION, ""), visit),
        theme=theme if theme in THEMES else "",
        notice=NOTICES.get(request.cookies.get(cookies.NOTICE, ""), ""),
        zone=visitor.zone if visitor else UTC,
        here=here(request),
    )


def here(request: Request) -> str:
    """Give the path of a page below the root, with its query."""
    path = request.url.path.removeprefix(request.scope.get("root_path", ""))
    return f"{path or '/'}{f'?{request.url.query}' if request.url.query else ''}"


def go(request: Request, path: str, notice: str = "") -> Response:
    """Send the browser on to a page of ours, which says `notice`, one of NOTICES."""
    response = RedirectResponse(f"{door_of(request).root}{own_path(path)}", 303)
    if notice:
        assert notice in NOTICES, notice
        cookies.put(request, response, cookies.NOTICE, notice, 60)
    return response


def own_path(path: str) -> str:
    """Give a path back that leads to a page of ours below the root; the first page for any other."""
    is_ours = path.startswith("/") and not path.startswith(("//", "/\\")) and path.isprintable() and "\\" not in path
    return path if is_ours else "/"
