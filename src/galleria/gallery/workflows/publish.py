"""Publish a workflow, or a new version of one."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from galleria.database.base import new_id, now
from galleria.database.connect import on_rollback
from galleria.errors import ForbiddenError, InvalidError, UnsupportedError
from galleria.gallery.actors import Actor, Role
from galleria.gallery.audit import service as audit
from galleria.gallery.audit.service import Event
from galleria.gallery.users.records import User
from galleria.gallery.users.service import find_user
from galleria.gallery.workflows import report as reports
from galleria.gallery.workflows.access import get_workflow, require_manager, require_updater
from galleria.gallery.workflows.followers import tell_of_change
from galleria.gallery.workflows.records import Version, Workflow, make_findable
from galleria.gallery.workflows.report import Report
from galleria.storage.contract import Area, Storage, Stored

ENTITY = "AppInfo"


@dataclass(frozen=True)
class Publication:
    """What the publisher says beside the package."""

    name: str = ""
    """Empty: as the workflow calls itself."""
    owner_id: str | None = None
    """None: the publisher; another only by a Curator."""
    comments: str = ""
    is_public: bool = False
    can_download: bool = True
    worker_tag: str = ""
    source_id: str = ""
    """The id on another server."""
    workflow_id: str | None = None
    """The id to take, when the workflow moves in from another server with its id."""
    refuse_unsupported: bool = False
    """Publish only what Galleria does entirely (the published API's `validate`)."""
    make_published: bool = True
    """Whether a new version is the one that runs from then on."""
    limit_bytes: int | None = None


def publish(
    db: Session, actor: Actor, storage: Storage, package: Path, report: Mapping[str, Any], publication: Publication | None = None
) -> Workflow:
    """Store a `.yxzp` package as a new workflow. `report` is what the check in a child process found (see `report.py`).

    The owner's studio becomes the workflow's. Raises UnsupportedError when `refuse_unsupported` is asked for and needed.
    """
    publication = publication or Publication()
    actor.require(Role.ARTISAN, "publish a workflow")
    owner = _owner(db, actor, publication.owner_id)
    found = _accepted(report, publication)
    workflow_id = publication.workflow_id or new_id()
    if publication.workflow_id is not None and db.get(Workflow, workflow_id) is not None:
        raise InvalidError(f"a workflow with the id {workflow_id} exists")
    version = _version(_stored(db, storage, package, publication.limit_bytes), workflow_id, 1, owner.id, found, report, publication)
    workflow = Workflow(
        id=workflow_id,
        owner_id=owner.id,
        subscription_id=owner.subscription_id,
        source_id=publication.source_id,
        is_public=publication.is_public,
        made_public_at=now() if publication.is_public else None,
        can_download=publication.can_download,
        worker_tag=publication.worker_tag,
    )
    _show(workflow, version, found)
    db.add(workflow)
    db.flush()
    db.add(version)
    audit.record(db, actor, Event.INSERT, ENTITY, workflow.id, new={"name": workflow.name, "version": 1, "owner": owner.id})
    db.flush()
    return workflow


def add_version(
    db: Session,
    actor: Actor,
    storage: Storage,
    workflow_id: str,
    package: Path,
    report: Mapping[str, Any],
    publication: Publication | None = None,
) -> Version:
    """Store a package as the next version of a workflow; of `publication` only name, comments and the switches count."""
    publication = publication or Publication()
    actor.require(Role.ARTISAN, "publish a workflow")
    workflow = get_workflow(db, actor, workflow_id)
    require_updater(db, actor, workflow, "publish a new version")
    found = _accepted(report, publication)
    # The row is locked, so that two publishers do not take the same number.
    db.execute(select(Workflow.id).where(Workflow.id == workflow_id).with_for_update())
    last = db.scalar(select(func.max(Version.number)).where(Version.workflow_id == workflow_id)) or 0
    stored = _stored(db, storage, package, publication.limit_bytes)
    version = _version(stored, workflow_id, last + 1, actor.user_id or workflow.owner_id, found, report, publication)
    db.add(version)
    if publication.make_published:
        _show(workflow, version, found)
    audit.record(db, actor, Event.UPDATE, ENTITY, workflow.id, new={"version": version.number, "versionId": version.id})
    db.flush()
    if publication.make_published:
        tell_of_change(db, actor, workflow, f"has a new version, {version.number}, published")
    return version


def show_version(db: Session, actor: Actor, workflow_id: str, version_id: str) -> Workflow:
    """Make another version the published one."""
    workflow = get_workflow(db, actor, workflow_id)
    require_manager(actor, workflow, "choose the published version")
    version = db.scalars(select(Version).where(Version.id == version_id, Version.workflow_id == workflow_id)).first()
    if version is None:
        raise InvalidError(f"workflow {workflow_id} has no version {version_id}")
    old = workflow.published_version_id
    _show(workflow, version, reports.read(version.report))
    new = {"publishedVersionId": version.id}
    audit.record(db, actor, Event.UPDATE, ENTITY, workflow.id, {"publishedVersionId": old}, new)
    db.flush()
    tell_of_change(db, actor, workflow, f"was set to version {version.number}")
    return workflow


def _owner(db: Session, actor: Actor, owner_id: str | None) -> User:
    if owner_id not in (None, actor.user_id) and not actor.is_curator:
        raise ForbiddenError("only a curator publishes for somebody else")
    owner = find_user(db, owner_id or actor.user_id or "")
    if owner is None:
        raise InvalidError("a workflow needs an owner: give the id of a user" if owner_id is None else f"no user {owner_id} to own it")
    return owner


def _accepted(report: Mapping[str, Any], publication: Publication) -> Report:
    found = reports.read(report)
    if not publication.refuse_unsupported:
        return found
    if found.unsupported:
        first = found.unsupported[0]
        raise UnsupportedError(first.feature, first.detail, first.tool_id)
    if found.missing:
        raise InvalidError(f"the package lacks {', '.join(found.missing)}")
    return found


def _stored(db: Session, storage: Storage, package: Path, limit_bytes: int | None) -> Stored:
    """Put a package into the storage; it goes again when the transaction fails."""
    with package.open("rb") as source:
        stored = storage.put(Area.PACKAGES, f"{new_id()}.yxzp", source, limit_bytes)
    on_rollback(db, lambda: storage.delete(stored.key))
    return stored


def _version(
    stored: Stored, workflow_id: str, number: int, author_id: str, found: Report, report: Mapping[str, Any], publication: Publication
) -> Version:
    return Version(
        id=new_id(),
        workflow_id=workflow_id,
        number=number,
        author_id=author_id,
        name=publication.name.strip()[:300] or found.name,
        kind=found.kind,
        file_name=found.file_name,
        package_key=stored.key,
        package_size_bytes=stored.size_bytes,
        package_sha256=stored.sha256,
        comments=publication.comments,
        uses_amp=found.uses_amp,
        is_supported=found.is_supported,
        report=dict(report),
    )


def _show(workflow: Workflow, version: Version, found: Report) -> None:
    workflow.name = version.name
    workflow.description = found.description
    workflow.kind = version.kind
    workflow.file_name = version.file_name
    workflow.published_version_id = version.id
    workflow.published_number = version.number
    workflow.published_at = now()
    workflow.uses_amp = version.uses_amp
    workflow.meta = dict(found.meta)
    workflow.inside_text = reports.inside_text(version.report)
    make_findable(workflow)
