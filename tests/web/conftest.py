from dataclasses import dataclass
from pathlib import Path

import pytest

from galleria.database.connect import Database
from galleria.gallery.actors import Actor, Role
from galleria.http.origins import PublicAddress
from galleria.http.parts import Limits, Parts
from galleria.storage.contract import Storage
from tests.api.gallery import shouting
from tests.gallery.conftest import scene
from tests.gallery.scene import Scene, a_user, a_workflow
from tests.web.visiting import Visit, a_visit, signed_in

__all__ = ["scene"]

ROOT_FOLDER = Path(__file__).parents[2]
WORKFLOWS = ROOT_FOLDER / "tests" / "browser" / "workflows"


@pytest.fixture
def database_kind() -> str:
    """One is enough where HTTP is what is tested; modules that want each kind say so."""
    return "sqlite"


@dataclass(frozen=True)
class House:
    """A gallery with its pages, three people and what is Anna's."""

    parts: Parts
    scene: Scene
    curator: Actor
    viewer: Actor

    @property
    def anna(self) -> Actor:
        return self.scene.anna

    def visit(self, actor: Actor | None = None) -> Visit:
        return signed_in(self.parts, actor) if actor else a_visit(self.parts)

    def workflow(self, **report: object) -> str:
        return a_workflow(self.parts.database, self.parts.storage, self.scene.folder, self.scene.anna, **report)


def parts_of(database: Database, storage: Storage, public: PublicAddress | None = None) -> Parts:
    limits = Limits(
        body_bytes=100_000, upload_bytes=1_000_000, free_disk_bytes=1, oauth_window_s=300, token_lifetime_s=3600, input_file_lifetime_s=600
    )
    return Parts(database, storage, shouting, public or PublicAddress(), limits)


@pytest.fixture
def house(scene: Scene) -> House:
    parts = parts_of(scene.database, scene.storage)
    return House(
        parts, scene, a_user(scene.database, "cora@example.com", Role.CURATOR), a_user(scene.database, "vera@example.com", Role.VIEWER)
    )
