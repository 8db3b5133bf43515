"""Workers say that they are there and what they are at; Curators pause them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from galleria.database.base import new_id, now
from galleria.database.clock import from_now
from galleria.errors import NotFoundError
from galleria.gallery.actors import Actor, Role
from galleria.gallery.audit import service as audit
from galleria.gallery.jobs.dispatch import Worker
from galleria.gallery.workers.records import WorkerRecord

ENTITY = "Worker"
GONE_S = 90.0
"""A worker that was silent for so long counts as gone."""


@dataclass(frozen=True)
class Orders:
    """What a worker is told when it reports."""

    is_paused: bool
    is_drained: bool = False
    """Asked to end once its jobs are over."""


def report(db: Session, worker: Worker, slots: int, doing: Mapping[str, Any] | None = None) -> Orders:
    """Say that a worker is there and what it does; to be called every few seconds."""
    record = db.scalars(select(WorkerRecord).where(WorkerRecord.name == worker.name)).first()
    if record is None:
        record = WorkerRecord(id=new_id(), name=worker.name)
        db.add(record)
    record.tags = sorted(worker.tags)
    record.runs_unassigned = worker.runs_unassigned
    record.slots = slots
    record.least_priority = worker.least_priority
    record.doing = None if doing is None else dict(doing)
    record.seen_at = now()
    db.flush()
    return Orders(bool(record.is_paused), bool(record.is_drained))


def arrive(db: Session, worker: Worker) -> None:
    """Forget what was asked of an earlier worker of this name that did not end in good order."""
    db.execute(update(WorkerRecord).where(WorkerRecord.name == worker.name).values(is_drained=False, started_at=from_now()))


def sign_off(db: Session, worker: Worker) -> None:
    """Take a worker off the list: it ends in good order."""
    db.execute(delete(WorkerRecord).where(WorkerRecord.name == worker.name))


def list_workers(db: Session, actor: Actor) -> Sequence[WorkerRecord]:
    """List workers by name, those that are silent for long, too."""
    actor.require(Role.CURATOR, "list workers")
    return db.scalars(select(WorkerRecord).order_by(WorkerRecord.name)).all()


def pause_worker(db: Session, actor: Actor, worker_id: str, *, paused: bool) -> WorkerRecord:
    """Let a worker take no further jobs, or let it go on; what it runs is not touched."""
    actor.require(Role.CURATOR, "pause a worker")
    record = db.get(WorkerRecord, worker_id)
    if record is None:
        raise NotFoundError(f"no worker {worker_id}")
    audit.change(db, actor, ENTITY, record, {"is_paused": paused})
    db.flush()
    return record


def drain_worker(db: Session, actor: Actor, worker_id: str) -> WorkerRecord:
    """Have a worker take no further jobs, finish those that it has within its patience, and end."""
    actor.require(Role.CURATOR, "drain a worker")
    record = db.get(WorkerRecord, worker_id)
    if record is None:
        raise NotFoundError(f"no worker {worker_id}")
    audit.change(db, actor, ENTITY, record, {"is_drained": True})
    db.flush()
    return record


def find_worker(db: Session, actor: Actor, name: str) -> WorkerRecord:
    """Find a worker by its name. Raises NotFoundError with the names that there are."""
    workers = list_workers(db, actor)
    found = next((worker for worker in workers if worker.name == name), None)
    if found is None:
        raise NotFoundError(f"no worker is called {name!r}; there are {', '.join(worker.name for worker in workers) or 'none'}")
    return found


def forget_gone(db: Session, after_s: float = 24 * 3600) -> None:
    """Take workers off the list that were silent for so long."""
    db.execute(delete(WorkerRecord).where(WorkerRecord.seen_at < from_now(-after_s)))
