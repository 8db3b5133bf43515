"""Make groups, put users into them; and turn a user into an actor, which takes his groups."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from galleria.database.base import new_id, now
from galleria.errors import ConflictError, InvalidError, NotFoundError
from galleria.gallery.actors import Actor, Role, strongest
from galleria.gallery.audit import service as audit
from galleria.gallery.audit.service import Event
from galleria.gallery.groups.records import Group, GroupMember
from galleria.gallery.pages import EVERYTHING, Page
from galleria.gallery.preferences.service import preferences
from galleria.gallery.users.records import User

ENTITY = "UserGroup"


def actor_for(db: Session, user: User, via: str) -> Actor:
    """Give the actor that a user is at this moment; one who is inactive or expired has no access."""
    groups = db.execute(
        select(Group.id, Group.role).join(GroupMember, GroupMember.group_id == Group.id).where(GroupMember.user_id == user.id)
    ).all()
    role = _effective_role(db, user, [role for _, role in groups])
    return Actor(
        role=role,
        user_id=user.id,
        subscription_id=user.subscription_id,
        email=user.email,
        group_ids=frozenset(group_id for group_id, _ in groups),
        via=via,
        can_schedule=user.can_schedule or role is Role.CURATOR,
        can_set_priority=user.can_set_priority or role is Role.CURATOR,
        can_assign_jobs=user.can_assign_jobs or role is Role.CURATOR,
        can_create_collections=user.can_create_collections,
    )


def _effective_role(db: Session, user: User, group_roles: Sequence[Role]) -> Role:
    if not user.is_active or (user.expires_at is not None and user.expires_at <= now()):
        return Role.NO_ACCESS
    if user.role is not Role.EVALUATED:
        return user.role
    given = [role for role in group_roles if role is not Role.EVALUATED]
    return strongest(given) if given else preferences(db).default_role


def effective_role(db: Session, user: User) -> Role:
    """Decide what a user may do: an Evaluated one the most that a group of his gives, or else the default role."""
    return actor_for(db, user, "").role


def create_group(db: Session, actor: Actor, name: str, role: Role, group_id: str | None = None) -> Group:
    actor.require(Role.CURATOR, "create a group")
    group = Group(id=group_id or new_id(), name=_checked_name(name), role=role)
    db.add(group)
    audit.record(db, actor, Event.INSERT, ENTITY, group.id, new={"name": group.name, "role": role.value})
    db.flush()
    return group


def _checked_name(name: str) -> str:
    if not 1 <= len(name.strip()) <= 255:
        raise InvalidError("a group's name has 1 to 255 characters")
    return name.strip()


def get_group(db: Session, actor: Actor, group_id: str) -> Group:
    """Find a group: any for a Curator, else one that the actor is in."""
    group = db.get(Group, group_id)
    if group is None or not (actor.is_curator or group_id in actor.group_ids):
        raise NotFoundError(f"no group {group_id}")
    return group


def list_groups(db: Session, actor: Actor, page: Page = EVERYTHING) -> Sequence[Group]:
    """List all groups by name."""
    actor.require(Role.CURATOR, "list groups")
    return db.scalars(page.of(select(Group).order_by(Group.name, Group.id))).all()


def groups_by_id(db: Session, group_ids: Sequence[str]) -> dict[str, Group]:
    """Find the groups that a list is about to name, in one query; for those who checked the list's actor."""
    return {group.id: group for group in db.scalars(select(Group).where(Group.id.in_(set(group_ids))))}


def change_group(db: Session, actor: Actor, group_id: str, name: str, role: Role) -> Group:
    actor.require(Role.CURATOR, "change a group")
    group = get_group(db, actor, group_id)
    audit.change(db, actor, ENTITY, group, {"name": _checked_name(name), "role": role})
    db.flush()
    return group


def delete_group(db: Session, actor: Actor, group_id: str, *, with_members: bool = False) -> None:
    """Remove a group; one that has members only `with_members`, who stay users."""
    actor.require(Role.CURATOR, "delete a group")
    group = get_group(db, actor, group_id)
    if not with_members and member_counts(db, [group_id]).get(group_id):
        raise ConflictError(f"the group {group.name!r} has members; delete it with them, or take them out first")
    audit.record(db, actor, Event.DELETE, ENTITY, group_id, {"name": group.name})
    db.delete(group)
    db.flush()


def members_of(db: Session, actor: Actor, group_id: str) -> Sequence[User]:
    """List a group's members by e-mail."""
    get_group(db, actor, group_id)
    query = select(User).join(GroupMember, GroupMember.user_id == User.id).where(GroupMember.group_id == group_id)
    return db.scalars(query.order_by(User.email)).all()


def groups_of(db: Session, user_id: str) -> Sequence[Group]:
    """List the groups that a user is in, by name."""
    query = select(Group).join(GroupMember, GroupMember.group_id == Group.id).where(GroupMember.user_id == user_id)
    return db.scalars(query.order_by(Group.name)).all()


def member_counts(db: Session, group_ids: Sequence[str]) -> Mapping[str, int]:
    """Count members by group; a group without any is missing."""
    query = select(GroupMember.group_id, func.count()).where(GroupMember.group_id.in_(group_ids)).group_by(GroupMember.group_id)
    return {row[0]: row[1] for row in db.execute(query)}


@dataclass(frozen=True)
class Added:
    added: tuple[str, ...]
    refused: Mapping[str, str]
    """The reason by user id."""


def add_members(db: Session, actor: Actor, group_id: str, user_ids: Sequence[str]) -> Added:
    """Put users into a group; those who are in it already count as added."""
    actor.require(Role.CURATOR, "put users into a group")
    get_group(db, actor, group_id)
    known = {user.id: user for user in db.scalars(select(User).where(User.id.in_(user_ids), User.deleted_at.is_(None)))}
    present = set(db.scalars(select(GroupMember.user_id).where(GroupMember.group_id == group_id)))
    refused = {user_id: "there is no such user" for user_id in user_ids if user_id not in known}
    refused |= {user_id: "the user is not active" for user_id, user in known.items() if not user.is_active}
    added = tuple(dict.fromkeys(user_id for user_id in user_ids if user_id not in refused))
    fresh = [user_id for user_id in added if user_id not in present]
    db.add_all(GroupMember(group_id=group_id, user_id=user_id) for user_id in fresh)
    if fresh:
        audit.record(db, actor, Event.UPDATE, ENTITY, group_id, new={"addedUsers": fresh})
    db.flush()
    return Added(added, refused)


def remove_member(db: Session, actor: Actor, group_id: str, user_id: str) -> None:
    """Take a user out of a group; one who is not in it is no error."""
    actor.require(Role.CURATOR, "take users out of a group")
    get_group(db, actor, group_id)
    query = delete(GroupMember).where(GroupMember.group_id == group_id, GroupMember.user_id == user_id)
    if db.execute(query.returning(GroupMember.user_id)).first() is not None:
        audit.record(db, actor, Event.UPDATE, ENTITY, group_id, {"removedUser": user_id})


def leave_groups(db: Session, actor: Actor, user_id: str) -> tuple[str, ...]:
    """Take a user out of all groups; gives their ids."""
    left = tuple(sorted(db.scalars(delete(GroupMember).where(GroupMember.user_id == user_id).returning(GroupMember.group_id))))
    for group_id in left:
        audit.record(db, actor, Event.UPDATE, ENTITY, group_id, {"removedUser": user_id})
    return left
