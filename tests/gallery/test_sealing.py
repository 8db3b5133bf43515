"""Secrets at rest get another key: all of them, in steps that may be broken off; passwords among answers lie sealed."""

from pathlib import Path
from typing import Any

import pytest
from cryptography.fernet import Fernet
from sqlalchemy import select, text, update

from galleria.bootstrap import opened
from galleria.database.connect import Database
from galleria.database.vault import Vault, vault_from
from galleria.errors import InvalidError
from galleria.gallery.actors import Role
from galleria.gallery.connections.service import NewConnection, create_connection
from galleria.gallery.credentials.records import Credential
from galleria.gallery.credentials.service import create_credential
from galleria.gallery.jobs import service as jobs
from galleria.gallery.jobs.records import Job
from galleria.gallery.jobs.sealed import open_answers, sealed_text
from galleria.gallery.jobs.service import NewJob
from galleria.gallery.keys.service import studio_keys, user_keys
from galleria.gallery.sealing.service import Resealed, count_by_key, reseal_all
from galleria.settings import Settings
from tests.cli.conftest import Shell, shell
from tests.gallery.scene import SYSTEM, Scene, a_scene, a_user, a_workflow

__all__ = ["shell"]

QUESTIONS = [
    {"name": "Region", "type": "TextBox", "description": "Which?"},
    {"name": "Pin", "type": "TextBox", "description": "Secret", "is_password": True},
]
ANSWERS = {"Region": "East", "Pin": "hush-hush"}


def ask(scene: Scene, database: Database | None = None) -> str:
    """Queue a job with a password among its answers."""
    app = a_workflow(scene.database, scene.storage, scene.folder, scene.anna, kind="app", questions=QUESTIONS)
    with (database or scene.database).write() as db:
        return jobs.queue(db, scene.anna, NewJob(app, answers=ANSWERS)).id


def answers_of(database: Database, job_id: str) -> dict[str, Any]:
    with database.read() as db:
        return db.scalars(select(Job.answers).where(Job.id == job_id)).one()


def with_vault(database: Database, *keys: str) -> Database:
    return Database(database.engine, vault_from(keys))


def test_a_password_among_the_answers_is_not_readable_in_the_database(scene: Scene) -> None:
    job_id = ask(scene)
    with scene.database.read() as db:
        stored = db.scalar(text("SELECT CAST(answers AS VARCHAR(2000)) FROM jobs"))
    assert "hush-hush" not in str(stored)
    assert "East" in str(stored)
    assert open_answers(scene.database.vault, answers_of(scene.database, job_id)) == ANSWERS


def fill(database: Database, scene: Scene) -> int:
    """Put secrets of every kind into a gallery; gives how many."""
    with database.write() as db:
        create_connection(db, SYSTEM, NewConnection("Warehouse", "Driver=x;PWD=hidden;", "ODBC"))
        create_credential(db, SYSTEM, "bot", "letmein")
        studio_keys(db, SYSTEM, scene.anna.subscription_id or "")
        user_keys(db, SYSTEM, scene.anna.user_id or "")
    ask(scene, database)
    return 5


def test_every_secret_is_sealed_again_once(scene: Scene) -> None:
    old, new = (Fernet.generate_key().decode() for _ in range(2))
    count = fill(with_vault(scene.database, old), scene)
    assert list(count_by_key(scene.database, [old, new])) == [count, 0]
    assert reseal_all(scene.database, [new, old]) == Resealed(sealed_again=count)
    assert list(count_by_key(scene.database, [old, new])) == [0, count]
    assert reseal_all(scene.database, [new, old]) == Resealed(current=count)
    with scene.database.read() as db:
        assert vault_from([new]).open(db.scalars(select(Credential.password_sealed)).one()) == "letmein"
        assert open_answers(vault_from([new]), db.scalars(select(Job.answers)).one()) == ANSWERS


def test_what_was_broken_off_goes_on(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    old, new = (Fernet.generate_key().decode() for _ in range(2))
    count = fill(with_vault(scene.database, old), scene)
    whole, times = Vault.reseal, iter(range(100))

    def breaks(vault: Vault, sealed: str) -> str:
        if next(times) == 2:
            raise KeyboardInterrupt
        return whole(vault, sealed)

    monkeypatch.setattr(Vault, "reseal", breaks)
    with pytest.raises(KeyboardInterrupt):
        reseal_all(scene.database, [new, old])
    done = reseal_all(scene.database, [new, old])
    assert done.sealed_again + done.current == count
    assert done.lost == 0
    assert list(count_by_key(scene.database, [old, new])) == [0, count]


def test_what_no_key_opens_is_counted_and_left_alone(scene: Scene) -> None:
    old, new, other = (Fernet.generate_key().decode() for _ in range(3))
    count = fill(with_vault(scene.database, old), scene)
    assert reseal_all(scene.database, [new, other]) == Resealed(lost=count)
    assert list(count_by_key(scene.database, [old])) == [count]


def test_passwords_of_jobs_from_before_are_sealed_then(scene: Scene) -> None:
    job_id = ask(scene)
    with scene.database.write() as db:
        db.execute(update(Job).where(Job.id == job_id).values(answers=ANSWERS))
    key = Fernet.generate_key().decode()
    assert reseal_all(scene.database, [key]).sealed_again == 1
    found = answers_of(scene.database, job_id)
    assert found["Region"] == "East"
    assert vault_from([key]).open(sealed_text(found["Pin"]) or "") == "hush-hush"


def keys_in(folder: Path) -> tuple[str, ...]:
    return Settings(data_dir=folder).load_secret_keys()


def test_the_key_of_a_gallery_is_changed_by_three_commands(shell: Shell, tmp_path: Path) -> None:
    with opened(Settings(data_dir=tmp_path)) as parts:
        scene = a_scene(parts.database, parts.storage, tmp_path)
        a_user(parts.database, "boss@example.com", Role.CURATOR)
        count = fill(parts.database, scene)
    [old] = keys_in(tmp_path)
    assert shell("keys", "add").returncode == 0
    first, new = keys_in(tmp_path)
    assert (first, (tmp_path / "secret.key").stat().st_mode & 0o777) == (old, 0o600)
    assert f"{count} secrets were sealed again" in shell("keys", "rotate").stdout
    for _ in range(2):
        assert keys_in(tmp_path) == (new, old)
        assert f"0 secrets were sealed again, {count} had this key already" in shell("keys", "rotate").stdout
    assert shell("keys", "forget").returncode == 0
    assert keys_in(tmp_path) == (new,)
    with opened(Settings(data_dir=tmp_path)) as parts, parts.database.read() as db:
        assert parts.database.vault.open(db.scalars(select(Credential.password_sealed)).one()) == "letmein"


def test_earlier_keys_that_are_needed_are_not_forgotten(shell: Shell, tmp_path: Path) -> None:
    with opened(Settings(data_dir=tmp_path)) as parts:
        fill(parts.database, a_scene(parts.database, parts.storage, tmp_path))
    file = tmp_path / "secret.key"
    file.write_text(f"{Fernet.generate_key().decode()}\n{file.read_text()}")
    before = file.read_text()
    refused = shell("keys", "forget")
    assert (refused.returncode, file.read_text()) == (2, before)
    assert "galleria keys rotate" in refused.stderr


def test_keys_that_variables_give_are_changed_there(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GALLERIA_SECRET_KEYS", Fernet.generate_key().decode())
    said = shell("keys", "add")
    assert said.returncode == 2
    assert "GALLERIA_SECRET_KEYS" in said.stderr


def test_a_sealed_answer_does_not_open_with_another_key(scene: Scene) -> None:
    job_id = ask(scene)
    with pytest.raises(InvalidError):
        open_answers(vault_from([Fernet.generate_key().decode()]), answers_of(scene.database, job_id))
