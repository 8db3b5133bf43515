"""Who may do what with a workflow: as conditions for queries and as checks of one."""

from sqlalchemy import ColumnElement, and_, false, or_, select, true
from sqlalchemy.orm import Session

from galleria.errors import ForbiddenError, NotFoundError
from galleria.gallery.actors import Actor, Role
from galleria.gallery.shares.records import Shared
from galleria.gallery.shares.service import shared_with, updatable_by
from galleria.gallery.workflows.records import Workflow


def visible_to(actor: Actor) -> ColumnElement[bool]:
    """Say which workflows an actor may see.

    All for a Curator; for a studio's key the studio's; else one's own, those of one's studio (from Member on), the
    public ones and those that a collection shares (from Viewer on).
    """
    return and_(Workflow.deleted_at.is_(None), _seen_by(actor))


def _seen_by(actor: Actor) -> ColumnElement[bool]:
    if actor.is_curator:
        return true()
    if actor.is_studio:
        return Workflow.subscription_id == actor.subscription_id
    if not actor.has(Role.VIEWER):
        return false()
    ways = [Workflow.is_public.is_(True), Workflow.owner_id == actor.user_id, Workflow.id.in_(shared_with(actor, Shared.WORKFLOW))]
    if actor.has(Role.MEMBER):
        ways.append(Workflow.subscription_id == actor.subscription_id)
    return or_(*ways)


def is_manager(actor: Actor, workflow: Workflow) -> bool:
    """Owner, the Artisans of its studio (with the studio's own key, too), Curators."""
    if actor.is_curator or (actor.user_id is not None and actor.user_id == workflow.owner_id):
        return True
    return actor.has(Role.ARTISAN) and actor.subscription_id == workflow.subscription_id


def require_manager(actor: Actor, workflow: Workflow, deed: str) -> None:
    if not is_manager(actor, workflow):
        raise ForbiddenError(f"only its owner, his studio's artisans and curators may {deed}")


def require_updater(db: Session, actor: Actor, workflow: Workflow, deed: str) -> None:
    """As `require_manager`, but a collection whose members may update what it holds will do, too."""
    shared = select(Workflow.id).where(Workflow.id == workflow.id, Workflow.id.in_(updatable_by(actor, Shared.WORKFLOW)))
    if not is_manager(actor, workflow) and db.scalars(shared).first() is None:
        raise ForbiddenError(f"only its owner, his studio's artisans, curators, and whom a collection allows it may {deed}")


def get_workflow(db: Session, actor: Actor, workflow_id: str) -> Workflow:
    """Find a workflow that the actor may see; any other is as unknown as one that never was."""
    workflow = find_workflow(db, actor, workflow_id)
    if workflow is None:
        raise NotFoundError(f"no workflow {workflow_id}")
    return workflow


def find_workflow(db: Session, actor: Actor, workflow_id: str) -> Workflow | None:
    return db.scalars(select(Workflow).where(Workflow.id == workflow_id, visible_to(actor))).first()
