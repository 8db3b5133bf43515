"""The rounds of a loop: its macro run again and again, compiled and built anew only where more than the rows has changed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from galleria.compiler.compile import Making, compile_workflow
from galleria.compiler.field_map import field_maps
from galleria.compiler.plan import Feed, Key, Plan
from galleria.documents.workflow import Workflow
from galleria.errors import UnsupportedError
from galleria.fields.chance import seeds_drawn
from galleria.fields.types import Field
from galleria.messages import Message
from galleria.runner.execute import Execution, Outcome
from galleria.runner.given import Given, Slot, given_step
from galleria.runner.surroundings import Far, Listener, Surroundings
from galleria.table.table import Rows, Table

_GIVEN = -1000
"""Ids of the steps that feed a macro; no document has negative ids."""
_ITERATION = "iterationnumber"


class StoppedError(Exception):
    """An error inside the macro, which has been told already."""


@dataclass(frozen=True)
class Round:
    """What came out of one run of the macro, by outlet, in memory."""

    tables: Mapping[str, Table]
    counts: Mapping[str, int]


@dataclass(frozen=True)
class _Shape:
    """All that a macro's queries depend on, but for the rows."""

    answers: Mapping[str, str]
    mapped: str
    fields: Mapping[str, tuple[Field, ...]]


@dataclass
class _Ready:
    """A run that can be had again with other rows in its slots."""

    shape: _Shape
    execution: Execution
    slots: Mapping[str, Slot]
    held: Mapping[str, Table]
    """What the slots hold, as it was given."""
    outlets: Mapping[str, Feed]


@dataclass
class Rounds:
    macro: Workflow
    inlet_names: list[str]
    key: Key
    making: Making
    around: Surroundings
    listener: Listener
    _ready: _Ready | None = field(default=None, init=False)

    def run(self, tables: Mapping[str, Table], answers: Mapping[str, str], iteration: int, *, is_small: bool, mapped: str = "") -> Round:
        """Run the macro once. The inlet `mapped` has the macro's own field names already; `is_small` promises few rows, in memory.

        Raises StoppedError where a tool of the macro failed.
        """
        shape = _Shape(answers, mapped, {name: table.fields for name, table in tables.items()})
        ready = self._ready
        if ready is None or not is_small or ready.shape != shape:
            return self._run_anew(tables, shape, iteration, is_small=is_small)
        for name, slot in ready.slots.items():
            if ready.held[name] is not tables[name]:
                slot.rows = tables[name].frame.collect()
        ready.held = tables
        return _round(ready.execution.again(), ready.outlets)

    def _run_anew(self, tables: Mapping[str, Table], shape: _Shape, iteration: int, *, is_small: bool) -> Round:
        slots = {name: Slot(table.frame.collect()) for name, table in tables.items()} if is_small else {}
        given = {name: replace(table, frame=slots[name].lazy()) if is_small else table for name, table in tables.items()}
        plan = self._plan(given, shape, iteration)
        formula = replace(self.around.formula, variables={**self.around.formula.variables, "Engine.IterationNumber": iteration})
        outlets = {name: Feed(feed.origin, feed.anchor) for name, feed in plan.outlets.items()}
        inside = _Inside(self.listener)
        execution = Execution(plan, replace(self.around, formula=formula), inside, outlets.values(), is_small=is_small)
        drawn = seeds_drawn()
        outcome = execution.run()
        can_repeat = is_small and execution.was_one_pass and seeds_drawn() == drawn and not self._asks_for_more(plan, shape)
        self._ready = _Ready(shape, execution, slots, tables, outlets) if can_repeat else None
        return _round(outcome, outlets)

    def _plan(self, tables: Mapping[str, Table], shape: _Shape, iteration: int) -> Plan:
        document = self.making.answer(self.macro, shape.answers, iteration)
        inlets = {
            name.casefold(): [given_step((*self.key, _GIVEN - number), tables[name])]
            for number, name in enumerate(self.inlet_names)
            if name in tables
        }
        maps = {name: names for name, names in field_maps(shape.answers).items() if name != shape.mapped.casefold()}
        plan = compile_workflow(document, self.making, self.key, inlets, maps)
        for finding in plan.findings:
            if finding.is_unsupported:
                raise UnsupportedError(finding.feature, finding.detail, self.key[0])
        return plan

    def _asks_for_more(self, plan: Plan, shape: _Shape) -> bool:
        """Whether the next round may differ in more than its rows: by its number, or by what a source finds outside."""
        own = [step for step in plan.steps if not isinstance(step.tool, Given)]
        if any(not step.feeds and not step.plugin.endswith(("TextInput", "MacroInput")) for step in own):
            return True
        settings = [repr(step.tool) for step in own]
        # A tool that does not show its settings may hide anything.
        is_open = not any(" object at 0x" in text for text in settings)
        return not is_open or any(_ITERATION in text.casefold() for text in (_text(self.macro), *shape.answers.values(), *settings))


def _round(outcome: Outcome, outlets: Mapping[str, Feed]) -> Round:
    if outcome.errors:
        raise StoppedError
    places = {name: (feed.origin, feed.anchor) for name, feed in outlets.items()}
    reached = {name: place for name, place in places.items() if place in outcome.tables}
    # The rows of every round are rows of their own, whatever made them.
    tables = {name: replace(outcome.tables[place], rows=Rows()) for name, place in reached.items()}
    return Round(tables, {name: outcome.counts.get(place, 0) for name, place in reached.items()})


def _text(macro: Workflow) -> str:
    """The document as written."""
    if macro.root is None:
        return ""
    return " ".join(text for element in macro.root.iter() for text in (element.text or "", *map(str, element.attrib.values())))


@dataclass(frozen=True)
class _Inside:
    """Passes on what a macro says and writes; how far the run is, only the plan around it knows."""

    listener: Listener

    def message(self, message: Message) -> None:
        self.listener.message(message)

    def progress(self, far: Far) -> None: ...

    def output(self, path: Path) -> None:
        self.listener.output(path)
