"""Addresses as people and programs write them: with a slash at the end, or asked for by HEAD."""

from starlette.types import ASGIApp, Receive, Scope, Send

from galleria.http.heads import AnswersHead


class Tolerant:
    """Wraps the pages: `/runs/` is `/runs`, and HEAD is answered as GET without the body."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        root: str = scope.get("root_path", "")
        path = scope["path"].rstrip("/")
        await AnswersHead(self._app)({**scope, "path": path if path != root else f"{root}/"}, receive, send)
