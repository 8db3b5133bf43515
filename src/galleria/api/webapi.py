"""The Web API's door at `/webapi`: bearer tokens, names for enums, failures as `message`."""

from functools import partial
from typing import Annotated

from fastapi import APIRouter, Depends
from fastapi.responses import JSONResponse, Response
from starlette.types import ASGIApp

from galleria.api.classic import subscription
from galleria.api.dialects import WEB
from galleria.api.doors import Door, Received, door_of, open_door, receive
from galleria.api.oauth2 import DENIED, answer_for_token, bearer_of
from galleria.http.cors import OpenToPages
from galleria.http.parts import Parts

MOUNT = "/webapi"

tokens = APIRouter()


def web_door(parts: Parts) -> ASGIApp:
    door = Door(parts, WEB, partial(bearer_of, parts.database), shape_error, "Bearer")
    app = open_door(door, "Web API")
    app.include_router(tokens)
    app.include_router(subscription.router)
    app.include_router(subscription.web_only)
    return OpenToPages(app)


def shape_error(status: int, message: str) -> dict[str, object]:
    """A 400 also names what was wrong member by member; here it is always the request as a whole."""
    if status == 401:
        return {"message": DENIED}
    return {"message": message, "modelState": {"request": [message]}} if status == 400 else {"message": message}


@tokens.post("/oauth2/token")
def give_token(door: Annotated[Door, Depends(door_of)], received: Annotated[Received, Depends(receive)]) -> Response:
    """Give a bearer token for a user's API access key and secret."""
    status, content = answer_for_token(door.parts.database, door.parts.limits.token_lifetime_s, received)
    return JSONResponse(content, status, {"Cache-Control": "no-store", "Pragma": "no-cache"})
