"""With whom: found by what people write, an e-mail or the whole name of somebody, a group or a studio."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from galleria.database.letters import contains
from galleria.errors import InvalidError
from galleria.gallery.actors import Actor
from galleria.gallery.groups.records import Group, GroupMember
from galleria.gallery.shares.records import Party
from galleria.gallery.subscriptions.records import Subscription
from galleria.gallery.users.records import User
from galleria.gallery.users.service import find_by_email

_MOST = 200


def party_called(db: Session, text: str) -> tuple[Party, str]:
    """Find whom a text means, in any letter case; raises InvalidError for nobody, and for more than one.

    For those whom the caller found to share something: only whole names and addresses are told from none.
    """
    wanted = text.strip()
    if not wanted:
        raise InvalidError("write with whom: an e-mail, or the name of a person, a group or a studio")
    user = find_by_email(db, wanted) if "@" in wanted else None
    found = [(Party.USER, user.id)] if user is not None else _called(db, wanted)
    if not found:
        raise InvalidError(f"nobody and no group here is called {wanted[:80]!r}; ask a curator to invite them")
    if len(found) > 1:
        raise InvalidError(f"{len(found)} people or groups are called {wanted[:80]!r}; write an e-mail instead")
    return found[0]


def _called(db: Session, wanted: str) -> list[tuple[Party, str]]:
    name = wanted.casefold()
    # Of a person's names, each is looked for: where the first ends is not known.
    parts = wanted.split()
    there = (User.deleted_at.is_(None), User.is_active.is_(True))
    people = select(User).where(*there, contains(User.first_name + " " + User.last_name, parts[0]))
    found = [(Party.USER, user.id) for user in db.scalars(people) if user.full_name.casefold() == name]
    groups = select(Group).where(contains(Group.name, wanted))
    found += [(Party.GROUP, group.id) for group in db.scalars(groups) if group.name.casefold() == name]
    if found:
        # Most people's own studio is called as they are.
        return found
    studios = select(Subscription).where(Subscription.deleted_at.is_(None), contains(Subscription.name, wanted))
    return [(Party.STUDIO, studio.id) for studio in db.scalars(studios) if studio.name.casefold() == name]


@dataclass(frozen=True)
class Near:
    """Somebody to share with whom the actor knows anyway."""

    text: str
    """What `party_called` finds it by."""
    words: str


def near(db: Session, actor: Actor) -> Sequence[Near]:
    """List people and groups to offer: those of the actor's studio and groups; for a Curator the first of all."""
    groups = select(Group).order_by(Group.name, Group.id)
    people = select(User).where(User.deleted_at.is_(None), User.is_active.is_(True), User.id != (actor.user_id or ""))
    if not actor.is_curator:
        mates = select(GroupMember.user_id).where(GroupMember.group_id.in_(actor.group_ids))
        groups = groups.where(Group.id.in_(actor.group_ids))
        people = people.where((User.subscription_id == actor.subscription_id) | User.id.in_(mates))
    found = [Near(group.name, "Group") for group in db.scalars(groups.limit(_MOST))]
    order = (User.first_name, User.last_name, User.email)
    return [*found, *(Near(user.email, user.full_name) for user in db.scalars(people.order_by(*order).limit(_MOST)))]
