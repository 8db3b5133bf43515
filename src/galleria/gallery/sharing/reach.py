"""Who sees a workflow, and why: told to those who manage it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from galleria.database.clock import from_now
from galleria.gallery.actors import Actor
from galleria.gallery.collections.service import visible_to
from galleria.gallery.groups.records import Group, GroupMember
from galleria.gallery.pages import batches
from galleria.gallery.shares.records import Collection, CollectionItem, CollectionMember, Party, Shared
from galleria.gallery.subscriptions.records import Subscription
from galleria.gallery.users.records import User
from galleria.gallery.workflows.access import get_workflow, require_manager


@dataclass(frozen=True)
class Through:
    """A collection that it lies in."""

    collection: Collection
    members: Sequence[CollectionMember]
    """Those whose membership has not ended."""
    is_seen: bool
    """The actor sees the collection itself."""


@dataclass(frozen=True)
class Reach:
    owner_id: str
    studio_id: str
    is_public: bool
    alone: Sequence[CollectionMember]
    """Who got it by itself."""
    through: Sequence[Through]
    names: Mapping[str, str]
    """Of all whom this names, by id: people, groups, studios; one that is gone is missing."""
    sizes: Mapping[str, int]
    """How many people are in each of those groups and studios, by id."""


def reach_of(db: Session, actor: Actor, workflow_id: str) -> Reach:
    """Tell who sees a workflow beside the Curators."""
    workflow = get_workflow(db, actor, workflow_id)
    require_manager(actor, workflow, "see with whom it is shared")
    holding = select(Collection).join(CollectionItem, CollectionItem.collection_id == Collection.id)
    holding = holding.where(CollectionItem.kind == Shared.WORKFLOW, CollectionItem.item_id == workflow_id)
    found = db.scalars(holding.order_by(Collection.name, Collection.id)).all()
    seen = set(db.scalars(select(Collection.id).where(Collection.id.in_([one.id for one in found]), visible_to(actor))))
    members = _members(db, [one.id for one in found])
    parties = [(member.party, member.party_id) for some in members.values() for member in some]
    parties += [(Party.USER, workflow.owner_id), (Party.STUDIO, workflow.subscription_id), *((Party.USER, one.owner_id) for one in found)]
    names, sizes = _named(db, parties)
    return Reach(
        owner_id=workflow.owner_id,
        studio_id=workflow.subscription_id,
        is_public=workflow.is_public,
        alone=[member for one in found if one.made_for == workflow_id for member in members.get(one.id, ())],
        through=[Through(one, members.get(one.id, ()), one.id in seen) for one in found if one.made_for != workflow_id],
        names=names,
        sizes=sizes,
    )


def _members(db: Session, collection_ids: Sequence[str]) -> Mapping[str, list[CollectionMember]]:
    is_valid = or_(CollectionMember.expires_at.is_(None), CollectionMember.expires_at > from_now())
    found: dict[str, list[CollectionMember]] = {}
    for some in batches(collection_ids):
        query = select(CollectionMember).where(CollectionMember.collection_id.in_(some), is_valid)
        for member in db.scalars(query.order_by(CollectionMember.added_at, CollectionMember.party_id)):
            found.setdefault(member.collection_id, []).append(member)
    return found


def _named(db: Session, parties: Sequence[tuple[Party, str]]) -> tuple[Mapping[str, str], Mapping[str, int]]:
    ids = {party: [party_id for one, party_id in parties if one is party] for party in Party}
    names: dict[str, str] = {}
    sizes: dict[str, int] = {}
    for some in batches(ids[Party.USER]):
        users = db.scalars(select(User).where(User.id.in_(some), User.deleted_at.is_(None)))
        names |= {user.id: f"{user.full_name} ({user.email})" if user.full_name != user.email else user.email for user in users}
    for some in batches(ids[Party.GROUP]):
        names |= {row[0]: row[1] for row in db.execute(select(Group.id, Group.name).where(Group.id.in_(some)))}
        counted = select(GroupMember.group_id, func.count()).where(GroupMember.group_id.in_(some)).group_by(GroupMember.group_id)
        sizes |= {row[0]: row[1] for row in db.execute(counted)}
    for some in batches(ids[Party.STUDIO]):
        names |= {row[0]: row[1] for row in db.execute(select(Subscription.id, Subscription.name).where(Subscription.id.in_(some)))}
        inside = select(User.subscription_id, func.count()).where(User.subscription_id.in_(some), User.deleted_at.is_(None))
        sizes |= {row[0]: row[1] for row in db.execute(inside.group_by(User.subscription_id))}
    return names, sizes
