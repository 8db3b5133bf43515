"""Triggers, beyond the published Web API, v3: what is to happen when a run of a workflow is over, and what became of it."""

import json
from collections.abc import Mapping
from typing import Any, cast

from fastapi import APIRouter
from fastapi.responses import JSONResponse, Response

from galleria.api.dialects import moment_in_milliseconds
from galleria.api.doors import AsReceived, Here, Received, User
from galleria.errors import InvalidError
from galleria.gallery.jobs.sealed import readable_answers
from galleria.gallery.pages import Page
from galleria.gallery.triggers import service as triggers
from galleria.gallery.triggers.records import Action, Delivery, Event, Trigger
from galleria.gallery.triggers.service import NewTrigger, TriggerChange
from galleria.http.bodies import text_of

router = APIRouter()
_MOST_SHOWN = 100


@router.get("/v3/workflows/{workflow_id}/triggers")
def list_triggers(door: Here, actor: User, workflow_id: str) -> Response:
    """List what happens when a run of a workflow is over."""
    with door.parts.database.read() as db:
        return JSONResponse([_shape(trigger) for trigger in triggers.list_triggers(db, actor, workflow_id)])


@router.post("/v3/workflows/{workflow_id}/triggers")
def create_trigger(door: Here, actor: User, received: AsReceived, workflow_id: str) -> Response:
    """Make a trigger; the answer holds a webhook's secret, this once."""
    body = _members(received)
    new = NewTrigger(
        workflow_id,
        _action(body.get("action")),
        _events(body.get("events")) or (),
        target_id=str(body.get("targetWorkflowId") or ""),
        answers={name: text for name, text in (_answers(body.get("answers")) or {}).items() if text is not None},
        url=str(body.get("url") or ""),
        recipients=_texts(body.get("recipients"), "recipients") or (),
        is_enabled=body.get("enabled", True) is not False,
    )
    with door.parts.database.write() as db:
        made = triggers.create_trigger(db, actor, new)
        secret = {"secret": made.secret} if made.secret else {}
        return JSONResponse({**_shape(made.trigger), **secret}, headers={"Cache-Control": "no-store"})


@router.get("/v3/triggers/{trigger_id}")
def show_trigger(door: Here, actor: User, trigger_id: str) -> Response:
    """Show a trigger."""
    with door.parts.database.read() as db:
        return JSONResponse(_shape(triggers.get_trigger(db, actor, trigger_id)))


@router.patch("/v3/triggers/{trigger_id}")
def change_trigger(door: Here, actor: User, received: AsReceived, trigger_id: str) -> Response:
    """Change when or where a trigger acts; what is not named stays."""
    body = _members(received)
    enabled = body.get("enabled")
    change = TriggerChange(
        events=_events(body.get("events")),
        is_enabled=None if enabled is None else enabled is not False,
        answers=_answers(body.get("answers")),
        url=None if body.get("url") is None else str(body["url"]),
        recipients=_texts(body.get("recipients"), "recipients"),
    )
    with door.parts.database.write() as db:
        return JSONResponse(_shape(triggers.change_trigger(db, actor, trigger_id, change)))


@router.delete("/v3/triggers/{trigger_id}")
def delete_trigger(door: Here, actor: User, trigger_id: str) -> Response:
    """Remove a trigger with its log."""
    with door.parts.database.write() as db:
        triggers.delete_trigger(db, actor, trigger_id)
    return Response(status_code=204)


@router.get("/v3/triggers/{trigger_id}/deliveries")
def list_deliveries(door: Here, actor: User, trigger_id: str) -> Response:
    """List what became of a trigger, the latest 100 first."""
    with door.parts.database.read() as db:
        return JSONResponse([_delivery(one) for one in triggers.deliveries_of(db, actor, trigger_id, Page(limit=_MOST_SHOWN))])


def _members(received: Received) -> Mapping[str, Any]:
    text = text_of(received.body)
    try:
        read: object = json.loads(text) if text.strip() else {}
    except (ValueError, RecursionError) as error:
        raise InvalidError(f"the request's body is not JSON: {error}") from error
    if not isinstance(read, dict):
        raise InvalidError('the request\'s body must be a JSON object such as {"action": "mail"}')
    return cast("Mapping[str, Any]", read)


def _action(word: object) -> Action:
    try:
        return Action(str(word).lower())
    except ValueError:
        raise InvalidError(f"action is one of {', '.join(Action)}") from None


def _events(given: object) -> tuple[Event, ...] | None:
    words = _texts(given, "events")
    try:
        return None if words is None else tuple(Event(word.lower()) for word in words)
    except ValueError:
        raise InvalidError(f"events are of {', '.join(Event)}") from None


def _texts(given: object, name: str) -> list[str] | None:
    if given is None:
        return None
    if not isinstance(given, list) or not all(isinstance(one, str) for one in cast("list[object]", given)):
        raise InvalidError(f"{name} is a list of texts")
    return cast("list[str]", given)


def _answers(given: object) -> dict[str, str | None] | None:
    if given is None:
        return None
    if not isinstance(given, dict) or not all(isinstance(value, str | None) for value in cast("dict[object, object]", given).values()):
        raise InvalidError("answers is an object of texts by the question's name; null leaves an answer as it is")
    return {str(name): value for name, value in cast("dict[str, str | None]", given).items()}


def _shape(found: Trigger) -> dict[str, object]:
    return {
        "id": found.id,
        "workflowId": found.workflow_id,
        "ownerId": found.owner_id,
        "action": found.action.value,
        "events": found.events,
        "enabled": found.is_enabled,
        "targetWorkflowId": found.target_id,
        # Null in place of a password: sent back, it stays.
        "answers": readable_answers(found.answers),
        "url": found.url or None,
        "recipients": found.recipients,
        "dateCreated": moment_in_milliseconds(found.created_at),
    }


def _delivery(found: Delivery) -> dict[str, object]:
    return {
        "id": found.id,
        "jobId": found.job_id,
        "event": found.event.value,
        "state": found.progress.value,
        "attempts": found.attempts,
        "answer": found.answer,
        "queuedJobId": found.made_job_id,
        "dateCreated": moment_in_milliseconds(found.created_at),
        "nextTry": None if found.next_try_at is None else moment_in_milliseconds(found.next_try_at),
        "dateEnded": None if found.ended_at is None else moment_in_milliseconds(found.ended_at),
    }
