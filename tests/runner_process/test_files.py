"""Names as workflows spell them, and the folders that a run may reach."""

from pathlib import Path

import pytest

from galleria.errors import ToolError
from galleria.runner.fence import Fence
from galleria.runner.files import FencedFiles, LocalFiles


@pytest.fixture
def job(tmp_path: Path) -> Path:
    folder = tmp_path / "jobs" / "mine"
    for name in ("package/sub/Data", "inputs", "outputs", "temporary"):
        (folder / name).mkdir(parents=True)
    for name in ("package/sub/Data/Rates.csv", "package/top.csv", "inputs/Upload.csv"):
        (folder / name).write_text("x")
    for name in ("secret.key", "galleria.sqlite", "allowed/shared.csv", "jobs/theirs/outputs/theirs.csv"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("x")
    return folder


def fenced(job: Path, **fence: tuple[Path, ...]) -> FencedFiles:
    return FencedFiles(job, job / "package" / "sub", Fence(**fence))


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("Data/Rates.csv", "package/sub/Data/Rates.csv"),
        ("Data\\Rates.csv", "package/sub/Data/Rates.csv"),
        (".\\data\\rates.CSV", "package/sub/Data/Rates.csv"),
        ("..\\TOP.csv", "package/top.csv"),
        ("Data", "package/sub/Data"),
        (".", "package/sub"),
        (".\\", "package/sub"),
        ("..", "package"),
        ("upload.csv", "inputs/Upload.csv"),
        ("Data\\..\\..\\top.csv", "package/top.csv"),
        ("{job}/package/top.csv", "package/top.csv"),
        ("{job}/inputs/UPLOAD.csv", "inputs/Upload.csv"),
    ],
)
def test_names_are_found_in_any_spelling(job: Path, name: str, found: str) -> None:
    assert fenced(job).to_read(name.format(job=job)) == job / found


@pytest.mark.parametrize(
    "name",
    [
        "/etc/passwd",
        "{root}/secret.key",
        "{root}/galleria.sqlite",
        "..\\..\\..\\..\\secret.key",
        "../../../../../../../../../etc/passwd",
        "{job}/../theirs/outputs/theirs.csv",
        "{job}/job.json",
        "/proc/self/environ",
        "\\etc\\passwd",
        "/",
        "\\",
    ],
)
def test_reading_outside_the_folders_is_refused_by_name(job: Path, name: str) -> None:
    name = name.format(job=job, root=job.parent.parent)
    with pytest.raises(ToolError, match="a run may read only its package") as refused:
        fenced(job).to_read(name)
    assert refused.value.message.startswith(f"{name}: ")


@pytest.mark.parametrize("name", ["C:\\Users\\me\\rates.csv", "c:rates.csv", "\\\\server\\share\\rates.csv", "//?/C:/rates.csv"])
def test_drives_and_servers_of_the_author_are_not_there(job: Path, name: str) -> None:
    with pytest.raises(ToolError, match="drives and servers"):
        fenced(job).to_read(name)


def test_a_link_that_leads_out_is_refused(job: Path) -> None:
    (job / "package" / "sub" / "link.csv").symlink_to(job.parent.parent / "secret.key")
    with pytest.raises(ToolError, match=r"link\.csv: a run may read only"):
        fenced(job).to_read("link.csv")


def test_what_the_administrator_allows_is_read_and_written(job: Path) -> None:
    allowed = job.parent.parent / "allowed"
    assert fenced(job, read=(allowed,)).to_read(f"{allowed}/SHARED.csv") == allowed / "shared.csv"
    assert fenced(job, write=(allowed,)).to_write(f"{allowed}/new.csv") == allowed / "new.csv"
    assert fenced(job, read=(allowed,)).to_write(f"{allowed}/new.csv") == job / "outputs" / "new.csv"


def test_a_missing_file_is_named(job: Path) -> None:
    with pytest.raises(ToolError, match=r"^nothing\.csv: there is no such file$"):
        fenced(job).to_read("nothing.csv")


def test_files_told_apart_by_letter_case_only_must_be_spelled_exactly(job: Path) -> None:
    for name in ("a.csv", "A.csv"):
        (job / "inputs" / name).touch()
    assert fenced(job).to_read("A.csv").name == "A.csv"
    (job / "inputs" / "Ab.csv").touch()
    (job / "inputs" / "aB.csv").touch()
    with pytest.raises(ToolError, match=r"Ab\.csv, aB\.csv"):
        fenced(job).to_read("AB.csv")


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("out.csv", "out.csv"),
        (".\\results\\out.csv", "results/out.csv"),
        ("..\\..\\up\\out.csv", "up/out.csv"),
        ("../../../../etc/passwd", "etc/passwd"),
        ("C:\\Temp\\out.yxdb", "out.yxdb"),
        ("\\\\server\\share\\deep\\out.csv", "out.csv"),
        ("/etc/passwd", "passwd"),
        ("{job}/temporary/kept.csv", "../temporary/kept.csv"),
        ("{job}/package/top.csv", "top.csv"),
    ],
)
@pytest.mark.parametrize("is_local", [False, True])
def test_outputs_land_in_the_output_folder(job: Path, name: str, written: str, is_local: bool) -> None:
    local = LocalFiles(job / "package", job / "outputs", job / "temporary")
    path = (local if is_local else fenced(job)).to_write(name.format(job=job))
    assert path == (job / "outputs" / written).resolve()
    assert path.parent.is_dir()


def test_an_output_folder_that_is_a_link_out_is_refused(job: Path) -> None:
    (job / "outputs" / "out").symlink_to(job.parent)
    with pytest.raises(ToolError, match="a link leads out"):
        fenced(job).to_write("out/theirs.csv")
    with pytest.raises(ToolError, match="a link leads out"):
        fenced(job).to_write("out/new/theirs.csv")
    assert not (job.parent / "new").exists()


@pytest.mark.parametrize("name", ["", "  ", ".", ".\\", "..", "a\0b", "/", "x" * 300])
def test_what_can_be_no_file_is_refused(job: Path, name: str) -> None:
    with pytest.raises(ToolError):
        fenced(job).to_write(name)


def test_on_the_command_line_the_user_reads_everything_he_may(job: Path) -> None:
    local = LocalFiles(job / "package", job / "outputs", job / "temporary")
    root = job.parent.parent
    assert local.to_read(str(root / "secret.key")) == root / "secret.key"
    assert local.to_read("..\\..\\..\\SECRET.key") == root / "secret.key"
    with pytest.raises(ToolError, match="there is no such file"):
        local.to_read("C:\\secret.key")


def test_temporary_files_are_fresh(job: Path) -> None:
    first, second = fenced(job).temporary(".arrow"), fenced(job).temporary(".arrow")
    assert first != second
    assert first.suffix == ".arrow"
    assert first.parent == job / "temporary"


def test_without_a_kernel_fence_the_administrator_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    from galleria.runner import fence

    monkeypatch.setattr(fence, "_landlock_abi", lambda: 0)
    status = fence.raise_fence(tmp_path, Fence(), ())
    assert not status.enforced
    assert "no Landlock" in status.statement
    monkeypatch.setattr(fence, "_landlock_abi", lambda: 3)
    assert "TCP (needs ABI 4)" in fence.fence_status().statement
