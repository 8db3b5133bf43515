"""Batch and iterative macros: a plan compiled and run again for every control record, or until no row goes round.

Source: `tools.md` 11.2.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Self

import polars as pl

from galleria.compiler.compile import Making
from galleria.compiler.nodes import live_nodes
from galleria.compiler.plan import Key
from galleria.documents.workflow import Kind, Workflow
from galleria.errors import InvalidError, ToolError
from galleria.fields.columns import column
from galleria.fields.conversion import convert
from galleria.fields.names import find_field
from galleria.fields.promotion import promote
from galleria.fields.types import Field, FieldType
from galleria.runner.rounds import SOME, Round, Rounds, StoppedError
from galleria.runner.surroundings import Listener, Surroundings
from galleria.table.table import Table, empty_table
from galleria.tools.configuration import Configuration
from galleria.tools.contract import Anchor, Built, Context, Inputs, Say, Tool, World, error, warning

CONTROL = "Control"


@dataclass(frozen=True)
class Loop(Tool):
    """What both kinds share: running the macro once, and putting its outputs together."""

    acts = True
    macro: Workflow
    answers: Mapping[str, str]
    key: Key
    making: Making
    around: Surroundings
    listener: Listener

    @classmethod
    def read(cls, config: Configuration) -> Self:
        raise AssertionError("made by the compiler")

    @property
    def runtime(self) -> Configuration:
        if self.macro.runtime is None:
            raise InvalidError(f"{self.macro.name}: a macro without RuntimeProperties cannot run")
        return Configuration(self.macro.runtime)

    @property
    def inlet_names(self) -> list[str]:
        return _names(self.macro, "macroinput")

    @property
    def output_anchors(self) -> Sequence[str]:
        return _names(self.macro, "macrooutput")

    def build(self, inputs: Inputs, context: Context) -> Built:
        """No schema: what leaves a loop is known when it has run."""
        return Built()

    def rounds(self) -> Rounds:
        return Rounds(self.macro, self.inlet_names, self.key, self.making, self.around, self.listener)

    def _at_hand(self, inputs: Inputs) -> tuple[dict[str, Table], int]:
        """What is connected, by inlet, and the number of its rows; few rows are read into memory once for all iterations."""
        tables = {name: table for name in self.inlet_names if (table := inputs.find(name)) is not None}
        count = sum(_height(table) for table in tables.values())
        if count <= SOME:
            tables = {name: replace(table, frame=table.frame.collect().lazy()) for name, table in tables.items()}
        return tables, count


@dataclass(frozen=True)
class BatchLoop(Loop):
    @property
    def input_anchors(self) -> Sequence[Anchor]:
        return (Anchor(CONTROL), *(Anchor(name, optional=True) for name in self.inlet_names))

    def act(self, inputs: Inputs, context: Context, world: World) -> Built:
        """Run the macro for every control record, with all rows or those of the record's group, and stack what leaves it.

        An error in one tool stops what reads from it, nothing else: the round's other outputs count, and so do the next
        rounds. A puzzle's published solution has a tool fail in each of its hundred rounds, and shows the answer.
        """
        control = inputs.one(CONTROL)
        rows = control.frame.collect()
        parameters = _pairs(self.answers.get("ControlParams", ""))
        groups = _pairs(self.answers.get("BatchMacroGroupBy", ""))
        texts = {name: _texts(rows, control, field) for name, field in parameters.items() if field}
        group_values = _texts(rows, control, groups[CONTROL]) if groups.get(CONTROL) else None
        tables, count = self._at_hand(inputs)
        rounds = self.rounds()
        results: list[Mapping[str, Table]] = []
        errors = 0
        for number in range(rows.height):
            answers = dict(self.answers) | {name: values[number] or "" for name, values in texts.items()}
            wanted = tables
            if group_values is not None:
                wanted = {name: _group(table, groups.get(name, ""), group_values[number]) for name, table in tables.items()}
            try:
                results.append(rounds.run(wanted, answers, number, count).tables)
            except StoppedError as stopped:
                results.append(stopped.made.tables)
                errors += stopped.errors
                if self.macro.settings.cancel_on_error:
                    break
        mode = self.runtime.value("BatchMacro/OutputMode", "AllSame")
        return replace(_stacked(self.output_anchors, results, mode), errors=errors)


@dataclass(frozen=True)
class IterativeLoop(Loop):
    @property
    def input_anchors(self) -> Sequence[Anchor]:
        return tuple(Anchor(name, optional=True) for name in self.inlet_names)

    @property
    def loop_names(self) -> tuple[str, str]:
        settings = self.runtime.child("IterativeMacro")
        return settings.value("Input"), settings.value("Output")

    def act(self, inputs: Inputs, context: Context, world: World) -> Built:
        """Run the macro, feed its loop output to its loop input, and go on until no row comes round or a tool fails."""
        settings = self.runtime.child("IterativeMacro")
        entry, back = self.loop_names
        limit = settings.whole("IterationLimit", 100)
        tables, count = self._at_hand(inputs)
        rounds = self.rounds()
        results: list[Mapping[str, Table]] = []
        notes: list[Say] = []
        errors = 0
        for iteration in range(limit):
            try:
                made = rounds.run(tables, self.answers, iteration, count, mapped=entry if iteration else "")
            except StoppedError as stopped:
                results.append(_without(back, stopped.made))
                errors = stopped.errors
                break
            results.append(_without(back, made))
            going_round = made.counts.get(back, 0)
            if not going_round:
                break
            count = max(count, going_round)
            tables = {**tables, entry: made.tables[back]}
        else:
            notes = _at_limit(settings.choice("LimitBehavior", ("Error", "Warn", "Ignore"), "Error"), limit)
            results.append({back: tables[entry]})
        built = _stacked(self.output_anchors, results, settings.value("OutputMode", "AllSame"))
        return replace(built, notes=notes, errors=errors)


def make_loop(macro: Workflow, answers: Mapping[str, str], key: Key, making: Making, around: Surroundings, listener: Listener) -> Loop:
    """The loop for a macro of that kind."""
    kind = BatchLoop if macro.kind is Kind.BATCH_MACRO else IterativeLoop
    return kind(macro, answers, key, making, around, listener)


def _without(name: str, made: Round) -> dict[str, Table]:
    return {other: table for other, table in made.tables.items() if other != name}


def _names(macro: Workflow, plugin: str) -> list[str]:
    nodes = [node for node in live_nodes(macro) if node.plugin.casefold().rpartition(".")[2] == plugin]
    return [Configuration(node.configuration).value("Name") or f"{plugin}{node.tool_id}" for node in nodes]


def _height(table: Table) -> int:
    return table.frame.select(pl.len()).collect().item()


def _pairs(text: str) -> dict[str, str]:
    """`Control Parameter (5)=FullPath`, a line each."""
    lines = [line.partition("=") for line in text.splitlines() if "=" in line]
    return {name.strip(): value.strip() for name, _, value in lines}


def _texts(rows: pl.DataFrame, table: Table, name: str) -> list[str | None]:
    field = table.field(name)
    text = Field(field.name, FieldType.V_WSTRING)
    return rows.select(convert(column(field.name), field, text).value).to_series().to_list()


def _group(table: Table, name: str, value: str | None) -> Table:
    """The rows of a control record's group; all rows where the input has no group field."""
    if not name:
        return table
    field = table.field(name)
    text = convert(column(field.name), field, Field(field.name, FieldType.V_WSTRING)).value
    return Table(table.frame.filter(text.eq_missing(pl.lit(value, pl.String))), table.fields)


def _at_limit(behaviour: str, limit: int) -> list[Say]:
    text = f"The iterative macro reached its limit of {limit} iterations with rows still going round."
    return {"Error": [error(text)], "Warn": [warning(text)], "Ignore": []}[behaviour]


def _stacked(anchors: Sequence[str], results: Sequence[Mapping[str, Table]], mode: str) -> Built:
    outputs: dict[str, Table] = {}
    for anchor in anchors:
        tables = [result[anchor] for result in results if anchor in result]
        outputs[anchor] = _stack(anchor, tables, mode) if tables else empty_table(())
    return Built(outputs)


def _stack(anchor: str, tables: Sequence[Table], mode: str) -> Table:
    """All tables below each other; by name or position, as the macro's settings say, or only equal ones."""
    first = tables[0]
    if mode == "AllSame":
        for table in tables:
            if [(field.name.casefold(), field.type) for field in table.fields] != [(f.name.casefold(), f.type) for f in first.fields]:
                raise ToolError(f"The schema of the output {anchor!r} changed between iterations.")
    by_position = mode in ("AutoByPos", "AllSame")
    fields = _common_fields(tables, by_position=by_position)
    frames = [_laid_out(table, fields, by_position=by_position) for table in tables]
    return Table(pl.concat(_collected(frames)).lazy(), tuple(fields))


def _common_fields(tables: Sequence[Table], *, by_position: bool) -> list[Field]:
    if by_position:
        width = max(len(table.fields) for table in tables)
        columns = [[table.fields[i] for table in tables if i < len(table.fields)] for i in range(width)]
        return [promote(column) for column in columns]
    names: dict[str, list[Field]] = {}
    for table in tables:
        for field in table.fields:
            names.setdefault(field.name.casefold(), []).append(field)
    return [promote(column) for column in names.values()]


def _laid_out(table: Table, fields: Sequence[Field], *, by_position: bool) -> pl.LazyFrame:
    if list(table.fields) == list(fields):
        return table.frame
    columns: list[pl.Expr] = []
    for number, target in enumerate(fields):
        source = (table.fields[number] if number < len(table.fields) else None) if by_position else find_field(table.fields, target.name)
        if source is None:
            columns.append(pl.lit(None, target.dtype).alias(target.name))
        else:
            columns.append(convert(column(source.name), source, target).value.alias(target.name))
    return table.frame.select(columns)


def _collected(frames: Sequence[pl.LazyFrame]) -> list[pl.DataFrame]:
    """What each round left is in memory already: there is nothing to plan."""
    return pl.collect_all(frames, engine="in-memory", optimizations=pl.QueryOptFlags.none())
