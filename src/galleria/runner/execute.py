"""Carry out a plan: build as far as possible, pass all rows at once, and go on with what had to wait for answers.

A step waits for the end of a stage where it needs facts about its inputs before it can be built, or where it acts.
What waiting steps read is kept in temporary files, so that every source is read once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial

import polars as pl

from galleria.compiler.plan import Feed, Key, Plan, Step
from galleria.errors import GalleriaError, UnsupportedError
from galleria.messages import Status
from galleria.runner.contexts import context_of
from galleria.runner.reading import Reading
from galleria.runner.said import Said
from galleria.runner.stage import Stage
from galleria.runner.surroundings import Far, Listener, Surroundings
from galleria.runner.weighed import WeighedFiles
from galleria.table.table import Rows, Table
from galleria.tools.contract import Built, Context, Inputs, Say, Seen, Sink, Wired

Place = tuple[Key, str]
"""A step's output anchor."""

_MOST_NESTED = 500
"""Steps in a query, counted along every way through it: Polars plans each way by itself, and ways that part and meet multiply."""
_MOST_NESTED_IN_MEMORY = 2_000
"""There nothing is planned, and a run of a single pass can be had again."""

Tap = Callable[[Place, Table], Sequence[pl.LazyFrame]]
"""Further queries that the pass should carry out for an anchor's table."""


@dataclass
class Outcome:
    tables: dict[Place, Table] = field(default_factory=dict[Place, Table])
    counts: dict[Place, int] = field(default_factory=dict[Place, int])
    errors: int = 0
    failed: set[Key] = field(default_factory=set[Key])
    """Steps that ended with an error of their own: nothing came out of them."""
    ran: set[Key] = field(default_factory=set[Key])


@dataclass
class _Pending:
    """A step of the stage, and what the pass told about it."""

    step: Step
    inputs: Inputs
    built: Built
    tallies: dict[str, pl.DataFrame] = field(default_factory=dict[str, pl.DataFrame])
    problems: dict[str, pl.DataFrame] = field(default_factory=dict[str, pl.DataFrame])


def execute(
    plan: Plan, around: Surroundings, listener: Listener, keep: Iterable[Feed] = (), tap: Tap | None = None, *, is_small: bool = False
) -> Outcome:
    """Run every step of the plan that can run; an error in one stops what reads from it, nothing else.

    `keep` names the anchors whose tables must be in memory afterwards; `is_small` promises that what the plan is given
    is little and in memory. Raises UnsupportedError as soon as a
    step turns out to need what Galleria does not do.
    """
    return Execution(plan, around, listener, keep, tap, is_small=is_small).run()


class Execution:
    def __init__(
        self,
        plan: Plan,
        around: Surroundings,
        listener: Listener,
        keep: Iterable[Feed] = (),
        tap: Tap | None = None,
        *,
        is_small: bool = False,
    ) -> None:
        keep = tuple(keep)
        self.plan = plan
        self.weighed = WeighedFiles(around.files, plan.steps)
        self.around = replace(around, files=self.weighed)
        self.listener = listener
        self.tap = tap
        self.in_memory = is_small and not any(step.tool.scans or step.tool.writes_output for step in plan.steps)
        self.most_nested = _MOST_NESTED_IN_MEMORY if self.in_memory else _MOST_NESTED
        self.outcome = Outcome()
        self.dead: set[Key] = set()
        """Failed, or in need of an anchor of one that is dead, however far up."""
        self.needed_by = _needed_by(plan)
        self.facts: dict[Key, dict[str, pl.DataFrame]] = {}
        self.ready_to_act: set[Key] = set()
        self.through: set[Key] = set()
        self.said = Said(plan.settings, listener)
        self.readers = _count_readers(plan, keep)
        self.kept = {(feed.origin, feed.anchor) for feed in keep}
        self.counts: dict[Rows, int] = {}
        self.carried: set[Place] = set()
        """Lie in files already."""
        self.weights: dict[Key, int] = {}
        """Of the stage's steps: how many steps their queries hold, one that several others lead back to as often as they do."""
        self.passes: list[tuple[Stage, list[_Pending]]] = []
        self.far = Far(0, len(plan.steps))
        self.reading = Reading(lambda counts: listener.progress(replace(self.far, read=counts)))

    def run(self) -> Outcome:
        for finding in self.plan.findings:
            self._fail(finding.key, finding.detail)
        waiting = list(self.plan.steps)
        while waiting and not self._is_stopped():
            before = len(waiting)
            stage = Stage(counts=self.counts, in_memory=self.in_memory)
            self.weights.clear()
            waiting, pending = self._build(waiting, stage)
            if self._is_stopped():
                break
            self._carry(waiting, stage)
            self.far = self._far(before - len(waiting), waiting, pending)
            self.reading.begin()
            self.listener.progress(self.far)
            stage.collect(lambda key, problem: self._fail(key, _words(problem)), self.dead.__contains__)
            self._report(pending)
            self.passes.append((stage, pending))
            self.through.update(one.step.key for one in pending)
            self.listener.progress(self._far(0, waiting))
            if len(waiting) == before and not any(step.key in self.ready_to_act or step.key in self.facts for step in waiting):
                # Orders of running that contradict each other (blocks, control containers) leave steps that wait in a circle.
                for step in waiting:
                    self._fail(step.key, "This tool waits for others that wait for it.")
                break
        return self._over()

    @property
    def was_one_pass(self) -> bool:
        """Whether everything was built at once, ran in memory and went well: such a run can be had `again`."""
        return self.in_memory and len(self.passes) == 1 and not self.dead

    def again(self) -> Outcome:
        """Pass all rows once more, through what was built already, over what its slots hold now."""
        self.outcome = Outcome(self.outcome.tables)
        self.said = Said(self.plan.settings, self.listener)
        stage, pending = self.passes[0]
        for one in pending:
            for say in one.built.notes:
                self.said.say(one.step.key, say)
        stage.collect(lambda key, problem: self._fail(key, _words(problem)), self.dead.__contains__)
        self._report(pending)
        return self._over()

    def _over(self) -> Outcome:
        self.outcome.errors = self.said.errors
        return self.outcome

    def _is_stopped(self) -> bool:
        """Whether the document asks to stop at what has happened: at any error, or at too many conversion errors."""
        return self.said.reached_limit or (self.plan.settings.cancel_on_error and self.said.errors > 0)

    def _far(self, open_steps: int, waiting: Sequence[Step], at_work: Sequence[_Pending] = ()) -> Far:
        """How far the run is, `open_steps` of those that do not wait being at work."""
        records: dict[int, dict[str, int]] = {}
        for (key, anchor), count in self.outcome.counts.items():
            if len(key) == 1:
                records.setdefault(key[0], {})[anchor] = count
        working = {one.step.key[0]: _kind_of(one.step) for one in at_work}
        return Far(len(self.plan.steps) - len(waiting) - open_steps, len(self.plan.steps), working, records)

    def _build(self, steps: list[Step], stage: Stage) -> tuple[list[Step], list[_Pending]]:
        """Build every step that can be; the others come back, to wait."""
        waiting: list[Step] = []
        pending: list[_Pending] = []
        blocked: set[Key] = set()
        for step in steps:
            if step.key in self.dead or self._hangs_loose(step) or self._is_switched_off(step):
                continue
            origins = {feed.origin for feeds in step.feeds.values() for feed in feeds}
            if self._is_shut(step):
                self._kill(step.key)
                continue
            weight = 1 + sum(self.weights.get(feed.origin, 0) for feeds in step.feeds.values() for feed in feeds)
            is_too_nested = weight > self.most_nested and not origins.isdisjoint(self.weights)
            if origins & blocked or is_too_nested or self._must_wait(step):
                blocked.add(step.key)
                waiting.append(step)
                continue
            built = self._build_step(step, stage)
            if built is not None:
                self.weights[step.key] = weight
                pending.append(built)
            elif step.key not in self.dead:
                blocked.add(step.key)
                waiting.append(step)
        return waiting, pending

    def _must_wait(self, step: Step) -> bool:
        """Whether something that the step comes after, though it does not read from it, has yet to run."""
        return bool(({*step.after, *(gate.origin for gate in step.gates)}) - self.through - self.dead)

    def _is_shut(self, step: Step) -> bool:
        """Whether one of the step's gates stayed without a record."""
        return any(
            gate.origin in self.dead
            or (gate.origin in self.through and not self.counts.get(self.outcome.tables[gate.origin, gate.anchor].rows, 0))
            for gate in step.gates
        )

    def _build_step(self, step: Step, stage: Stage) -> _Pending | None:
        """The step built and its queries added to the stage; None where it waits or failed."""
        try:
            living = {anchor: [feed for feed in feeds if feed.origin not in self.dead] for anchor, feeds in step.feeds.items()}
            inputs = Inputs({anchor: [self._wired(feed) for feed in feeds] for anchor, feeds in living.items()})
            context = self._context(step)
            if step.tool.acts:
                if step.key not in self.ready_to_act:
                    self.ready_to_act.add(step.key)
                    return None
                built = step.tool.act(inputs, context, self.around.world)
            else:
                facts: Mapping[str, pl.LazyFrame] = {} if step.key in self.facts else step.tool.facts(inputs, context)
                if facts:
                    answers = self.facts[step.key] = {}
                    for name, query in facts.items():
                        stage.add(step.key, query, _keep_in(answers, name))
                    return None
                built = step.tool.build(inputs, context)
        except UnsupportedError as error:
            raise UnsupportedError(error.feature, error.detail, step.key[0]) from error
        except Exception as error:
            # As in a pass: what a library or the machine raises (a full disk, a name that is too long) belongs to this tool.
            self._fail(step.key, _words(error))
            return None
        self.weighed.note(step.tool)
        pending = _Pending(step, inputs, built)
        self._schedule(pending, stage)
        return pending

    def _schedule(self, pending: _Pending, stage: Stage) -> None:
        key, built = pending.step.key, pending.built
        self.said.errors += built.errors
        for say in built.notes:
            self.said.say(key, say)
        for anchor, table in built.outputs.items():
            if _reads_a_file(pending.step):
                table = replace(table, frame=self.reading.counted(key[0], table.frame))
            is_new = table.rows not in stage.counts
            if self.readers.get((key, anchor), 0) + is_new + (self.tap is not None) > 1:
                table = replace(table, frame=table.frame.cache())
            self.outcome.tables[key, anchor] = table
            for query in self.tap((key, anchor), table) if self.tap else ():
                stage.add(key, query, _nothing)
            stage.count(key, table)
            if (key, anchor) in self.kept:
                stage.add(key, table.frame, partial(self._replace_frame, (key, anchor)))
        self._ask(pending, stage)
        for sink in built.sinks:
            stage.add(key, sink.query, partial(self._finish, sink))

    def _ask(self, pending: _Pending, stage: Stage) -> None:
        """Queries for what the step's messages need to know."""
        key, built = pending.step.key, pending.built
        for table in built.counts.values():
            stage.count(key, table)
        for name, query in built.tallies.items():
            stage.add(key, query, _keep_in(pending.tallies, name))
        for name, query in built.problems.items():
            stage.add(key, query, _keep_in(pending.problems, name))

    def _carry(self, waiting: list[Step], stage: Stage) -> None:
        """Put what waiting steps read into files, or keep it where it is little, so that the next stage does not compute it again."""
        places = {(feed.origin, feed.anchor) for step in waiting for feeds in step.feeds.values() for feed in feeds}
        for place in sorted((places & self.outcome.tables.keys()) - self.carried):
            self.carried.add(place)
            table = self.outcome.tables[place]
            if not table.fields:
                continue
            if self.in_memory:
                stage.add(place[0], table.frame, partial(self._replace_frame, place))
                continue
            path = self.around.files.temporary(".arrow")
            query = table.frame.sink_ipc(path, lazy=True)
            stage.add(place[0], query, lambda _, place=place, path=path: self._replace_frame(place, pl.scan_ipc(path)))

    def _replace_frame(self, place: Place, frame: pl.DataFrame | pl.LazyFrame) -> None:
        self.outcome.tables[place] = replace(self.outcome.tables[place], frame=frame.lazy())

    def _kill(self, key: Key) -> None:
        dying = [key]
        while dying:
            one = dying.pop()
            if one not in self.dead:
                self.dead.add(one)
                dying.extend(self.needed_by.get(one, ()))

    def _hangs_loose(self, step: Step) -> bool:
        """Whether nothing is connected to a tool of a macro that needs something: said, and left out with all that it feeds.

        Macros that people really have hold such leftovers, and run.
        """
        is_inside = len(step.key) > 1
        loose = is_inside and not step.feeds and any(not anchor.optional for anchor in step.tool.input_anchors)
        if loose:
            self._kill(step.key)
            self.said.say(step.key, Say(Status.WARNING, "Missing Incoming Connection(s)."))
        return loose

    def _is_switched_off(self, step: Step) -> bool:
        """Whether the document disables all tools that write output, and this is one."""
        is_off = step.tool.writes_output and self.plan.settings.disable_output
        if is_off:
            self._kill(step.key)
            self.said.say(step.key, Say(Status.INFO, "All tools that write output are disabled in the workflow's settings."))
        return is_off

    def _report(self, pending: list[_Pending]) -> None:
        for one in pending:
            key = one.step.key
            if key in self.dead:
                continue
            for name, found in one.problems.items():
                for row in found.iter_rows(named=True):
                    self.said.conversion_problems(key, row.get("field", name), row["count"], row["texts"])
            seen = Seen(
                {anchor: sum(self.counts.get(wire.table.rows, 0) for wire in wires) for anchor, wires in one.inputs.wires().items()},
                {anchor: self.counts.get(table.rows, 0) for anchor, table in one.built.outputs.items()},
                one.tallies,
                {name: self.counts.get(table.rows, 0) for name, table in one.built.counts.items()},
            )
            self.outcome.ran.add(key)
            self.outcome.counts.update({(key, anchor): count for anchor, count in seen.records_out.items()})
            for say in one.step.tool.messages(seen):
                self.said.say(key, say)

    def _finish(self, sink: Sink, result: pl.DataFrame) -> None:
        if sink.finish is not None:
            sink.finish(result)
        if sink.path is not None:
            self.listener.output(sink.path)

    def _wired(self, feed: Feed) -> Wired:
        return Wired(self.outcome.tables[feed.origin, feed.anchor], feed.name)

    def _context(self, step: Step) -> Context:
        is_little = self.in_memory or self.weighed.is_little
        return context_of(step, self.plan, self.around, self.facts.get(step.key, {}), heard=self.said.heard, is_little=is_little)

    def _fail(self, key: Key, text: str) -> None:
        self._kill(key)
        self.outcome.failed.add(key)
        self.said.say(key, Say(Status.ERROR, text))


def _nothing(frame: pl.DataFrame) -> None:
    """The query wrote by itself."""


def _keep_in(answers: dict[str, pl.DataFrame], name: str) -> Callable[[pl.DataFrame], None]:
    return lambda frame: answers.__setitem__(name, frame)


def _reads_a_file(step: Step) -> bool:
    return not step.feeds and step.plugin.endswith("DbFileInput")


def _kind_of(step: Step) -> str:
    """`Sort`; for what lies in a macro the macro's own tool is meant."""
    return step.plugin.rpartition(".")[2] if len(step.key) == 1 else "Macro"


def _count_readers(plan: Plan, keep: tuple[Feed, ...]) -> Mapping[Place, int]:
    readers: dict[Place, int] = {}
    feeds = [feed for step in plan.steps for some in step.feeds.values() for feed in some]
    for feed in [*feeds, *keep]:
        readers[feed.origin, feed.anchor] = readers.get((feed.origin, feed.anchor), 0) + 1
    return readers


def _needed_by(plan: Plan) -> Mapping[Key, list[Key]]:
    """By the key of a step: the steps that cannot do without one of its anchors."""
    found: dict[Key, list[Key]] = {}
    for step in plan.steps:
        needed = [anchor.name for anchor in step.tool.input_anchors if not anchor.optional]
        for feed in [feed for name in needed for feed in step.feeds.get(name, ())]:
            found.setdefault(feed.origin, []).append(step.key)
    return found


def _words(problem: BaseException) -> str:
    if isinstance(problem, GalleriaError):
        return problem.message
    text = str(problem).strip().splitlines()
    return f"{type(problem).__name__}: {text[0] if text else 'no reason given'}"
