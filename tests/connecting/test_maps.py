"""Path maps: where names lead, what a fenced run may do there, and the command that tries them."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from galleria.cli.app import app
from galleria.connecting.known import read_pairs
from galleria.connecting.maps import mapped, read_path_map, read_path_maps
from galleria.errors import GalleriaError, ToolError
from galleria.runner.fence import Fence
from galleria.runner.files import FencedFiles
from galleria.runner.mapped import MappedFiles

MAPS = read_path_maps([r"\\nas\fin=/mnt/fin", r"\\nas\fin\in=/srv/in:write", r"D:\data=/srv/data", "/shared=/mnt/shared"])


@pytest.mark.parametrize(
    ("name", "path"),
    [
        (r"\\NAS\Fin\2024\x.csv", "/mnt/fin/2024/x.csv"),
        (r"//nas/fin", "/mnt/fin"),
        (r"\\?\UNC\nas\fin\x", "/mnt/fin/x"),
        (r"\\nas\fin\in\x", "/srv/in/x"),
        (r"\\nas\finance\x", None),
        (r"d:/DATA\a\.\b", "/srv/data/a/b"),
        (r"D:\data\a\..\b", "/srv/data/b"),
        (r"D:\database\x", None),
        ("/shared/x", "/mnt/shared/x"),
        (r"\\shared\x", None),
        ("data/x", None),
        ("", None),
    ],
)
def test_a_name_leads_to_a_mapped_folder(name: str, path: str | None) -> None:
    found = mapped(name, MAPS)
    assert (None if found is None else str(found[1])) == path


def test_a_name_cannot_climb_out_of_a_mapped_folder() -> None:
    with pytest.raises(ToolError, match="leads out of the mapped folder"):
        mapped(r"D:\data\..\secrets\x", MAPS)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (r"\\nas\fin", "a path map is written"),
        ("data=/srv", "a path map is written"),
        (r"D:\data=srv", "begins with /"),
        (r"D:\data=/", "not to / itself"),
        (r"D:\data=s3://bucket/x", r"path map D.*bucket \(s3\) must be mounted"),
    ],
)
def test_a_map_that_makes_no_sense_is_refused(text: str, words: str) -> None:
    with pytest.raises(GalleriaError, match=words):
        read_path_map(text)


def test_pairs_are_refused_without_repeating_them() -> None:
    assert read_pairs(["A b=x=y"], "a connection") == {"a b": "x=y"}
    with pytest.raises(GalleriaError) as refused:
        read_pairs(["geheim"], "a connection")
    assert "geheim" not in refused.value.message


@pytest.fixture
def files(tmp_path: Path) -> MappedFiles:
    job = tmp_path / "job"
    for name in ("package", "inputs", "outputs", "temporary"):
        (job / name).mkdir(parents=True)
    for name in ("fin", "in"):
        (tmp_path / name).mkdir()
    (tmp_path / "fin" / "Rates.csv").write_text("x")
    (tmp_path / "secret").write_text("x")
    (tmp_path / "fin" / "link").symlink_to(tmp_path / "secret")
    maps = read_path_maps([rf"\\nas\fin={tmp_path}/fin", rf"\\nas\in={tmp_path}/in:write"])
    return MappedFiles(FencedFiles(job, job / "package", Fence((tmp_path / "fin",), (tmp_path / "in",))), maps)


def test_a_fenced_run_reads_mapped_folders_and_writes_those_that_are_writable(files: MappedFiles, tmp_path: Path) -> None:
    assert files.to_read(r"\\NAS\fin\rates.CSV") == tmp_path / "fin" / "Rates.csv"
    assert files.to_write(r"\\nas\in\new\x.csv") == tmp_path / "in" / "new" / "x.csv"
    assert files.to_write(r"\\other\x.csv") == tmp_path / "job" / "outputs" / "x.csv"


@pytest.mark.parametrize("name", [r"\\nas\fin\none.csv", r"\\nas\fin\link"])
def test_what_cannot_be_read_is_told_without_the_server_s_folders(files: MappedFiles, tmp_path: Path, name: str) -> None:
    with pytest.raises(ToolError) as refused:
        files.to_read(name)
    assert str(tmp_path) not in refused.value.message
    assert name in refused.value.message


def test_a_folder_that_is_mapped_for_reading_is_not_written(files: MappedFiles) -> None:
    with pytest.raises(ToolError, match="for reading only"):
        files.to_write(r"\\nas\fin\x.csv")


def test_the_command_tries_maps_and_sources(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def outcome(*words: str) -> tuple[int, str]:
        result = CliRunner().invoke(app, ["maps", "test", *words], standalone_mode=False)
        return result.return_value, result.output

    assert outcome() == (0, "no path map and no data source is set\n")
    monkeypatch.setenv("GALLERIA_PATH_MAPS", rf"\\nas\fin={tmp_path}, D:\x=/nowhere/at/all")
    code, text = outcome()
    assert code == 1
    assert rf"\\nas\fin -> {tmp_path}: good, reads" in text
    assert r"D:\x -> /nowhere/at/all: no such folder" in text
    assert outcome(r"\\nas\fin") == (0, f"\\\\nas\\fin -> {tmp_path} (there)\n")
    assert outcome(r"E:\y")[0] == 1
    monkeypatch.setenv("GALLERIA_PATH_MAPS", "")
    monkeypatch.setenv("GALLERIA_DATA_SOURCES", "Night=postgresql://u:geheim@127.0.0.1:1/x")
    code, text = outcome()
    assert code == 1
    assert "DSN=night: the database postgresql://127.0.0.1:1/x cannot be reached" in text
    assert "geheim" not in text
    assert outcome("--no-connect")[0] == 0
