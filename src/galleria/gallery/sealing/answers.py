"""Which answers hold sealed passwords: those of jobs, schedules and triggers, read in batches and sealed again one by one."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import String, cast, select, update
from sqlalchemy.orm import InstrumentedAttribute, Session

from galleria.database.connect import Database
from galleria.database.vault import Vault
from galleria.gallery.jobs.records import Job
from galleria.gallery.jobs.sealed import resealed, seal_passwords, sealed_text
from galleria.gallery.schedules.records import Schedule
from galleria.gallery.triggers.answers import is_secret
from galleria.gallery.triggers.records import Trigger
from galleria.gallery.workflows import report as reports
from galleria.gallery.workflows.records import Version, Workflow

BATCH = 200


@dataclass(frozen=True)
class Holder:
    """A table of things that were given answers."""

    key: InstrumentedAttribute[Any]
    answers: InstrumentedAttribute[Any]
    workflow: InstrumentedAttribute[Any]
    """Whose questions they answer: as published or, where `version` is given, of that version."""
    version: InstrumentedAttribute[Any] | None = None
    is_secret: Callable[[str], bool] = bool
    """Whether such an answer to a question for a password is one."""


HOLDERS = (
    Holder(Job.seq, Job.answers, Job.workflow_id, Job.version_id),
    Holder(Schedule.id, Schedule.answers, Schedule.workflow_id),
    Holder(Trigger.id, Trigger.answers, Trigger.target_id, is_secret=is_secret),
)


def answered(database: Database, holder: Holder) -> Iterator[Sequence[Any]]:
    """Give the keys of those that were given answers, in batches."""
    after: Any = None
    while True:
        query = select(holder.key).where(cast(holder.answers, String) != "{}").order_by(holder.key).limit(BATCH)
        with database.read() as db:
            keys = db.scalars(query if after is None else query.where(holder.key > after)).all()
        if not keys:
            return
        yield keys
        after = keys[-1]


def sealed_answers(database: Database, holder: Holder, keys: Sequence[Any]) -> Sequence[str]:
    """Give what is sealed in the answers of these."""
    with database.read() as db:
        found = db.scalars(select(holder.answers).where(holder.key.in_(keys))).all()
    return [sealed for answers in found for value in answers.values() if (sealed := sealed_text(value)) is not None]


def seal_again(db: Session, holder: Holder, key: Any, first: Vault, again: Callable[[str], str]) -> int:
    """Seal the answers of one again, and with `first` its passwords that are not sealed at all; gives how many those were."""
    answers: Mapping[str, Any] = db.scalars(select(holder.answers).where(holder.key == key)).one()
    plain = {name: value for name, value in answers.items() if isinstance(value, str) and holder.is_secret(value)}
    newly = seal_passwords(first, _questions(db, holder, key), plain)
    changed = {**resealed(answers, again), **newly}
    if changed != answers:
        db.execute(update(holder.key.class_).where(holder.key == key).values(answers=changed))
    return sum(sealed_text(value) is not None for value in newly.values())


def _questions(db: Session, holder: Holder, key: Any) -> Sequence[reports.Question]:
    query = select(Version.report).where(holder.key == key)
    if holder.version is not None:
        query = query.join(holder.key.class_, holder.version == Version.id)
    else:
        query = query.join(Workflow, Workflow.published_version_id == Version.id).join(holder.key.class_, holder.workflow == Workflow.id)
    report = db.scalars(query).first()
    return () if report is None else reports.read(report).questions
