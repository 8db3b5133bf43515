"""The last stop for faults of ours: the log is told where one happened, never with which values.

An exception's own text may quote rows or parameters (a database's does), so only its kind and its lines of code are logged.
"""

import traceback

import structlog
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

log = structlog.get_logger()

_MOST_LINES = 12


class QuietFaults:
    """The outermost layer of the application; doors inside it have answered in their own shape already."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        is_answered = False

        async def noting_send(message: Message) -> None:
            nonlocal is_answered
            is_answered = True
            await send(message)

        try:
            await self._app(scope, receive, noting_send)
        except Exception as error:
            where = lines_of(error)
            log.error("request_failed", method=scope.get("method"), kind=type(error).__name__, lines=where)  # noqa: TRY400 (its text)
            if not is_answered and scope["type"] == "http":
                await PlainTextResponse("Internal Server Error", 500)(scope, receive, send)


def lines_of(error: BaseException) -> list[str]:
    """Name the lines of code that an exception came through, the innermost last."""
    frames = traceback.extract_tb(error.__traceback__)[-_MOST_LINES:]
    return [f"{frame.filename.rpartition('/site-packages/')[2]}:{frame.lineno} {frame.name}" for frame in frames]
