"""What the published APIs share: a door is a mounted application with its own way to know callers and to write errors.

The same endpoints stand behind two doors, `/gallery/api` (OAuth1) and `/webapi` (bearer tokens). An endpoint asks its
request for the door, never for a concrete one.
"""

from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Protocol

from fastapi import Depends, FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from starlette.exceptions import HTTPException

from galleria.api.dialects import Dialect
from galleria.database.full import NO_ROOM, is_full
from galleria.errors import GalleriaError
from galleria.gallery.actors import Actor
from galleria.http.bodies import read_body
from galleria.http.heads import is_head
from galleria.http.origins import addresses
from galleria.http.parts import Parts
from galleria.http.statuses import status_for
from galleria.http.uploads import Upload, uploaded

_FORM = "application/x-www-form-urlencoded"
_MULTIPART = "multipart/form-data"


@dataclass(frozen=True)
class Received:
    """A request as it came, before anybody knows who sent it."""

    method: str
    query: str
    authorization: str
    content_type: str
    """In lower case, without parameters."""
    body: bytes
    """Empty for an upload, which its endpoint reads as it comes."""
    addresses: tuple[str, ...]
    """What the client may have typed, without the query."""

    @property
    def form(self) -> str:
        return self.body.decode("ascii", "replace") if self.content_type == _FORM else ""


class Reach(StrEnum):
    """Whose key opens an API."""

    STUDIO = "subscription api"
    USER = "user api"
    CURATOR = "admin api"


class Identify(Protocol):
    def __call__(self, received: Received, reach: Reach, unsigned: frozenset[str]) -> Actor:
        """Find out who is calling; UnauthorizedError if that is nobody, or somebody without this reach.

        `unsigned` names parameters that a client may have left out of its signature.
        """
        ...


@dataclass(frozen=True)
class Door:
    parts: Parts
    dialect: Dialect
    identify: Identify
    shape_error: Callable[[int, str], dict[str, object]]
    """Body of a failure, from status and message."""
    challenge: str
    """What a 401 names as the way to authenticate."""


def open_door(door: Door, title: str) -> FastAPI:
    """Make the application of a door, still without endpoints. It never redirects and answers every failure in its shape."""
    app = FastAPI(title=title, openapi_url=None, redirect_slashes=False)
    app.state.door = door

    def failed(status: int, message: str) -> Response:
        headers = {"WWW-Authenticate": door.challenge} if status == 401 else None
        return JSONResponse(door.shape_error(status, message), status, headers)

    async def on_own_error(_: Request, error: Exception) -> Response:
        assert isinstance(error, GalleriaError)
        return failed(status_for(error), error.message)

    async def on_http_error(_: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        answer = failed(error.status_code, error.detail)
        answer.headers.update(error.headers or {})
        return answer

    async def on_invalid(_: Request, error: Exception) -> Response:
        assert isinstance(error, RequestValidationError)
        problems = [f"{'.'.join(str(part) for part in problem['loc'][1:])}: {problem['msg']}" for problem in error.errors()]
        return failed(400, "; ".join(problems))

    async def on_fault(_: Request, error: Exception) -> Response:
        return failed(507, NO_ROOM) if is_full(error) else failed(500, "Something went wrong in the server; its log has the details.")

    app.add_exception_handler(GalleriaError, on_own_error)
    app.add_exception_handler(HTTPException, on_http_error)
    app.add_exception_handler(RequestValidationError, on_invalid)
    app.add_exception_handler(Exception, on_fault)
    return app


def door_of(request: Request) -> Door:
    door = request.app.state.door
    assert isinstance(door, Door)
    return door


async def receive(request: Request, door: Annotated[Door, Depends(door_of)]) -> Received:
    content_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    return Received(
        method="HEAD" if is_head(request.scope) else request.method,
        query=request.scope["query_string"].decode("latin-1"),
        authorization=request.headers.get("authorization", ""),
        content_type=content_type,
        body=b"" if content_type == _MULTIPART else await read_body(request, door.parts.limits.body_bytes),
        addresses=addresses(request.scope, door.parts.public),
    )


@dataclass(frozen=True)
class Caller:
    """A dependency that lets in whoever has the reach: `actor: Annotated[Actor, Depends(Caller(Reach.USER))]`."""

    reach: Reach
    unsigned: frozenset[str] = frozenset()

    def __call__(self, request: Request, door: Annotated[Door, Depends(door_of)], received: Annotated[Received, Depends(receive)]) -> Actor:
        actor = door.identify(received, self.reach, self.unsigned)
        # For the access log.
        request.state.user_id = actor.user_id
        return actor


Here = Annotated[Door, Depends(door_of)]
AsReceived = Annotated[Received, Depends(receive)]
Studio = Annotated[Actor, Depends(Caller(Reach.STUDIO))]
User = Annotated[Actor, Depends(Caller(Reach.USER))]
Curator = Annotated[Actor, Depends(Caller(Reach.CURATOR))]


async def _upload(request: Request, door: Here) -> AsyncGenerator[Upload]:
    limits = door.parts.limits
    async with uploaded(request, limits.upload_bytes, limits.free_disk_bytes) as upload:
        yield upload


Uploaded = Annotated[Upload, Depends(_upload)]
"""To be declared after the caller, so that nothing is read from strangers."""
