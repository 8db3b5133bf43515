"""Puts the parts together: the only module that knows them all."""

from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager, contextmanager

from fastapi import FastAPI

from galleria.api import webapi
from galleria.api.classic import door as classic
from galleria.api.dialects import CLASSIC, CLASSIC_2019
from galleria.api.documentation import door as documentation
from galleria.children.commands import convert
from galleria.database.connect import connect
from galleria.database.migrate import migrate
from galleria.database.vault import vault_from
from galleria.http.origins import PublicAddress, networks
from galleria.http.parts import Limits, Parts
from galleria.http.paths import LenientPaths
from galleria.settings import Settings
from galleria.storage.folder import storage_at

_FREE_DISK_BYTES = 256 * 1024 * 1024
_SHUTDOWN_S = 10


def serve_forever(settings: Settings) -> None:
    """Serve until the process is told to end."""
    import uvicorn

    # Which proxies are believed is the application's own decision.
    uvicorn.run(
        server(settings),
        host=settings.host,
        port=settings.port,
        proxy_headers=False,
        server_header=False,
        access_log=False,
        log_level="warning",
        timeout_graceful_shutdown=_SHUTDOWN_S,
    )


def server(settings: Settings) -> FastAPI:
    """Make the web application over the gallery that the settings name; the gallery is closed when the application ends."""
    parts = _open(settings)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncGenerator[None]:
        yield
        parts.database.close()

    app = application(parts, is_2019=settings.compatibility == "2019.1")
    app.router.lifespan_context = lifespan
    return app


@contextmanager
def opened(settings: Settings) -> Generator[Parts]:
    """Open the gallery that the settings name, its database brought up to date, for as long as the block runs."""
    parts = _open(settings)
    try:
        yield parts
    finally:
        parts.database.close()


def application(parts: Parts, *, is_2019: bool = False) -> FastAPI:
    """Make the web application over parts that are ready."""
    app = FastAPI(title="Galleria", openapi_url=None, redirect_slashes=False)
    app.mount(classic.MOUNT, classic.classic_door(parts, CLASSIC_2019 if is_2019 else CLASSIC))
    app.mount(webapi.MOUNT, webapi.web_door(parts))
    app.mount(documentation.MOUNT, documentation.documentation())
    app.add_api_route(documentation.MOUNT, documentation.to_documentation)
    app.add_middleware(LenientPaths, mounts=(classic.MOUNT, webapi.MOUNT))
    return app


def _open(settings: Settings) -> Parts:
    database = connect(settings.database, vault_from(settings.load_secret_keys()), settings.database_connections)
    migrate(database.engine)
    return Parts(
        database=database,
        storage=storage_at(settings.storage),
        convert=convert,
        public=PublicAddress(settings.base_url or None, networks(settings.trusted_proxies)),
        limits=Limits(
            body_bytes=settings.body_limit_bytes,
            upload_bytes=settings.upload_limit_bytes,
            free_disk_bytes=_FREE_DISK_BYTES,
            oauth_window_s=settings.oauth_window_s,
            token_lifetime_s=settings.token_lifetime_s,
            session_lifetime_s=settings.session_lifetime_s,
            input_file_lifetime_s=settings.input_file_lifetime_s,
        ),
    )
