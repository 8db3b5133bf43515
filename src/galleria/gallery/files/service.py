"""Take input files for jobs, hand them to the worker, and throw them away when their time is over."""

from collections.abc import Sequence
from datetime import timedelta
from pathlib import PurePosixPath
from typing import BinaryIO

from sqlalchemy import ColumnElement, and_, delete, select, update
from sqlalchemy.orm import Session

from galleria.database.base import new_id, now
from galleria.database.connect import on_commit, on_rollback
from galleria.errors import InvalidError, NotFoundError
from galleria.gallery.actors import Actor, Role
from galleria.gallery.audit import service as audit
from galleria.gallery.audit.service import Event
from galleria.gallery.files.records import InputFile
from galleria.storage.contract import Area, Storage, Stored

ENTITY = "InputFile"


def store_upload(storage: Storage, source: BinaryIO, limit_bytes: int) -> Stored:
    """Store an upload before its row is written, so that no transaction is open while it arrives."""
    return storage.put(Area.INPUTS, new_id(), source, limit_bytes)


def add_input_file(db: Session, actor: Actor, storage: Storage, name: str, stored: Stored, lifetime_s: float) -> InputFile:
    """Keep what `store_upload` stored, under the name that it was uploaded with. An empty file is refused."""
    on_rollback(db, lambda: storage.delete(stored.key))
    actor.require(Role.VIEWER, "upload an input file")
    if stored.size_bytes == 0:
        raise InvalidError("the uploaded file is empty")
    file = InputFile(
        id=new_id(),
        owner_id=actor.user_id,
        subscription_id=actor.subscription_id,
        name=_bare(name),
        storage_key=stored.key,
        size_bytes=stored.size_bytes,
        expires_at=now() + timedelta(seconds=lifetime_s),
    )
    db.add(file)
    audit.record(db, actor, Event.INSERT, ENTITY, file.id, new={"name": file.name, "sizeBytes": file.size_bytes})
    db.flush()
    return file


def lend(db: Session, actor: Actor, name: str, storage_key: str, size_bytes: int, lifetime_s: float = 24 * 3600) -> InputFile:
    """Make a file that lies in the storage already, as a job's output, an input of the actor's. It is not purged with it."""
    file = InputFile(
        id=new_id(),
        owner_id=actor.user_id,
        subscription_id=actor.subscription_id,
        name=_bare(name),
        storage_key=storage_key,
        size_bytes=size_bytes,
        expires_at=now() + timedelta(seconds=lifetime_s),
    )
    db.add(file)
    db.flush()
    return file


def _bare(name: str) -> str:
    """Keep the last part of a path from any system, without control characters."""
    bare = PurePosixPath(name.replace("\\", "/")).name
    bare = "".join(character for character in bare if character.isprintable()).strip()
    return bare[-200:] if bare not in ("", ".", "..") else "upload"


def _mine(actor: Actor) -> ColumnElement[bool]:
    if actor.user_id is not None:
        return InputFile.owner_id == actor.user_id
    return and_(InputFile.owner_id.is_(None), InputFile.subscription_id == actor.subscription_id)


def find_input_files(db: Session, actor: Actor, file_ids: Sequence[str]) -> dict[str, InputFile]:
    """Find files that the actor uploaded himself and that are still there, by id."""
    query = select(InputFile).where(InputFile.id.in_(file_ids), _mine(actor), InputFile.expires_at > now())
    return {file.id: file for file in db.scalars(query)}


def get_input_file(db: Session, file_id: str) -> InputFile:
    """Find a file that a job names; the job's queueing checked whose it is. For the worker only."""
    file = db.get(InputFile, file_id)
    if file is None:
        raise NotFoundError(f"the input file {file_id} is gone; it was kept for a limited time")
    return file


def keep_for(db: Session, file_ids: Sequence[str], lifetime_s: float) -> None:
    """Let files live so long from now at least: a job that is to read them was queued."""
    until = now() + timedelta(seconds=lifetime_s)
    db.execute(update(InputFile).where(InputFile.id.in_(file_ids), InputFile.expires_at < until).values(expires_at=until))


def purge_input_files(db: Session, storage: Storage, most: int = 1000) -> int:
    """Throw away files whose time is over; gives how many."""
    old = select(InputFile.id).where(InputFile.expires_at <= now()).order_by(InputFile.expires_at).limit(most)
    keys = db.scalars(delete(InputFile).where(InputFile.id.in_(old)).returning(InputFile.storage_key)).all()
    for key in keys:
        # What was lent belongs to a job.
        if key.startswith(f"{Area.INPUTS}/"):
            on_commit(db, lambda key=key: storage.delete(key))
    return len(keys)
