"""Have something happen when a run of a workflow is over: make, change and list triggers, and read what became of them."""

import base64
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import func, or_, select, update
from sqlalchemy.orm import Session

from galleria.database.base import new_id
from galleria.database.clock import from_now
from galleria.database.connect import vault_of
from galleria.errors import ConflictError, ForbiddenError, InvalidError, NotFoundError
from galleria.gallery.actors import Actor
from galleria.gallery.audit import service as audit
from galleria.gallery.audit.service import Event as Deed
from galleria.gallery.jobs.answers import FILE_BROWSE, askable
from galleria.gallery.jobs.sealed import kept_answers, seal_passwords
from galleria.gallery.pages import EVERYTHING, Page
from galleria.gallery.triggers.addresses import checked_recipients, checked_url
from galleria.gallery.triggers.answers import check_templates, is_secret
from galleria.gallery.triggers.records import Action, Delivery, Event, Progress, Trigger
from galleria.gallery.workflows.access import find_workflow, get_workflow, is_manager, require_manager
from galleria.gallery.workflows.followers import is_followed
from galleria.gallery.workflows.records import Workflow
from galleria.gallery.workflows.service import questions_of

ENTITY = "Trigger"
MOST_OF_A_WORKFLOW = 50


@dataclass(frozen=True)
class NewTrigger:
    workflow_id: str
    action: Action
    events: Sequence[Event]
    target_id: str = ""
    """For a run."""
    answers: Mapping[str, str] = field(default_factory=dict[str, str])
    """For a run: by the target's question, as `answers.py` tells."""
    url: str = ""
    """For a webhook."""
    recipients: Sequence[str] = ()
    """For mail."""
    is_enabled: bool = True


@dataclass(frozen=True)
class Made:
    trigger: Trigger
    secret: str
    """What a webhook's calls are signed with: `whsec_` and Base64. Shown this once; empty for other actions."""


def create_trigger(db: Session, actor: Actor, new: NewTrigger) -> Made:
    """Have something happen when a run is over. It acts with the rights of whoever makes it."""
    workflow = get_workflow(db, actor, new.workflow_id)
    require_manager(actor, workflow, "set triggers of a workflow")
    if actor.user_id is None:
        raise ForbiddenError("a trigger needs a user as its owner; a studio's key is nobody")
    count = db.scalar(select(func.count()).select_from(Trigger).where(Trigger.workflow_id == workflow.id)) or 0
    if count >= MOST_OF_A_WORKFLOW:
        raise ConflictError(f"the workflow has {count} triggers; that is the most")
    secret = _new_secret() if new.action is Action.WEBHOOK else ""
    trigger = Trigger(
        id=new_id(),
        workflow_id=workflow.id,
        owner_id=actor.user_id,
        events=_checked_events(new.events),
        action=new.action,
        is_enabled=new.is_enabled,
        target_id=_checked_target(db, actor, new.target_id, new.answers) if new.action is Action.RUN else None,
        answers=_sealed(db, actor, new.target_id, new.answers) if new.action is Action.RUN else {},
        url=checked_url(new.url) if new.action is Action.WEBHOOK else "",
        secret_sealed=vault_of(db).seal(secret) if secret else "",
        recipients=checked_recipients(new.recipients) if new.action is Action.MAIL else [],
    )
    db.add(trigger)
    db.flush()
    _watch(db, workflow.id)
    audit.record(db, actor, Deed.INSERT, ENTITY, trigger.id, new={"workflowId": workflow.id, "action": trigger.action.value})
    db.flush()
    return Made(trigger, secret)


def _checked_events(events: Sequence[Event]) -> list[str]:
    found = [event.value for event in Event if event in events]
    if not found:
        raise InvalidError(f"name when the trigger acts: {', '.join(Event)}")
    return found


def _checked_target(db: Session, actor: Actor, target_id: str, answers: Mapping[str, str]) -> str:
    target = get_workflow(db, actor, target_id)
    questions = {question.name: question for question in askable(questions_of(db, actor, target.id))}
    for name in answers:
        if name not in questions:
            raise InvalidError(
                f"the workflow {target.name!r} asks no question {name[:100]!r}; its questions: {', '.join(questions) or 'none'}"
            )
    check_templates(answers)
    for name, template in answers.items():
        if template.strip().startswith("{output:") != (questions[name].type == FILE_BROWSE) and template.strip():
            raise InvalidError(f"{name!r}: a question for a file is answered by {{output:name}}, and no other question is")
    return target.id


def _sealed(db: Session, actor: Actor, target_id: str, answers: Mapping[str, str]) -> dict[str, Any]:
    """Seal the passwords among checked answers; what takes them from the run stays readable."""
    secret = {name: text for name, text in answers.items() if is_secret(text)}
    return {**answers, **seal_passwords(vault_of(db), questions_of(db, actor, target_id), secret)}


def _new_secret() -> str:
    return f"whsec_{base64.b64encode(secrets.token_bytes(32)).decode()}"


def _watch(db: Session, workflow_id: str) -> None:
    """Note at the workflow whether the end of its runs matters to anybody, for those who end them."""
    is_watched = select(Trigger.id).where(Trigger.workflow_id == workflow_id, Trigger.is_enabled).exists()
    db.execute(update(Workflow).where(Workflow.id == workflow_id).values(is_watched=or_(is_watched, is_followed(workflow_id))))


def list_triggers(db: Session, actor: Actor, workflow_id: str) -> Sequence[Trigger]:
    """List what happens after a workflow's runs, the oldest first; for those who manage the workflow."""
    workflow = get_workflow(db, actor, workflow_id)
    require_manager(actor, workflow, "see the triggers of a workflow")
    return db.scalars(select(Trigger).where(Trigger.workflow_id == workflow.id).order_by(Trigger.created_at, Trigger.id)).all()


def get_trigger(db: Session, actor: Actor, trigger_id: str) -> Trigger:
    trigger = db.get(Trigger, trigger_id)
    # Of a workflow that the actor does not see nothing is told, not even its id.
    workflow = None if trigger is None else find_workflow(db, actor, trigger.workflow_id)
    if trigger is None or workflow is None or not is_manager(actor, workflow):
        raise NotFoundError(f"no trigger {trigger_id}")
    return trigger


@dataclass(frozen=True)
class TriggerChange:
    """None: stays as it is. What a trigger does stays for ever; make another one."""

    events: Sequence[Event] | None = None
    is_enabled: bool | None = None
    answers: Mapping[str, str | None] | None = None
    """All of them; None in place of one that stays, because what was sealed is shown to nobody."""
    url: str | None = None
    recipients: Sequence[str] | None = None


def change_trigger(db: Session, actor: Actor, trigger_id: str, change: TriggerChange) -> Trigger:
    """Change when or where. Only its owner may change what is done with his rights; other managers switch it off and on."""
    trigger = get_trigger(db, actor, trigger_id)
    values: dict[str, object] = {}
    if change.events is not None:
        values["events"] = _checked_events(change.events)
    if change.is_enabled is not None:
        values["is_enabled"] = change.is_enabled
    if change.answers is not None and trigger.action is Action.RUN:
        if actor.user_id != trigger.owner_id:
            raise ForbiddenError("only its owner may change what a trigger runs, because it runs with his rights")
        values["answers"] = _changed_answers(db, actor, trigger, change.answers)
    if change.url is not None and trigger.action is Action.WEBHOOK:
        values["url"] = checked_url(change.url)
    if change.recipients is not None and trigger.action is Action.MAIL:
        values["recipients"] = checked_recipients(change.recipients)
    audit.change(db, actor, ENTITY, trigger, values)
    db.flush()
    _watch(db, trigger.workflow_id)
    return trigger


def _changed_answers(db: Session, actor: Actor, trigger: Trigger, given: Mapping[str, str | None]) -> dict[str, Any]:
    texts = {name: text for name, text in given.items() if text is not None}
    target_id = _checked_target(db, actor, trigger.target_id or "", texts)
    return {**kept_answers(trigger.answers, given), **_sealed(db, actor, target_id, texts)}


def renew_secret(db: Session, actor: Actor, trigger_id: str) -> str:
    """Give a webhook another secret; the old one signs no further call."""
    trigger = get_trigger(db, actor, trigger_id)
    if trigger.action is not Action.WEBHOOK:
        raise InvalidError("only a webhook has a secret")
    secret = _new_secret()
    trigger.secret_sealed = vault_of(db).seal(secret)
    audit.record(db, actor, Deed.UPDATE, ENTITY, trigger_id, new={"secret": "renewed"})
    db.flush()
    return secret


def delete_trigger(db: Session, actor: Actor, trigger_id: str) -> None:
    """Remove a trigger with its log; jobs that it queued stay."""
    trigger = get_trigger(db, actor, trigger_id)
    audit.record(db, actor, Deed.DELETE, ENTITY, trigger_id, {"workflowId": trigger.workflow_id, "action": trigger.action.value})
    db.delete(trigger)
    db.flush()
    _watch(db, trigger.workflow_id)


def deliveries_of(db: Session, actor: Actor, trigger_id: str, page: Page = EVERYTHING) -> Sequence[Delivery]:
    """List what became of a trigger, the latest first."""
    trigger = get_trigger(db, actor, trigger_id)
    query = select(Delivery).where(Delivery.trigger_id == trigger.id)
    return db.scalars(page.of(query.order_by(Delivery.created_at.desc(), Delivery.id.desc()))).all()


def last_deliveries(db: Session, actor: Actor, workflow_id: str, most: int = 20) -> Sequence[Delivery]:
    """List what last became of all triggers of a workflow, the latest first."""
    ids = [trigger.id for trigger in list_triggers(db, actor, workflow_id)]
    query = select(Delivery).where(Delivery.trigger_id.in_(ids)).order_by(Delivery.created_at.desc(), Delivery.id.desc())
    return db.scalars(query.limit(most)).all()


def send_again(db: Session, actor: Actor, delivery_id: str) -> Delivery:
    """Try a webhook or mail that failed, or was sent, once more from the beginning."""
    delivery = db.get(Delivery, delivery_id)
    trigger = None if delivery is None else get_trigger(db, actor, delivery.trigger_id)
    if delivery is None or trigger is None:
        raise NotFoundError(f"no delivery {delivery_id}")
    if trigger.action is Action.RUN:
        raise ConflictError("a run is queued once; run the workflow yourself")
    if delivery.progress is Progress.WAITING:
        raise ConflictError("this delivery is waiting to be sent")
    audit.record(db, actor, Deed.UPDATE, ENTITY, trigger.id, new={"sentAgain": delivery_id})
    delivery.progress, delivery.attempts, delivery.ended_at, delivery.next_try_at = Progress.WAITING, 0, None, None
    db.flush()
    db.execute(update(Delivery).where(Delivery.id == delivery_id).values(next_try_at=from_now()))
    db.flush()
    return delivery
