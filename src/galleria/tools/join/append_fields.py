"""Puts the fields of every source row beside every target row."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import ClassVar

import polars as pl

from galleria.table.select_list import SelectList, Stream, lay_out, pick_column, stream_columns
from galleria.table.table import Table
from galleria.tools.configuration import Configuration
from galleria.tools.contract import Anchor, Built, Context, Inputs, Say, Seen, Tool, error, warning
from galleria.tools.select_configuration import read_joined_select_list

_LIMIT = 16
_COUNT = "count"
_MODES = ("Error", "Warn", "Allow")
_TOO_MANY = f"The Source has more than {_LIMIT} records."


@dataclass(frozen=True)
class AppendFields(Tool):
    plugins: ClassVar = ("AlteryxBasePluginsGui.AppendFields.AppendFields",)
    inputs: ClassVar = (Anchor("Targets"), Anchor("Source"))

    mode: str
    """What more than 16 source rows are: an `Error` (and there is no output), a reason to `Warn`, or `Allow`ed."""
    fields: SelectList

    @classmethod
    def read(cls, config: Configuration) -> "AppendFields":
        return cls(config.choice("CartesianMode", _MODES, "Error"), read_joined_select_list(config))

    def build(self, inputs: Inputs, context: Context) -> Built:
        """The targets' order, and within it the source's. A source without rows gives the targets Null."""
        targets, source = inputs.one("Targets"), inputs.one("Source")
        appended = _or_nothing(source, stream_columns(source, 1))
        if self.mode == "Error":
            appended = appended.filter(pl.len() <= _LIMIT)
        frame = targets.frame.select(stream_columns(targets, 0)).join(appended, how="cross", maintain_order="left_right")
        picks = self.fields.picks([Stream(targets.fields, "Target_"), Stream(source.fields, "Source_")])
        made = lay_out(frame, self.fields, picks, pick_column([targets, source]), context.problem_limit)
        return Built({"Output": Table(made.frame, made.fields)}, problems=made.problems)

    def messages(self, seen: Seen) -> Iterable[Say]:
        if self.mode != "Allow" and seen.records_in["Source"] > _LIMIT:
            yield error(_TOO_MANY) if self.mode == "Error" else warning(_TOO_MANY)


def _or_nothing(table: Table, values: Sequence[pl.Expr]) -> pl.LazyFrame:
    """The rows of a table, or one of Nulls where there is none."""
    rows = table.frame.select(values).cache()
    nothing = [pl.lit(None, field.dtype).alias(value.meta.output_name()) for field, value in zip(table.fields, values, strict=True)]
    count = rows.select(pl.len().alias(_COUNT)).filter(pl.col(_COUNT) == 0)
    return pl.concat([rows, count.with_columns(nothing).drop(_COUNT)])
