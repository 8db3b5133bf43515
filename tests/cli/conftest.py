import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from galleria.cli.app import main


@dataclass(frozen=True)
class Done:
    returncode: int
    stdout: str
    stderr: str


Shell = Callable[..., Done]


@pytest.fixture
def shell(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Shell:
    """`galleria` over a data folder of the test's own, in this process: starting one takes longer than most commands."""
    monkeypatch.setenv("GALLERIA_DATA_DIR", str(tmp_path))

    def run(*arguments: str) -> Done:
        monkeypatch.setattr(sys, "argv", ["galleria", *arguments])
        with pytest.raises(SystemExit) as ended:
            main()
        said = capsys.readouterr()
        return Done(int(ended.value.code or 0), said.out, said.err)

    return run
