"""What the pages work with, put together once by `app.py`; a page asks its request for it."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from jinja2 import Environment
from starlette.requests import Request

from galleria.http.askers import Throttle
from galleria.http.origins import gallery_url
from galleria.http.parts import Parts

if TYPE_CHECKING:
    from galleria.web.issuer import Issuer

MOUNT = "/gallery"
_WHILE_S = 15 * 60


@dataclass(frozen=True)
class Door:
    parts: Parts
    environment: Environment
    root: str
    """The path below which a browser finds the pages: `/gallery`, with a folder before it where a proxy adds one."""
    set_up_code: str
    """What somebody from elsewhere must know to make the first curator."""
    issuer: "Issuer | None" = None
    """Where people sign in who do not so here."""
    wrong_passwords: Throttle = field(default_factory=lambda: Throttle(100, _WHILE_S), compare=False, repr=False)
    """By address, above what the people of a whole office get wrong in a morning."""
    forgotten_passwords: Throttle = field(default_factory=lambda: Throttle(10, _WHILE_S), compare=False, repr=False)


def root_of(base_url: str | None) -> str:
    """Give the path of the gallery's public address."""
    return (urlsplit(base_url).path.rstrip("/") if base_url else "") or MOUNT


def door_of(request: Request) -> Door:
    door = request.app.state.door
    assert isinstance(door, Door)
    return door


def gallery_url_of(request: Request) -> str:
    """Give the gallery's address as clients are to type it: the configured one, else the one that this request was sent to."""
    return gallery_url(request.scope, door_of(request).parts.public)


def is_https(request: Request) -> bool:
    return gallery_url_of(request).startswith("https://")
