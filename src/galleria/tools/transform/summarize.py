"""Makes one row of many: groups, and what becomes of the other columns in each."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import polars as pl

from galleria.errors import ToolError
from galleria.fields.columns import column
from galleria.fields.conversion import problem_query
from galleria.fields.names import find_field, unique_names
from galleria.fields.types import Field, FieldType
from galleria.spatial.aggregates import is_spatial, spatial_aggregate
from galleria.table.aggregates import Aggregate, Joining, aggregate
from galleria.table.table import Table
from galleria.tools.cash_flows import CashFlow, cash_flow, cash_flow_aggregate
from galleria.tools.configuration import Configuration
from galleria.tools.contract import Built, Context, Inputs, Tool
from galleria.tools.report_actions import is_report, report_aggregate

_GROUP, _COUNT = "GroupBy", "Count"
_ESCAPES = {r"\r": "\r", r"\n": "\n", r"\t": "\t", r"\s": " "}


@dataclass(frozen=True)
class Action:
    field: str
    kind: str
    rename: str
    joining: Joining
    percentile: float
    flow: CashFlow | None = None
    """What a finance action is asked for."""


@dataclass(frozen=True)
class Summarize(Tool):
    plugins: ClassVar = ("AlteryxSpatialPluginsGui.Summarize.Summarize", "AlteryxBasePluginsGui.Summarize.Summarize")

    actions: tuple[Action, ...]

    @classmethod
    def read(cls, config: Configuration) -> "Summarize":
        actions = tuple(_action(entry) for entry in config.each("SummarizeFields/SummarizeField"))
        if not actions:
            raise ToolError("At least one action must be selected.")
        return cls(actions)

    def build(self, inputs: Inputs, context: Context) -> Built:
        """One row a group, sorted by the group fields in their listed order; no row at all for no rows."""
        table = inputs.one()
        steps = [_aggregate(action, table, in_turn=context.is_little) for action in self.actions]
        names = unique_names(action.rename or action.field for action in self.actions)
        fields = tuple(step.field.renamed(name) for step, name in zip(steps, names, strict=True))
        aliases = [f"column {position}" for position in range(len(steps))]
        frame = _summarized(table.frame, self._keys(aliases, steps), self._values(aliases, steps))
        finished = [step.finish(pl.col(alias)) if step.finish else pl.col(alias) for alias, step in zip(aliases, steps, strict=True)]
        laid_out = frame.select(value.alias(field.name) for value, field in zip(finished, fields, strict=True))
        problems = {
            field.name: problem_query(table.frame, step.problem, context.problem_limit)
            for field, step in zip(fields, steps, strict=True)
            if step.problem is not None
        }
        problems |= {
            field.name: problem_query(frame, pl.col(_lost(alias)), context.problem_limit)
            for field, alias, step in zip(fields, aliases, steps, strict=True)
            if step.lost is not None
        }
        return Built({"Output": Table(laid_out, fields)}, problems=problems)

    def _keys(self, aliases: Sequence[str], steps: Sequence[Aggregate]) -> list[pl.Expr]:
        parts = zip(self.actions, aliases, steps, strict=True)
        return [step.value.alias(alias) for action, alias, step in parts if action.kind == _GROUP]

    def _values(self, aliases: Sequence[str], steps: Sequence[Aggregate]) -> list[pl.Expr]:
        parts = zip(self.actions, aliases, steps, strict=True)
        values = [step.value.alias(alias) for action, alias, step in parts if action.kind != _GROUP]
        return values + [step.lost.alias(_lost(alias)) for alias, step in zip(aliases, steps, strict=True) if step.lost is not None]


def _lost(alias: str) -> str:
    return f"{alias} lost"


def _action(entry: Configuration) -> Action:
    kind = entry.attribute("action")
    joining = Joining(*(_unescaped(entry.value(path)) for path in (f"{kind}_Start", "Separator", f"{kind}_End")))
    percentile = entry.number("Percentile", 0.5)
    if not 0 <= percentile <= 1:
        raise ToolError(f"A percentile must be between 0 and 1, not {percentile:g}.")
    return Action(entry.attribute("field"), kind, entry.attribute("rename"), joining, percentile, cash_flow(entry))


def _unescaped(text: str) -> str:
    for written, meant in _ESCAPES.items():
        text = text.replace(written, meant)
    return text


def _aggregate(action: Action, table: Table, *, in_turn: bool) -> Aggregate:
    if action.kind == _COUNT and find_field(table.fields, action.field) is None:
        # Rows are counted whatever the field; workflows that ran, and a shipped macro, name one that is not there.
        return aggregate(_COUNT, Field(action.field, FieldType.BOOL))
    source = table.field(action.field)
    if action.kind == _GROUP:
        return Aggregate(source, column(source.name))
    if is_spatial(action.kind):
        return spatial_aggregate(action.kind, source)
    if is_report(action.kind):
        return report_aggregate(action.kind, source)
    if action.flow is not None:
        return cash_flow_aggregate(action.flow, source, table)
    return aggregate(action.kind, source, joining=action.joining, percentile=action.percentile, in_turn=in_turn)


def _summarized(frame: pl.LazyFrame, keys: Sequence[pl.Expr], values: Sequence[pl.Expr]) -> pl.LazyFrame:
    if keys:
        return frame.group_by(keys).agg(values).sort([key.meta.output_name() for key in keys])
    rows = "rows"
    return frame.select(*values, pl.len().alias(rows)).filter(pl.col(rows) > 0)
