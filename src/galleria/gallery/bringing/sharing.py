"""Brings insights and collections along: what they hold, whom they are shared with, what each may do."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from galleria.errors import NotFoundError
from galleria.gallery.bringing.lines import Deed, Line
from galleria.gallery.bringing.notes import DeletedHere, Ids, Move, gone, id_for, known, note, one_by_one
from galleria.gallery.bringing.records import Thing
from galleria.gallery.bringing.there import CollectionThere, InsightThere
from galleria.gallery.collections.service import (
    Membership,
    Rights,
    add_item,
    change_collection,
    create_collection,
    remove_item,
    share_collection,
    unshare_collection,
)
from galleria.gallery.insights.records import Insight
from galleria.gallery.insights.service import import_insight
from galleria.gallery.shares.records import Collection, Party, Shared


@dataclass(frozen=True)
class Ours:
    """Our ids by those there, as far as they were brought."""

    users: Mapping[str, str]
    studios: Mapping[str, str]
    workflows: Mapping[str, str]
    schedules: Mapping[str, str]
    insights: Mapping[str, str]

    def item(self, kind: Shared, item_id: str) -> str | None:
        return {Shared.WORKFLOW: self.workflows, Shared.SCHEDULE: self.schedules, Shared.INSIGHT: self.insights}[kind].get(item_id)

    def party(self, party: Party, party_id: str) -> str | None:
        by_party: dict[Party, Mapping[str, str]] = {Party.USER: self.users, Party.STUDIO: self.studios}
        return by_party[party].get(party_id) if party in by_party else None


def bring_insights(move: Move, found: Sequence[InsightThere], users: Mapping[str, str], ids: Ids) -> Iterator[Line]:
    """Keep insights as names with owners: their drawings are in no API."""
    for there in found:
        line = one_by_one(move, Thing.INSIGHT, there.name, there.id, lambda db, there=there: _insight(db, move, there, users))
        if line.local_id:
            ids[there.id] = line.local_id
        yield line
    yield from gone(move, Thing.INSIGHT, frozenset(there.id for there in found))


def _insight(db: Session, move: Move, there: InsightThere, users: Mapping[str, str]) -> Line:
    before = known(db, move, Thing.INSIGHT, there.id)
    if before is not None:
        return Line(Thing.INSIGHT, Deed.UNCHANGED, there.name, there.id, before.local_id)
    owner_id = users.get(there.owner_id) or move.owners.get("")
    if owner_id is None:
        raise NotFoundError("its owner was not brought along")
    made = import_insight(db, move.actor, there.name, owner_id, {"sourceId": there.id}, id_for(db, move, Insight, there.id))
    note(db, move, Thing.INSIGHT, there.id, made.id, {"name": there.name})
    return Line(Thing.INSIGHT, Deed.BROUGHT, there.name, there.id, made.id, ("by name only: no API tells what it draws",))


def bring_collections(move: Move, found: Sequence[CollectionThere], ours: Ours) -> Iterator[Line]:
    """Make or change collections. What was put into one here stays; what came from there and is not there any more goes."""
    for there in found:
        yield one_by_one(move, Thing.COLLECTION, there.name, there.id, lambda db, there=there: _collection(db, move, there, ours))
    yield from gone(move, Thing.COLLECTION, frozenset(there.id for there in found))


def _collection(db: Session, move: Move, there: CollectionThere, ours: Ours) -> Line:
    owner_id = ours.users.get(there.owner_id) or move.owners.get("")
    if owner_id is None:
        raise NotFoundError("its owner was not brought along; give the collection to somebody with --owner")
    state, notes = _state(there, ours, owner_id)
    before = known(db, move, Thing.COLLECTION, there.id)
    if before is not None and db.get(Collection, before.local_id) is None:
        raise DeletedHere
    if before is not None and before.state == state:
        return Line(Thing.COLLECTION, Deed.UNCHANGED, there.name, there.id, before.local_id)
    collection_id = before.local_id if before else _made(db, move, there, owner_id)
    old: Mapping[str, Any] = before.state if before else {"items": [], "members": []}
    change_collection(db, move.actor, collection_id, there.name, owner_id)
    _take_out(db, move, collection_id, old, state)
    _put_in(db, move, collection_id, old, state)
    note(db, move, Thing.COLLECTION, there.id, collection_id, state)
    return Line(Thing.COLLECTION, Deed.CHANGED if before else Deed.BROUGHT, there.name, there.id, collection_id, notes)


def _made(db: Session, move: Move, there: CollectionThere, owner_id: str) -> str:
    return create_collection(db, move.actor, there.name, id_for(db, move, Collection, there.id), owner_id).id


def _take_out(db: Session, move: Move, collection_id: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> None:
    for kind, item_id in (item for item in old["items"] if item not in new["items"]):
        remove_item(db, move.actor, collection_id, Shared(kind), item_id)
    present = [[member["party"], member["id"]] for member in new["members"]]
    for member in old["members"]:
        if [member["party"], member["id"]] not in present:
            unshare_collection(db, move.actor, collection_id, Party(member["party"]), member["id"])


def _put_in(db: Session, move: Move, collection_id: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> None:
    for kind, item_id in new["items"]:
        add_item(db, move.actor, collection_id, Shared(kind), item_id)
    for member in new["members"]:
        if member not in old["members"]:
            expires_at = None if member["expires_at"] is None else datetime.fromisoformat(member["expires_at"])
            membership = Membership(Party(member["party"]), member["id"], Rights(**member["rights"]), expires_at)
            share_collection(db, move.actor, collection_id, membership)


def _state(there: CollectionThere, ours: Ours, owner_id: str) -> tuple[dict[str, Any], tuple[str, ...]]:
    """Give what the collection is to be in our ids, and what of it could not be brought."""
    items = sorted([kind.value, found] for kind, item_id in there.items if (found := ours.item(kind, item_id)))
    members: list[dict[str, Any]] = []
    for member in there.members:
        found = ours.party(member.party, member.id)
        if found is not None:
            expires_at = member.expires_at.isoformat() if member.expires_at else None
            members.append({"party": member.party.value, "id": found, "rights": asdict(member.rights), "expires_at": expires_at})
    members.sort(key=lambda member: (member["party"], member["id"]))
    groups = sum(1 for member in there.members if member.party is Party.GROUP)
    strangers = len(there.members) - len(members) - groups + there.unknown_members
    missing = ((len(there.items) - len(items), "things in it"), (groups, "groups"), (strangers, "members"))
    notes = tuple(f"{count} {what} could not be brought" for count, what in missing if count)
    return {"name": there.name, "owner_id": owner_id, "items": items, "members": members}, notes
