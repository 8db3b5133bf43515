"""Settings: read from variables, and the key file made once, for its owner only."""

import multiprocessing
import stat
from pathlib import Path

import pytest
from sqlalchemy import text

from galleria.database.connect import connect
from galleria.database.vault import vault_from
from galleria.errors import InvalidError
from galleria.settings import Settings
from tests.databases import new_vault

KEYS = ("B_7iotM8Tmg0p9x3I-p05ojIY_WBT1YBNi3awhRMcwU=", "0EkVHnF3DqV6xyFdIj1Ixqkh9Pt1iLIUWJHx9FGLPtQ=")


def settings(folder: Path) -> Settings:
    return Settings(data_dir=folder)


def test_variables_set_what_their_names_say(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    for name, value in {
        "DATA_DIR": str(tmp_path),
        "TRUSTED_PROXIES": "10.0.0.1, 10.1.0.0/16,",
        "WORKER_TAGS": "gpu,finance",
        "BASE_URL": "https://example.com/gallery/",
        "ALLOWED_ROOTS": "/srv/a,/srv/b",
        "DATABASE_URL": "",
    }.items():
        monkeypatch.setenv(f"GALLERIA_{name}", value)
    found = Settings()
    assert found.trusted_proxies == ("10.0.0.1", "10.1.0.0/16")
    assert found.worker_tags == ("gpu", "finance")
    assert found.allowed_roots == (Path("/srv/a"), Path("/srv/b"))
    assert found.gallery_url == "https://example.com/gallery"
    assert found.database == f"sqlite:///{tmp_path}/galleria.sqlite"
    assert found.storage == f"file://{tmp_path}/storage"


def test_passwords_are_not_shown(tmp_path: Path) -> None:
    shown = repr(Settings(data_dir=tmp_path, database_url="postgresql://me:hush@host/db", secret_keys=KEYS))  # pyright: ignore[reportArgumentType] - read from texts
    assert "hush" not in shown
    assert KEYS[0] not in shown


def _load(folder: Path, keys: "multiprocessing.Queue[tuple[str, ...]]") -> None:
    keys.put(settings(folder).load_secret_keys())


def test_processes_that_start_at_once_make_one_key_that_only_its_owner_reads(tmp_path: Path) -> None:
    spawn = multiprocessing.get_context("spawn")
    keys: multiprocessing.Queue[tuple[str, ...]] = spawn.Queue()
    processes = [spawn.Process(target=_load, args=(tmp_path, keys)) for _ in range(3)]
    for process in processes:
        process.start()
    found = {keys.get(timeout=300) for _ in processes}
    for process in processes:
        process.join(300)
    assert len(found) == 1
    assert stat.S_IMODE((tmp_path / "secret.key").stat().st_mode) == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["secret.key"]


def test_an_empty_key_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "secret.key").write_text("\n")
    with pytest.raises(InvalidError, match="is empty"):
        settings(tmp_path).load_secret_keys()


def test_keys_are_rotated_without_losing_what_the_old_one_sealed() -> None:
    old = vault_from(KEYS[:1])
    both = vault_from([KEYS[1], KEYS[0]])
    sealed = old.seal("hush")
    assert both.open(sealed) == "hush"
    assert vault_from(KEYS[1:]).open(both.reseal(sealed)) == "hush"
    for deed in (vault_from(KEYS[1:]).open, vault_from(KEYS[1:]).reseal):
        with pytest.raises(InvalidError, match="any of the configured"):
            deed(sealed)
    with pytest.raises(InvalidError, match="32 bytes"):
        vault_from(["short"])


@pytest.mark.parametrize("url", ["mysql://host/db", "sqlite://", "sqlite:///:memory:"])
def test_other_databases_are_refused(url: str) -> None:
    with pytest.raises(InvalidError, match="sqlite:///"):
        connect(url, new_vault())


@pytest.mark.parametrize(("waits", "expected"), [(False, 1), (True, 2)])
def test_sqlite_waits_for_the_disk_where_it_is_told_to(tmp_path: Path, waits: bool, expected: int) -> None:
    database = connect(f"sqlite:///{tmp_path}/deep/er/db.sqlite", new_vault(), waits_for_disk=waits)
    with database.read() as db:
        assert db.scalar(text("PRAGMA synchronous")) == expected
        assert db.scalar(text("PRAGMA journal_mode")) == "wal"
    database.close()
