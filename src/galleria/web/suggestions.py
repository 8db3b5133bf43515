"""What is suggested while somebody types: the workflows that match, each with where the words were found."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from galleria.gallery.actors import Actor
from galleria.gallery.pages import Page as Window
from galleria.gallery.users.service import users_by_id
from galleria.gallery.workflows.changes import tags_of
from galleria.gallery.workflows.records import Workflow
from galleria.gallery.workflows.service import WorkflowFilter, WorkflowSort, list_workflows
from galleria.web.lines import KINDS, app_path

MOST = 8
_LONGEST = 60


@dataclass(frozen=True)
class Suggestion:
    path: str
    name: str
    kind: str
    where: str
    """`tag money`, `tool or field amount`; empty where the name itself holds the words."""


def suggestions(db: Session, actor: Actor, text: str) -> Sequence[Suggestion]:
    """Suggest what the actor may see, the most run first."""
    found = list_workflows(db, actor, WorkflowFilter(anywhere=text), Window(0, MOST), WorkflowSort.RUN_COUNT)
    owners = {user_id: user.full_name for user_id, user in users_by_id(db, [workflow.owner_id for workflow in found]).items()}
    tags = tags_of(db, [workflow.id for workflow in found])
    return [_suggestion(workflow, owners.get(workflow.owner_id, ""), tags.get(workflow.id, ()), text.lower().split()) for workflow in found]


def _suggestion(workflow: Workflow, owner: str, tags: Sequence[str], words: Sequence[str]) -> Suggestion:
    places = dict.fromkeys(_where(workflow, owner, tags, word) for word in words)
    return Suggestion(
        app_path(workflow.name, workflow.id), workflow.name, KINDS[workflow.kind], ", ".join(place for place in places if place)
    )


def _where(workflow: Workflow, owner: str, tags: Sequence[str], word: str) -> str:
    if word in workflow.name.lower():
        return ""
    if tag := next((tag for tag in tags if word in tag), ""):
        return f"tag {tag}"
    if word in owner.lower():
        return f"by {owner}"
    # The last thing to look at: it is large.
    if inside := next((line for line in workflow.inside_text.split("\n") if word in line), ""):
        return f"tool or field {inside[:_LONGEST]}"
    return "in its description" if word in workflow.description.lower() else ""
