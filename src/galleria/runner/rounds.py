"""The rounds of a loop: its macro run again and again, compiled and built anew only where more than the rows has changed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from galleria.compiler.compile import Making, compile_workflow
from galleria.compiler.field_map import field_maps
from galleria.compiler.plan import Feed, Key, Plan
from galleria.documents.workflow import Workflow
from galleria.documents.xml import Element
from galleria.errors import UnsupportedError
from galleria.fields.chance import seeds_drawn
from galleria.fields.types import Field
from galleria.formula.environment import Counter
from galleria.messages import Message
from galleria.runner.execute import Execution, Outcome
from galleria.runner.given import Given, Slot, given_step
from galleria.runner.surroundings import Far, Listener, Surroundings
from galleria.table.table import Rows, Table

_GIVEN = -1000
"""Ids of the steps that feed a macro; no document has negative ids."""
FEW = 2_000
"""Rows of all inputs together up to which a round runs in memory: even a join of all with all still fits."""
SOME = 30_000
"""The same, once a round has shown that no tool of the macro makes more rows than that."""
_ITERATION = "iterationnumber"
_SELF_MADE = ("TextInput", "MacroInput", "GenerateRows")
"""Sources whose rows their settings tell: they find nothing outside."""
_COUNTING = ("Formula.Formula", "Filter.Filter")
"""Tools whose expressions may look the round's number up whenever they are worked out."""


@dataclass(frozen=True)
class Round:
    """What came out of one run of the macro, by outlet, in memory."""

    tables: Mapping[str, Table]
    counts: Mapping[str, int]


class StoppedError(Exception):
    """Errors inside the macro, which have been told already, and what left the macro all the same."""

    def __init__(self, made: Round, errors: int) -> None:
        super().__init__()
        self.made = made
        self.errors = errors


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
    counter: Counter


@dataclass
class Rounds:
    macro: Workflow
    inlet_names: list[str]
    key: Key
    making: Making
    around: Surroundings
    listener: Listener
    _ready: _Ready | None = field(default=None, init=False)
    _largest: int | None = field(default=None, init=False)
    """The most rows that left a tool in the round before."""

    def run(self, tables: Mapping[str, Table], answers: Mapping[str, str], iteration: int, rows: int, mapped: str = "") -> Round:
        """Run the macro once, on not much more than `rows` rows. The inlet `mapped` has the macro's own field names already.

        Raises StoppedError where a tool of the macro failed.
        """
        is_small = rows <= FEW or (self._largest is not None and max(rows, self._largest) <= SOME)
        shape = _Shape(answers, mapped, {name: table.fields for name, table in tables.items()})
        ready = self._ready
        if ready is None or not is_small or ready.shape != shape:
            return self._run_anew(tables, shape, iteration, is_small=is_small)
        for name, slot in ready.slots.items():
            if ready.held[name] is not tables[name]:
                slot.rows = tables[name].frame.collect()
        ready.held = tables
        ready.counter.value = iteration
        return self._round(ready.execution.again(), ready.outlets)

    def _run_anew(self, tables: Mapping[str, Table], shape: _Shape, iteration: int, *, is_small: bool) -> Round:
        slots = {name: Slot(table.frame.collect()) for name, table in tables.items()} if is_small else {}
        given = {name: replace(table, frame=slots[name].lazy()) if is_small else table for name, table in tables.items()}
        plan = self._plan(given, shape, iteration)
        can_repeat = is_small and not self._asks_for_more(plan, shape)
        counter = Counter(iteration)
        variables = {**self.around.formula.variables, "Engine.IterationNumber": iteration}
        counters = {"Engine.IterationNumber": counter} if can_repeat else {}
        formula = replace(self.around.formula, variables=variables, counters=counters)
        outlets = {name: Feed(feed.origin, feed.anchor) for name, feed in plan.outlets.items()}
        inside = _Inside(self.listener)
        execution = Execution(plan, replace(self.around, formula=formula), inside, outlets.values(), is_small=is_small)
        drawn = seeds_drawn()
        outcome = execution.run()
        can_repeat = can_repeat and execution.was_one_pass and seeds_drawn() == drawn
        self._ready = _Ready(shape, execution, slots, tables, outlets, counter) if can_repeat else None
        return self._round(outcome, outlets)

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
        """Whether the next round may differ in more than its rows and its number in expressions: by what a source finds outside, say."""
        own = [step for step in plan.steps if not isinstance(step.tool, Given)]
        if any(not step.feeds and not step.plugin.endswith(_SELF_MADE) for step in own):
            return True
        # A tool that does not show its settings may hide anything.
        if any(" object at 0x" in repr(step.tool) for step in own):
            return True
        counting = [step.plugin for step in own if _ITERATION in repr(step.tool).casefold()]
        is_answered = any(_ITERATION in answer.casefold() for answer in shape.answers.values())
        return is_answered or _is_shaped_by_number(self.macro) or not all(plugin.endswith(_COUNTING) for plugin in counting)

    def _round(self, outcome: Outcome, outlets: Mapping[str, Feed]) -> Round:
        self._largest = max(outcome.counts.values(), default=0)
        places = {name: (feed.origin, feed.anchor) for name, feed in outlets.items()}
        reached = {name: place for name, place in places.items() if place in outcome.tables}
        # The rows of every round are rows of their own, whatever made them.
        tables = {name: replace(outcome.tables[place], rows=Rows()) for name, place in reached.items()}
        made = Round(tables, {name: outcome.counts.get(place, 0) for name, place in reached.items()})
        if outcome.errors:
            raise StoppedError(made, outcome.errors)
        return made


def _is_shaped_by_number(macro: Workflow) -> bool:
    """Whether the document itself changes with the round's number: by an action, or where the number is filled in as text."""
    if _ITERATION in _text(macro.runtime):
        return True
    texts = [(node.plugin, _text(node.configuration)) for node in macro.nodes]
    return any(f"{_ITERATION}%" in text or (_ITERATION in text and not plugin.endswith(_COUNTING)) for plugin, text in texts)


def _text(element: Element | None) -> str:
    """All that is written in an element, in lower case."""
    parts = [] if element is None else [part for inner in element.iter() for part in (inner.text or "", *map(str, inner.attrib.values()))]
    return " ".join(parts).casefold()


@dataclass(frozen=True)
class _Inside:
    """Passes on what a macro says and writes; how far the run is, only the plan around it knows."""

    listener: Listener

    def message(self, message: Message) -> None:
        self.listener.message(message)

    def progress(self, far: Far) -> None: ...

    def output(self, path: Path) -> None:
        self.listener.output(path)
