"""Share one workflow with somebody in one step, and take it back.

The gallery shares by collections alone: who gets a workflow by itself becomes a member of a collection of its owner's that is made
for it, holds nothing else, and goes with it.
"""

from dataclasses import replace
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from galleria.errors import ConflictError, NotFoundError
from galleria.gallery.actors import Actor, system
from galleria.gallery.audit import service as audit
from galleria.gallery.audit.service import Event
from galleria.gallery.collections import service as collections
from galleria.gallery.collections.service import Membership, Rights
from galleria.gallery.mails.records import Kind
from galleria.gallery.mails.service import write_mail
from galleria.gallery.shares.records import Collection, CollectionItem, CollectionMember, Party, Shared
from galleria.gallery.users.service import find_user
from galleria.gallery.workflows.access import get_workflow, require_manager
from galleria.gallery.workflows.records import Workflow

_QUIET_S = 24 * 3600.0
"""Whoever gets the same workflow again within this time is not told again."""


def collection_for(db: Session, workflow_id: str) -> Collection | None:
    """Find the collection that was made to share a workflow by itself."""
    return db.scalars(select(Collection).where(Collection.made_for == workflow_id)).first()


def let_in(db: Session, actor: Actor, workflow: Workflow, membership: Membership) -> None:
    """Share a workflow, which the caller found to be the actor's to share, with somebody by itself."""
    deputy = _deputy(actor)
    collection = collection_for(db, workflow.id)
    if collection is None:
        collection = collections.create_collection(db, deputy, f"Access to {workflow.name}"[:255], owner_id=workflow.owner_id)
        collections.add_item(db, deputy, collection.id, Shared.WORKFLOW, workflow.id)
        collection.made_for = workflow.id
    collections.share_collection(db, deputy, collection.id, membership)


def share_workflow(
    db: Session,
    actor: Actor,
    workflow_id: str,
    party: Party,
    party_id: str,
    *,
    can_update: bool = False,
    expires_at: datetime | None = None,
) -> Workflow:
    """Let somebody see and run a workflow, `can_update` also publish its new versions; a user is told by mail.

    Once more: changes what he may, and until when.
    """
    workflow = get_workflow(db, actor, workflow_id)
    require_manager(actor, workflow, "share it")
    if party is Party.USER and party_id == workflow.owner_id:
        raise ConflictError("it is theirs already")
    is_new = collection_member(db, workflow_id, party, party_id) is None
    let_in(db, actor, workflow, Membership(party, party_id, Rights(can_update_items=can_update), expires_at))
    user = find_user(db, party_id) if party is Party.USER and is_new else None
    if user is not None and user.id != actor.user_id:
        who = find_user(db, actor.user_id or "")
        words = f"{who.full_name if who else 'The gallery'} shared {workflow.name} with you"
        write_mail(db, user, Kind.REQUEST, words, f"{words}.", f"/app/{workflow.id}", about_id=workflow.id, quiet_s=_QUIET_S)
    return workflow


def collection_member(db: Session, workflow_id: str, party: Party, party_id: str) -> CollectionMember | None:
    """Find the membership of somebody who got a workflow by itself."""
    collection = collection_for(db, workflow_id)
    return None if collection is None else db.get(CollectionMember, (collection.id, party, party_id))


def unshare_workflow(db: Session, actor: Actor, workflow_id: str, party: Party, party_id: str) -> None:
    """Take back what `share_workflow` gave; what was not given is no error."""
    require_manager(actor, get_workflow(db, actor, workflow_id), "end its sharing")
    collection = collection_for(db, workflow_id)
    if collection is not None:
        collections.unshare_collection(db, _deputy(actor), collection.id, party, party_id)
        db.flush()


def _deputy(actor: Actor) -> Actor:
    """The server, in the name of whoever manages the workflow: the right to make collections for other ends is not asked for."""
    return replace(system(actor.via), user_id=actor.user_id)


def withdraw(db: Session, actor: Actor, workflow_id: str, collection_id: str) -> None:
    """Take a workflow out of a collection, whoever put it there and whosever it is: those who manage it may always.

    The collection that was made for it goes altogether.
    """
    require_manager(actor, get_workflow(db, actor, workflow_id), "end its sharing")
    item = db.get(CollectionItem, (collection_id, Shared.WORKFLOW, workflow_id))
    collection = db.get(Collection, collection_id)
    if item is None or collection is None:
        raise NotFoundError("it does not lie in this collection")
    if collection.made_for == workflow_id:
        collections.delete_collection(db, _deputy(actor), collection_id, with_content=True)
        return
    db.delete(item)
    audit.record(db, actor, Event.UPDATE, collections.ENTITY, collection_id, {"removed": {Shared.WORKFLOW.value: workflow_id}})
    db.flush()
