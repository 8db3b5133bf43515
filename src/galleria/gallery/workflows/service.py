"""Find, list and read published workflows. `publish.py` makes them, `access.py` says who sees them."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from itertools import chain
from typing import Any, BinaryIO

from sqlalchemy import ColumnElement, Select, case, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from galleria.database.letters import contains, holds
from galleria.errors import ForbiddenError, NotFoundError
from galleria.gallery.actors import Actor
from galleria.gallery.audit import service as audit
from galleria.gallery.audit.service import Event
from galleria.gallery.districts.records import Placing
from galleria.gallery.pages import EVERYTHING, Page, batches
from galleria.gallery.shares.records import CollectionItem, Shared
from galleria.gallery.shares.service import shared_with
from galleria.gallery.users.records import User
from galleria.gallery.workflows import report as reports
from galleria.gallery.workflows.access import get_workflow, is_manager, visible_to
from galleria.gallery.workflows.by_owner import ids_by_owner
from galleria.gallery.workflows.publish import ENTITY
from galleria.gallery.workflows.records import PackageKind, Tag, Version, Workflow
from galleria.gallery.workflows.report import Question, Report
from galleria.storage.contract import Storage


class WorkflowSort(StrEnum):
    """The names of the published API, without the letters' case."""

    AUTHOR = "author"
    COPYRIGHT = "copyright"
    DATE_MADE_PUBLIC = "datemadepublic"
    DESCRIPTION = "description"
    EXECUTION_MODE = "executionmode"
    NAME = "name"
    OWNER = "owner"
    RUN_COUNT = "runcount"
    SUBSCRIPTION = "subscriptionid"
    UPLOAD_DATE = "uploaddate"


@dataclass(frozen=True)
class WorkflowFilter:
    subscription_id: str | None = None
    owner_id: str | None = None
    kind: PackageKind | None = None
    search: str = ""
    """Found in name, description, file name or author, in any letter case."""
    anywhere: str = ""
    """Words, each to be found there, in a tag, in the owner's name or in the name of a tool or field inside."""
    name: str | None = None
    """The whole name."""
    published_since: datetime | None = None
    """Inclusive, as the next."""
    published_until: datetime | None = None
    source_id: str | None = None
    is_ready_to_migrate: bool | None = None
    includes_deleted: bool = False
    """Counts for Curators only."""
    touched_since: datetime | None = None
    """The audit log says something about it from this moment on, inclusive as the next."""
    touched_until: datetime | None = None
    collection_id: str | None = None
    """Of a collection that the actor was found to see."""
    tag: str | None = None
    """The whole tag, as it is written."""
    district_id: str | None = None
    """Of a district that the actor was found to see."""
    is_supported: bool | None = None
    """Whether everything in the published version is something that Galleria does."""
    shared_only: bool = False
    """Of others, and shared with the actor by a collection."""


def list_workflows(
    db: Session,
    actor: Actor,
    wanted: WorkflowFilter | None = None,
    page: Page = EVERYTHING,
    sort: WorkflowSort = WorkflowSort.UPLOAD_DATE,
    *,
    descending: bool = True,
) -> Sequence[Workflow]:
    """List what the actor may see; the latest first unless told otherwise, and in a stable order."""
    return workflows_in_order(db, workflow_ids(db, actor, wanted, page, sort, descending=descending))


def workflow_ids(
    db: Session,
    actor: Actor,
    wanted: WorkflowFilter | None = None,
    page: Page = EVERYTHING,
    sort: WorkflowSort = WorkflowSort.UPLOAD_DATE,
    *,
    descending: bool = True,
) -> Sequence[str]:
    """As `list_workflows`, the ids alone: for those who read a long list part by part."""
    column = _SORTS[sort]
    query = _filtered(select(Workflow.id), actor, wanted or WorkflowFilter())
    if sort is WorkflowSort.OWNER and page.limit is not None:
        return ids_by_owner(db, query, page, descending=descending)
    if sort is WorkflowSort.OWNER:
        query = query.join(User, User.id == Workflow.owner_id)
    order = (column.desc(), Workflow.id.desc()) if descending else (column.asc(), Workflow.id.asc())
    # First the ids, which an index alone may give, then the rows of this page: far pages need not read all rows before them.
    return db.scalars(page.of(query.order_by(*order))).all()


def count_workflows(db: Session, actor: Actor, wanted: WorkflowFilter | None = None) -> int:
    return db.scalar(_filtered(select(func.count()).select_from(Workflow), actor, wanted or WorkflowFilter())) or 0


@dataclass(frozen=True)
class Matches:
    workflows: Sequence[Workflow]
    """The most run first, no more than asked for."""
    totals: Mapping[PackageKind, int]
    """How many there are of each kind."""


def find_matches(db: Session, actor: Actor, wanted: WorkflowFilter, most: int) -> Matches:
    """Find and count what the actor may see, in one pass through the texts."""
    totals = {kind: func.sum(case((Workflow.kind == kind, 1), else_=0)).over() for kind in PackageKind}
    query = _filtered(select(Workflow.id, *totals.values()), actor, wanted)
    rows = db.execute(query.order_by(Workflow.run_count.desc(), Workflow.id.desc()).limit(most)).all()
    found = workflows_by_id(db, [row[0] for row in rows])
    counted = {kind: int(count) for kind, count in zip(totals, rows[0][1:], strict=True)} if rows else {}
    return Matches([found[row[0]] for row in rows], counted)


def _meta(name: str) -> ColumnElement[Any]:
    return Workflow.meta[name].as_string()


_SORTS: Mapping[WorkflowSort, ColumnElement[Any] | InstrumentedAttribute[Any]] = {
    WorkflowSort.AUTHOR: func.lower(_meta("author")),
    WorkflowSort.COPYRIGHT: func.lower(_meta("copyright")),
    WorkflowSort.DATE_MADE_PUBLIC: Workflow.made_public_at,
    WorkflowSort.DESCRIPTION: func.lower(Workflow.description),
    WorkflowSort.EXECUTION_MODE: Workflow.uses_amp,
    WorkflowSort.NAME: func.lower(Workflow.name),
    WorkflowSort.OWNER: func.lower(User.email),
    WorkflowSort.RUN_COUNT: Workflow.run_count,
    WorkflowSort.SUBSCRIPTION: Workflow.subscription_id,
    WorkflowSort.UPLOAD_DATE: Workflow.published_at,
}


def _filtered(query: Select[Any], actor: Actor, wanted: WorkflowFilter) -> Select[Any]:
    if not (wanted.includes_deleted and actor.is_curator):
        query = query.where(visible_to(actor))
    for column, value in (
        (Workflow.subscription_id, wanted.subscription_id),
        (Workflow.owner_id, wanted.owner_id),
        (Workflow.kind, wanted.kind),
        (Workflow.name, wanted.name),
        (Workflow.source_id, wanted.source_id),
        (Workflow.is_ready_to_migrate, wanted.is_ready_to_migrate),
    ):
        if value is not None:
            query = query.where(column == value)
    if wanted.published_since is not None:
        query = query.where(Workflow.published_at >= wanted.published_since)
    if wanted.published_until is not None:
        query = query.where(Workflow.published_at <= wanted.published_until)
    if wanted.touched_since is not None or wanted.touched_until is not None:
        query = query.where(Workflow.id.in_(audit.touched(ENTITY, wanted.touched_since, wanted.touched_until)))
    for condition in _narrowed(actor, wanted):
        query = query.where(condition)
    if wanted.search:
        query = query.where(_searched(wanted.search))
    for word in wanted.anywhere.split()[:_MOST_WORDS]:
        query = query.where(_anywhere(word))
    return query


def _narrowed(actor: Actor, wanted: WorkflowFilter) -> Iterator[ColumnElement[bool]]:
    if wanted.collection_id is not None:
        held = select(CollectionItem.item_id).where(
            CollectionItem.collection_id == wanted.collection_id, CollectionItem.kind == Shared.WORKFLOW
        )
        yield Workflow.id.in_(held)
    if wanted.tag is not None:
        yield Workflow.id.in_(select(Tag.workflow_id).where(Tag.tag == wanted.tag))
    if wanted.district_id is not None:
        yield Workflow.id.in_(select(Placing.workflow_id).where(Placing.district_id == wanted.district_id))
    if wanted.is_supported is not None:
        # An index alone gives these ids: the rows of versions are large.
        yield Workflow.published_version_id.in_(select(Version.id).where(Version.is_supported == wanted.is_supported))
    if wanted.shared_only:
        yield Workflow.id.in_(shared_with(actor, Shared.WORKFLOW))
        yield Workflow.owner_id != actor.user_id


def _searched(text: str) -> ColumnElement[bool]:
    """A client in use searches for the id of a workflow that it knows."""
    is_found = holds(Workflow.search_text, text)
    is_id = re.fullmatch("[0-9a-f]{24}", text.strip().lower()) is not None
    return or_(is_found, Workflow.id == text.strip().lower()) if is_id else is_found


_MOST_WORDS = 8


def _anywhere(word: str) -> ColumnElement[bool]:
    owners = select(User.id).where(or_(contains(User.email, word), contains(User.first_name, word), contains(User.last_name, word)))
    tagged = select(Tag.workflow_id).where(contains(Tag.tag, word))
    texts = (holds(Workflow.search_text, word), holds(Workflow.inside_text, word))
    return or_(*texts, Workflow.owner_id.in_(owners), Workflow.id.in_(tagged))


def versions_of(db: Session, actor: Actor, workflow_id: str) -> Sequence[Version]:
    """List a workflow's versions, the first one first."""
    workflow = get_workflow(db, actor, workflow_id)
    return db.scalars(select(Version).where(Version.workflow_id == workflow.id).order_by(Version.number)).all()


def workflows_in_order(db: Session, workflow_ids: Sequence[str]) -> Sequence[Workflow]:
    """Find the workflows of a list of ids, in its order, without those that are gone; for those who checked the list's actor."""
    found = workflows_by_id(db, workflow_ids)
    return [found[workflow_id] for workflow_id in workflow_ids if workflow_id in found]


def workflows_by_id(db: Session, workflow_ids: Sequence[str]) -> dict[str, Workflow]:
    """Find the workflows that a list is about to name; for those who checked the list's actor."""
    found = (db.scalars(select(Workflow).where(Workflow.id.in_(some))) for some in batches(workflow_ids))
    return {workflow.id: workflow for workflow in chain.from_iterable(found)}


def versions_by_workflow(db: Session, workflow_ids: Sequence[str]) -> dict[str, list[Version]]:
    """Find all versions of the workflows of a list of the caller's, the first one first."""
    found: dict[str, list[Version]] = {}
    for some in batches(workflow_ids):
        query = select(Version).where(Version.workflow_id.in_(some))
        for version in db.scalars(query.order_by(Version.workflow_id, Version.number)):
            found.setdefault(version.workflow_id, []).append(version)
    return found


def get_version(db: Session, actor: Actor, workflow_id: str, version_id: str | None = None) -> Version:
    """Find a version, the published one when none is named."""
    workflow = get_workflow(db, actor, workflow_id)
    wanted = version_id or workflow.published_version_id
    version = db.scalars(select(Version).where(Version.id == wanted, Version.workflow_id == workflow.id)).first()
    if version is None:
        raise NotFoundError(f"workflow {workflow_id} has no version {version_id}")
    return version


def report_of(db: Session, actor: Actor, workflow_id: str, version_id: str | None = None) -> Report:
    """Read what the check before publishing found."""
    return reports.read(get_version(db, actor, workflow_id, version_id).report)


def questions_of(db: Session, actor: Actor, workflow_id: str, version_id: str | None = None) -> tuple[Question, ...]:
    return report_of(db, actor, workflow_id, version_id).questions


@dataclass(frozen=True)
class Package:
    file_name: str
    size_bytes: int
    stream: BinaryIO
    version_id: str


def download_package(db: Session, actor: Actor, storage: Storage, workflow_id: str, version_id: str | None = None) -> Package:
    """Open a version's `.yxzp`, and note the download. Needs a writing session; the caller closes the stream."""
    package = open_package(db, actor, storage, workflow_id, version_id)
    version = get_version(db, actor, workflow_id, package.version_id)
    version.download_count = Version.download_count + 1
    audit.record(db, actor, Event.DOWNLOAD, ENTITY, workflow_id, new={"versionId": version.id})
    db.flush()
    return package


def open_package(db: Session, actor: Actor, storage: Storage, workflow_id: str, version_id: str | None = None) -> Package:
    """Open a version's `.yxzp` for those who may download it, only to see how large it is; the caller closes the stream."""
    workflow = get_workflow(db, actor, workflow_id)
    if not (workflow.can_download or is_manager(actor, workflow)):
        raise ForbiddenError("the owner does not let others download this workflow")
    version = get_version(db, actor, workflow_id, version_id)
    stream = storage.open(version.package_key)
    name = version.file_name.rpartition(".")[0] or version.file_name
    return Package(f"{name}.yxzp", version.package_size_bytes, stream, version.id)
