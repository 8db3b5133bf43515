"""HEAD: answered as GET, without the body, by applications that know GET only."""

from contextlib import suppress

from starlette.types import ASGIApp, Message, Receive, Scope, Send

_ASKED = "galleria.asked_by_head"


def is_head(scope: Scope) -> bool:
    """Say whether only the head of this GET was asked for."""
    return scope.get(_ASKED, False)


class AnswersHead:
    """Wraps an application; what it answers to a GET loses its body where HEAD was asked."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != "HEAD":
            await self._app(scope, receive, send)
            return

        async def send_head(message: Message) -> None:
            if message["type"] != "http.response.body":
                await send(message)
                return
            await send({"type": "http.response.body", "body": b""})
            if message.get("more_body", False):
                # An answer that goes on, perhaps for hours, ends here.
                raise _HeadIsOver

        with suppress(_HeadIsOver):
            await self._app({**scope, "method": "GET", _ASKED: True}, receive, send_head)


class _HeadIsOver(Exception):
    """Ends the writing of a body that nobody asked for."""
