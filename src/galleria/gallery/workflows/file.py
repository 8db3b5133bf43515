"""Publish a workflow file as it lies on a disk: a child process reads, packs and checks it first."""

from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from galleria.children.commands import check
from galleria.database.connect import Database
from galleria.gallery.actors import Actor
from galleria.gallery.workflows.access import get_workflow
from galleria.gallery.workflows.publish import Publication, add_version, publish
from galleria.gallery.workflows.records import Workflow
from galleria.storage.contract import Storage


@dataclass(frozen=True)
class Checked:
    package: Path
    """A `.yxzp`, there until the block ends."""
    report: Mapping[str, Any]


@contextmanager
def checked_package(source: Path) -> Generator[Checked]:
    """The package that a `.yxmd .yxmc .yxwz .yxzp` file makes, and what the check found; raises InvalidError in words."""
    with TemporaryDirectory(prefix="galleria-publish-") as name:
        package = Path(name) / "package.yxzp"
        yield Checked(package, check(source, package))


def publish_file(
    database: Database,
    actor: Actor,
    storage: Storage,
    source: Path,
    publication: Publication | None = None,
    version_of: str | None = None,
) -> Workflow:
    """Publish a file as a new workflow, or as the next version of `version_of`. Checking happens outside the transaction."""
    with checked_package(source) as checked, database.write() as db:
        if version_of is None:
            return publish(db, actor, storage, checked.package, checked.report, publication)
        add_version(db, actor, storage, version_of, checked.package, checked.report, publication)
        return get_workflow(db, actor, version_of)
