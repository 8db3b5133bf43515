"""Runs are found by what their outputs are called, by those who may see them, and through an index."""

from dataclasses import replace
from importlib import import_module

import pytest
from sqlalchemy import delete, event, select, text

from galleria.gallery.actors import Actor, Role
from galleria.gallery.jobs.names import find_by_output, plain_name
from galleria.gallery.jobs.records import Job, ResultName
from galleria.gallery.retention.service import Policy, sweep
from tests.gallery.scene import SYSTEM, Scene, a_user, a_workflow
from tests.gallery.test_triggers import run

fill = import_module("galleria.database.migrations.versions.0011_result_names")


def found(scene: Scene, actor: Actor, words: str, most: int = 10) -> tuple[list[str], int]:
    with scene.database.read() as db:
        named = find_by_output(db, actor, words, most)
        return [job.id for job in named.jobs], named.total


@pytest.mark.parametrize(
    ("words", "is_found"),
    [
        ("rates", True),
        ("RATES", True),
        ("yxdb rat", True),
        ("2024", True),
        ("out", False),
        ("rates sales", False),
        ("%", False),
        ("", False),
    ],
)
def test_every_word_stands_in_the_files_own_name(scene: Scene, words: str, is_found: bool) -> None:
    job_id = run(scene, files=["Rates 2024.yxdb"])
    assert found(scene, scene.anna, words) == (([job_id], 1) if is_found else ([], 0))


def test_of_each_name_the_last_run_is_given(scene: Scene) -> None:
    runs = [run(scene, files=["rates.yxdb", "rates.csv"]) for _ in range(3)]
    assert found(scene, scene.anna, "rates.yxdb") == (runs[-1:], 1)
    assert found(scene, scene.anna, "rates") == (runs[-1:], 2)
    last = run(scene, files=["rates.csv"])
    assert found(scene, scene.anna, "rates") == ([last, runs[-1]], 2)
    assert found(scene, scene.anna, "rates", 1) == ([last], 2)


def test_only_what_one_may_see_is_found_and_counted(scene: Scene) -> None:
    boris = replace(a_user(scene.database, "boris@example.com", Role.ARTISAN), subscription_id="another")
    mia = a_user(scene.database, "mia@example.com", Role.MEMBER)
    job_id = run(scene, files=["rates.yxdb"])
    studio = replace(scene.anna, user_id=None)
    seen = {name: found(scene, who, "rates") for name, who in {"anna": scene.anna, "studio": studio, "curator": SYSTEM}.items()}
    assert seen == dict.fromkeys(seen, ([job_id], 1))
    assert found(scene, boris, "rates") == found(scene, mia, "rates") == ([], 0)


def test_names_go_with_outputs_and_runs(scene: Scene) -> None:
    run(scene, files=["rates.yxdb"])
    kept = run(scene, files=["sales.yxdb"], workflow_id=a_workflow(scene.database, scene.storage, scene.folder, scene.anna))
    with scene.database.write() as db:
        db.execute(text("UPDATE jobs SET ended_at = '2020-01-01 00:00:00+00:00' WHERE id <> :kept"), {"kept": kept})
    list(sweep(scene.database, scene.storage, Policy(outputs_days=1), SYSTEM))
    assert found(scene, scene.anna, "yxdb") == ([kept], 1)
    with scene.database.write() as db:
        db.execute(text("DELETE FROM job_outputs"))
        db.execute(delete(Job))
        assert db.scalars(select(ResultName.name)).all() == []


def test_runs_of_earlier_releases_are_found_after_the_upgrade(scene: Scene) -> None:
    runs = [run(scene, files=["Rates.yxdb"]) for _ in range(2)]
    with scene.database.write() as db:
        db.execute(delete(ResultName))
        fill.fill(db.connection())
    assert found(scene, scene.anna, "rates") == (runs[-1:], 1)


def test_neither_runs_nor_outputs_are_read_through(scene: Scene) -> None:
    run(scene, files=["rates.yxdb"])
    asked: list[tuple[str, object]] = []
    listen = (scene.database.engine, "before_cursor_execute")

    def note(_c: object, _k: object, statement: str, parameters: object, *_: object) -> None:
        asked.append((statement, parameters))

    event.listen(*listen, note)
    found(scene, scene.anna, "rates")
    event.remove(*listen, note)
    searches = [(statement, parameters) for statement, parameters in asked if statement.startswith("SELECT")]
    assert len(searches) == 3
    with scene.database.engine.connect() as connection:
        explain = "EXPLAIN QUERY PLAN" if connection.dialect.name == "sqlite" else "EXPLAIN"
        if explain == "EXPLAIN":
            connection.exec_driver_sql("SET enable_seqscan = off")
        plans = [str(connection.exec_driver_sql(f"{explain} {statement}", parameters).all()) for statement, parameters in searches]
    assert "ix_result_names_owner" in plans[0]
    assert "ix_result_names_studio" in plans[1]
    for plan in plans:
        assert not any(word in plan for word in ("SCAN jobs", "SCAN result_names", "SCAN job_outputs", "Seq Scan"))


def test_the_folder_and_the_letters_case_do_not_count() -> None:
    assert [plain_name(path) for path in ("D:\\Out\\Rates.YXDB", "/out/a.csv", "plain", "x" * 300)] == [
        "rates.yxdb",
        "a.csv",
        "plain",
        "x" * 200,
    ]
