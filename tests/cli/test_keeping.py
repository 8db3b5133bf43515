"""`galleria clean`, `galleria backup` and `galleria restore`."""

import io
import json
import tarfile
from collections.abc import Mapping
from pathlib import Path

import pytest

from galleria.gallery.jobs.service import NewJob, queue
from galleria.gallery.workflows.service import list_workflows
from galleria.storage.contract import Area
from tests.cli.conftest import Shell
from tests.cli.seed import gallery_in
from tests.gallery.scene import a_scene


def filled(folder: Path) -> str:
    """A gallery with a workflow and a queued job; gives the workflow's id."""
    with gallery_in(folder) as parts:
        scene = a_scene(parts.database, parts.storage, folder)
        with parts.database.write() as db:
            queue(db, scene.anna, NewJob(scene.workflow_id))
        parts.storage.put(Area.CONVERTED, "abc.csv", io.BytesIO(b"a"))
        return scene.workflow_id


def test_a_backup_restored_into_an_empty_folder_is_the_same_gallery(shell: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    old, new, file = tmp_path / "old", tmp_path / "new", tmp_path / "kept" / "gallery.tar"
    workflow_id = filled(old)
    monkeypatch.setenv("GALLERIA_DATA_DIR", str(old))
    saved = shell("backup", str(file))
    assert saved.returncode == 0, saved.stderr
    assert "1 files" in saved.stdout
    assert file.stat().st_mode & 0o777 == 0o600
    monkeypatch.setenv("GALLERIA_DATA_DIR", str(new))
    assert shell("restore", str(file)).returncode == 0
    with gallery_in(new) as parts, parts.database.read() as db:
        from galleria.gallery.actors import system

        [workflow] = list_workflows(db, system("test"))
        assert workflow.id == workflow_id
    assert (new / "secret.key").read_bytes() == (old / "secret.key").read_bytes()
    assert sorted(path.name for path in new.iterdir() if path.name.startswith(".")) == []


def test_nothing_is_replaced(shell: Shell, tmp_path: Path) -> None:
    filled(tmp_path)
    assert shell("backup", str(tmp_path / "a.tar")).returncode == 0
    again = shell("backup", str(tmp_path / "a.tar"))
    assert again.returncode == 2
    assert "replaces nothing" in again.stderr
    back = shell("restore", str(tmp_path / "a.tar"))
    assert back.returncode == 2
    assert "where no gallery is" in back.stderr


def test_a_backup_without_the_key(shell: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    filled(tmp_path / "old")
    monkeypatch.setenv("GALLERIA_DATA_DIR", str(tmp_path / "old"))
    shell("backup", "--without-key", str(tmp_path / "a.tar"))
    with tarfile.open(tmp_path / "a.tar") as tar:
        assert "secret.key" not in tar.getnames()


def a_tar(folder: Path, content: Mapping[str, bytes]) -> Path:
    file = folder / "bad.tar"
    with tarfile.open(file, "w") as tar:
        for name, data in content.items():
            member = tarfile.TarInfo(name)
            member.size = len(data)
            tar.addfile(member, io.BytesIO(data))
    return file


MANIFEST = json.dumps({"galleria_backup": 1}).encode()


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ({}, "no backup"),
        ({"a.txt": b"x"}, "no backup"),
        ({"manifest.json": b"[]"}, "no backup"),
        ({"manifest.json": b'{"galleria_backup": 2}'}, "no backup"),
        ({"manifest.json": MANIFEST}, "no database"),
        ({"manifest.json": MANIFEST, "galleria.sqlite": b"nonsense" * 1000}, "damaged"),
        ({"manifest.json": MANIFEST, "../outside": b"x"}, "holds '../outside'"),
        ({"manifest.json": MANIFEST, "/etc/outside": b"x"}, "holds '/etc/outside'"),
        ({"manifest.json": MANIFEST, "storage/../../out/x": b"x"}, "no backup of ours"),
    ],
)
def test_a_file_that_is_no_backup_is_refused_and_leaves_nothing(
    shell: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: Mapping[str, bytes], words: str
) -> None:
    file = a_tar(tmp_path, content)
    monkeypatch.setenv("GALLERIA_DATA_DIR", str(tmp_path / "new"))
    done = shell("restore", str(file))
    assert done.returncode == 2
    assert words in done.stderr
    assert list((tmp_path / "new").iterdir()) == []


def test_what_is_cut_off_is_refused(shell: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    filled(tmp_path / "old")
    monkeypatch.setenv("GALLERIA_DATA_DIR", str(tmp_path / "old"))
    shell("backup", str(tmp_path / "a.tar"))
    whole = (tmp_path / "a.tar").read_bytes()
    (tmp_path / "a.tar").write_bytes(whole[: len(whole) // 2])
    monkeypatch.setenv("GALLERIA_DATA_DIR", str(tmp_path / "new"))
    done = shell("restore", str(tmp_path / "a.tar"))
    assert done.returncode == 2
    assert "damaged" in done.stderr
    assert list((tmp_path / "new").iterdir()) == []


@pytest.mark.parametrize(
    ("variable", "value", "words"),
    [("GALLERIA_DATABASE_URL", "postgresql://a@b/c", "pg_dump"), ("GALLERIA_STORAGE_URL", "s3://bucket", "bucket")],
)
def test_other_places_have_their_own_tools(
    shell: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, variable: str, value: str, words: str
) -> None:
    monkeypatch.setenv(variable, value)
    done = shell("backup", str(tmp_path / "a.tar"))
    assert done.returncode == 2
    assert words in done.stderr


def test_cleaning_says_first_what_would_go(shell: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    filled(tmp_path)
    said = shell("clean", "--dry-run", "--audit-days", "0.0000001")
    assert said.returncode == 0, said.stderr
    assert said.stdout.startswith("would remove 0 jobs, 0 outputs (0 bytes), ")
    assert " 0 audit entries" not in said.stdout
    assert shell("clean").stdout.startswith("removed 0 jobs, 0 outputs (0 bytes), 0 audit entries")
    monkeypatch.setenv("GALLERIA_KEEP_AUDIT_DAYS", "0.0000001")
    assert " 0 audit entries" not in shell("clean").stdout
