"""The Web API's door at `/webapi`: bearer tokens, names for enums, failures as `message`."""

from functools import partial

from fastapi import APIRouter
from fastapi.responses import JSONResponse, Response
from starlette.types import ASGIApp

from galleria.api.classic import admin_v1, admin_v1_workflows, admin_v2, subscription, user_v2
from galleria.api.dialects import WEB
from galleria.api.doors import AsReceived, Door, Here, open_door
from galleria.api.oauth2 import DENIED, answer_for_token, bearer_of
from galleria.api.v3 import live, triggers, users, workflows
from galleria.http.cors import OpenToPages
from galleria.http.heads import AnswersHead
from galleria.http.parts import Parts

MOUNT = "/webapi"

tokens = APIRouter()


def web_door(parts: Parts) -> ASGIApp:
    door = Door(parts, WEB, partial(bearer_of, parts.database), shape_error, "Bearer")
    app = open_door(door, "Web API")
    app.include_router(tokens)
    for shared in (subscription, user_v2, admin_v1, admin_v1_workflows, admin_v2, workflows, users, live, triggers):
        app.include_router(shared.router)
    app.include_router(subscription.web_only)
    return OpenToPages(AnswersHead(app))


def shape_error(status: int, message: str) -> dict[str, object]:
    """A 400 also names what was wrong member by member; here it is always the request as a whole."""
    if status == 401:
        return {"message": DENIED}
    return {"message": message, "modelState": {"request": [message]}} if status == 400 else {"message": message}


@tokens.post("/oauth2/token")
def give_token(door: Here, received: AsReceived) -> Response:
    """Give a bearer token for a user's API access key and secret."""
    status, content = answer_for_token(door.parts.database, door.parts.limits.token_lifetime_s, received)
    return JSONResponse(content, status, {"Cache-Control": "no-store", "Pragma": "no-cache"})
