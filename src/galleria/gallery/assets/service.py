"""What a user owns: listed, given away, and in the way when he leaves."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, func, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from galleria.database.base import now
from galleria.errors import ConflictError, InvalidError
from galleria.gallery.actors import Actor, Role
from galleria.gallery.audit import service as audit
from galleria.gallery.audit.service import Event
from galleria.gallery.groups.service import groups_of, leave_groups
from galleria.gallery.keys.records import ApiKey
from galleria.gallery.schedules.records import Schedule
from galleria.gallery.schedules.service import remove_schedule, schedules_using
from galleria.gallery.sessions.records import WebSession
from galleria.gallery.shares.records import Collection
from galleria.gallery.subscriptions.service import ENTITY as STUDIO
from galleria.gallery.subscriptions.service import get_subscription
from galleria.gallery.users.records import User
from galleria.gallery.users.service import ENTITY, find_user, get_user, require_other_curator
from galleria.gallery.workflows import changes
from galleria.gallery.workflows.access import get_workflow
from galleria.gallery.workflows.records import Workflow


@dataclass(frozen=True)
class Assets:
    workflows: Sequence[Workflow]
    schedules: Sequence[Schedule]
    collections: Sequence[Collection]

    @property
    def count(self) -> int:
        return len(self.workflows) + len(self.schedules) + len(self.collections)


def assets_of(db: Session, actor: Actor, user_id: str) -> Assets:
    """List everything that a user owns."""
    get_user(db, actor, user_id)
    return Assets(
        db.scalars(select(Workflow).where(Workflow.owner_id == user_id, Workflow.deleted_at.is_(None)).order_by(Workflow.id)).all(),
        db.scalars(select(Schedule).where(Schedule.owner_id == user_id).order_by(Schedule.id)).all(),
        db.scalars(select(Collection).where(Collection.owner_id == user_id).order_by(Collection.id)).all(),
    )


def transfer_workflow(db: Session, actor: Actor, workflow_id: str, owner_id: str, *, with_schedules: bool) -> Workflow:
    """Give a workflow to another user, and `with_schedules` also its schedules."""
    workflow = changes.transfer_workflow(db, actor, workflow_id, owner_id)
    if with_schedules:
        for schedule in schedules_using(db, workflow_id):
            audit.change(db, actor, "Schedule", schedule, {"owner_id": owner_id})
    db.flush()
    return workflow


def transfer_assets(
    db: Session, actor: Actor, user_id: str, owner_id: str, *, workflows: bool, schedules: bool, collections: bool
) -> Sequence[Schedule]:
    """Give what a user owns to another, by kind. Gives the schedules that still hang on the first user: his own that stay."""
    actor.require(Role.CURATOR, "give away what a user owns")
    owned = assets_of(db, actor, user_id)
    heir = find_user(db, owner_id)
    if heir is None or not heir.is_active:
        raise InvalidError(f"no active user {owner_id} to take it over")
    for workflow in owned.workflows if workflows else ():
        changes.transfer_workflow(db, actor, workflow.id, owner_id)
    for schedule in owned.schedules if schedules else ():
        audit.change(db, actor, "Schedule", schedule, {"owner_id": owner_id})
    for collection in owned.collections if collections else ():
        audit.change(db, actor, "Collection", collection, {"owner_id": owner_id})
    db.flush()
    return () if schedules else owned.schedules


def deactivate_user(db: Session, actor: Actor, user_id: str) -> tuple[str, ...]:
    """Shut a user out and end his sign-ins; gives the ids of the groups that he was taken out of."""
    actor.require(Role.CURATOR, "deactivate a user")
    user = get_user(db, actor, user_id)
    require_other_curator(db, user)
    audit.change(db, actor, ENTITY, user, {"is_active": False})
    db.execute(delete(WebSession).where(WebSession.user_id == user_id))
    left = leave_groups(db, actor, user_id)
    db.flush()
    return left


def delete_user(db: Session, actor: Actor, user_id: str) -> None:
    """Remove a user who owns nothing and is in no group. His name goes from the lists; jobs and audit log keep his id."""
    actor.require(Role.CURATOR, "delete a user")
    user = get_user(db, actor, user_id)
    require_other_curator(db, user)
    owned = assets_of(db, actor, user_id)
    if owned.count:
        things = f"{len(owned.workflows)} workflows, {len(owned.schedules)} schedules, {len(owned.collections)} collections"
        raise ConflictError(f"{user.email} owns things ({things}); give them to somebody else first")
    if groups_of(db, user_id):
        raise ConflictError(f"{user.email} is in groups; take him out first")
    db.execute(delete(ApiKey).where(ApiKey.user_id == user_id))
    db.execute(delete(WebSession).where(WebSession.user_id == user_id))
    user.deleted_at = now()
    user.is_active = False
    user.password_hash = None
    audit.record(db, actor, Event.DELETE, ENTITY, user_id, {"email": user.email})
    db.flush()


def delete_workflow(db: Session, actor: Actor, workflow_id: str, *, with_schedules: bool = False) -> None:
    """Remove a workflow; one that schedules run only `with_schedules`."""
    schedules = schedules_using(db, workflow_id)
    if schedules and not with_schedules:
        get_workflow(db, actor, workflow_id)
        raise ConflictError(f"{len(schedules)} schedules run this workflow; delete it with them, or remove them first")
    changes.delete_workflow(db, actor, workflow_id)
    for schedule in schedules:
        remove_schedule(db, actor, schedule)


def move_users(db: Session, actor: Actor, subscription_id: str, user_ids: Sequence[str]) -> None:
    """Move users into a studio, with the workflows that they own."""
    actor.require(Role.CURATOR, "move users into a studio")
    get_subscription(db, actor, subscription_id)
    for user_id in dict.fromkeys(user_ids):
        user = get_user(db, actor, user_id)
        audit.change(db, actor, ENTITY, user, {"subscription_id": subscription_id})
        for workflow in assets_of(db, actor, user_id).workflows:
            audit.change(db, actor, "AppInfo", workflow, {"subscription_id": subscription_id})
    db.flush()


@dataclass(frozen=True)
class StudioCounts:
    users: int = 0
    workflows: int = 0


def studio_counts(db: Session, subscription_ids: Sequence[str]) -> dict[str, StudioCounts]:
    """Count the users and workflows of studios from a list of the caller's, by id."""
    users = _counted(db, User.subscription_id, User.deleted_at, subscription_ids)
    workflows = _counted(db, Workflow.subscription_id, Workflow.deleted_at, subscription_ids)
    return {studio: StudioCounts(users.get(studio, 0), workflows.get(studio, 0)) for studio in subscription_ids}


def _counted(
    db: Session, studio: InstrumentedAttribute[str], deleted_at: InstrumentedAttribute[datetime | None], ids: Sequence[str]
) -> dict[str, int]:
    query = select(studio, func.count()).where(studio.in_(ids), deleted_at.is_(None)).group_by(studio)
    return {row[0]: row[1] for row in db.execute(query)}


def delete_subscription(db: Session, actor: Actor, subscription_id: str) -> None:
    """Remove a studio that has neither users nor workflows; one that had some keeps its row, inactive and without key."""
    actor.require(Role.CURATOR, "delete a studio")
    studio = get_subscription(db, actor, subscription_id)
    counts = studio_counts(db, [subscription_id])[subscription_id]
    if counts != StudioCounts():
        raise ConflictError(f"the studio {studio.name!r} has {counts.users} users and {counts.workflows} workflows; move them first")
    db.execute(delete(ApiKey).where(ApiKey.subscription_id == subscription_id))
    studio.deleted_at = now()
    studio.is_active = False
    audit.record(db, actor, Event.DELETE, STUDIO, subscription_id, {"name": studio.name})
    db.flush()
