"""Which workflows lie in which districts: curators put them there, and everybody finds those that he may see."""

from collections.abc import Mapping, Sequence

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from galleria.errors import NotFoundError
from galleria.gallery.actors import Actor, Role
from galleria.gallery.audit import service as audit
from galleria.gallery.audit.service import Event
from galleria.gallery.districts.records import District, Placing
from galleria.gallery.districts.service import seen_by
from galleria.gallery.pages import batches
from galleria.gallery.workflows.access import get_workflow, visible_to
from galleria.gallery.workflows.publish import ENTITY
from galleria.gallery.workflows.records import Workflow


def place_workflow(db: Session, actor: Actor, workflow_id: str, district_ids: Sequence[str]) -> Sequence[District]:
    """Put a workflow into these districts and no others; gives them by title."""
    actor.require(Role.CURATOR, "put workflows into districts")
    get_workflow(db, actor, workflow_id)
    wanted = list(dict.fromkeys(district_ids))
    known = {district.id: district for district in db.scalars(select(District).where(District.id.in_(wanted)))}
    if unknown := [district_id for district_id in wanted if district_id not in known]:
        raise NotFoundError(f"no district {unknown[0]}")
    old = [district.id for district in districts_of(db, actor, [workflow_id]).get(workflow_id, ())]
    gone, fresh = set(old) - set(wanted), set(wanted) - set(old)
    if gone or fresh:
        db.execute(delete(Placing).where(Placing.workflow_id == workflow_id, Placing.district_id.in_(sorted(gone))))
        db.add_all(Placing(district_id=district_id, workflow_id=workflow_id) for district_id in sorted(fresh))
        audit.record(db, actor, Event.UPDATE, ENTITY, workflow_id, {"districts": old}, {"districts": wanted})
        db.flush()
    return sorted(known.values(), key=lambda district: (district.title.lower(), district.id))


def districts_of(db: Session, actor: Actor, workflow_ids: Sequence[str]) -> Mapping[str, Sequence[District]]:
    """Give the districts of workflows from a list of the actor's, by workflow, as far as he sees them; by title."""
    query = select(Placing.workflow_id, District).join(District, District.id == Placing.district_id).where(seen_by(actor))
    query = query.order_by(func.lower(District.title), District.id)
    found: dict[str, list[District]] = {}
    for some in batches(workflow_ids):
        for workflow_id, district in db.execute(query.where(Placing.workflow_id.in_(some))):
            found.setdefault(workflow_id, []).append(district)
    return found


def counts_in_districts(db: Session, actor: Actor) -> Mapping[str, int]:
    """Count what the actor may see of the workflows in each district, by its id; one without any is missing."""
    query = select(Placing.district_id, func.count()).join(Workflow, Workflow.id == Placing.workflow_id).where(visible_to(actor))
    return {row[0]: row[1] for row in db.execute(query.group_by(Placing.district_id))}
