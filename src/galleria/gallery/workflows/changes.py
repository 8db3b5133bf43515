"""Change, give away and remove published workflows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from galleria.database.base import now
from galleria.errors import InvalidError
from galleria.gallery.actors import Actor, Role
from galleria.gallery.audit import service as audit
from galleria.gallery.audit.service import Event
from galleria.gallery.shares.records import Collection, CollectionItem, Shared
from galleria.gallery.users.service import find_user
from galleria.gallery.workflows.access import get_workflow, require_manager
from galleria.gallery.workflows.followers import tell_of_change
from galleria.gallery.workflows.publish import ENTITY
from galleria.gallery.workflows.records import Tag, Version, Workflow, make_findable


@dataclass(frozen=True)
class WorkflowChange:
    """None: stays as it is."""

    name: str | None = None
    description: str | None = None
    is_public: bool | None = None
    can_download: bool | None = None
    is_run_disabled: bool | None = None
    worker_tag: str | None = None
    is_ready_to_migrate: bool | None = None


_CURATORS_ONLY = frozenset(("is_public", "is_ready_to_migrate", "worker_tag"))


def change_workflow(db: Session, actor: Actor, workflow_id: str, change: WorkflowChange) -> Workflow:
    """Change what its managers may: name and description, download, running; Curators also who sees it and where it runs."""
    workflow = get_workflow(db, actor, workflow_id)
    require_manager(actor, workflow, "change it")
    values = {one.name: getattr(change, one.name) for one in fields(change) if getattr(change, one.name) is not None}
    if values.keys() & _CURATORS_ONLY:
        actor.require(Role.CURATOR, f"change {', '.join(sorted(values.keys() & _CURATORS_ONLY))} of a workflow")
    if "name" in values and not 1 <= len(values["name"].strip()) <= 300:
        raise InvalidError("a workflow's name has 1 to 300 characters")
    if change.is_public is not None and change.is_public != workflow.is_public:
        workflow.made_public_at = now() if change.is_public else None
    news = _news(workflow, values)
    audit.change(db, actor, ENTITY, workflow, values)
    make_findable(workflow)
    db.flush()
    if news:
        tell_of_change(db, actor, workflow, news)
    return workflow


def _news(workflow: Workflow, values: Mapping[str, object]) -> str:
    """Say what a change comes to for those who follow; nothing for what only its managers care about."""
    if values.get("name", workflow.name) != workflow.name:
        return f"has a new name; it was {workflow.name}"
    if values.get("is_run_disabled", workflow.is_run_disabled) != workflow.is_run_disabled:
        return "can no longer be run" if values["is_run_disabled"] else "can be run again"
    return "has a new description" if values.get("description", workflow.description) != workflow.description else ""


def transfer_workflow(db: Session, actor: Actor, workflow_id: str, owner_id: str) -> Workflow:
    """Give a workflow to another user; it moves into his studio. Its schedules are `assets`' to give along."""
    actor.require(Role.CURATOR, "give a workflow to somebody else")
    workflow = get_workflow(db, actor, workflow_id)
    owner = find_user(db, owner_id)
    if owner is None or not owner.is_active:
        raise InvalidError(f"no active user {owner_id} to own it")
    audit.change(db, actor, ENTITY, workflow, {"owner_id": owner.id, "subscription_id": owner.subscription_id})
    _give_along(db, actor, workflow)
    db.flush()
    return workflow


def settle_workflow(db: Session, actor: Actor, workflow_id: str, owner_id: str, subscription_id: str | None = None) -> Workflow:
    """Say whose a workflow is and in which studio it lies, which need not be its owner's: for the import, which moves what was so."""
    actor.require(Role.CURATOR, "settle a workflow")
    workflow = get_workflow(db, actor, workflow_id)
    owner = find_user(db, owner_id)
    if owner is None:
        raise InvalidError(f"no user {owner_id} to own it")
    audit.change(db, actor, ENTITY, workflow, {"owner_id": owner.id, "subscription_id": subscription_id or owner.subscription_id})
    _give_along(db, actor, workflow)
    db.flush()
    return workflow


def _give_along(db: Session, actor: Actor, workflow: Workflow) -> None:
    """What shares a workflow by itself is its owner's."""
    for collection in db.scalars(select(Collection).where(Collection.made_for == workflow.id)):
        audit.change(db, actor, "Collection", collection, {"owner_id": workflow.owner_id})


def delete_workflow(db: Session, actor: Actor, workflow_id: str) -> None:
    """Remove a workflow from every list; its jobs and their outputs stay. Its schedules are `schedules`' to remove first."""
    workflow = get_workflow(db, actor, workflow_id)
    require_manager(actor, workflow, "delete it")
    tell_of_change(db, actor, workflow, "was deleted")
    workflow.deleted_at = now()
    db.execute(delete(CollectionItem).where(CollectionItem.kind == Shared.WORKFLOW, CollectionItem.item_id == workflow_id))
    db.execute(delete(Collection).where(Collection.made_for == workflow_id))
    audit.record(db, actor, Event.DELETE, ENTITY, workflow_id, {"name": workflow.name})
    db.flush()


def set_tags(db: Session, actor: Actor, workflow_id: str, tags: Sequence[str]) -> tuple[str, ...]:
    """Give a workflow these tags and no others; gives them sorted, in lower case and without blanks around."""
    workflow = get_workflow(db, actor, workflow_id)
    require_manager(actor, workflow, "tag it")
    wanted = tuple(sorted({tag.strip().lower() for tag in tags if tag.strip()}))
    if len(wanted) > 50 or any(len(tag) > 100 for tag in wanted):
        raise InvalidError("a workflow has 50 tags at most, of 100 characters at most")
    old = tags_of(db, [workflow_id]).get(workflow_id, ())
    if wanted != old:
        db.execute(delete(Tag).where(Tag.workflow_id == workflow_id))
        db.add_all(Tag(workflow_id=workflow_id, tag=tag) for tag in wanted)
        audit.record(db, actor, Event.UPDATE, ENTITY, workflow_id, {"tags": list(old)}, {"tags": list(wanted)})
        db.flush()
    return wanted


def unsupported_among(db: Session, workflows: Sequence[Workflow]) -> set[str]:
    """Find those of the caller's workflows whose published version holds something that cannot run; gives their ids."""
    versions = {workflow.published_version_id: workflow.id for workflow in workflows if workflow.published_version_id}
    found = db.scalars(select(Version.id).where(Version.id.in_(versions), Version.is_supported.is_(False)))
    return {versions[version_id] for version_id in found}


def tags_of(db: Session, workflow_ids: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """Give the tags of workflows from a list of the caller's, by id, sorted; one without any is missing."""
    found: dict[str, tuple[str, ...]] = {}
    for tag in db.scalars(select(Tag).where(Tag.workflow_id.in_(workflow_ids)).order_by(Tag.tag)):
        found[tag.workflow_id] = (*found.get(tag.workflow_id, ()), tag.tag)
    return found
