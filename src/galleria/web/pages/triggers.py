"""The tab After a run of a workflow: what is to happen when one is over, made by a form, and what became of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from fastapi import APIRouter, Request
from fastapi.responses import Response
from sqlalchemy.orm import Session

from galleria.errors import GalleriaError, InvalidError
from galleria.gallery.jobs.answers import FILE_BROWSE, askable
from galleria.gallery.jobs.sealed import readable_answers
from galleria.gallery.pages import Page as Window
from galleria.gallery.triggers import service as triggers
from galleria.gallery.triggers.answers import is_secret
from galleria.gallery.triggers.records import Action, Delivery, Event, Progress, Trigger
from galleria.gallery.triggers.service import NewTrigger, TriggerChange
from galleria.gallery.users.service import users_by_id
from galleria.gallery.workflows.access import get_workflow, require_manager
from galleria.gallery.workflows.report import Question
from galleria.gallery.workflows.service import WorkflowSort, list_workflows, questions_of, workflows_by_id
from galleria.web.door import door_of
from galleria.web.failures import sentence
from galleria.web.forms import Form, Sent
from galleria.web.lines import app_path
from galleria.web.page import Page, go, show
from galleria.web.pages.home import Choice, choices
from galleria.web.pages.workflow_head import WorkflowHead, workflow_head
from galleria.web.visitors import SignedIn, Visitor

router = APIRouter()

EVENT_WORDS: Mapping[Event, str] = {
    Event.FAILURE: "it failed",
    Event.RECOVERY: "it succeeded after a failure",
    Event.SUCCESS: "it succeeded",
}
ACTION_WORDS = ((Action.MAIL, "send a mail"), (Action.WEBHOOK, "call a webhook"), (Action.RUN, "run another workflow"))
_TONES: Mapping[Progress, tuple[str, str]] = {
    Progress.WAITING: ("waiting", "Waiting"),
    Progress.SENT: ("good", "Done"),
    Progress.FAILED: ("bad", "Failed"),
}
_MOST_WORKFLOWS = 500
_MOST_DELIVERIES = 25


@dataclass(frozen=True)
class TriggerLine:
    trigger_id: str
    when: str
    what: str
    """`Mail to anna@example.com`"""
    path: str
    """Of the workflow that is run; empty for others."""
    owner: str
    is_enabled: bool
    is_webhook: bool


@dataclass(frozen=True)
class DeliveryLine:
    delivery_id: str
    trigger_id: str
    tone: str
    word: str
    event: str
    what: str
    job_id: str
    made_job_id: str
    answer: str
    attempts: int
    created_at: datetime
    next_try_at: datetime | None
    can_repeat: bool


@dataclass(frozen=True)
class AnswerField:
    """A question of the workflow that is to be run, and the text that answers it."""

    position: int
    name: str
    value: str
    is_file: bool
    is_password: bool
    is_kept: bool
    """A password that is sealed: it stays unless another is written."""


@dataclass(frozen=True)
class TriggersPage(Page):
    template: ClassVar[str] = "workflow_triggers.html"
    section: ClassVar[str] = "workflows"

    head: WorkflowHead
    triggers: Sequence[TriggerLine]
    deliveries: Sequence[DeliveryLine]
    events: Sequence[Choice]
    actions: Sequence[Choice]
    targets: Sequence[Choice]
    url: str
    recipients: str
    secret: str
    """Of the webhook that was just made; shown this once."""
    problem: str = ""

    @property
    def title(self) -> str:
        return f"After a run of {self.head.name}"


@dataclass(frozen=True)
class ChainPage(Page):
    """The answers that a chained run gets."""

    template: ClassVar[str] = "trigger_answers.html"
    section: ClassVar[str] = "workflows"

    trigger_id: str
    workflow_name: str
    path: str
    target_name: str
    fields: Sequence[AnswerField]
    problem: str = ""

    @property
    def title(self) -> str:
        return f"Answers for {self.target_name}"


@router.get("/app/{name}/{app_id}/triggers")
def list_triggers(request: Request, visitor: SignedIn, app_id: str) -> Response:
    with door_of(request).parts.database.read() as db:
        page = _page(db, visitor, app_id)
    return show(request, page)


@router.post("/app/{name}/{app_id}/triggers")
def create(request: Request, visitor: SignedIn, form: Sent, app_id: str) -> Response:
    parts = door_of(request).parts
    try:
        with parts.database.write() as db:
            made = triggers.create_trigger(db, visitor.actor, _new(form, app_id))
            has_questions = bool(made.trigger.target_id and askable(questions_of(db, visitor.actor, made.trigger.target_id)))
    except GalleriaError as error:
        with parts.database.read() as db:
            page = _page(db, visitor, app_id, form, problem=sentence(error.message))
        return show(request, page, 400)
    if made.secret:
        with parts.database.read() as db:
            page = _page(db, visitor, app_id, secret=made.secret)
        return show(request, page, is_secret=True)
    return go(request, f"/triggers/{made.trigger.id}" if has_questions else f"/app/-/{app_id}/triggers", "created")


@router.get("/triggers/{trigger_id}")
def show_answers(request: Request, visitor: SignedIn, trigger_id: str) -> Response:
    with door_of(request).parts.database.read() as db:
        page = _chain_page(db, visitor, trigger_id)
    return show(request, page)


@router.post("/triggers/{trigger_id}")
def change_answers(request: Request, visitor: SignedIn, form: Sent, trigger_id: str) -> Response:
    parts = door_of(request).parts
    with parts.database.read() as db:
        before = _chain_page(db, visitor, trigger_id)
    given = {field.name: form.text(f"q{field.position}") for field in before.fields}
    kept = {field.name for field in before.fields if field.is_kept and not form.is_ticked(f"q{field.position}-forget")}
    try:
        with parts.database.write() as db:
            answers = {name: text or None for name, text in given.items() if text or name in kept}
            changed = triggers.change_trigger(db, visitor.actor, trigger_id, TriggerChange(answers=answers))
    except InvalidError as error:
        with parts.database.read() as db:
            page = _chain_page(db, visitor, trigger_id, given, sentence(error.message))
        return show(request, page, 400)
    return go(request, f"/app/-/{changed.workflow_id}/triggers", "saved")


@router.post("/triggers/{trigger_id}/{deed}")
def deal_with(request: Request, visitor: SignedIn, form: Sent, trigger_id: str, deed: str) -> Response:
    parts = door_of(request).parts
    secret = ""
    with parts.database.write() as db:
        trigger = triggers.get_trigger(db, visitor.actor, trigger_id)
        match deed:
            case "off" | "on":
                triggers.change_trigger(db, visitor.actor, trigger_id, TriggerChange(is_enabled=deed == "on"))
            case "delete":
                triggers.delete_trigger(db, visitor.actor, trigger_id)
            case "renew":
                secret = triggers.renew_secret(db, visitor.actor, trigger_id)
            case "again":
                triggers.send_again(db, visitor.actor, form.text("delivery", 24))
            case _:
                raise InvalidError(f"{deed[:40]!r} is nothing that can be done with a trigger")
    if secret:
        with parts.database.read() as db:
            page = _page(db, visitor, trigger.workflow_id, secret=secret)
        return show(request, page, is_secret=True)
    return go(request, f"/app/-/{trigger.workflow_id}/triggers", "deleted" if deed == "delete" else "saved")


def _new(form: Form, app_id: str) -> NewTrigger:
    action = form.text("action", 20)
    if action not in set(Action):
        raise InvalidError("choose what is to happen")
    return NewTrigger(
        app_id,
        Action(action),
        [Event(word) for word in form.texts("events") if word in set(Event)],
        target_id=form.text("target", 24),
        url=form.text("url"),
        recipients=form.text("recipients").replace(";", ",").split(","),
    )


def _page(db: Session, visitor: Visitor, app_id: str, form: Form | None = None, problem: str = "", secret: str = "") -> TriggersPage:
    workflow = get_workflow(db, visitor.actor, app_id)
    require_manager(visitor.actor, workflow, "see what happens after its runs")
    found = triggers.list_triggers(db, visitor.actor, app_id)
    names = _target_names(db, found)
    events = form.texts("events") if form else [Event.FAILURE.value, Event.RECOVERY.value]
    others = list_workflows(db, visitor.actor, None, Window(limit=_MOST_WORKFLOWS), WorkflowSort.NAME, descending=False)
    targets = [("", "Choose"), *((other.id, other.name) for other in others)]
    return TriggersPage(
        head=workflow_head(db, visitor, workflow, "triggers"),
        triggers=_lines(db, found, names),
        deliveries=_deliveries(triggers.last_deliveries(db, visitor.actor, app_id, _MOST_DELIVERIES), found, names),
        events=[Choice(event.value, words, event.value in events) for event, words in EVENT_WORDS.items()],
        actions=choices([(action.value, words) for action, words in ACTION_WORDS], form.text("action") if form else Action.MAIL.value),
        targets=choices(targets, form.text("target") if form else ""),
        url=form.text("url") if form else "",
        recipients=form.text("recipients") if form else visitor.email,
        secret=secret,
        problem=problem,
    )


def _target_names(db: Session, found: Sequence[Trigger]) -> Mapping[str, str]:
    """The names of workflows that are run, by id; a trigger's owner chose them, so whoever sees the trigger may read them."""
    workflows = workflows_by_id(db, [trigger.target_id for trigger in found if trigger.target_id])
    return {workflow_id: workflow.name for workflow_id, workflow in workflows.items()}


def _what(trigger: Trigger, names: Mapping[str, str]) -> str:
    match trigger.action:
        case Action.RUN:
            return f"Run {names.get(trigger.target_id or '', 'a workflow that is gone')}"
        case Action.WEBHOOK:
            return f"Call {trigger.url}"
        case Action.MAIL:
            return f"Mail to {', '.join(map(str, trigger.recipients))}"


def _lines(db: Session, found: Sequence[Trigger], names: Mapping[str, str]) -> list[TriggerLine]:
    owners = users_by_id(db, [trigger.owner_id for trigger in found])
    return [
        TriggerLine(
            trigger_id=trigger.id,
            when=_when(trigger),
            what=_what(trigger, names),
            path=app_path(names[trigger.target_id], trigger.target_id) if trigger.target_id in names and trigger.target_id else "",
            owner=owners[trigger.owner_id].full_name if trigger.owner_id in owners else "",
            is_enabled=trigger.is_enabled,
            is_webhook=trigger.action is Action.WEBHOOK,
        )
        for trigger in found
    ]


def _when(trigger: Trigger) -> str:
    words = [EVENT_WORDS[Event(str(event))] for event in trigger.events]
    return f"When {' or '.join(words)}"


def _deliveries(found: Sequence[Delivery], made_by: Sequence[Trigger], names: Mapping[str, str]) -> list[DeliveryLine]:
    by_id = {trigger.id: trigger for trigger in made_by}
    return [
        DeliveryLine(
            delivery_id=delivery.id,
            trigger_id=delivery.trigger_id,
            tone=_TONES[delivery.progress][0],
            word=_TONES[delivery.progress][1],
            event=EVENT_WORDS[delivery.event],
            what=_what(by_id[delivery.trigger_id], names),
            job_id=delivery.job_id,
            made_job_id=delivery.made_job_id or "",
            answer=delivery.answer,
            attempts=delivery.attempts,
            created_at=delivery.created_at,
            next_try_at=delivery.next_try_at if delivery.attempts else None,
            can_repeat=delivery.progress is not Progress.WAITING and by_id[delivery.trigger_id].action is not Action.RUN,
        )
        for delivery in found
    ]


def _chain_page(db: Session, visitor: Visitor, trigger_id: str, given: Mapping[str, str] | None = None, problem: str = "") -> ChainPage:
    trigger = triggers.get_trigger(db, visitor.actor, trigger_id)
    if trigger.target_id is None:
        raise InvalidError("only a trigger that runs a workflow gives answers")
    workflow, target = get_workflow(db, visitor.actor, trigger.workflow_id), get_workflow(db, visitor.actor, trigger.target_id)
    readable = readable_answers(trigger.answers)
    texts = {name: text or "" for name, text in readable.items()} if given is None else given
    asked = askable(questions_of(db, visitor.actor, target.id))
    fields = [
        AnswerField(
            position,
            question.name,
            _shown(question, texts.get(question.name, "")),
            question.type == FILE_BROWSE,
            question.is_password,
            question.name in readable and readable[question.name] is None,
        )
        for position, question in enumerate(asked)
    ]
    return ChainPage(trigger_id, workflow.name, f"{app_path(workflow.name, workflow.id)}/triggers", target.name, fields, problem)


def _shown(question: Question, text: str) -> str:
    """A password is not written into a page again."""
    return "" if question.is_password and is_secret(text) else text
