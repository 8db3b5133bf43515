"""Puts the parts together: the only module that knows them all."""

from fastapi import FastAPI

from galleria.api.classic import door as classic
from galleria.http.parts import Parts
from galleria.http.paths import LenientPaths


def application(parts: Parts) -> FastAPI:
    """Make the web application over parts that are ready."""
    app = FastAPI(title="Galleria", openapi_url=None, redirect_slashes=False)
    app.mount(classic.MOUNT, classic.classic_door(parts))
    app.add_middleware(LenientPaths, mounts=(classic.MOUNT,))
    return app
