"""The tab Comments of a workflow: what people say about it, the latest first; and the button to follow it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from fastapi import APIRouter, Request
from fastapi.responses import Response
from sqlalchemy.orm import Session

from galleria.errors import ConflictError, InvalidError
from galleria.gallery.comments import service as comments
from galleria.gallery.users.service import users_by_id
from galleria.gallery.workflows.access import get_workflow
from galleria.gallery.workflows.followers import follow, unfollow
from galleria.web.door import door_of
from galleria.web.failures import sentence
from galleria.web.forms import Sent
from galleria.web.lines import app_path
from galleria.web.page import Page, go, own_path, show
from galleria.web.pages.workflow_head import WorkflowHead, workflow_head
from galleria.web.paging import Listing, listing, number_of, window
from galleria.web.visitors import SignedIn, Visitor

router = APIRouter()


@dataclass(frozen=True)
class CommentLine:
    comment_id: str
    author: str
    initials: str
    text: str
    """Markdown."""
    created_at: datetime
    changed_at: datetime | None
    can_change: bool
    can_delete: bool


@dataclass(frozen=True)
class CommentsPage(Page):
    template: ClassVar[str] = "workflow_comments.html"
    section: ClassVar[str] = "workflows"

    head: WorkflowHead
    comments: Listing[CommentLine]
    longest: int
    text: str = ""
    """What was refused, to be changed."""
    problem: str = ""

    @property
    def title(self) -> str:
        return f"Comments on {self.head.name}"


@router.get("/app/{name}/{app_id}/comments")
def list_comments(request: Request, visitor: SignedIn, app_id: str, page: str = "") -> Response:
    with door_of(request).parts.database.read() as db:
        shown = _page(db, visitor, app_id, number_of(page))
    return show(request, shown)


@router.post("/app/{name}/{app_id}/comments")
def write_comment(request: Request, visitor: SignedIn, form: Sent, app_id: str) -> Response:
    text = form.raw("text", 100_000).replace("\r\n", "\n")
    try:
        with door_of(request).parts.database.write() as db:
            comments.write_comment(db, visitor.actor, app_id, text)
    except (InvalidError, ConflictError) as error:
        with door_of(request).parts.database.read() as db:
            shown = _page(db, visitor, app_id, 1, text, sentence(error.message))
        return show(request, shown, 400)
    return go(request, f"/app/-/{app_id}/comments", "commented")


@router.post("/comments/{comment_id}")
def change_comment(request: Request, visitor: SignedIn, form: Sent, comment_id: str) -> Response:
    with door_of(request).parts.database.write() as db:
        changed = comments.change_comment(db, visitor.actor, comment_id, form.raw("text", 100_000).replace("\r\n", "\n"))
    return go(request, f"/app/-/{changed.workflow_id}/comments", "saved")


@router.post("/comments/{comment_id}/delete")
def delete_comment(request: Request, visitor: SignedIn, form: Sent, comment_id: str) -> Response:
    with door_of(request).parts.database.write() as db:
        workflow_id = comments.get_comment(db, visitor.actor, comment_id).workflow_id
        comments.delete_comment(db, visitor.actor, comment_id)
    return go(request, f"/app/-/{workflow_id}/comments", "deleted")


@router.post("/app/{name}/{app_id}/follow")
def follow_workflow(request: Request, visitor: SignedIn, form: Sent, app_id: str) -> Response:
    """Begin to follow, or end it."""
    is_end = form.text("deed") == "end"
    with door_of(request).parts.database.write() as db:
        workflow = get_workflow(db, visitor.actor, app_id)
        (unfollow if is_end else follow)(db, visitor.actor, app_id)
    back = own_path(form.text("back")) if form.text("back") else app_path(workflow.name, app_id)
    return go(request, back, "unfollowed" if is_end else "followed")


def _page(db: Session, visitor: Visitor, app_id: str, number: int, text: str = "", problem: str = "") -> CommentsPage:
    workflow = get_workflow(db, visitor.actor, app_id)
    found = comments.list_comments(db, visitor.actor, app_id, window(number))
    authors = users_by_id(db, [comment.author_id for comment in found])
    lines = [
        CommentLine(
            comment_id=comment.id,
            author=(name := authors[comment.author_id].full_name if comment.author_id in authors else ""),
            initials=_initials(name),
            text=comment.text,
            created_at=comment.created_at,
            changed_at=comment.changed_at,
            can_change=comments.may_change(visitor.actor, comment),
            can_delete=comments.may_delete(visitor.actor, comment, workflow),
        )
        for comment in found
    ]
    head = workflow_head(db, visitor, workflow, "comments")
    return CommentsPage(head, listing(lines, number, f"{head.path}/comments"), comments.LONGEST, text, problem)


def _initials(name: str) -> str:
    parts: Sequence[str] = name.partition("@")[0].replace(".", " ").split()
    return "".join(part[0] for part in (*parts[:1], *parts[1:][-1:])).upper() or "?"
