"""The classic door at `/gallery/api`: OAuth1 signatures, numbers for enums, failures as objects of four keys."""

from functools import partial
from http import HTTPStatus

from starlette.types import ASGIApp

from galleria.api.classic import admin_v1, admin_v1_workflows, admin_v2, subscription, user_v2
from galleria.api.dialects import CLASSIC, Dialect
from galleria.api.doors import Door, open_door
from galleria.api.signed import signer_of
from galleria.http.cors import OpenToPages
from galleria.http.heads import AnswersHead
from galleria.http.parts import Parts

MOUNT = "/gallery/api"


def classic_door(parts: Parts, dialect: Dialect = CLASSIC) -> ASGIApp:
    door = Door(parts, dialect, partial(signer_of, parts.database, parts.limits.oauth_window_s), shape_error, 'OAuth realm="gallery"')
    app = open_door(door, "Gallery API")
    for shared in (subscription, user_v2, admin_v1, admin_v1_workflows, admin_v2):
        app.include_router(shared.router)
    app.include_router(subscription.classic_only)
    return OpenToPages(AnswersHead(app))


def shape_error(status: int, message: str) -> dict[str, object]:
    """`exceptionName` is as a .NET server would name it; only the one for 401 was seen in answers of a real server."""
    name = "".join(word.capitalize() for word in HTTPStatus(status).phrase.replace("-", " ").split())
    return {"data": None, "exceptionName": f"{name}Exception", "innerExceptionMessage": "", "message": message}
