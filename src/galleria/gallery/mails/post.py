"""The way of mails out of the house: taken by one sender at a time, tried again with growing pauses, and noted."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from galleria.database.clock import from_now, once_now
from galleria.database.connect import vault_of
from galleria.gallery.mails.records import Mail, Progress

PAUSES_S: Sequence[float] = (10, 60, 300, 1800, 7200)
"""Before each further try; after the last the mail has failed."""
_TAKEN_S = 120.0
"""A sender that is silent for longer is dead: somebody else tries."""
_LONGEST_ANSWER = 500


@dataclass(frozen=True)
class Outgoing:
    """A mail on its way. Never to be logged: it may hold a link that signs somebody in."""

    mail_id: str
    attempt: int
    """From 1 on."""
    recipient: str
    subject: str
    text: str = field(repr=False)
    path: str = field(repr=False)
    """Of the page that it is about; empty for none."""


def is_any_due(db: Session) -> bool:
    """Say whether there is anything to send: cheaper than `take_due`, and writes nothing."""
    query = select(Mail.id).where(Mail.progress == Progress.WAITING, Mail.next_try_at <= once_now())
    return db.scalars(query.order_by(Mail.next_try_at).limit(1)).first() is not None


def take_due(db: Session, most: int = 10) -> Sequence[Outgoing]:
    """Take mails whose time has come; what is not reported on is taken by somebody else after a while."""
    query = (
        select(Mail)
        .where(Mail.progress == Progress.WAITING, Mail.next_try_at <= once_now())
        .order_by(Mail.next_try_at)
        .limit(most)
        .with_for_update(skip_locked=True)
        .execution_options(populate_existing=True)
    )
    taken = db.scalars(query).all()
    for mail in taken:
        mail.attempts += 1
    db.flush()
    db.execute(update(Mail).where(Mail.id.in_([mail.id for mail in taken])).values(next_try_at=from_now(_TAKEN_S)))
    return [_opened(db, mail) for mail in taken]


def _opened(db: Session, mail: Mail) -> Outgoing:
    text, path = json.loads(vault_of(db).open(mail.text_sealed))
    return Outgoing(mail.id, mail.attempts, mail.recipient, mail.subject, str(text), str(path))


def note(db: Session, mail: Outgoing, answer: str, *, is_sent: bool, is_hopeless: bool) -> None:
    """Write down what a try came to; nothing where somebody else tried meanwhile. What has gone or failed keeps no text."""
    values: dict[str, Any] = {"answer": " ".join(answer.replace("\0", "").split())[:_LONGEST_ANSWER]}
    if is_sent or is_hopeless or mail.attempt > len(PAUSES_S):
        values |= {"progress": Progress.SENT if is_sent else Progress.FAILED, "ended_at": from_now()}
        values |= {"next_try_at": None, "text_sealed": ""}
    else:
        values["next_try_at"] = from_now(PAUSES_S[mail.attempt - 1])
    mine = (Mail.id == mail.mail_id, Mail.attempts == mail.attempt, Mail.progress == Progress.WAITING)
    db.execute(update(Mail).where(*mine).values(**values))


def forget_old(db: Session, after_s: float = 90 * 24 * 3600) -> None:
    """Remove what became of mails so long ago."""
    db.execute(delete(Mail).where(Mail.progress != Progress.WAITING, Mail.created_at < from_now(-after_s)))
