"""Headers that let any browser page with a key of its own call an API, and the answer to its OPTIONS.

Safe because these APIs know no cookie: every request carries a signature or a token. Header values as a 2018 server
sent them, plus what a page needs to read ranges and file names.
"""

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_HEADERS = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Max-Age": "1728000",
    "Access-Control-Allow-Headers": "Content-Type, Accept, Authorization, Range, If-Range, If-None-Match",
    "Access-Control-Allow-Methods": "GET, POST, PUT, DELETE, OPTIONS",
    "Access-Control-Expose-Headers": "Content-Disposition, Content-Range, Accept-Ranges, ETag",
}


class OpenToPages:
    """Wraps one mounted API; answers every OPTIONS below it with 200."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(_HEADERS)
            await send(message)

        if scope["type"] == "http" and scope["method"] == "OPTIONS":
            headers = [(b"allow", b"GET, HEAD, POST, PUT, DELETE, OPTIONS"), (b"content-length", b"0")]
            await send_with_headers({"type": "http.response.start", "status": 200, "headers": headers})
            await send({"type": "http.response.body", "body": b""})
        else:
            await self._app(scope, receive, send_with_headers)
