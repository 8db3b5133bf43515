"""Who sees a workflow and why, for those who manage it: shared with somebody in one step, and taken back."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from fastapi import APIRouter, Request
from fastapi.responses import Response
from sqlalchemy.orm import Session

from galleria.database.base import now
from galleria.errors import ConflictError, InvalidError
from galleria.gallery.collections import service as collections
from galleria.gallery.shares.records import CollectionMember, Party, Shared
from galleria.gallery.sharing.reach import Reach, Through, reach_of
from galleria.gallery.sharing.service import share_workflow, unshare_workflow, withdraw
from galleria.gallery.sharing.whom import Near, near, party_called
from galleria.gallery.workflows.access import get_workflow, require_manager
from galleria.web.days import moment_of
from galleria.web.door import door_of
from galleria.web.failures import sentence
from galleria.web.forms import Form, Sent
from galleria.web.lines import app_path
from galleria.web.page import Page, go, show
from galleria.web.pages.collections import rights_in_words
from galleria.web.pages.home import Choice
from galleria.web.pages.workflow_head import WorkflowHead, workflow_head
from galleria.web.visitors import SignedIn, Visitor
from galleria.web.words import counted

router = APIRouter()

_GONE = "somebody who is gone"


@dataclass(frozen=True)
class Somebody:
    party: str
    party_id: str
    name: str
    detail: str
    """`group of 3 people`; empty for a person."""
    rights: Sequence[str]
    """In words, beside seeing and running it."""
    expires_at: datetime | None

    @property
    def value(self) -> str:
        return f"{self.party} {self.party_id}"


@dataclass(frozen=True)
class Holding:
    """A collection that it lies in."""

    collection_id: str
    name: str
    owner: str
    is_seen: bool
    """The visitor may open it."""
    members: Sequence[Somebody]


@dataclass(frozen=True)
class SharingPage(Page):
    template: ClassVar[str] = "workflow_sharing.html"
    section: ClassVar[str] = "workflows"

    head: WorkflowHead
    who: str
    """What was written, where it was wrong; mostly empty, as the next."""
    problem: str
    owner: str
    studio: str
    studio_size: int
    is_public: bool
    alone: Sequence[Somebody]
    holdings: Sequence[Holding]
    near: Sequence[Near]
    """To be offered."""
    open_collections: Sequence[Choice]
    """Those that the visitor may put it into."""
    can_create_collections: bool

    @property
    def title(self) -> str:
        return f"Sharing of {self.head.name}"


@router.get("/app/{name}/{app_id}/sharing")
def show_sharing(request: Request, visitor: SignedIn, app_id: str) -> Response:
    with door_of(request).parts.database.read() as db:
        page = _page(db, visitor, app_id)
    return show(request, page)


@router.post("/app/{name}/{app_id}/sharing")
def share(request: Request, visitor: SignedIn, form: Sent, app_id: str) -> Response:
    """Share it with `who`, put it into the `collection`, or into a new one of the name `new`."""
    database = door_of(request).parts.database
    try:
        with database.write() as db:
            path = _share(db, visitor, form, app_id)
    except (InvalidError, ConflictError) as error:
        with database.read() as db:
            page = _page(db, visitor, app_id, form.text("who", 400), sentence(error.message))
        return show(request, page, 400)
    return go(request, path, "shared")


def _share(db: Session, visitor: Visitor, form: Form, app_id: str) -> str:
    """Give the path of the page to go on at."""
    workflow = get_workflow(db, visitor.actor, app_id)
    # Whoever may not share it is not told either who is known here.
    require_manager(visitor.actor, workflow, "share it")
    if form.text("new"):
        made = collections.create_collection(db, visitor.actor, form.text("new", 300))
        collections.add_item(db, visitor.actor, made.id, Shared.WORKFLOW, app_id)
        # With whom it is shared is chosen there.
        return f"/collections/{made.id}"
    if form.text("collection"):
        collections.add_item(db, visitor.actor, form.text("collection", 24), Shared.WORKFLOW, app_id)
    else:
        party, party_id = party_called(db, form.text("who", 400))
        ends_at = moment_of(form.text("until", 20), visitor.zone, end=True)
        if ends_at is not None and ends_at <= now():
            raise InvalidError("that day is over; choose one to come, or none")
        share_workflow(db, visitor.actor, app_id, party, party_id, can_update=form.text("right") == "update", expires_at=ends_at)
    return f"{app_path(workflow.name, app_id)}/sharing"


@router.post("/app/{name}/{app_id}/sharing/end")
def end_sharing(request: Request, visitor: SignedIn, form: Sent, app_id: str) -> Response:
    """Take it back from a `member`, or out of a `collection`."""
    with door_of(request).parts.database.write() as db:
        workflow = get_workflow(db, visitor.actor, app_id)
        require_manager(visitor.actor, workflow, "end its sharing")
        if form.text("collection"):
            withdraw(db, visitor.actor, app_id, form.text("collection", 24))
        else:
            unshare_workflow(db, visitor.actor, app_id, *_member(form))
    return go(request, f"{app_path(workflow.name, app_id)}/sharing", "removed")


def _page(db: Session, visitor: Visitor, app_id: str, who: str = "", problem: str = "") -> SharingPage:
    workflow = get_workflow(db, visitor.actor, app_id)
    reach = reach_of(db, visitor.actor, app_id)
    return SharingPage(
        head=workflow_head(db, visitor, workflow, "sharing"),
        who=who,
        problem=problem,
        owner=reach.names.get(reach.owner_id, _GONE),
        studio=reach.names.get(reach.studio_id, "its studio"),
        studio_size=reach.sizes.get(reach.studio_id, 0),
        is_public=reach.is_public,
        alone=[_somebody(reach, member) for member in reach.alone],
        holdings=[_holding(reach, through) for through in reach.through],
        near=near(db, visitor.actor),
        open_collections=list(_open(db, visitor, {one.collection.id for one in reach.through})),
        can_create_collections=visitor.actor.can_create_collections,
    )


def _member(form: Form) -> tuple[Party, str]:
    party, _, party_id = form.text("member", 60).partition(" ")
    if party not in [one.value for one in Party]:
        raise InvalidError("choose with whom it is to be shared no longer")
    return Party(party), party_id


def _somebody(reach: Reach, member: CollectionMember) -> Somebody:
    size = counted(reach.sizes.get(member.party_id, 0), "person", "people")
    return Somebody(
        party=member.party.value,
        party_id=member.party_id,
        name=reach.names.get(member.party_id, _GONE),
        detail="" if member.party is Party.USER else f"{member.party.value} of {size}",
        rights=rights_in_words(member),
        expires_at=member.expires_at,
    )


def _holding(reach: Reach, through: Through) -> Holding:
    found = through.collection
    members = [_somebody(reach, member) for member in through.members]
    return Holding(found.id, found.name, reach.names.get(found.owner_id, _GONE), through.is_seen, members)


def _open(db: Session, visitor: Visitor, without: set[str]) -> Iterator[Choice]:
    for collection in collections.list_collections(db, visitor.actor, made_by_people=True):
        if collection.id not in without and collections.rights_in(db, visitor.actor, collection).can_add_items:
            yield Choice(collection.id, collection.name, False)
