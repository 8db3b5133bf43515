"""Brings studios and users along."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy.orm import Session

from galleria.gallery.actors import Role
from galleria.gallery.bringing.lines import Deed, Line
from galleria.gallery.bringing.notes import DeletedHere, Ids, Move, gone, id_for, known, note, one_by_one
from galleria.gallery.bringing.records import Thing
from galleria.gallery.bringing.there import StudioThere, UserThere
from galleria.gallery.subscriptions.records import Subscription
from galleria.gallery.subscriptions.service import SubscriptionChange, change_subscription, create_subscription, subscriptions_by_id
from galleria.gallery.users.records import User
from galleria.gallery.users.service import NewUser, UserChange, change_user, create_user, find_by_email, find_user


def bring_studios(move: Move, found: Sequence[StudioThere], ids: Ids) -> Iterator[Line]:
    """Make or change studios; adds to `ids` which has become which."""
    for there in found:
        line = one_by_one(move, Thing.STUDIO, there.name, there.id, lambda db, there=there: _studio(db, move, there))
        if line.local_id:
            ids[there.id] = line.local_id
        yield line
    yield from gone(move, Thing.STUDIO, frozenset(there.id for there in found))


def _studio(db: Session, move: Move, there: StudioThere) -> Line:
    state: dict[str, Any] = {
        "name": there.name,
        "is_active": there.is_active,
        "default_worker_tag": there.worker_tag,
        "contact": there.contact,
        "expires_at": there.expires_at.isoformat() if there.expires_at else None,
    }
    before = known(db, move, Thing.STUDIO, there.id)
    if before is not None and _is_gone(db, before.local_id):
        raise DeletedHere
    if before is not None and before.state == state:
        return Line(Thing.STUDIO, Deed.UNCHANGED, there.name, there.id, before.local_id)
    local_id = before.local_id if before else create_subscription(db, move.actor, there.name, id_for(db, move, Subscription, there.id)).id
    change = SubscriptionChange(
        there.name,
        there.is_active,
        there.worker_tag,
        contact=there.contact or ({} if before else None),
        expires_at=there.expires_at,
        never_expires=there.expires_at is None,
    )
    change_subscription(db, move.actor, local_id, change)
    note(db, move, Thing.STUDIO, there.id, local_id, state)
    return Line(Thing.STUDIO, Deed.CHANGED if before else Deed.BROUGHT, there.name, there.id, local_id)


def _is_gone(db: Session, studio_id: str) -> bool:
    studio = subscriptions_by_id(db, [studio_id]).get(studio_id)
    return studio is None or studio.deleted_at is not None


def bring_users(move: Move, found: Sequence[UserThere], studios: Mapping[str, str], ids: Ids) -> Iterator[Line]:
    """Make or change users, without passwords; adds to `ids` whose things go to whom.

    Whoever `owners` names is not brought. Somebody who is here with the same e-mail, but was not brought, stays as he is.
    """
    for there in found:
        mapped = move.owners.get(there.email.lower(), move.owners.get(""))
        if mapped is not None:
            ids[there.id] = mapped
            continue
        line = one_by_one(move, Thing.USER, there.email, there.id, lambda db, there=there: _user(db, move, there, studios))
        if line.local_id:
            ids[there.id] = line.local_id
        yield line
    yield from gone(move, Thing.USER, frozenset(there.id for there in found))


def _user(db: Session, move: Move, there: UserThere, studios: Mapping[str, str]) -> Line:
    before = known(db, move, Thing.USER, there.id)
    if before is None:
        present = find_by_email(db, there.email)
        if present is not None:
            return Line(Thing.USER, Deed.HERE, there.email, there.id, present.id, _about_somebody_here(present, there, studios))
    studio_id = studios.get(there.studio_id)
    state = _state(there, studio_id)
    if before is not None and find_user(db, before.local_id) is None:
        raise DeletedHere
    if before is not None and before.state == state:
        return Line(Thing.USER, Deed.UNCHANGED, there.email, there.id, before.local_id)
    local_id = before.local_id if before else _made(db, move, there, studio_id)
    change_user(db, move.actor, local_id, _change(there, studio_id))
    note(db, move, Thing.USER, there.id, local_id, state)
    notes = () if before else ("without a password: a curator sends an invitation, or `galleria user link` makes one",)
    if there.role is Role.CURATOR:
        notes = ("is a curator, as there", *notes)
    return Line(Thing.USER, Deed.CHANGED if before else Deed.BROUGHT, there.email, there.id, local_id, notes)


def _about_somebody_here(present: User, there: UserThere, studios: Mapping[str, str]) -> tuple[str, ...]:
    studio_id = studios.get(there.studio_id)
    if studio_id in (None, present.subscription_id):
        return ()
    return (f"is in another studio here; `galleria studio member {studio_id} {present.email}` moves him",)


def _made(db: Session, move: Move, there: UserThere, studio_id: str | None) -> str:
    new = NewUser(there.email, Role.NO_ACCESS, there.first_name, there.last_name, studio_id, id_for(db, move, User, there.id))
    return create_user(db, move.actor, new).id


def _change(there: UserThere, studio_id: str | None) -> UserChange:
    return UserChange(
        email=there.email,
        first_name=there.first_name,
        last_name=there.last_name,
        role=there.role,
        is_active=there.is_active,
        is_validated=there.is_validated,
        can_schedule=there.can_schedule,
        can_set_priority=there.can_set_priority,
        can_assign_jobs=there.can_assign_jobs,
        subscription_id=studio_id,
        timezone=there.timezone,
        language=there.language,
        expires_at=there.expires_at,
        never_expires=there.expires_at is None,
    )


def _state(there: UserThere, studio_id: str | None) -> dict[str, Any]:
    return {
        "email": there.email,
        "first_name": there.first_name,
        "last_name": there.last_name,
        "role": there.role.value,
        "studio_id": studio_id,
        "is_active": there.is_active,
        "is_validated": there.is_validated,
        "can_schedule": there.can_schedule,
        "can_set_priority": there.can_set_priority,
        "can_assign_jobs": there.can_assign_jobs,
        "timezone": there.timezone,
        "language": there.language,
        "expires_at": there.expires_at.isoformat() if there.expires_at else None,
    }
