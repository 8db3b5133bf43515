"""How much the gallery holds: packages, outputs, messages, the audit log."""

from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from galleria.gallery.actors import Actor, Role
from galleria.gallery.audit.records import AuditEvent
from galleria.gallery.files.records import InputFile
from galleria.gallery.jobs.records import Job, JobOutput
from galleria.gallery.workflows.records import Version


@dataclass(frozen=True)
class Holding:
    words: str
    count: int
    size_bytes: int | None
    """None for what lies in the database."""


def holdings(db: Session, actor: Actor) -> list[Holding]:
    """Count and sum up what is kept."""
    actor.require(Role.CURATOR, "see what is stored")
    stored = (
        ("Versions of workflows", Version.package_size_bytes),
        ("Outputs of runs", JobOutput.size_bytes),
        ("Uploaded files", InputFile.size_bytes),
    )
    found = [Holding(words, *_sum(db, size)) for words, size in stored]
    rows = (("Runs", Job.seq), ("Entries of the audit log", AuditEvent.seq))
    return found + [Holding(words, db.scalar(select(func.count(key))) or 0, None) for words, key in rows]


def _sum(db: Session, size: InstrumentedAttribute[int]) -> tuple[int, int]:
    row = db.execute(select(func.count(size), func.coalesce(func.sum(size), 0))).one()
    return int(row[0]), int(row[1])
