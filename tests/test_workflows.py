"""Runs every document below tests/workflows and compares its messages and its output files, byte for byte.

`GALLERIA_REGENERATE=1 pytest tests/test_workflows.py` writes what came out instead, to be reviewed as a diff.
"""

import os
import shutil
from pathlib import Path

import pytest

from galleria.errors import GalleriaError, UnsupportedError
from galleria.messages import Message
from galleria.runner.local import local_run

FOLDER = Path(__file__).parent / "workflows"
CASES = sorted(path.parent for path in FOLDER.glob("*/workflow.yx*"))
REGENERATE = bool(os.environ.get("GALLERIA_REGENERATE"))


class Lines:
    """Messages as lines: status, the ids of the tools they come from, text."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def message(self, message: Message) -> None:
        where = "/".join(map(str, message.path)) or "-"
        self.lines.append(f"{int(message.status)} {where} {message.text}")

    def progress(self, far: object) -> None: ...

    def output(self, path: Path) -> None: ...


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_workflow(case: Path, tmp_path: Path) -> None:
    answers_file = case / "answers.txt"
    lines = answers_file.read_text(encoding="utf-8").splitlines() if answers_file.exists() else []
    answers = dict(line.split("=", 1) for line in lines)
    heard = Lines()
    workflow = next(case.glob("workflow.yx*"))
    try:
        code = f"code {int(local_run(workflow, heard, answers=answers or None, output_dir=tmp_path))}"
    except UnsupportedError as error:
        code = f"unsupported: {error.message}"
    except GalleriaError as error:
        code = f"invalid: {error.message}"
    said = "\n".join([*heard.lines, code]) + "\n"
    if REGENERATE:
        (case / "messages.txt").write_text(said, encoding="utf-8")
        shutil.rmtree(case / "outputs", ignore_errors=True)
        if any(tmp_path.iterdir()):
            shutil.copytree(tmp_path, case / "outputs")
    assert said == (case / "messages.txt").read_text(encoding="utf-8")
    expected = {path.name: path.read_bytes() for path in (case / "outputs").glob("*")}
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == expected
