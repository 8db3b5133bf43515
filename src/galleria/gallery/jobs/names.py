"""Runs found by what their outputs are called: of each name the last run that made it, for each workflow and each who ran it.

Of a workflow that runs every night this is one row, not one a night: searches read neither jobs nor outputs.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Protocol, cast

from sqlalchemy import ColumnElement, Insert, Table, delete, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from galleria.database.connect import is_postgresql
from galleria.database.letters import holds
from galleria.gallery.actors import Actor, Role
from galleria.gallery.jobs.records import Job, JobOutput, ResultName

LONGEST = 200
MOST_COUNTED = 100
_MOST_WORDS = 8
_KEY = ("workflow_id", "owner_id", "subscription_id", "name")


@dataclass(frozen=True)
class NamedResults:
    jobs: Sequence[Job]
    """The newest first, no more than asked for."""
    total: int
    """How many names of outputs fit, each workflow's counted by itself; counting ends at `MOST_COUNTED`."""


class Whose(Protocol):
    """What names are noted with: a job, or the row of one."""

    @property
    def seq(self) -> int: ...
    @property
    def workflow_id(self) -> str: ...
    @property
    def owner_id(self) -> str | None: ...
    @property
    def subscription_id(self) -> str: ...


def note_names(db: Session, job: Whose, made: Sequence[str] | None = None) -> None:
    """Note what a job made that is over, in the transaction that ends it; `made` names its outputs where the caller knows all."""
    if made is None:
        made = db.scalars(select(JobOutput.name).where(JobOutput.job_seq == job.seq)).all()
    whose = {"workflow_id": job.workflow_id, "owner_id": job.owner_id or "", "subscription_id": job.subscription_id}
    # In one order, or two that end at once might wait for each other.
    rows = [{**whose, "name": name, "last_seq": job.seq} for name in sorted(set(map(plain_name, made)))]
    if rows:
        db.execute(_noted(is_postgresql=is_postgresql(db)), rows)


@cache
def _noted(*, is_postgresql: bool) -> Insert:
    # Built once, and for the table, as in `statements.py`.
    table = cast("Table", ResultName.__table__)
    query = postgresql.insert(table) if is_postgresql else sqlite.insert(table)
    is_newer = query.excluded.last_seq > table.c.last_seq
    return query.on_conflict_do_update(index_elements=_KEY, set_={"last_seq": query.excluded.last_seq}, where=is_newer)


def forget_names(db: Session, seqs: Collection[int]) -> None:
    """Forget what jobs made whose outputs are gone; older ones of the same name went before them."""
    db.execute(delete(ResultName).where(ResultName.last_seq.in_(seqs)))


def plain_name(path: str) -> str:
    """Give a file's own name in small letters, without the folder that the run wrote it to."""
    return path.replace("\\", "/").rpartition("/")[2].lower()[:LONGEST]


def find_by_output(db: Session, actor: Actor, text: str, most: int) -> NamedResults:
    """Find the last runs with outputs whose names hold all words of the text, and count them: only those the actor may see."""
    words = [holds(ResultName.name, word) for word in text.split()[:_MOST_WORDS]]
    latest: dict[tuple[str, str], int] = {}
    for way in _ways_to_see(actor) if words else ():
        # In the order of the index: what is often found is found soon, and what never is costs one walk through the index alone.
        query = select(ResultName.workflow_id, ResultName.name, ResultName.last_seq).where(*way, *words)
        for workflow_id, name, seq in db.execute(query.order_by(ResultName.last_seq.desc()).limit(MOST_COUNTED)):
            latest[workflow_id, name] = max(seq, latest.get((workflow_id, name), 0))
    newest = sorted(set(latest.values()), reverse=True)[:most]
    jobs = db.scalars(select(Job).where(Job.seq.in_(newest)).order_by(Job.seq.desc())).all() if newest else ()
    return NamedResults(jobs, min(len(latest), MOST_COUNTED))


def _ways_to_see(actor: Actor) -> Sequence[Sequence[ColumnElement[bool]]]:
    """As those to see a job, each with an index of its own; a Curator sees all."""
    if actor.is_curator:
        return [()]
    ways: list[Sequence[ColumnElement[bool]]] = [[ResultName.owner_id == actor.user_id]] if actor.user_id else []
    if actor.subscription_id and actor.has(Role.ARTISAN):
        ways.append([ResultName.subscription_id == actor.subscription_id])
    return ways
