"""Paths of the published APIs in any letter case, with doubled slashes, with or without a slash at the end.

The path is rewritten before routing and never answered with a redirect: a redirect would void an OAuth1
signature and turn a POST into a GET. `raw_path` stays as the client sent it, because that is what was signed.
Below the given mounts every path is lower case (routes, and ids of hex digits); other paths pass untouched.
"""

import re

from starlette.types import ASGIApp, Receive, Scope, Send

_SLASHES = re.compile("/{2,}")
_CONTROLS = re.compile("[\x00-\x1f\x7f]")
"""In no name or id, but routes and databases stumble over some of them."""


class LenientPaths:
    def __init__(self, app: ASGIApp, mounts: tuple[str, ...]) -> None:
        self._app = app
        self._mounts = mounts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            path = plain_path(scope["path"])
            if path.startswith(tuple(f"{mount}/" for mount in self._mounts)):
                scope = {**scope, "path": path}
        await self._app(scope, receive, send)


def plain_path(path: str) -> str:
    """Write `path` in the one form that routes are declared in."""
    return _CONTROLS.sub("\ufffd", _SLASHES.sub("/", path)).rstrip("/").lower() or "/"
