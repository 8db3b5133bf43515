"""Ask for access to a workflow that one has a link to, and answer those who ask.

Whoever asks learns nothing by it: a workflow that is hidden from him and one that never was are asked for in the same way.
"""

import re
from collections.abc import Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from galleria.database.base import new_id, now
from galleria.errors import ConflictError, ForbiddenError, InvalidError, NotFoundError
from galleria.gallery.actors import Actor
from galleria.gallery.audit import service as audit
from galleria.gallery.audit.service import Event
from galleria.gallery.collections.service import Membership
from galleria.gallery.mails.records import Kind
from galleria.gallery.mails.service import write_mail
from galleria.gallery.requests.records import AccessRequest, Outcome
from galleria.gallery.shares.records import Party
from galleria.gallery.sharing.service import let_in
from galleria.gallery.users.records import User
from galleria.gallery.users.service import find_user
from galleria.gallery.workflows.access import find_workflow, is_manager, visible_to
from galleria.gallery.workflows.records import Workflow

ENTITY = "AccessRequest"
MOST_WAITING = 20
LONGEST = 2000
_ID = re.compile("[0-9a-f]{24}")
_QUIET_S = 24 * 3600.0


def ask(db: Session, actor: Actor, workflow_id: str, name: str = "", text: str = "") -> AccessRequest:
    """Ask a workflow's owner for access, who is told; `name` is what the asker calls it. Asking twice changes nothing."""
    asker = find_user(db, actor.user_id or "")
    if asker is None:
        raise ForbiddenError("only a user asks for access; a studio's key is nobody")
    if not _ID.fullmatch(workflow_id):
        raise InvalidError("a workflow's id has 24 digits of 0 to 9 and a to f")
    if len(text) > LONGEST:
        raise InvalidError(f"a request has {LONGEST:,} characters at most")
    if find_workflow(db, actor, workflow_id) is not None:
        raise ConflictError("you see this workflow already")
    found = db.get(AccessRequest, (asker.id, workflow_id))
    if found is not None and found.outcome is Outcome.WAITING:
        return found
    waiting = select(func.count()).where(AccessRequest.user_id == asker.id, AccessRequest.outcome == Outcome.WAITING)
    if (db.scalar(waiting) or 0) >= MOST_WAITING:
        raise ConflictError(f"{MOST_WAITING} requests that wait for an answer are the most")
    if found is None:
        found = AccessRequest(user_id=asker.id, workflow_id=workflow_id, id=new_id())
        db.add(found)
    found.name, found.text = (name.replace("\0", "").strip() or workflow_id)[:300], text.replace("\0", "").strip()
    found.outcome, found.answer, found.answered_by, found.answered_at, found.asked_at = Outcome.WAITING, "", None, None, now()
    audit.record(db, actor, Event.INSERT, ENTITY, found.id, new={"workflowId": workflow_id})
    db.flush()
    _tell_owner(db, asker, found)
    return found


def _tell_owner(db: Session, asker: User, request: AccessRequest) -> None:
    workflow = db.get(Workflow, request.workflow_id)
    owner = find_user(db, workflow.owner_id) if workflow is not None and workflow.deleted_at is None else None
    if workflow is None or owner is None:
        return
    text = f"{asker.full_name} ({asker.email}) asks you for access to {workflow.name}."
    text += f"\n\n{request.text}" if request.text else ""
    write_mail(
        db, owner, Kind.REQUEST, f"{asker.full_name} asks for {workflow.name}", text, "/requests", about_id=request.id, quiet_s=_QUIET_S
    )


def own_requests(db: Session, actor: Actor) -> Sequence[AccessRequest]:
    """List what the actor asked for, the latest first."""
    return db.scalars(select(AccessRequest).where(AccessRequest.user_id == actor.user_id).order_by(AccessRequest.asked_at.desc())).all()


def requests_to(db: Session, actor: Actor, workflow_id: str | None = None) -> Sequence[tuple[AccessRequest, Workflow]]:
    """List the requests that wait for an answer of the actor's, the oldest first: for workflows that he manages."""
    query = select(AccessRequest, Workflow).join(Workflow, Workflow.id == AccessRequest.workflow_id)
    query = query.where(AccessRequest.outcome == Outcome.WAITING, visible_to(actor))
    if workflow_id is not None:
        query = query.where(Workflow.id == workflow_id)
    rows = db.execute(query.order_by(AccessRequest.asked_at, AccessRequest.id)).all()
    return [(request, workflow) for request, workflow in rows if is_manager(actor, workflow)]


def get_request(db: Session, actor: Actor, request_id: str) -> tuple[AccessRequest, Workflow]:
    """Find a request for a workflow that the actor manages; any other is as unknown as one that never was."""
    request = db.scalars(select(AccessRequest).where(AccessRequest.id == request_id)).first()
    workflow = None if request is None else find_workflow(db, actor, request.workflow_id)
    if request is None or workflow is None or not is_manager(actor, workflow):
        raise NotFoundError(f"no request {request_id}")
    return request, workflow


def answer_request(db: Session, actor: Actor, request_id: str, outcome: Outcome, text: str = "") -> AccessRequest:
    """Grant or decline; who asked is told, and the owner, where it was not he who answered."""
    request, workflow = get_request(db, actor, request_id)
    if outcome is Outcome.WAITING:
        raise InvalidError("a request is granted or declined")
    if request.outcome is not Outcome.WAITING:
        raise ConflictError(f"this request was {request.outcome.value} before")
    asker = find_user(db, request.user_id)
    if asker is None:
        raise ConflictError("who asked is gone")
    if outcome is Outcome.GRANTED:
        let_in(db, actor, workflow, Membership(Party.USER, asker.id))
    request.outcome, request.answer = outcome, text.replace("\0", "").strip()[:LONGEST]
    request.answered_by, request.answered_at = actor.user_id, now()
    audit.record(db, actor, Event.UPDATE, ENTITY, request_id, {"outcome": Outcome.WAITING.value}, {"outcome": outcome.value})
    db.flush()
    _tell_of_answer(db, actor, request, workflow, asker)
    return request


def _tell_of_answer(db: Session, actor: Actor, request: AccessRequest, workflow: Workflow, asker: User) -> None:
    is_granted = request.outcome is Outcome.GRANTED
    name = workflow.name if is_granted else request.name
    words = f"You have access to {name} now." if is_granted else f"Your request for access to {name} was declined."
    said = f"\n\n{request.answer}" if request.answer else ""
    path = f"/app/{workflow.id}" if is_granted else "/requests"
    write_mail(db, asker, Kind.REQUEST, words.rstrip("."), f"{words}{said}", path, about_id=request.id)
    owner = find_user(db, workflow.owner_id)
    if owner is not None and owner.id != actor.user_id:
        done = f"The request of {asker.full_name} for {workflow.name} was {request.outcome.value}."
        write_mail(db, owner, Kind.REQUEST, done.rstrip("."), done, "/requests", about_id=request.id)
