"""A gallery behind its HTTP doors, for tests: real database, real storage, signed requests."""

import io
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from fastapi.testclient import TestClient
from httpx2 import Response
from oauthlib.oauth1 import SIGNATURE_TYPE_QUERY, Client

from galleria.bootstrap import application
from galleria.errors import UnsupportedError
from galleria.gallery.actors import Actor, Role
from galleria.gallery.groups.service import actor_for
from galleria.gallery.jobs import dispatch
from galleria.gallery.jobs.dispatch import NewOutput, Outcome, Worker
from galleria.gallery.keys import service as keys
from galleria.gallery.keys.service import Pair
from galleria.gallery.users.service import NewUser, create_user, find_by_email
from galleria.http.origins import PublicAddress
from galleria.http.parts import Limits, Parts
from galleria.messages import Message, Status
from galleria.storage.contract import Area
from tests.gallery.scene import SYSTEM, Scene

SERVER = "http://testserver"
BOSS = "boss@example.com"
LIMITS = Limits(
    body_bytes=10_000, upload_bytes=100_000, free_disk_bytes=1, oauth_window_s=300, token_lifetime_s=3600, input_file_lifetime_s=60
)


def shouting(source: Path, target: Path) -> None:
    """Stands for the converting child: its own tests show what that does."""
    if target.suffix == ".pdf":
        raise UnsupportedError("format Pdf", "a table is no report")
    target.write_bytes(source.read_bytes().upper())


def parts_of(scene: Scene, public: PublicAddress | None = None) -> Parts:
    return Parts(scene.database, scene.storage, shouting, public or PublicAddress(), LIMITS)


@dataclass(frozen=True)
class Gallery:
    scene: Scene
    http: TestClient
    studio: Pair
    user: Pair
    """Anna's, who is an Artisan."""
    boss: Actor
    """A Curator."""
    curator: Pair
    """The Curator's."""

    @property
    def pairs(self) -> dict[str, Pair]:
        return {"subscription": self.studio, "user v2": self.user, "admin v1": self.curator, "admin v2": self.curator}

    def call(self, method: str, path: str, pair: Pair | None = None, **more: Any) -> Response:
        """Send a signed request; the studio signs unless told otherwise."""
        pair = pair or self.studio
        url, headers, _ = Client(pair.key, pair.secret, signature_type=SIGNATURE_TYPE_QUERY).sign(SERVER + path, method)
        return self.http.request(method, url.removeprefix(SERVER), **{**more, "headers": {**headers, **more.get("headers", {})}})

    def get(self, path: str, **more: Any) -> Response:
        return self.call("GET", path, **more)

    def post(self, path: str, body: object = None, **more: Any) -> Response:
        return self.call("POST", path, content=b"" if body is None else json.dumps(body).encode(), **more)


def a_gallery(scene: Scene, public: PublicAddress | None = None, *, is_2019: bool = False) -> Gallery:
    with scene.database.write() as db:
        studio = keys.studio_keys(db, scene.anna, scene.anna.subscription_id or "")
        user = keys.user_keys(db, scene.anna, scene.anna.user_id or "")
        boss = actor_for(db, find_by_email(db, BOSS) or create_user(db, SYSTEM, NewUser(BOSS, Role.CURATOR, "Bo", "Boss")), "test")
        curator = keys.user_keys(db, boss, boss.user_id or "")
    app = application(parts_of(scene, public), is_2019=is_2019)
    http = TestClient(app, SERVER, raise_server_exceptions=False, client=("127.0.0.1", 50000))
    return Gallery(scene, http, studio, user, boss, curator)


def run_next(scene: Scene, outcome: Outcome = Outcome.SUCCESS, files: Mapping[str, bytes] | None = None) -> str:
    """Do what a worker does with the next job, by its verbs; gives the job's id."""
    with scene.database.write() as db:
        [claim] = dispatch.claim(db, Worker("test", frozenset(("big",))))
    with scene.database.write() as db:
        dispatch.add_messages(db, claim.lease, [Message(6, Status.INFO, "1 record was output"), Message(None, Status.WARNING, "odd")])
        for name, content in (files or {}).items():
            stored = scene.storage.put(Area.OUTPUTS, f"{claim.job.id}{Path(name).suffix}", io.BytesIO(content))
            dispatch.add_output(db, claim.lease, NewOutput(name, stored, ["Raw", "Yxdb", "Csv", "Pdf"], 8, 32))
        dispatch.finish(db, claim.lease, outcome)
    return claim.job.id


def path_of(url: str) -> str:
    return urlsplit(url).path
