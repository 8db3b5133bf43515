"""What every tab of a workflow's page begins with."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from galleria.gallery.comments.service import count_comments
from galleria.gallery.jobs.answers import askable
from galleria.gallery.requests.service import requests_to
from galleria.gallery.users.service import users_by_id
from galleria.gallery.workflows.access import is_manager
from galleria.gallery.workflows.followers import is_following
from galleria.gallery.workflows.placing import districts_of
from galleria.gallery.workflows.records import Workflow
from galleria.gallery.workflows.service import questions_of
from galleria.web.lines import KINDS, app_path
from galleria.web.visitors import Visitor


@dataclass(frozen=True)
class WorkflowHead:
    workflow_id: str
    name: str
    path: str
    kind: str
    owner: str
    version: int
    published_at: datetime
    run_count: int
    is_public: bool
    can_run: bool
    can_manage: bool
    """Change it, publish its next version."""
    can_download: bool
    is_following: bool
    comment_count: int
    request_count: int
    """Of people who ask its managers for access; 0 for others."""
    has_questions: bool
    """Whether something is to be filled in before it runs."""
    districts: Sequence[tuple[str, str]]
    """Id and title of those that it lies in and the visitor sees."""
    tab: str
    """`overview`, `run`, `versions`, `schedules`, `triggers`, `results`, `comments`, `sharing` or `details`."""


def workflow_head(db: Session, visitor: Visitor, workflow: Workflow, tab: str, *, has_questions: bool | None = None) -> WorkflowHead:
    """`has_questions` spares reading the report where the caller has read it."""
    if has_questions is None:
        has_questions = bool(askable(questions_of(db, visitor.actor, workflow.id)))
    owner = users_by_id(db, [workflow.owner_id]).get(workflow.owner_id)
    can_manage = is_manager(visitor.actor, workflow)
    return WorkflowHead(
        workflow_id=workflow.id,
        name=workflow.name,
        path=app_path(workflow.name, workflow.id),
        kind=KINDS[workflow.kind],
        owner=owner.full_name if owner else "",
        version=workflow.published_number,
        published_at=workflow.published_at,
        run_count=workflow.run_count,
        is_public=workflow.is_public,
        can_run=not workflow.is_run_disabled,
        can_manage=can_manage,
        can_download=can_manage or workflow.can_download,
        is_following=is_following(db, visitor.actor, workflow.id),
        comment_count=count_comments(db, workflow.id),
        request_count=len(requests_to(db, visitor.actor, workflow.id)) if can_manage else 0,
        has_questions=has_questions,
        districts=[(one.id, one.title) for one in districts_of(db, visitor.actor, [workflow.id]).get(workflow.id, ())],
        tab=tab,
    )
