"""The way of deliveries out of the house: taken by one sender at a time, tried again with growing pauses, and noted."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from galleria.database.base import now
from galleria.database.clock import from_now, once_now
from galleria.database.connect import vault_of
from galleria.gallery.triggers.records import Action, Delivery, Event, Progress, Trigger

PAUSES_S: Sequence[float] = (10, 60, 300, 1800, 7200, 21600)
"""Before each further try; after the last the delivery has failed."""
_TAKEN_S = 120.0
"""A sender that is silent for longer is dead: somebody else tries."""
_LONGEST_ANSWER = 500


@dataclass(frozen=True)
class Letter:
    """A delivery on its way."""

    delivery_id: str
    attempt: int
    """From 1 on."""
    action: Action
    event: Event
    job_id: str
    body: Mapping[str, Any]
    url: str
    secret: str
    recipients: Sequence[str]


@dataclass(frozen=True)
class Receipt:
    is_sent: bool
    answer: str
    """In words: `204`, `connection refused`."""
    is_hopeless: bool = False
    """Another try would come to the same."""


def is_any_due(db: Session) -> bool:
    """Say whether there is anything to send: cheaper than `take_due`, and writes nothing."""
    query = select(Delivery.id).where(Delivery.progress == Progress.WAITING, Delivery.next_try_at <= once_now())
    return db.scalars(query.order_by(Delivery.next_try_at).limit(1)).first() is not None


def take_due(db: Session, most: int = 10) -> Sequence[Letter]:
    """Take deliveries whose time has come; what is not reported on is taken by somebody else after a while."""
    query = (
        select(Delivery)
        .where(Delivery.progress == Progress.WAITING, Delivery.next_try_at <= once_now())
        .order_by(Delivery.next_try_at)
        .limit(most)
        .with_for_update(skip_locked=True)
        .execution_options(populate_existing=True)
    )
    letters: list[Letter] = []
    for delivery in db.scalars(query).all():
        trigger = db.get_one(Trigger, delivery.trigger_id)
        delivery.attempts += 1
        delivery.next_try_at = now() + timedelta(seconds=_TAKEN_S)
        secret = vault_of(db).open(trigger.secret_sealed) if trigger.secret_sealed else ""
        recipients = [str(recipient) for recipient in trigger.recipients]
        about = (delivery.id, delivery.attempts, trigger.action, delivery.event, delivery.job_id, delivery.body)
        letters.append(Letter(*about, trigger.url, secret, recipients))
    db.flush()
    return letters


def note(db: Session, letter: Letter, receipt: Receipt) -> None:
    """Write down what a try came to; nothing where somebody else tried meanwhile."""
    is_last = receipt.is_hopeless or letter.attempt > len(PAUSES_S)
    values: dict[str, Any] = {"answer": " ".join(receipt.answer.replace("\0", "").split())[:_LONGEST_ANSWER]}
    if receipt.is_sent or is_last:
        values |= {"progress": Progress.SENT if receipt.is_sent else Progress.FAILED, "ended_at": from_now(), "next_try_at": None}
    else:
        values["next_try_at"] = from_now(PAUSES_S[letter.attempt - 1])
    mine = (Delivery.id == letter.delivery_id, Delivery.attempts == letter.attempt, Delivery.progress == Progress.WAITING)
    db.execute(update(Delivery).where(*mine).values(**values))


def forget_old(db: Session, after_s: float = 90 * 24 * 3600) -> None:
    """Remove what became of triggers so long ago."""
    db.execute(delete(Delivery).where(Delivery.ended_at < from_now(-after_s)))
