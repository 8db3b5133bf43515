"""Districts: curators lay them out and fill them, everybody finds in them what he may see."""

import pytest
from sqlalchemy import select

from galleria.errors import ConflictError, ForbiddenError, InvalidError, NotFoundError
from galleria.gallery.actors import Actor, Role
from galleria.gallery.audit.records import AuditEvent
from galleria.gallery.districts import service as districts
from galleria.gallery.districts.service import DistrictChange
from galleria.gallery.workflows.changes import WorkflowChange, change_workflow, delete_workflow
from galleria.gallery.workflows.placing import counts_in_districts, districts_of, place_workflow
from galleria.gallery.workflows.service import WorkflowFilter, list_workflows
from tests.gallery.scene import SYSTEM, Scene, a_user


@pytest.fixture
def cora(scene: Scene) -> Actor:
    return a_user(scene.database, "cora@example.com", Role.CURATOR)


def test_a_curator_lays_out_fills_and_removes_a_district(scene: Scene, cora: Actor) -> None:
    with scene.database.write() as db:
        made = districts.create_district(db, cora, " Finance ", "What the *books* need")
        districts.create_district(db, cora, "Archive")
        assert [one.title for one in districts.list_districts(db, scene.anna)] == ["Archive", "Finance"]
        place_workflow(db, cora, scene.workflow_id, [made.id, made.id])
        [found] = list_workflows(db, scene.anna, WorkflowFilter(district_id=made.id))
        assert (found.id, counts_in_districts(db, scene.anna)) == (scene.workflow_id, {made.id: 1})
        districts.change_district(db, cora, made.id, DistrictChange(title="Money"))
        assert (made.title, made.description) == ("Money", "What the *books* need")
        assert [one.title for one in districts_of(db, scene.anna, [scene.workflow_id])[scene.workflow_id]] == ["Money"]
        districts.delete_district(db, cora, made.id)
    with scene.database.read() as db:
        assert districts_of(db, cora, [scene.workflow_id]) == {}
        assert len(list_workflows(db, scene.anna)) == 1
        noted = db.execute(select(AuditEvent.event, AuditEvent.entity).where(AuditEvent.user_id == cora.user_id).order_by(AuditEvent.seq))
        assert [tuple(row) for row in noted] == [
            *(("Insert", "District"), ("Insert", "District"), ("Update", "AppInfo")),
            *(("Update", "District"), ("Delete", "District")),
        ]


def test_putting_a_workflow_somewhere_takes_it_out_of_elsewhere(scene: Scene, cora: Actor) -> None:
    with scene.database.write() as db:
        first, second = (districts.create_district(db, cora, title) for title in ("First", "Second"))
        place_workflow(db, cora, scene.workflow_id, [first.id])
        assert list(place_workflow(db, cora, scene.workflow_id, [second.id])) == [second]
        assert counts_in_districts(db, cora) == {second.id: 1}
        place_workflow(db, cora, scene.workflow_id, [])
        assert counts_in_districts(db, cora) == {}


def test_counts_and_lists_are_of_what_the_visitor_may_see(scene: Scene, cora: Actor) -> None:
    boris = a_user(scene.database, "boris@example.com")
    with scene.database.write() as db:
        made = districts.create_district(db, cora, "Finance")
        place_workflow(db, cora, scene.workflow_id, [made.id])
        assert (counts_in_districts(db, boris), list_workflows(db, boris, WorkflowFilter(district_id=made.id))) == ({}, [])
        change_workflow(db, cora, scene.workflow_id, WorkflowChange(is_public=True))
        assert counts_in_districts(db, boris) == {made.id: 1}
        delete_workflow(db, cora, scene.workflow_id)
        assert counts_in_districts(db, cora) == {}


def test_a_hidden_district_is_there_for_curators_alone(scene: Scene, cora: Actor) -> None:
    with scene.database.write() as db:
        made = districts.create_district(db, cora, "Finance")
        place_workflow(db, cora, scene.workflow_id, [made.id])
        districts.change_district(db, cora, made.id, DistrictChange(is_active=False))
        assert list(districts.list_districts(db, scene.anna)) == []
        assert districts_of(db, scene.anna, [scene.workflow_id]) == {}
        assert list(districts_of(db, cora, [scene.workflow_id])[scene.workflow_id]) == [made]
        with pytest.raises(NotFoundError):
            districts.get_district(db, scene.anna, made.id)


def test_others_change_nothing(scene: Scene) -> None:
    with scene.database.write() as db:
        made = districts.create_district(db, SYSTEM, "Finance")
        for deed in (
            lambda: districts.create_district(db, scene.anna, "Mine"),
            lambda: districts.change_district(db, scene.anna, made.id, DistrictChange(title="Mine")),
            lambda: districts.delete_district(db, scene.anna, made.id),
            lambda: place_workflow(db, scene.anna, scene.workflow_id, [made.id]),
        ):
            with pytest.raises(ForbiddenError):
                deed()


@pytest.mark.parametrize(
    ("title", "error"), [("", InvalidError), (" \0 ", InvalidError), ("x" * 256, InvalidError), ("finANCE", ConflictError)]
)
def test_a_title_is_there_short_and_its_own(scene: Scene, title: str, error: type[Exception]) -> None:
    with scene.database.write() as db:
        districts.create_district(db, SYSTEM, "Finance")
        other = districts.create_district(db, SYSTEM, "Other")
        with pytest.raises(error):
            districts.create_district(db, SYSTEM, title)
        with pytest.raises(error):
            districts.change_district(db, SYSTEM, other.id, DistrictChange(title=title))
        districts.change_district(db, SYSTEM, other.id, DistrictChange(title="OTHER"))


def test_what_is_not_there_is_told(scene: Scene) -> None:
    with scene.database.write() as db:
        made = districts.create_district(db, SYSTEM, "Finance")
        for workflow, district in ((scene.workflow_id, "0" * 24), ("0" * 24, made.id)):
            with pytest.raises(NotFoundError):
                place_workflow(db, SYSTEM, workflow, [district])
        with pytest.raises(InvalidError, match="10,000"):
            districts.change_district(db, SYSTEM, made.id, DistrictChange(description="x" * 10_001))
