"""Puts the parts together: the only module that knows them all."""

import os
import subprocess
import sys
from pathlib import Path
from threading import BoundedSemaphore

from fastapi import FastAPI

from galleria.api.classic import door as classic
from galleria.api.dialects import CLASSIC, CLASSIC_2019
from galleria.database.connect import connect
from galleria.database.migrate import migrate
from galleria.database.vault import vault_from
from galleria.errors import InvalidError, UnsupportedError
from galleria.http.origins import PublicAddress, networks
from galleria.http.parts import Convert, Limits, Parts
from galleria.http.paths import LenientPaths
from galleria.settings import Settings
from galleria.storage.folder import storage_at

_CONVERSIONS_AT_ONCE = 2
_CONVERSION_LIMIT_S = 300
_FREE_DISK_BYTES = 256 * 1024 * 1024
_UNSUPPORTED = "unsupported: "


def server(settings: Settings) -> FastAPI:
    """Open database (bringing its schema up to date) and storage, and make the web application over them.

    Run it with `proxy_headers=False`: which proxies are believed is this application's own decision.
    """
    database = connect(settings.database, vault_from(settings.load_secret_keys()), settings.database_connections)
    migrate(database.engine)
    parts = Parts(
        database=database,
        storage=storage_at(settings.storage),
        convert=converting_child(),
        public=PublicAddress(settings.base_url or None, networks(settings.trusted_proxies)),
        limits=Limits(
            body_bytes=settings.body_limit_bytes,
            upload_bytes=settings.upload_limit_bytes,
            free_disk_bytes=_FREE_DISK_BYTES,
            oauth_window_s=settings.oauth_window_s,
            token_lifetime_s=settings.token_lifetime_s,
        ),
    )
    return application(parts, is_2019=settings.compatibility == "2019.1")


def application(parts: Parts, *, is_2019: bool = False) -> FastAPI:
    """Make the web application over parts that are ready."""
    app = FastAPI(title="Galleria", openapi_url=None, redirect_slashes=False)
    app.mount(classic.MOUNT, classic.classic_door(parts, CLASSIC_2019 if is_2019 else CLASSIC))
    app.add_middleware(LenientPaths, mounts=(classic.MOUNT,))
    return app


def converting_child() -> Convert:
    """Give what converts a file in a child process of its own, a few of them at once."""
    slots = BoundedSemaphore(_CONVERSIONS_AT_ONCE)

    def convert(source: Path, target: Path) -> None:
        command = [sys.executable, "-m", "galleria.runner", "convert", str(source), str(target)]
        # The child reads what strangers wrote: it gets no secret of the server's environment.
        environment = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TMPDIR", "PYTHONPATH") if name in os.environ}
        with slots:
            try:
                # Our own program, and two paths of our own making.
                done = subprocess.run(command, env=environment, capture_output=True, timeout=_CONVERSION_LIMIT_S, check=False)  # noqa: S603
            except subprocess.TimeoutExpired as error:
                raise InvalidError(f"converting took longer than {_CONVERSION_LIMIT_S} seconds") from error
        if done.returncode or not target.is_file():
            lines = done.stderr.decode("utf-8", "replace").splitlines() or ["the converting process said nothing"]
            if lines[-1].startswith(_UNSUPPORTED):
                feature, _, detail = lines[-1].removeprefix(_UNSUPPORTED).partition(": ")
                raise UnsupportedError(feature, detail)
            raise InvalidError(f"the output cannot be converted: {lines[-1].removeprefix('invalid: ')}")

    return convert
