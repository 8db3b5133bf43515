"""What a workflow would do, without reading a row: which tools can run, and the schema of every anchor that has one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from galleria.compiler.plan import Finding, Plan, Step
from galleria.documents.read import read_workflow_file
from galleria.errors import GalleriaError, UnsupportedError
from galleria.runner.anchors import described
from galleria.runner.contexts import context_of
from galleria.runner.execute import Place
from galleria.runner.prepare import prepare
from galleria.runner.surroundings import Listener, Surroundings
from galleria.table.table import Table, empty_table
from galleria.tools.contract import Inputs, Wired


@dataclass
class Checked:
    plan: Plan
    findings: list[Finding]
    """What cannot run and why; empty where everything can."""
    tables: dict[Place, Table] = field(default_factory=dict[Place, Table])

    @property
    def schemas(self) -> list[dict[str, object]]:
        """A description of each anchor with a static schema, as in `anchors.json`."""
        listed: list[dict[str, object]] = []
        for shown in self.plan.shown:
            table = self.tables.get((shown.feed.origin, shown.feed.anchor))
            if table is not None:
                listed.append(described(shown, table.fields))
        return listed


def check_workflow(path: Path, around: Surroundings, listener: Listener, macro_folders: Sequence[Path] = ()) -> Checked:
    """Compile the workflow and work out its schemas. Raises where the document as a whole cannot be read."""
    plan, around = prepare(read_workflow_file(path), around, listener, macro_folders)
    checked = Checked(plan, list(plan.findings))
    for step in plan.steps:
        _check_step(step, checked, around)
    return checked


def _check_step(step: Step, checked: Checked, around: Surroundings) -> None:
    feeds = [feed for some in step.feeds.values() for feed in some]
    if any((feed.origin, feed.anchor) not in checked.tables for feed in feeds):
        return
    inputs = Inputs(
        {
            anchor: [Wired(empty_table(checked.tables[feed.origin, feed.anchor].fields), feed.name) for feed in some]
            for anchor, some in step.feeds.items()
        }
    )
    context = context_of(step, checked.plan, around, checking=True)
    try:
        if step.tool.facts(inputs, context):
            return
        built = step.tool.build(inputs, context)
    except UnsupportedError as error:
        checked.findings.append(Finding(step.key, step.plugin, error.detail, error.feature))
    except GalleriaError as error:
        checked.findings.append(Finding(step.key, step.plugin, error.message))
    else:
        checked.tables.update({(step.key, anchor): table for anchor, table in built.outputs.items()})
