"""A small gallery to test in: a studio, an artisan, a published workflow."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from galleria.database.connect import Database
from galleria.gallery.actors import Actor, Role, system
from galleria.gallery.groups.service import actor_for
from galleria.gallery.users.service import NewUser, create_user
from galleria.gallery.workflows.publish import Publication, publish
from galleria.storage.contract import Storage

SYSTEM = system("test")


def a_user(database: Database, email: str, role: Role = Role.ARTISAN, **more: Any) -> Actor:
    with database.write() as db:
        return actor_for(db, create_user(db, SYSTEM, NewUser(email, role, **more)), "test")


def a_report(**more: Any) -> dict[str, Any]:
    return {"file_name": "Rates.yxmd", "kind": "workflow", "tools": [], "questions": [], **more}


def a_workflow(
    database: Database, storage: Storage, folder: Path, owner: Actor, publication: Publication | None = None, **report: Any
) -> str:
    package = folder / "package.yxzp"
    package.write_bytes(b"PK\x05\x06" + bytes(18))
    with database.write() as db:
        return publish(db, owner, storage, package, a_report(**report), publication).id


@dataclass(frozen=True)
class Scene:
    database: Database
    storage: Storage
    folder: Path
    anna: Actor
    """An artisan."""
    workflow_id: str
    """Anna's."""


def a_scene(database: Database, storage: Storage, folder: Path) -> Scene:
    anna = a_user(database, "anna@example.com")
    return Scene(database, storage, folder, anna, a_workflow(database, storage, folder, anna))
