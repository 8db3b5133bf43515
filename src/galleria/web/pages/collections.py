"""Collections: workflows and schedules put together and shared with people, groups and studios."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from fastapi import APIRouter, Request
from fastapi.responses import Response
from sqlalchemy.orm import Session

from galleria.errors import InvalidError
from galleria.gallery.collections import service as collections
from galleria.gallery.collections.service import Membership, Rights
from galleria.gallery.groups.service import groups_by_id, list_groups
from galleria.gallery.schedules.service import schedules_by_id
from galleria.gallery.shares.records import Collection, CollectionItem, CollectionMember, Party, Shared
from galleria.gallery.subscriptions.service import subscriptions_by_id
from galleria.gallery.users.service import find_by_email, users_by_id
from galleria.gallery.workflows.service import workflows_by_id
from galleria.web.door import door_of
from galleria.web.forms import Form, Sent
from galleria.web.lines import WorkflowLine, workflow_lines
from galleria.web.page import Page, go, own_path, show
from galleria.web.pages.home import Choice
from galleria.web.paging import Listing, listing, number_of, window
from galleria.web.visitors import SignedIn, Visitor

router = APIRouter()

RIGHTS: Mapping[str, str] = {
    "can_add_items": "put things in",
    "can_remove_items": "take things out",
    "can_update_items": "publish new versions of what is in it",
    "can_add_members": "share it with others",
    "can_remove_members": "end sharing",
    "is_admin": "all of this, rename and delete it",
}


@dataclass(frozen=True)
class CollectionLine:
    collection_id: str
    name: str
    owner: str
    items: int
    members: int
    created_at: datetime


@dataclass(frozen=True)
class CollectionsPage(Page):
    template: ClassVar[str] = "collections.html"
    section: ClassVar[str] = "collections"

    collections: Listing[CollectionLine]
    can_create: bool

    @property
    def title(self) -> str:
        return "Collections"


@dataclass(frozen=True)
class ScheduleItem:
    schedule_id: str
    name: str


@dataclass(frozen=True)
class MemberLine:
    party: str
    party_id: str
    name: str
    rights: Sequence[str]
    """In words."""
    expires_at: datetime | None
    is_self: bool


@dataclass(frozen=True)
class CollectionPage(Page):
    template: ClassVar[str] = "collection.html"
    section: ClassVar[str] = "collections"

    collection_id: str
    name: str
    owner: str
    owner_id: str
    workflows: Sequence[WorkflowLine]
    schedules: Sequence[ScheduleItem]
    members: Sequence[MemberLine]
    rights: Rights
    """What this visitor may do."""
    grantable: Sequence[tuple[str, str]]
    """Rights that he may give, with their words."""
    groups: Sequence[Choice]
    """To share with; only a curator sees which there are."""

    @property
    def title(self) -> str:
        return self.name


@router.get("/collections")
def list_collections(request: Request, visitor: SignedIn, page: str = "") -> Response:
    number = number_of(page)
    with door_of(request).parts.database.read() as db:
        lines = _lines(db, collections.list_collections(db, visitor.actor, window(number), made_by_people=True))
    return show(request, CollectionsPage(listing(lines, number, "/collections"), visitor.actor.can_create_collections))


@router.post("/collections")
def create(request: Request, visitor: SignedIn, form: Sent) -> Response:
    with door_of(request).parts.database.write() as db:
        made = collections.create_collection(db, visitor.actor, form.text("name", 300))
    return go(request, f"/collections/{made.id}", "created")


@router.get("/collections/{collection_id}")
def show_collection(request: Request, visitor: SignedIn, collection_id: str) -> Response:
    with door_of(request).parts.database.read() as db:
        page = _page(db, visitor, collection_id)
    return show(request, page)


@router.post("/collections/{collection_id}")
def rename(request: Request, visitor: SignedIn, form: Sent, collection_id: str) -> Response:
    with door_of(request).parts.database.write() as db:
        owner_id = collections.get_collection(db, visitor.actor, collection_id).owner_id
        collections.change_collection(db, visitor.actor, collection_id, form.text("name", 300), owner_id)
    return go(request, f"/collections/{collection_id}", "saved")


@router.post("/collections/{collection_id}/delete")
def delete(request: Request, visitor: SignedIn, form: Sent, collection_id: str) -> Response:
    with door_of(request).parts.database.write() as db:
        collections.delete_collection(db, visitor.actor, collection_id, with_content=True)
    return go(request, "/collections", "deleted")


@router.post("/collections/{collection_id}/items")
def change_items(request: Request, visitor: SignedIn, form: Sent, collection_id: str) -> Response:
    """Put a thing in, or take one out; the form of a workflow's page sends it here, too."""
    kind, item_id = _kind(form), form.text("item", 24)
    with door_of(request).parts.database.write() as db:
        if form.text("deed") == "remove":
            collections.remove_item(db, visitor.actor, collection_id, kind, item_id)
        else:
            collections.add_item(db, visitor.actor, collection_id, kind, item_id)
    notice = "removed" if form.text("deed") == "remove" else "saved"
    return go(request, own_path(form.text("back") or f"/collections/{collection_id}"), notice)


@router.post("/collections/{collection_id}/members")
def share(request: Request, visitor: SignedIn, form: Sent, collection_id: str) -> Response:
    rights = Rights(**{name: form.is_ticked(name) for name in RIGHTS})
    with door_of(request).parts.database.write() as db:
        # Whoever does not see the collection is not told either who is known here.
        collections.get_collection(db, visitor.actor, collection_id)
        party, party_id = _party(db, form)
        collections.share_collection(db, visitor.actor, collection_id, Membership(party, party_id, rights))
    return go(request, f"/collections/{collection_id}", "shared")


@router.post("/collections/{collection_id}/members/remove")
def unshare(request: Request, visitor: SignedIn, form: Sent, collection_id: str) -> Response:
    party, _, party_id = form.text("member", 60).partition(" ")
    if party not in [one.value for one in Party]:
        raise InvalidError("choose with whom it is to be shared no longer")
    is_self = party == Party.USER.value and party_id == visitor.user_id
    with door_of(request).parts.database.write() as db:
        collections.unshare_collection(db, visitor.actor, collection_id, Party(party), party_id)
    return go(request, "/collections" if is_self else f"/collections/{collection_id}", "removed")


def _kind(form: Form) -> Shared:
    if form.text("kind") not in [kind.value for kind in Shared]:
        raise InvalidError("that cannot lie in a collection")
    return Shared(form.text("kind"))


def _party(db: Session, form: Form) -> tuple[Party, str]:
    if form.text("group"):
        return Party.GROUP, form.text("group", 24)
    user = find_by_email(db, form.text("email", 400))
    if user is None:
        raise InvalidError("nobody here has this e-mail; ask a curator to invite them")
    return Party.USER, user.id


def _lines(db: Session, found: Sequence[Collection]) -> list[CollectionLine]:
    ids = [collection.id for collection in found]
    owners = users_by_id(db, [collection.owner_id for collection in found])
    items = [item.collection_id for item in collections.items_of(db, ids)]
    members = [member.collection_id for member in collections.members_of(db, ids)]
    return [
        CollectionLine(
            collection_id=collection.id,
            name=collection.name,
            owner=owners[collection.owner_id].full_name if collection.owner_id in owners else "",
            items=items.count(collection.id),
            members=members.count(collection.id),
            created_at=collection.created_at,
        )
        for collection in found
    ]


def _page(db: Session, visitor: Visitor, collection_id: str) -> CollectionPage:
    collection = collections.get_collection(db, visitor.actor, collection_id)
    items = collections.items_of(db, [collection_id])
    rights = collections.rights_in(db, visitor.actor, collection)
    owner = users_by_id(db, [collection.owner_id]).get(collection.owner_id)
    workflows = workflows_by_id(db, _ids(items, Shared.WORKFLOW))
    schedules = schedules_by_id(db, _ids(items, Shared.SCHEDULE))
    groups = [(group.id, group.name) for group in list_groups(db, visitor.actor)] if visitor.is_curator else []
    return CollectionPage(
        collection_id=collection.id,
        name=collection.name,
        owner=owner.full_name if owner else "",
        owner_id=collection.owner_id,
        workflows=workflow_lines(db, [workflow for workflow in workflows.values() if workflow.deleted_at is None]),
        schedules=[ScheduleItem(schedule.id, schedule.name or "a schedule") for schedule in schedules.values()],
        members=_members(db, visitor, collections.members_of(db, [collection_id])),
        rights=rights,
        grantable=[(name, words) for name, words in RIGHTS.items() if getattr(rights, name)],
        groups=[Choice("", "Choose a group", True), *(Choice(value, name, False) for value, name in groups)] if groups else (),
    )


def _ids(items: Sequence[CollectionItem], kind: Shared) -> list[str]:
    return [item.item_id for item in items if item.kind is kind]


def rights_in_words(member: CollectionMember) -> list[str]:
    return [words for name, words in RIGHTS.items() if getattr(member, name)]


def _members(db: Session, visitor: Visitor, members: Sequence[CollectionMember]) -> list[MemberLine]:
    ids = {party: [member.party_id for member in members if member.party is party] for party in Party}
    names = {user.id: f"{user.full_name} ({user.email})" for user in users_by_id(db, ids[Party.USER]).values()}
    names |= {group.id: f"the group {group.name}" for group in groups_by_id(db, ids[Party.GROUP]).values()}
    names |= {studio.id: f"the studio {studio.name}" for studio in subscriptions_by_id(db, ids[Party.STUDIO]).values()}
    return [
        MemberLine(
            party=member.party.value,
            party_id=member.party_id,
            name=names.get(member.party_id, "somebody who is gone"),
            rights=rights_in_words(member),
            expires_at=member.expires_at,
            is_self=member.party_id == visitor.user_id,
        )
        for member in members
    ]
