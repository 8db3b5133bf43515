"""The gallery's pages as an application mounted at `/gallery`, and what answers at the server's root.

Pages know callers by a cookie; every request that changes something carries the token of its form (`forms.py`). Every
answer carries the headers of `headers.py`; every failure is a page in words.
"""

import secrets
from typing import TYPE_CHECKING

import structlog
from fastapi import FastAPI
from fastapi.responses import RedirectResponse, Response
from starlette.types import ASGIApp

from galleria.errors import InvalidError
from galleria.gallery.sessions.first import is_empty
from galleria.http.parts import Parts
from galleria.web.assets import serve_asset
from galleria.web.door import MOUNT, Door, root_of
from galleria.web.failures import answer_failures
from galleria.web.headers import SecureHeaders
from galleria.web.pages import (
    admin,
    admin_jobs,
    admin_people,
    admin_secrets,
    admin_settings,
    admin_storage,
    admin_users,
    collections,
    comments,
    districts,
    forgotten,
    handbook,
    home,
    keys,
    output,
    own_secrets,
    profile,
    publish,
    report,
    requests,
    run_form,
    runs,
    schedules,
    search,
    set_up,
    shared,
    sign_in,
    single_sign_on,
    theme,
    triggers,
    workflow,
    workflow_compare,
    workflow_manage,
    workflow_sharing,
)
from galleria.web.rendering import environment
from galleria.web.tolerance import Tolerant

if TYPE_CHECKING:
    from galleria.web.issuer import Issuer

log = structlog.get_logger()

FAMILIES = (
    set_up,
    sign_in,
    single_sign_on,
    forgotten,
    theme,
    home,
    districts,
    search,
    publish,
    run_form,
    schedules,
    triggers,
    workflow,
    workflow_compare,
    workflow_manage,
    workflow_sharing,
    runs,
    output,
    report,
    shared,
    collections,
    comments,
    requests,
    profile,
    keys,
    own_secrets,
    admin,
    admin_jobs,
    admin_storage,
    admin_settings,
    admin_users,
    admin_people,
    admin_secrets,
    handbook,
)


SECRET_PATHS = (f"{MOUNT}/sign-in/", f"{MOUNT}/shared/")
"""Beginnings of addresses that let in whoever has them; no log may tell their rest."""


def attach(app: FastAPI, parts: Parts) -> None:
    """Mount the pages into the server's application, after everything else that lies below `/gallery`."""

    def to_pages() -> Response:
        return RedirectResponse(f"{root_of(parts.public.base_url)}/", 303)

    app.add_api_route("/", to_pages)
    app.add_api_route(MOUNT, to_pages)
    app.mount(MOUNT, pages(parts))


def pages(parts: Parts) -> ASGIApp:
    """Make the application of the pages alone."""
    root = root_of(parts.public.base_url)
    app = FastAPI(title="Galleria", openapi_url=None, redirect_slashes=False)
    app.state.door = Door(parts, environment(root), root, secrets.token_hex(8), _issuer(parts))
    _say_how_to_begin(app.state.door)
    for family in FAMILIES:
        app.include_router(family.router)
    app.add_api_route("/static/{version}/{path:path}", serve_asset)
    answer_failures(app)
    return SecureHeaders(Tolerant(app))


def _issuer(parts: Parts) -> "Issuer | None":
    if parts.sign_on is None:
        return None
    try:
        from galleria.web.issuer import Issuer
    except ImportError as error:
        raise InvalidError("GALLERIA_OIDC_ISSUER is set, but Authlib is not installed: install galleria with its extra sso") from error
    return Issuer(parts.sign_on)


def _say_how_to_begin(door: Door) -> None:
    """Tell whoever reads the log how the first curator is made; the code is of no use once there is one."""
    with door.parts.database.read() as db:
        if is_empty(db):
            log.warning("nobody_is_here_yet", begin_at=f"{door.root}/set-up?code={door.set_up_code}")
