"""Say something about a workflow: read and written by all who see it, taken back by who wrote it and by its managers."""

from collections.abc import Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from galleria.database.base import new_id, now
from galleria.database.clock import from_now
from galleria.errors import ConflictError, ForbiddenError, InvalidError, NotFoundError
from galleria.gallery.actors import Actor
from galleria.gallery.audit import service as audit
from galleria.gallery.audit.service import Event
from galleria.gallery.comments.records import Comment
from galleria.gallery.mails.records import Kind
from galleria.gallery.mails.service import write_mail
from galleria.gallery.pages import EVERYTHING, Page
from galleria.gallery.users.records import User
from galleria.gallery.users.service import find_user
from galleria.gallery.workflows.access import find_workflow, get_workflow, is_manager
from galleria.gallery.workflows.followers import followers_of
from galleria.gallery.workflows.records import Workflow

ENTITY = "Comment"
LONGEST = 10_000
_MOST_AT_ONCE = 20
_AT_ONCE_S = 600.0
_QUIET_S = 600.0
"""Within which nobody gets a second mail about the same workflow's comments."""


def list_comments(db: Session, actor: Actor, workflow_id: str, page: Page = EVERYTHING) -> Sequence[Comment]:
    """List what was said about a workflow, the latest first."""
    get_workflow(db, actor, workflow_id)
    query = select(Comment).where(Comment.workflow_id == workflow_id).order_by(Comment.created_at.desc(), Comment.id.desc())
    return db.scalars(page.of(query)).all()


def count_comments(db: Session, workflow_id: str) -> int:
    """Count what was said; for those who have found the workflow."""
    return db.scalar(select(func.count()).where(Comment.workflow_id == workflow_id)) or 0


def get_comment(db: Session, actor: Actor, comment_id: str) -> Comment:
    """Find a comment on a workflow that the actor sees."""
    comment = db.get(Comment, comment_id)
    if comment is None or find_workflow(db, actor, comment.workflow_id) is None:
        raise NotFoundError(f"no comment {comment_id}")
    return comment


def write_comment(db: Session, actor: Actor, workflow_id: str, text: str) -> Comment:
    """Say something about a workflow; its owner and its followers are told."""
    workflow = get_workflow(db, actor, workflow_id)
    author = find_user(db, actor.user_id or "")
    if author is None:
        raise ForbiddenError("only a user comments; a studio's key is nobody")
    text = _checked(text)
    recent = select(func.count()).where(Comment.author_id == author.id, Comment.created_at > from_now(-_AT_ONCE_S))
    if (db.scalar(recent) or 0) >= _MOST_AT_ONCE:
        raise ConflictError(f"{_MOST_AT_ONCE} comments within {_AT_ONCE_S / 60:g} minutes are the most; wait a moment")
    comment = Comment(id=new_id(), workflow_id=workflow_id, author_id=author.id, text=text)
    db.add(comment)
    audit.record(db, actor, Event.INSERT, ENTITY, comment.id, new={"workflowId": workflow_id})
    db.flush()
    _tell(db, workflow, author, text)
    return comment


def _checked(text: str) -> str:
    text = text.replace("\0", "").strip()
    if not 1 <= len(text) <= LONGEST:
        raise InvalidError(f"a comment has 1 to {LONGEST:,} characters")
    return text


def _tell(db: Session, workflow: Workflow, author: User, text: str) -> None:
    owner = find_user(db, workflow.owner_id)
    told = {user.id: user for user, _ in followers_of(db, workflow.id)} | ({owner.id: owner} if owner is not None else {})
    told.pop(author.id, None)
    for user in told.values():
        subject, body = f"{author.full_name} on {workflow.name}", f"{author.full_name} commented on {workflow.name}:\n\n{text}"
        write_mail(db, user, Kind.COMMENT, subject, body, f"/app/-/{workflow.id}/comments", about_id=workflow.id, quiet_s=_QUIET_S)


def may_change(actor: Actor, comment: Comment) -> bool:
    return actor.user_id is not None and actor.user_id == comment.author_id


def may_delete(actor: Actor, comment: Comment, workflow: Workflow) -> bool:
    return may_change(actor, comment) or is_manager(actor, workflow)


def change_comment(db: Session, actor: Actor, comment_id: str, text: str) -> Comment:
    """Say it in other words; only its author may."""
    comment = get_comment(db, actor, comment_id)
    if not may_change(actor, comment):
        raise ForbiddenError("only who wrote a comment may change it")
    text = _checked(text)
    if text != comment.text:
        comment.text, comment.changed_at = text, now()
        audit.record(db, actor, Event.UPDATE, ENTITY, comment_id, new={"text": "changed"})
        db.flush()
    return comment


def delete_comment(db: Session, actor: Actor, comment_id: str) -> None:
    """Take a comment away: its author, and who manages the workflow."""
    comment = get_comment(db, actor, comment_id)
    if not may_delete(actor, comment, get_workflow(db, actor, comment.workflow_id)):
        raise ForbiddenError("only who wrote a comment, and who manages the workflow, may delete it")
    audit.record(db, actor, Event.DELETE, ENTITY, comment_id, {"workflowId": comment.workflow_id, "authorId": comment.author_id})
    db.delete(comment)
    db.flush()
