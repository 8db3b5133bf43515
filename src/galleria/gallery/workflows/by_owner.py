"""A page of workflows in the order of their owners' addresses: found without sorting all those before it."""

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import Select, func, literal, select, union_all
from sqlalchemy.orm import Session

from galleria.gallery.pages import Page
from galleria.gallery.users.records import User
from galleria.gallery.workflows.records import Workflow

_MOST_SLICES = 100
"""Parts of one query, of the few hundred that SQLite takes."""


def ids_by_owner(db: Session, query: Select[str], page: Page, *, descending: bool) -> Sequence[str]:
    """Give the ids of a page of the workflows that `query` gives, by the owner's address and then by id."""
    slices = list(_slices(_counts(db, query, descending=descending), page.offset, page.limit or 0))
    found: list[str] = []
    for first in range(0, len(slices), _MOST_SLICES):
        found += _ids(db, query, slices[first : first + _MOST_SLICES], descending=descending)
    return found


def _counts(db: Session, query: Select[str], *, descending: bool) -> Sequence[tuple[str, int]]:
    """Each owner with the number of his workflows, in the order of the list."""
    counted = query.with_only_columns(Workflow.owner_id, func.count().label("count")).group_by(Workflow.owner_id).subquery()
    address = func.lower(User.email)
    order = (address.desc(), User.id.desc()) if descending else (address.asc(), User.id.asc())
    rows = db.execute(select(counted.c.owner_id, counted.c.count).join(User, User.id == counted.c.owner_id).order_by(*order))
    return [(row[0], row[1]) for row in rows]


def _slices(counts: Sequence[tuple[str, int]], offset: int, limit: int) -> Iterator[tuple[str, int, int]]:
    """Cut the page into parts of one owner each: whose, how many to pass over, how many to take."""
    for owner_id, count in counts:
        taken = max(0, min(count - offset, limit))
        if taken:
            yield owner_id, offset, taken
        offset, limit = max(0, offset - count), limit - taken
        if not limit:
            return


def _ids(db: Session, query: Select[str], slices: Sequence[tuple[str, int, int]], *, descending: bool) -> Sequence[str]:
    order: Any = Workflow.id.desc() if descending else Workflow.id.asc()
    parts = [
        _of_owner(query, owner_id, place).order_by(order).offset(offset).limit(limit).subquery()
        for place, (owner_id, offset, limit) in enumerate(slices)
    ]
    found = union_all(*(select(part.c.id, part.c.place) for part in parts)).subquery()
    by_id = found.c.id.desc() if descending else found.c.id.asc()
    return db.scalars(select(found.c.id).order_by(found.c.place, by_id)).all()


def _of_owner(query: Select[str], owner_id: str, place: int) -> Select[Any]:
    return query.add_columns(literal(place).label("place")).where(Workflow.owner_id == owner_id)
