"""Share workflows, schedules and insights with users, groups and studios."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, delete, func, or_, select, true
from sqlalchemy.orm import Session

from galleria.database.base import Record, new_id
from galleria.database.clock import from_now
from galleria.database.letters import contains
from galleria.errors import ConflictError, ForbiddenError, InvalidError, NotFoundError
from galleria.gallery.actors import Actor, Role
from galleria.gallery.audit import service as audit
from galleria.gallery.audit.service import Event
from galleria.gallery.groups.records import Group
from galleria.gallery.insights.records import Insight
from galleria.gallery.pages import EVERYTHING, Page, batches
from galleria.gallery.schedules.service import get_schedule
from galleria.gallery.shares.records import Collection, CollectionItem, CollectionMember, Party, Shared
from galleria.gallery.shares.service import collections_of, names
from galleria.gallery.subscriptions.records import Subscription
from galleria.gallery.users.records import User
from galleria.gallery.users.service import find_user
from galleria.gallery.workflows.access import get_workflow, is_manager

ENTITY = "Collection"


@dataclass(frozen=True)
class Rights:
    """What a member may do in a collection beside seeing and running what it holds."""

    is_admin: bool = False
    """All of the others, too."""
    can_add_items: bool = False
    can_remove_items: bool = False
    can_update_items: bool = False
    """Publish new versions of its workflows."""
    can_add_members: bool = False
    can_remove_members: bool = False


_EVERYTHING = Rights(**dict.fromkeys(asdict(Rights()), True))


def create_collection(db: Session, actor: Actor, name: str, collection_id: str | None = None, owner_id: str | None = None) -> Collection:
    """Make a collection. Takes the permission for it; `owner_id` (another owner) and `collection_id` are for the import."""
    if not (actor.can_create_collections or actor.is_system):
        raise ForbiddenError("this user may not create collections; a curator can allow it")
    owner = find_user(db, owner_id or actor.user_id or "")
    if owner is None:
        raise InvalidError("a collection needs a user as its owner")
    if owner.id != actor.user_id:
        actor.require(Role.CURATOR, "create a collection for somebody else")
    collection = Collection(id=collection_id or new_id(), name=_checked_name(name), owner_id=owner.id)
    db.add(collection)
    audit.record(db, actor, Event.INSERT, ENTITY, collection.id, new={"name": collection.name})
    db.flush()
    return collection


def _checked_name(name: str) -> str:
    if not 1 <= len(name.strip()) <= 255:
        raise InvalidError("a collection's name has 1 to 255 characters")
    return name.strip()


def visible_to(actor: Actor) -> ColumnElement[bool]:
    """All for a Curator; else one's own and those that one is a member of."""
    return true() if actor.is_curator else Collection.id.in_(collections_of(actor))


def get_collection(db: Session, actor: Actor, collection_id: str) -> Collection:
    collection = db.scalars(select(Collection).where(Collection.id == collection_id, visible_to(actor))).first()
    if collection is None:
        raise NotFoundError(f"no collection {collection_id}")
    return collection


def list_collections(
    db: Session, actor: Actor, page: Page = EVERYTHING, *, search: str = "", made_by_people: bool = False
) -> Sequence[Collection]:
    """List collections, the oldest first; `search` is found in the name in any letter case.

    `made_by_people` leaves out those that share one workflow by itself.
    """
    query = select(Collection).where(visible_to(actor)).order_by(Collection.created_at, Collection.id)
    if made_by_people:
        query = query.where(Collection.made_for.is_(None))
    if search:
        query = query.where(contains(Collection.name, search))
    return db.scalars(page.of(query)).all()


def items_of(db: Session, collection_ids: Sequence[str]) -> Sequence[CollectionItem]:
    """List what collections hold; for those who got them from a list of their own."""
    query = select(CollectionItem).order_by(CollectionItem.added_at, CollectionItem.item_id)
    return [item for some in batches(collection_ids) for item in db.scalars(query.where(CollectionItem.collection_id.in_(some)))]


def members_of(db: Session, collection_ids: Sequence[str]) -> Sequence[CollectionMember]:
    """List with whom collections are shared; for those who got them from a list of their own."""
    query = select(CollectionMember).order_by(CollectionMember.added_at, CollectionMember.party_id)
    return [member for some in batches(collection_ids) for member in db.scalars(query.where(CollectionMember.collection_id.in_(some)))]


def rights_in(db: Session, actor: Actor, collection: Collection) -> Rights:
    """Sum up what an actor may do in a collection: by himself, his groups and his studio."""
    if actor.is_curator or collection.owner_id == actor.user_id:
        return _EVERYTHING
    is_valid = or_(CollectionMember.expires_at.is_(None), CollectionMember.expires_at > from_now())
    query = select(CollectionMember).where(CollectionMember.collection_id == collection.id, names(actor), is_valid)
    memberships = db.scalars(query).all()
    if any(membership.is_admin for membership in memberships):
        return _EVERYTHING
    return Rights(**{right: any(getattr(membership, right) for membership in memberships) for right in asdict(Rights())})


def _require(db: Session, actor: Actor, collection_id: str, right: str) -> Collection:
    collection = get_collection(db, actor, collection_id)
    if not getattr(rights_in(db, actor, collection), right):
        raise ForbiddenError(f"this caller lacks the right {right} in the collection {collection.name!r}")
    return collection


def change_collection(db: Session, actor: Actor, collection_id: str, name: str, owner_id: str) -> Collection:
    """Rename a collection or give it to another user; by its owner, its admins and Curators."""
    collection = _require(db, actor, collection_id, "is_admin")
    if find_user(db, owner_id) is None:
        raise InvalidError(f"no user {owner_id} to own the collection")
    audit.change(db, actor, ENTITY, collection, {"name": _checked_name(name), "owner_id": owner_id})
    db.flush()
    return collection


def delete_collection(db: Session, actor: Actor, collection_id: str, *, with_content: bool = False) -> None:
    """Remove a collection; one that holds or is shared with something only `with_content`. What it held stays."""
    collection = _require(db, actor, collection_id, "is_admin")
    if not with_content and (_count(db, CollectionItem, collection_id) or _count(db, CollectionMember, collection_id)):
        raise ConflictError(f"the collection {collection.name!r} is not empty; delete it with what it holds, or empty it first")
    db.delete(collection)
    audit.record(db, actor, Event.DELETE, ENTITY, collection_id, {"name": collection.name})
    db.flush()


def _count(db: Session, record: type[CollectionItem] | type[CollectionMember], collection_id: str) -> int:
    return db.scalar(select(func.count()).select_from(record).where(record.collection_id == collection_id)) or 0


def add_item(db: Session, actor: Actor, collection_id: str, kind: Shared, item_id: str) -> Collection:
    """Put something into a collection. It must be the actor's to share: a workflow that he manages, a schedule of his own.

    Adding twice changes nothing.
    """
    collection = _require(db, actor, collection_id, "can_add_items")
    if collection.made_for not in (None, item_id):
        raise ConflictError("this collection shares one workflow by itself; choose one that people made")
    _require_sharable(db, actor, kind, item_id)
    if db.get(CollectionItem, (collection_id, kind, item_id)) is None:
        db.add(CollectionItem(collection_id=collection_id, kind=kind, item_id=item_id, added_by=actor.user_id))
        audit.record(db, actor, Event.UPDATE, ENTITY, collection_id, new={"added": {kind.value: item_id}})
        db.flush()
    return collection


def _require_sharable(db: Session, actor: Actor, kind: Shared, item_id: str) -> None:
    match kind:
        case Shared.WORKFLOW:
            is_his = is_manager(actor, get_workflow(db, actor, item_id))
        case Shared.SCHEDULE:
            is_his = get_schedule(db, actor, item_id).owner_id == actor.user_id or actor.is_curator
        case Shared.INSIGHT:
            insight = db.get(Insight, item_id)
            if insight is None:
                raise NotFoundError(f"no insight {item_id}")
            is_his = actor.is_curator or insight.owner_id == actor.user_id
    if not is_his:
        raise ForbiddenError(f"only those whose {kind.value} it is may share it")


def remove_item(db: Session, actor: Actor, collection_id: str, kind: Shared, item_id: str) -> Collection:
    """Take something out of a collection; what is not in it is no error."""
    collection = _require(db, actor, collection_id, "can_remove_items")
    item = db.get(CollectionItem, (collection_id, kind, item_id))
    if item is not None:
        db.delete(item)
        audit.record(db, actor, Event.UPDATE, ENTITY, collection_id, {"removed": {kind.value: item_id}})
        db.flush()
    return collection


@dataclass(frozen=True)
class Membership:
    party: Party
    party_id: str
    rights: Rights = Rights()
    expires_at: datetime | None = None


_PARTIES: dict[Party, type[Record]] = {Party.USER: User, Party.GROUP: Group, Party.STUDIO: Subscription}


def share_collection(db: Session, actor: Actor, collection_id: str, membership: Membership) -> Collection:
    """Share a collection with somebody, or change what a member may do. Nobody gives rights that he has not himself."""
    collection = _require(db, actor, collection_id, "can_add_members")
    own = rights_in(db, actor, collection)
    excess = [right for right, is_given in asdict(membership.rights).items() if is_given and not getattr(own, right)]
    if excess:
        raise ForbiddenError(f"this caller cannot give rights that he lacks: {', '.join(excess)}")
    if db.get(_PARTIES[membership.party], membership.party_id) is None:
        raise NotFoundError(f"no {membership.party.value} {membership.party_id}")
    member = db.get(CollectionMember, (collection_id, membership.party, membership.party_id))
    if member is None:
        member = CollectionMember(collection_id=collection_id, party=membership.party, party_id=membership.party_id, added_by=actor.user_id)
        db.add(member)
    for right, is_given in asdict(membership.rights).items():
        setattr(member, right, is_given)
    member.expires_at = membership.expires_at
    shared = {membership.party.value: membership.party_id, **asdict(membership.rights)}
    audit.record(db, actor, Event.UPDATE, ENTITY, collection_id, new={"sharedWith": shared})
    db.flush()
    return collection


def unshare_collection(db: Session, actor: Actor, collection_id: str, party: Party, party_id: str) -> Collection:
    """Take a member out, which everybody may do with himself; who is no member is no error."""
    if party is Party.USER and party_id == actor.user_id:
        collection = get_collection(db, actor, collection_id)
    else:
        collection = _require(db, actor, collection_id, "can_remove_members")
    gone = delete(CollectionMember).where(
        CollectionMember.collection_id == collection_id, CollectionMember.party == party, CollectionMember.party_id == party_id
    )
    if db.execute(gone.returning(CollectionMember.party_id)).first() is not None:
        audit.record(db, actor, Event.UPDATE, ENTITY, collection_id, {"sharedWith": {party.value: party_id}})
    return collection


def collections_holding(db: Session, actor: Actor, kind: Shared, item_ids: Sequence[str]) -> Sequence[tuple[str, Collection]]:
    """List, as pairs of item id and collection, in which collections that the actor sees things lie."""
    query = select(CollectionItem.item_id, Collection).join(Collection, Collection.id == CollectionItem.collection_id)
    query = query.where(CollectionItem.kind == kind, visible_to(actor)).order_by(Collection.name, Collection.id)
    found = (db.execute(query.where(CollectionItem.item_id.in_(some))) for some in batches(item_ids))
    return [(item_id, collection) for rows in found for item_id, collection in rows]
