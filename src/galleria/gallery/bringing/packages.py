"""Brings workflows along: their published packages, each checked in a child process like any upload."""

import hashlib
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from sqlalchemy.orm import Session

from galleria.errors import ConflictError, GalleriaError, InvalidError, NotFoundError
from galleria.gallery.bringing.lines import Deed, Line
from galleria.gallery.bringing.notes import DeletedHere, Ids, Move, gone, id_for, known, note
from galleria.gallery.bringing.records import Brought, Thing
from galleria.gallery.bringing.server import OtherServer, UnreachableError
from galleria.gallery.bringing.there import WorkflowThere
from galleria.gallery.workflows.changes import WorkflowChange, change_workflow, settle_workflow
from galleria.gallery.workflows.file import Checked, checked_package
from galleria.gallery.workflows.publish import Publication, add_version, publish
from galleria.gallery.workflows.records import Workflow
from galleria.gallery.workflows.service import WorkflowFilter, get_version, list_workflows, report_of, workflows_by_id

MOST_FAILURES = 3
"""Packages in a row that cannot be had; then the server is gone, and going on would only take time."""


def bring_workflows(
    move: Move, server: OtherServer, found: Sequence[WorkflowThere], users: Mapping[str, str], studios: Mapping[str, str], ids: Ids
) -> Iterator[Line]:
    """Publish each workflow that is new or has another version than last time; adds to `ids` which has become which.

    Raises UnreachableError when the server stops answering; what was brought until then stays, and the next import goes on.
    """
    failures = 0
    for there in found:
        try:
            line = _workflow(move, server, there, users, studios)
            failures = 0
        except DeletedHere:
            line = Line(Thing.WORKFLOW, Deed.DELETED, there.name, there.id)
        except UnreachableError as error:
            failures += 1
            if failures == MOST_FAILURES:
                raise UnreachableError(f"{error.message}; what was brought so far stays, run the import again to go on") from error
            line = Line(Thing.WORKFLOW, Deed.REFUSED, there.name, there.id, notes=(error.message,))
        except GalleriaError as error:
            line = Line(Thing.WORKFLOW, Deed.REFUSED, there.name, there.id, notes=(error.message,))
        if line.local_id:
            ids[there.id] = line.local_id
        yield line
    yield from gone(move, Thing.WORKFLOW, frozenset(there.id for there in found))


def _workflow(move: Move, server: OtherServer, there: WorkflowThere, users: Mapping[str, str], studios: Mapping[str, str]) -> Line:
    owner_id = users.get(there.owner_id) or move.owners.get("")
    if owner_id is None:
        raise NotFoundError("its owner was not brought along; give the workflow to somebody with --owner")
    wanted = _state(there, owner_id, studios.get(there.studio_id))
    with move.database.read() as db:
        before = _before(db, move, there)
        if before is not None:
            workflow = workflows_by_id(db, [before.local_id]).get(before.local_id)
            if workflow is None or workflow.deleted_at is not None:
                raise DeletedHere
            if there.version_id and before.state == wanted:
                return _line(db, move, there, Deed.UNCHANGED, before.local_id)
        elif move.keep_ids:
            # Asked before anything is downloaded.
            id_for(db, move, Workflow, there.id)
    if before is not None and there.version_id and before.state.get("version_id") == there.version_id:
        with move.database.write() as db:
            return _settled(db, move, there, before.local_id, wanted, Deed.CHANGED)
    with _downloaded(move, server, there) as checked, move.database.write() as db:
        return _published(db, move, there, checked, wanted)


def _before(db: Session, move: Move, there: WorkflowThere) -> Brought | None:
    """What was brought before; a workflow that says itself that it came from there counts, too."""
    found = known(db, move, Thing.WORKFLOW, there.id)
    if found is None:
        same = list_workflows(db, move.actor, WorkflowFilter(source_id=there.id))
        if not same:
            return None
        found = Brought(thing=Thing.WORKFLOW, source_id=there.id, local_id=same[0].id, server=move.server, state={})
    if move.keep_ids and found.local_id != there.id:
        raise ConflictError(f"it is here already with the id {found.local_id}; its old id can be kept once that one is deleted")
    return found


@contextmanager
def _downloaded(move: Move, server: OtherServer, there: WorkflowThere) -> Generator[Checked]:
    # The folder is the package's alone: the child that reads it may see what lies beside it.
    with TemporaryDirectory(prefix="galleria-import-", dir=move.folder) as name:
        package = Path(name) / "package.yxzp"
        try:
            with package.open("wb") as sink:
                server.download(f"/admin/v1/{there.id}/package", sink, move.package_limit_bytes)
        except OSError as error:
            raise InvalidError(f"the package cannot be written to {name}: {error.strerror}") from error
        with checked_package(package) as checked:
            yield checked


def _published(db: Session, move: Move, there: WorkflowThere, checked: Checked, wanted: dict[str, Any]) -> Line:
    before = _before(db, move, there)
    publication = Publication(
        name=there.name,
        owner_id=wanted["owner_id"],
        comments=there.comments,
        is_public=there.is_public,
        can_download=there.can_download,
        worker_tag=there.worker_tag,
        source_id=there.id,
        workflow_id=None if before else id_for(db, move, Workflow, there.id),
        limit_bytes=move.package_limit_bytes,
    )
    if before is None:
        made = publish(db, move.actor, move.storage, checked.package, checked.report, publication)
        return _settled(db, move, there, made.id, wanted, Deed.BROUGHT)
    if get_version(db, move.actor, before.local_id).package_sha256 != hashlib.sha256(checked.package.read_bytes()).hexdigest():
        add_version(db, move.actor, move.storage, before.local_id, checked.package, checked.report, publication)
    elif before.state == wanted:
        return _line(db, move, there, Deed.UNCHANGED, before.local_id)
    return _settled(db, move, there, before.local_id, wanted, Deed.CHANGED)


def _settled(db: Session, move: Move, there: WorkflowThere, workflow_id: str, wanted: dict[str, Any], deed: Deed) -> Line:
    """Give a workflow the name, owner, studio and switches that it has there."""
    change = WorkflowChange(
        name=there.name or None,
        is_public=there.is_public,
        can_download=there.can_download,
        is_run_disabled=there.is_run_disabled,
        worker_tag=there.worker_tag,
        is_ready_to_migrate=there.is_ready_to_migrate,
    )
    change_workflow(db, move.actor, workflow_id, change)
    settle_workflow(db, move.actor, workflow_id, wanted["owner_id"], wanted["studio_id"])
    note(db, move, Thing.WORKFLOW, there.id, workflow_id, wanted)
    return _line(db, move, there, deed, workflow_id)


def _line(db: Session, move: Move, there: WorkflowThere, deed: Deed, workflow_id: str) -> Line:
    found = report_of(db, move.actor, workflow_id)
    older = there.version_count - 1
    notes = (f"{older} older version{'s' if older > 1 else ''} stayed behind",) if older > 0 and deed is Deed.BROUGHT else ()
    return Line(Thing.WORKFLOW, deed, there.name or found.name, there.id, workflow_id, notes, report=found)


def _state(there: WorkflowThere, owner_id: str, studio_id: str | None) -> dict[str, Any]:
    return {
        "name": there.name,
        "version_id": there.version_id,
        "owner_id": owner_id,
        "studio_id": studio_id,
        "is_public": there.is_public,
        "is_run_disabled": there.is_run_disabled,
        "worker_tag": there.worker_tag,
        "can_download": there.can_download,
        "is_ready_to_migrate": there.is_ready_to_migrate,
    }
