"""Which things an actor sees, or may change, because a collection shares them with him: as queries for other nouns."""

from sqlalchemy import ColumnElement, Select, and_, false, or_, select

from galleria.database.clock import from_now
from galleria.gallery.actors import Actor
from galleria.gallery.shares.records import Collection, CollectionItem, CollectionMember, Party, Shared


def shared_with(actor: Actor, kind: Shared) -> Select[str]:
    """Give the ids of what collections share with the actor, his own collections' included."""
    return select(CollectionItem.item_id).where(CollectionItem.kind == kind, CollectionItem.collection_id.in_(collections_of(actor)))


def updatable_by(actor: Actor, kind: Shared) -> Select[str]:
    """As `shared_with`, but only where the actor may change what a collection holds."""
    memberships = _memberships(actor).where(or_(CollectionMember.can_update_items.is_(True), CollectionMember.is_admin.is_(True)))
    return select(CollectionItem.item_id).where(CollectionItem.kind == kind, CollectionItem.collection_id.in_(memberships))


def collections_of(actor: Actor) -> Select[str]:
    """Give the ids of the collections that the actor owns or is a member of."""
    owned = select(Collection.id).where(Collection.owner_id == actor.user_id)
    found = owned.union(_memberships(actor)).subquery()
    return select(found.c[0])


def _memberships(actor: Actor) -> Select[str]:
    is_valid = or_(CollectionMember.expires_at.is_(None), CollectionMember.expires_at > from_now())
    return select(CollectionMember.collection_id).where(names(actor), is_valid)


def names(actor: Actor) -> ColumnElement[bool]:
    """Say whether a membership means the actor: himself, a group of his, or his studio."""
    ways: list[ColumnElement[bool]] = []
    if actor.user_id is not None:
        ways.append(and_(CollectionMember.party == Party.USER, CollectionMember.party_id == actor.user_id))
    if actor.group_ids:
        ways.append(and_(CollectionMember.party == Party.GROUP, CollectionMember.party_id.in_(actor.group_ids)))
    if actor.subscription_id is not None:
        ways.append(and_(CollectionMember.party == Party.STUDIO, CollectionMember.party_id == actor.subscription_id))
    return or_(*ways) if ways else false()
