"""A line of the log for each request: what was asked and how it was answered, never a query, a header, or a path that is a secret."""

import re
import secrets
import time

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from galleria.http.origins import PublicAddress, is_trusted
from galleria.http.paths import plain_path

REQUEST_ID = "X-Request-ID"
_GIVEN = re.compile(r"[A-Za-z0-9._-]{1,64}")
_LONGEST_PATH = 500
_GONE = 499
"""The caller went before there was an answer."""

log = structlog.get_logger()


class AccessLog:
    """The outermost layer. Doors tell who asks in the request's state, as `user_id`.

    Every request has an id, given back in a header and written into whatever else is logged about it; that of a trusted proxy is kept.
    """

    def __init__(self, app: ASGIApp, public: PublicAddress, secret_paths: tuple[str, ...] = ()) -> None:
        """`secret_paths` are beginnings of paths that whoever knows their rest may use."""
        self._app = app
        self._public = public
        self._secret_paths = secret_paths

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        # Made here, because layers further in hand on copies of the scope.
        state: dict[str, object] = scope.setdefault("state", {})
        begun, status, request_id = time.perf_counter(), _GONE, self._request_id(scope)

        async def noting_send(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableHeaders(scope=message)[REQUEST_ID] = request_id
            await send(message)

        path = self._readable(scope["path"])
        with structlog.contextvars.bound_contextvars(request_id=request_id):
            try:
                await self._app(scope, receive, noting_send)
            finally:
                took_ms = round((time.perf_counter() - begun) * 1000, 1)
                user_id = state.get("user_id")
                log.info("request_answered", method=scope["method"], path=path, status=status, ms=took_ms, user_id=user_id)

    def _request_id(self, scope: Scope) -> str:
        given = Headers(scope=scope).get(REQUEST_ID.lower(), "")
        is_kept = _GIVEN.fullmatch(given) and is_trusted(scope, self._public.trusted_proxies)
        return given if is_kept else secrets.token_hex(8)

    def _readable(self, path: str) -> str:
        plain = plain_path(path)
        for beginning in self._secret_paths:
            if plain.startswith(beginning):
                return f"{beginning}***"
        return path[:_LONGEST_PATH]
