"""Bring a folder of workflow files into the gallery, again and again: what has not changed stays as it is."""

import hashlib
from collections.abc import Generator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from galleria.database.connect import Database
from galleria.errors import GalleriaError
from galleria.gallery.actors import Actor
from galleria.gallery.workflows import report as reports
from galleria.gallery.workflows.file import Checked, checked_package
from galleria.gallery.workflows.publish import Publication, add_version, publish
from galleria.gallery.workflows.report import Report
from galleria.gallery.workflows.service import WorkflowFilter, get_version, list_workflows
from galleria.storage.contract import Storage

SUFFIXES = frozenset({".yxmd", ".yxwz", ".yxzp"})
"""Macros come along inside the packages of the workflows that use them."""


class Deed(StrEnum):
    PUBLISHED = "published"
    CHANGED = "new version"
    UNCHANGED = "unchanged"
    REFUSED = "refused"


@dataclass(frozen=True)
class Brought:
    file: Path
    deed: Deed
    workflow_id: str = ""
    report: Report | None = None
    """None where the file was refused."""
    reason: str = ""


def files_below(folder: Path) -> Sequence[Path]:
    """Every workflow, app and package below a folder, in the order of their names."""
    return sorted(path for path in folder.rglob("*") if path.suffix.casefold() in SUFFIXES and path.is_file())


def bring_folder(database: Database, actor: Actor, storage: Storage, folder: Path) -> Generator[Brought]:
    """Publish each file below `folder` that is not in the gallery as it is; a file that cannot be read stops no other.

    A file is known again by its path below the folder, for the same owner.
    """
    for file in files_below(folder):
        try:
            with checked_package(file) as checked:
                yield _bring(database, actor, storage, file, _source_id(folder, file), checked)
        except GalleriaError as error:
            yield Brought(file, Deed.REFUSED, reason=error.message)


def _bring(database: Database, actor: Actor, storage: Storage, file: Path, source_id: str, checked: Checked) -> Brought:
    found = reports.read(checked.report)
    with database.write() as db:
        present = list_workflows(db, actor, WorkflowFilter(owner_id=actor.user_id, source_id=source_id))
        if not present:
            made = publish(db, actor, storage, checked.package, checked.report, Publication(source_id=source_id))
            return Brought(file, Deed.PUBLISHED, made.id, found)
        known = present[0]
        if get_version(db, actor, known.id).package_sha256 == hashlib.sha256(checked.package.read_bytes()).hexdigest():
            return Brought(file, Deed.UNCHANGED, known.id, found)
        add_version(db, actor, storage, known.id, checked.package, checked.report)
        return Brought(file, Deed.CHANGED, known.id, found)


def _source_id(folder: Path, file: Path) -> str:
    """The same for the same place, and short enough for the column."""
    return hashlib.sha256(file.relative_to(folder).as_posix().casefold().encode()).hexdigest()[:40]
