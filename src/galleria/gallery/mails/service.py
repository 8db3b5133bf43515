"""Write to people: a mail is queued in the transaction of what it tells about, and sent by whoever empties the outbox."""

import json
from collections.abc import Collection

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from galleria.database.base import new_id
from galleria.database.clock import from_now
from galleria.database.connect import vault_of
from galleria.errors import InvalidError
from galleria.gallery.actors import Actor
from galleria.gallery.audit import service as audit
from galleria.gallery.audit.service import Event
from galleria.gallery.mails.records import Kind, Mail, MutedMail
from galleria.gallery.users.records import User

ENTITY = "Mail"
CHOSEN: dict[Kind, str] = {
    Kind.FAILURE: "A run of a workflow that I follow failed",
    Kind.CHANGE: "A workflow that I follow was changed",
    Kind.COMMENT: "Somebody commented on a workflow that is mine or that I follow",
    Kind.REQUEST: "Somebody asks me for access, answered me, or shared a workflow with me",
}
"""What everybody decides for himself whether he wants it; the others come because somebody just asked for them."""
_LONGEST_SUBJECT = 200
_LONGEST_TEXT = 20_000


def write_mail(
    db: Session, user: User, kind: Kind, subject: str, text: str, path: str = "", *, about_id: str = "", quiet_s: float = 0
) -> Mail | None:
    """Queue a mail; below its text goes the address of the page at `path`, which begins with a slash.

    None, and nothing queued, where the user wants no such mails, is gone, or got one of this kind about the same thing within the
    last `quiet_s` seconds.
    """
    if not user.is_active or user.deleted_at is not None or db.get(MutedMail, (user.id, kind)) is not None:
        return None
    if quiet_s and is_recent(db, user.id, kind, quiet_s, about_id):
        return None
    mail = Mail(
        id=new_id(),
        user_id=user.id,
        recipient=user.email,
        kind=kind,
        about_id=about_id,
        subject=" ".join(subject.split())[:_LONGEST_SUBJECT],
        text_sealed=vault_of(db).seal(json.dumps([text[:_LONGEST_TEXT], path])),
    )
    db.add(mail)
    db.flush()
    # By the database's clock, as the sender reads it.
    db.execute(update(Mail).where(Mail.id == mail.id).values(created_at=from_now(), next_try_at=from_now()))
    return mail


def is_recent(db: Session, user_id: str, kind: Kind, within_s: float, about_id: str = "") -> bool:
    """Say whether a user was sent a mail of this kind, about this, a short time ago."""
    query = select(Mail.id).where(Mail.user_id == user_id, Mail.kind == kind, Mail.created_at > from_now(-within_s))
    return db.scalars(query.where(Mail.about_id == about_id).limit(1)).first() is not None


def wanted_kinds(db: Session, actor: Actor) -> frozenset[Kind]:
    """Give the kinds of mail that the actor wants, of those that can be chosen."""
    muted = db.scalars(select(MutedMail.kind).where(MutedMail.user_id == actor.user_id)).all()
    return frozenset(CHOSEN) - frozenset(muted)


def choose_kinds(db: Session, actor: Actor, wanted: Collection[Kind]) -> None:
    """Say which mails the actor wants; those that cannot be chosen come anyway."""
    if actor.user_id is None:
        raise InvalidError("only a user gets mails")
    before = wanted_kinds(db, actor)
    after = frozenset(CHOSEN) & frozenset(wanted)
    if before == after:
        return
    db.execute(delete(MutedMail).where(MutedMail.user_id == actor.user_id))
    db.add_all(MutedMail(user_id=actor.user_id, kind=kind) for kind in CHOSEN if kind not in after)
    audit.record(db, actor, Event.UPDATE, "User", actor.user_id, {"mails": sorted(before)}, {"mails": sorted(after)})
    db.flush()
