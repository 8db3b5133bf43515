"""Run one workflow from beginning to end."""

from __future__ import annotations

from collections.abc import Sequence
from enum import IntEnum
from pathlib import Path

from galleria.compiler.plan import Plan
from galleria.documents.read import read_workflow_file
from galleria.errors import UnsupportedError
from galleria.runner.anchors import AnchorSaver
from galleria.runner.execute import execute
from galleria.runner.prepare import prepare
from galleria.runner.surroundings import Listener, Surroundings


class Code(IntEnum):
    """How a run ended: the exit code of `galleria run`."""

    SUCCESS = 0
    ERRORS = 1
    NOT_RUN = 2


def run_workflow(
    path: Path, around: Surroundings, listener: Listener, *, anchors: Path | None = None, macro_folders: Sequence[Path] = ()
) -> Code:
    """Run the workflow at `path`; `anchors` is a folder in which to save every anchor.

    Raises UnsupportedError or InvalidError where it cannot run at all, before anything is written where that is possible.
    """
    plan, around = prepare(read_workflow_file(path), around, listener, macro_folders)
    refuse_unsupported(plan)
    saver = AnchorSaver(plan, anchors) if anchors else None
    outcome = execute(plan, around, listener, tap=saver)
    if saver:
        saver.finish(outcome)
    return Code.ERRORS if outcome.errors else Code.SUCCESS


def refuse_unsupported(plan: Plan) -> None:
    """Raise the first UnsupportedError among the plan's findings."""
    for finding in plan.findings:
        if finding.is_unsupported:
            raise UnsupportedError(finding.feature, finding.detail, finding.tool_id)
