"""Things that runs use and that their owners lend to users, groups and studios: credentials and connections, alike."""

from collections.abc import Sequence
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Select, and_, false, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from galleria.errors import ForbiddenError, NotFoundError
from galleria.gallery.actors import Actor
from galleria.gallery.audit import service as audit
from galleria.gallery.audit.service import Event
from galleria.gallery.groups.records import Group
from galleria.gallery.groups.service import groups_of
from galleria.gallery.pages import batches
from galleria.gallery.shares.records import Lent, Party
from galleria.gallery.subscriptions.records import Subscription
from galleria.gallery.users.records import User
from galleria.gallery.users.service import find_user

_Lent = TypeVar("_Lent", bound=Lent)
_PARTIES: dict[Party, type[User] | type[Group] | type[Subscription]] = {Party.USER: User, Party.GROUP: Group, Party.STUDIO: Subscription}


def _thing(kind: type[Lent]) -> InstrumentedAttribute[str]:
    column: Any = getattr(kind, kind.thing)
    return column


def lent_to(actor: Actor, kind: type[Lent]) -> Select[str]:
    """Give the ids of what is lent to the actor, to a group of his or to his studio."""
    ways: list[ColumnElement[bool]] = [false()]
    for party, ids in (
        (Party.USER, [actor.user_id] if actor.user_id else []),
        (Party.GROUP, list(actor.group_ids)),
        (Party.STUDIO, [actor.subscription_id] if actor.subscription_id else []),
    ):
        if ids:
            ways.append(and_(kind.party == party, kind.party_id.in_(ids)))
    return select(_thing(kind)).where(or_(*ways))


def shares_of(db: Session, kind: type[_Lent], thing_ids: Sequence[str]) -> Sequence[_Lent]:
    """List to whom things are lent; for those who got them from a list of their own."""
    thing = _thing(kind)
    query = select(kind).order_by(thing, kind.party, kind.party_id)
    return [share for some in batches(thing_ids) for share in db.scalars(query.where(thing.in_(some)))]


def lend(db: Session, actor: Actor, kind: type[Lent], entity: str, thing_id: str, party: Party, party_id: str) -> None:
    """Let somebody use a thing, which the caller found to be the actor's to lend; twice changes nothing.

    Curators lend to everybody; others within their studio and their groups, so that nobody's runs meet a stranger's things.
    """
    if not actor.is_curator and not is_near(db, actor, party, party_id):
        raise ForbiddenError("only people and groups of your own studio, and your own groups, can be given it; a curator reaches others")
    if db.get(_PARTIES[party], party_id) is None:
        raise NotFoundError(f"no {party.value} {party_id}")
    if db.get(kind, (thing_id, party, party_id)) is None:
        db.add(kind(**{kind.thing: thing_id, "party": party, "party_id": party_id}))
        audit.record(db, actor, Event.UPDATE, entity, thing_id, new={"sharedWith": {party.value: party_id}})
        db.flush()


def is_near(db: Session, actor: Actor, party: Party, party_id: str) -> bool:
    """Say whether somebody is of the actor's studio, or of a group of his."""
    match party:
        case Party.STUDIO:
            return party_id == actor.subscription_id
        case Party.GROUP:
            return party_id in actor.group_ids
        case Party.USER:
            user = find_user(db, party_id)
            if user is None:
                return False
            return user.subscription_id == actor.subscription_id or any(group.id in actor.group_ids for group in groups_of(db, user.id))


def take_back(db: Session, actor: Actor, kind: type[Lent], entity: str, thing_id: str, party: Party, party_id: str) -> None:
    """End it; what was not lent is no error."""
    share = db.get(kind, (thing_id, party, party_id))
    if share is not None:
        db.delete(share)
        audit.record(db, actor, Event.UPDATE, entity, thing_id, {"sharedWith": {party.value: party_id}})
        db.flush()


def require_lender(actor: Actor, owner_id: str | None, deed: str) -> None:
    """Raise ForbiddenError unless the thing is the actor's own, or he governs the gallery."""
    if not actor.is_curator and (actor.user_id is None or actor.user_id != owner_id):
        raise ForbiddenError(f"only whose it is, and curators, may {deed}")
