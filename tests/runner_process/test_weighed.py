"""What a run has found to read tells whether it may hold rows in memory that it could let pass."""

from collections.abc import Callable
from pathlib import Path

import pytest

from galleria.compiler.plan import Step
from galleria.runner.files import LocalFiles
from galleria.runner.given import Given, given_step
from galleria.runner.weighed import LITTLE, WeighedFiles
from galleria.table.table import empty_table

GIVEN = given_step((1,), empty_table(()))


class Scanning(Given):
    scans = True


def _read(files: WeighedFiles, *names: str) -> None:
    for name in names:
        files.to_read(name)
        files.note(Scanning(empty_table(())))


CASES: dict[str, tuple[Callable[[WeighedFiles], None], bool]] = {
    "nothing read": (lambda _: None, True),
    "little files": (lambda files: _read(files, "little.csv", "little.csv"), True),
    "a big file": (lambda files: _read(files, "little.csv", "big.csv"), False),
    "a folder": (lambda files: _read(files, "."), False),
    "a source that is no file": (lambda files: files.note(Scanning(empty_table(()))), False),
    "a tool that reads nothing": (lambda files: files.note(GIVEN.tool), True),
}


@pytest.mark.parametrize("case", CASES)
def test_what_is_read_tells_whether_a_run_is_little(case: str, tmp_path: Path) -> None:
    (tmp_path / "little.csv").write_bytes(b"a\n1\n")
    (tmp_path / "big.csv").write_bytes(b"1" * (LITTLE + 1))
    do, expected = CASES[case]
    files = WeighedFiles(LocalFiles(tmp_path, tmp_path / "outputs", tmp_path / "scratch"), [])
    do(files)
    assert files.is_little is expected


@pytest.mark.parametrize(
    "step", [GIVEN, Step((1,), "AlteryxBasePluginsGui.GenerateRows.GenerateRows", GIVEN.tool, {})], ids=["given", "generated"]
)
def test_rows_from_no_file_may_be_many(step: Step, tmp_path: Path) -> None:
    assert not WeighedFiles(LocalFiles(tmp_path, tmp_path, tmp_path), [step]).is_little
