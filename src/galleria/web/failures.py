"""Failures as pages: what happened, in words, and the way on."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import ClassVar
from urllib.parse import quote

import structlog
from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from galleria.database.full import NO_ROOM, is_full
from galleria.errors import GalleriaError
from galleria.http.statuses import status_for
from galleria.web.page import Page, go, here, show
from galleria.web.visitors import SignInFirst, find_visitor

log = structlog.get_logger()

_HEADLINES: Mapping[int, str] = {
    400: "That did not work",
    401: "Sign in first",
    403: "This is not yours to do",
    404: "There is nothing here",
    405: "That cannot be done here",
    409: "Not at this moment",
    413: "That is too large",
    422: "Galleria does not do this",
    500: "Something went wrong on our side",
    507: "There is no room left",
}
_WORKFLOW = re.compile(r"/app/((?P<name>[^/?]{1,300})/)?(?P<id>[0-9a-f]{24})(?![^/?])")
_NOT_FOUND = "Either it never was, it was removed, or it is not shared with you."
_FAULT = "The server's log has the details; whoever runs this gallery can look them up by the time."


@dataclass(frozen=True)
class FailurePage(Page):
    template: ClassVar[str] = "failure.html"

    status: int
    headline: str
    reason: str
    ask_path: str = ""
    """Where the owner of what was not found can be asked for access, if there is one."""

    @property
    def title(self) -> str:
        return self.headline


def answer_failures(app: FastAPI) -> None:
    """Have every failure of the application answered with a page."""
    app.add_exception_handler(SignInFirst, _on_stranger)
    app.add_exception_handler(GalleriaError, _on_own_error)
    app.add_exception_handler(HTTPException, _on_http_error)
    app.add_exception_handler(RequestValidationError, _on_invalid)
    app.add_exception_handler(Exception, _on_fault)


def _failed(request: Request, status: int, reason: str) -> Response:
    headline = _HEADLINES.get(status) or HTTPStatus(status).phrase
    return show(request, FailurePage(status, headline, reason, _ask_path(request) if status == 404 else ""), status)


def _ask_path(request: Request) -> str:
    """The same for a workflow that is hidden and for one that never was."""
    workflow = _WORKFLOW.match(here(request)) if request.method == "GET" else None
    visitor = find_visitor(request) if workflow else None
    if workflow is None or visitor is None or not visitor.user_id:
        return ""
    return f"/app/{workflow['name'] or '-'}/{workflow['id']}/ask"


def _on_stranger(request: Request, error: Exception) -> Response:
    if request.method != "GET":
        return _failed(request, 401, "You are signed out, so nothing was done. Sign in and try again.")
    wanted = here(request)
    return go(request, "/sign-in" if wanted == "/" else f"/sign-in?next={quote(wanted, safe='')}")


def _on_own_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, GalleriaError)
    status = status_for(error)
    return _failed(request, status, _NOT_FOUND if status == 404 else sentence(error.message))


def _on_http_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    return _failed(request, error.status_code, _NOT_FOUND if error.status_code == 404 else sentence(error.detail))


def _on_invalid(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    names = ", ".join(str(problem["loc"][-1]) for problem in error.errors())
    return _failed(request, 400, f"The address is not one of ours: {names} makes no sense.")


def _on_fault(request: Request, error: Exception) -> Response:
    log.error("page_failed", method=request.method, kind=type(error).__name__)
    return _failed(request, 507, NO_ROOM) if is_full(error) else _failed(request, 500, _FAULT)


def sentence(text: str) -> str:
    """Write a message as a sentence of its own."""
    text = text.strip()
    return f"{text[:1].upper()}{text[1:]}{'' if text.endswith(('.', '!', '?')) else '.'}"
