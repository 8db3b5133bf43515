"""List insights and take those that an import brings; nothing draws them."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, or_, select, true
from sqlalchemy.orm import Session

from galleria.database.base import new_id
from galleria.database.letters import contains
from galleria.errors import InvalidError
from galleria.gallery.actors import Actor, Role
from galleria.gallery.audit import service as audit
from galleria.gallery.audit.service import Event
from galleria.gallery.insights.records import Insight
from galleria.gallery.pages import EVERYTHING, Page
from galleria.gallery.shares.records import Shared
from galleria.gallery.shares.service import shared_with
from galleria.gallery.users.service import find_user

ENTITY = "Insight"


def import_insight(
    db: Session, actor: Actor, name: str, owner_id: str, document: Mapping[str, Any], insight_id: str | None = None
) -> Insight:
    """Keep an insight as another server described it."""
    actor.require(Role.CURATOR, "import an insight")
    if find_user(db, owner_id) is None:
        raise InvalidError(f"no user {owner_id} to own the insight")
    insight = Insight(id=insight_id or new_id(), name=name[:300], owner_id=owner_id, document=dict(document))
    db.add(insight)
    audit.record(db, actor, Event.INSERT, ENTITY, insight.id, new={"name": insight.name})
    db.flush()
    return insight


def _visible_to(actor: Actor) -> ColumnElement[bool]:
    if actor.is_curator:
        return true()
    return or_(Insight.owner_id == actor.user_id, Insight.id.in_(shared_with(actor, Shared.INSIGHT)))


def list_insights(db: Session, actor: Actor, search: str = "", page: Page = EVERYTHING) -> Sequence[Insight]:
    """List insights by name; `search` is found in it in any letter case."""
    query = select(Insight).where(_visible_to(actor))
    if search:
        query = query.where(contains(Insight.name, search))
    return db.scalars(page.of(query.order_by(Insight.name, Insight.id))).all()
