"""The whole server in this process, on a port of its own, over each database."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass

import httpx2
import pytest
import uvicorn

from galleria.bootstrap import application
from galleria.gallery.actors import Actor, system
from galleria.gallery.jobs import dispatch
from galleria.gallery.jobs import service as jobs
from galleria.gallery.jobs.dispatch import Claim, Worker
from galleria.gallery.jobs.service import NewJob
from galleria.gallery.keys import service as keys
from galleria.gallery.sessions import service as sessions
from galleria.http.parts import Parts
from tests.clients.running import free_port
from tests.gallery.conftest import scene
from tests.gallery.scene import Scene
from tests.patience import PATIENCE_S, wait_until
from tests.web.conftest import parts_of

__all__ = ["scene"]


@dataclass(frozen=True)
class Served:
    scene: Scene
    parts: Parts
    url: str

    def queue(self) -> str:
        with self.scene.database.write() as db:
            return jobs.queue(db, self.scene.anna, NewJob(self.scene.workflow_id)).id

    def claim(self) -> Claim:
        with self.scene.database.write() as db:
            [claim] = dispatch.claim(db, Worker("one"))
        return claim

    def bearer(self, actor: Actor | None = None) -> dict[str, str]:
        actor = actor or self.scene.anna
        with self.scene.database.write() as db:
            pair = keys.user_keys(db, system("test"), actor.user_id or "")
        body = {"grant_type": "client_credentials", "client_id": pair.key, "client_secret": pair.secret}
        token = httpx2.post(f"{self.url}/webapi/oauth2/token", data=body, timeout=PATIENCE_S).json()["access_token"]
        return {"Authorization": f"Bearer {token}"}

    def cookies(self, actor: Actor | None = None) -> dict[str, str]:
        with self.scene.database.write() as db:
            link = sessions.new_link(db, system("test"), (actor or self.scene.anna).user_id or "")
            opened = sessions.use_link(db, link, 3600)
        assert opened is not None
        return {"galleria_session": opened.token}


@pytest.fixture
def served(scene: Scene) -> Iterator[Served]:
    parts, port = parts_of(scene.database, scene.storage), free_port()
    server = uvicorn.Server(uvicorn.Config(application(parts), port=port, log_level="warning", timeout_graceful_shutdown=1))
    thread = threading.Thread(target=server.run)
    thread.start()
    wait_until(lambda: server.started)
    yield Served(scene, parts, f"http://127.0.0.1:{port}")
    server.should_exit = True
    thread.join()
