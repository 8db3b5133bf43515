"""The interactive documentation at `/gallery/api-docs/`: read by anybody, tried out with a key of one's own.

Beside it lie the OpenAPI files, and the Postman collection and environment for this very server.
"""

from importlib.resources import files

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from galleria.api.documentation.apis import APIS
from galleria.api.documentation.postman import COLLECTION_FILE, ENVIRONMENT_FILE, collection, environment
from galleria.api.documentation.specs import spec
from galleria.http.origins import PublicAddress, gallery_url

MOUNT = "/gallery/api-docs"

_TYPES = {"html": "text/html; charset=utf-8", "js": "text/javascript; charset=utf-8", "css": "text/css; charset=utf-8"}
_FILES = {
    "": "page.html",
    "page.css": "page.css",
    "signing.js": "signing.js",
    "start.js": "start.js",
    "swagger-ui-bundle.js": "vendor/swagger-ui/swagger-ui-bundle.js",
    "swagger-ui.css": "vendor/swagger-ui/swagger-ui.css",
}
_HEADERS = [
    (
        b"content-security-policy",
        b"default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
        b"base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    ),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"same-origin"),
    (b"cache-control", b"no-cache"),
]
"""Nothing from elsewhere, and nothing run that stands in the page itself."""


_FOR_POSTMAN = {COLLECTION_FILE: collection, ENVIRONMENT_FILE: environment}


def documentation(public: PublicAddress) -> ASGIApp:
    app = FastAPI(openapi_url=None, redirect_slashes=False)

    def show(request: Request, name: str = "") -> Response:
        api, dot, extension = name.rpartition(".")
        if name in _FILES:
            return _file(_FILES[name])
        if name in _FOR_POSTMAN:
            return JSONResponse(_FOR_POSTMAN[name](gallery_url(request.scope, public)))
        if dot and extension == "json" and api in APIS:
            return Response(spec(api), media_type="application/json")
        return Response(status_code=404)

    app.add_api_route("/{name}", show, methods=["GET", "HEAD"])
    app.add_api_route("/", show, methods=["GET", "HEAD"])
    return _Headers(app)


def to_documentation() -> Response:
    """Lead those who left out the slash to where relative addresses work; nothing here is signed."""
    return RedirectResponse(f"{MOUNT}/", 307)


def _file(name: str) -> Response:
    content = files("galleria.api.documentation").joinpath(name).read_bytes()
    return Response(content, media_type=_TYPES[name.rpartition(".")[2]])


class _Headers:
    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                message = {**message, "headers": [*message["headers"], *_HEADERS]}
            await send(message)

        await self._app(scope, receive, send_with_headers)
