"""Addresses as people and programs write them: with a slash at the end, or asked for by HEAD."""

from starlette.types import ASGIApp, Message, Receive, Scope, Send


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
        is_head = scope["method"] == "HEAD"

        async def send_head(message: Message) -> None:
            if is_head and message["type"] == "http.response.body":
                message = {**message, "body": b""}
            await send(message)

        changed = {**scope, "path": path if path != root else f"{root}/", "method": "GET" if is_head else scope["method"]}
        await self._app(changed, receive, send_head)
