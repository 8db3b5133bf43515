"""Publishing, versions, and lists of workflows."""

import zipfile
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from galleria.errors import ForbiddenError, InvalidError, NotFoundError, TooLargeError, UnsupportedError
from galleria.gallery.actors import Actor, Role
from galleria.gallery.pages import Page
from galleria.gallery.users.records import User
from galleria.gallery.workflows import changes, publish, report
from galleria.gallery.workflows import service as workflows
from galleria.gallery.workflows.access import get_workflow
from galleria.gallery.workflows.changes import WorkflowChange
from galleria.gallery.workflows.publish import Publication, add_version, show_version
from galleria.gallery.workflows.records import PackageKind
from galleria.gallery.workflows.service import WorkflowFilter, WorkflowSort
from galleria.storage.contract import Storage
from galleria.storage.folder import Folder
from tests.gallery.scene import SYSTEM, Scene, a_report, a_user, a_workflow

UNSUPPORTED = [{"tool_id": 7, "plugin": "P", "supported": False, "feature": "Spatial Match", "detail": "no such tool yet"}]


def stored(storage: Storage) -> list[Path]:
    assert isinstance(storage, Folder)
    return [path for path in storage.root.rglob("*") if path.is_file()]


def package(scene: Scene, content: bytes) -> Path:
    path = scene.folder / "next.yxzp"
    path.write_bytes(content)
    return path


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({}, ("Rates", PackageKind.WORKFLOW, True)),
        ({"name": "Daily rates"}, ("Daily rates", PackageKind.WORKFLOW, True)),
        ({"file_name": "A.yxwz", "kind": "app"}, ("A", PackageKind.APP, True)),
        ({"file_name": "A.yxmc", "kind": "batch macro"}, ("A", PackageKind.MACRO, True)),
        ({"file_name": "A.yxmc", "kind": ""}, ("A", PackageKind.MACRO, True)),
        ({"tools": UNSUPPORTED}, ("Rates", PackageKind.WORKFLOW, False)),
        ({"missing": ["Other.yxmc"]}, ("Rates", PackageKind.WORKFLOW, False)),
    ],
)
def test_a_report_says_what_a_package_is(more: Mapping[str, Any], expected: tuple[str, PackageKind, bool]) -> None:
    found = report.read(a_report(**more))
    assert (found.name, found.kind, found.is_supported) == expected


@pytest.mark.parametrize("data", [{}, {"file_name": ""}, {"file_name": None}])
def test_a_report_without_a_workflow_is_refused(data: Mapping[str, Any]) -> None:
    with pytest.raises(InvalidError, match="no workflow file"):
        report.read(data)


def test_nonsense_in_a_report_does_no_harm() -> None:
    found = report.read({"file_name": "a\0b.yxmd", "tools": "x", "questions": [1, {"name": None}], "meta": [], "missing": 3})
    assert (found.file_name, found.unsupported, found.missing) == ("ab.yxmd", (), ())
    assert [question.name for question in found.questions] == ["", ""]


def test_what_is_refused_leaves_no_file_behind(scene: Scene) -> None:
    before = stored(scene.storage)
    wishes = Publication(refuse_unsupported=True, limit_bytes=10_000)
    cases: list[tuple[dict[str, Any], bytes, Publication, type[Exception]]] = [
        ({"tools": UNSUPPORTED}, b"x", wishes, UnsupportedError),
        ({"missing": ["Other.yxmc"]}, b"x", wishes, InvalidError),
        ({}, b"x" * 20_000, wishes, TooLargeError),
        ({}, b"x", replace(wishes, workflow_id=scene.workflow_id), InvalidError),
        ({}, b"x", replace(wishes, owner_id="f" * 24), ForbiddenError),
    ]
    for more, content, publication, error in cases:
        with pytest.raises(error), scene.database.write() as db:
            publish.publish(db, scene.anna, scene.storage, package(scene, content), a_report(**more), publication)
    with pytest.raises(NotFoundError), scene.database.write() as db:
        get_workflow(db, scene.anna, publish.publish(db, scene.anna, scene.storage, package(scene, b"x"), a_report()).id + "0")
    assert stored(scene.storage) == before
    with scene.database.read() as db:
        assert workflows.count_workflows(db, SYSTEM) == 1


def test_unsupported_tools_are_published_with_their_reasons_unless_refused(scene: Scene) -> None:
    app_id = a_workflow(scene.database, scene.storage, scene.folder, scene.anna, tools=UNSUPPORTED)
    with scene.database.read() as db:
        [reason] = workflows.report_of(db, scene.anna, app_id).unsupported
        assert (reason.tool_id, reason.feature, reason.detail) == (7, "Spatial Match", "no such tool yet")
        assert not workflows.get_version(db, scene.anna, app_id).is_supported


def test_a_new_version_takes_the_next_number_and_runs_from_then_on(scene: Scene) -> None:
    with scene.database.write() as db:
        first = workflows.get_version(db, scene.anna, scene.workflow_id)
        named = a_report(name="Second", uses_amp=True, meta={"author": "A", "description": "D"})
        second = add_version(db, scene.anna, scene.storage, scene.workflow_id, package(scene, b"two"), named)
        draft = Publication(make_published=False)
        third = add_version(db, scene.anna, scene.storage, scene.workflow_id, package(scene, b"three"), a_report(), draft)
        assert [version.number for version in workflows.versions_of(db, scene.anna, scene.workflow_id)] == [1, 2, 3]
        workflow = get_workflow(db, scene.anna, scene.workflow_id)
        assert (workflow.name, workflow.published_number, workflow.uses_amp) == ("Second", 2, True)
        assert (workflow.description, workflow.meta["author"]) == ("D", "A")
        assert workflows.get_version(db, scene.anna, scene.workflow_id).id == second.id
        show_version(db, scene.anna, scene.workflow_id, first.id)
        assert get_workflow(db, scene.anna, scene.workflow_id).name == "Rates"
        other = "f" * 24
        with pytest.raises(NotFoundError):
            workflows.get_version(db, scene.anna, scene.workflow_id, other)
        with pytest.raises(InvalidError, match="no version"):
            show_version(db, scene.anna, scene.workflow_id, other)
        assert third.number == 3


def test_a_download_gives_the_stored_bytes_and_is_noted(scene: Scene) -> None:
    with scene.database.write() as db:
        found = workflows.download_package(db, scene.anna, scene.storage, scene.workflow_id)
        with found.stream, zipfile.ZipFile(found.stream) as archive:
            assert archive.namelist() == []
        assert found.file_name == "Rates.yxzp"
    with scene.database.read() as db:
        assert workflows.get_version(db, scene.anna, scene.workflow_id).download_count == 1


def some_workflows(scene: Scene) -> Actor:
    boris = a_user(scene.database, "boris@example.com")
    for name, kind, owner in (
        ("alpha 100%", "app", scene.anna),
        ("Beta", "workflow", boris),
        ("gamma_x", "standard macro", boris),
        ("täglich", "workflow", boris),
    ):
        a_workflow(scene.database, scene.storage, scene.folder, owner, name=name, kind=kind, file_name=f"{name}.x", meta={"author": name})
    return boris


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        (WorkflowFilter(), ["täglich", "gamma_x", "Beta", "alpha 100%", "Rates"]),
        (WorkflowFilter(search="BET"), ["Beta"]),
        (WorkflowFilter(search="%"), ["alpha 100%"]),
        (WorkflowFilter(search="a_"), ["gamma_x"]),
        (WorkflowFilter(search="\\"), []),
        (WorkflowFilter(search="TÄGLICH"), ["täglich"]),
        (WorkflowFilter(kind=PackageKind.APP), ["alpha 100%"]),
        (WorkflowFilter(kind=PackageKind.MACRO), ["gamma_x"]),
        (WorkflowFilter(name="Beta"), ["Beta"]),
        (WorkflowFilter(name="beta"), []),
    ],
)
def test_lists_are_filtered(scene: Scene, wanted: WorkflowFilter, expected: list[str]) -> None:
    some_workflows(scene)
    with scene.database.read() as db:
        assert [workflow.name for workflow in workflows.list_workflows(db, SYSTEM, wanted)] == expected


@pytest.mark.parametrize("sort", WorkflowSort)
def test_lists_are_sorted_by_every_published_word_and_pages_do_not_overlap(scene: Scene, sort: WorkflowSort) -> None:
    some_workflows(scene)
    with scene.database.read() as db:
        rising = [workflow.id for workflow in workflows.list_workflows(db, SYSTEM, sort=sort, descending=False)]
        falling = [workflow.id for workflow in workflows.list_workflows(db, SYSTEM, sort=sort)]
        assert rising == falling[::-1]
        pages = [workflows.list_workflows(db, SYSTEM, None, Page(offset, 1), sort, descending=False) for offset in range(6)]
        assert [workflow.id for page in pages for workflow in page] == rising
    if sort is WorkflowSort.NAME:
        with scene.database.read() as db:
            names = [workflow.name.lower() for workflow in workflows.list_workflows(db, SYSTEM, sort=sort, descending=False)]
            assert names == ["alpha 100%", "beta", "gamma_x", "rates", "täglich"]


@pytest.mark.parametrize("descending", [False, True])
@pytest.mark.parametrize("size", [1, 2, 3, 4, 100, 0])
def test_pages_by_owner_are_cut_from_one_list(scene: Scene, size: int, descending: bool) -> None:
    people = [a_user(scene.database, f"{name}@example.com", Role.ARTISAN) for name in ("zoe", "Ben", "carl", "empty")]
    for owner, count in zip(people, (3, 1, 2, 0), strict=True):
        for _ in range(count):
            a_workflow(scene.database, scene.storage, scene.folder, owner)
    with scene.database.read() as db:
        everything = workflows.list_workflows(db, SYSTEM, sort=WorkflowSort.OWNER, descending=descending)
        pages = [
            workflows.list_workflows(db, SYSTEM, None, Page(offset, size), WorkflowSort.OWNER, descending=descending)
            for offset in range(0, 9, size or 10)
        ]
        emails = {user.id: user.email.lower() for user in db.scalars(select(User))}
    assert [emails[one.owner_id] for one in everything] == sorted((emails[one.owner_id] for one in everything), reverse=descending)
    assert [one.id for page in pages for one in page] == ([one.id for one in everything] if size else [])
    assert len(everything) >= 6


def test_tags_are_sorted_lowered_and_replaced(scene: Scene) -> None:
    with scene.database.write() as db:
        assert changes.set_tags(db, scene.anna, scene.workflow_id, [" Finance", "daily", "FINANCE", ""]) == ("daily", "finance")
        assert changes.set_tags(db, scene.anna, scene.workflow_id, ["daily"]) == ("daily",)
        assert changes.tags_of(db, [scene.workflow_id, "f" * 24]) == {scene.workflow_id: ("daily",)}


def test_a_workflow_that_is_not_to_be_run_is_not_run(scene: Scene) -> None:
    from galleria.gallery.jobs.service import NewJob, queue

    with scene.database.write() as db:
        changes.change_workflow(db, scene.anna, scene.workflow_id, WorkflowChange(is_run_disabled=True))
        with pytest.raises(ForbiddenError, match="switched off"):
            queue(db, scene.anna, NewJob(scene.workflow_id))
