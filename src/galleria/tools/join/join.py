"""Brings the rows of two streams together: by equal values, or by their place."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

import polars as pl

from galleria.errors import ToolError
from galleria.fields.types import Field
from galleria.table.keys import is_inexact, sides
from galleria.table.select_list import SelectList, Stream, lay_out, pick_column, restored, stream_columns
from galleria.table.table import Table
from galleria.tools.configuration import Configuration
from galleria.tools.contract import Anchor, Built, Context, Inputs, Say, Seen, Tool, info, warning
from galleria.tools.select_configuration import read_joined_select_list

_ROW = "row {}"


@dataclass(frozen=True)
class Join(Tool):
    plugins: ClassVar = ("AlteryxBasePluginsGui.Join.Join",)
    inputs: ClassVar = (Anchor("Left"), Anchor("Right"))
    outputs: ClassVar = ("Left", "Join", "Right")

    left_keys: tuple[str, ...]
    right_keys: tuple[str, ...]
    """As many as on the left; none on either side to join by position."""
    fields: SelectList

    @classmethod
    def read(cls, config: Configuration) -> "Join":
        fields = read_joined_select_list(config)
        if config.attribute_flag("joinByRecordPos"):
            return cls((), (), fields)
        keys = {side.attribute("connection").casefold(): side.field_names(".") for side in config.each("JoinInfo")}
        left, right = keys.get("left", ()), keys.get("right", ())
        if not left or len(left) != len(right):
            raise ToolError(f"Each field of the left must meet one of the right: there are {len(left)} and {len(right)}.")
        return cls(left, right, fields)

    def build(self, inputs: Inputs, context: Context) -> Built:
        """Every output is sorted by the keys; within a key by the left's incoming order, then the right's.

        Null meets Null. By position the rows keep their order, and what is left of the longer stream is not joined.
        """
        left, right = inputs.one("Left"), inputs.one("Right")
        keys = [left.field(name) for name in self.left_keys], [right.field(name) for name in self.right_keys]
        parts = _by_values(left, right, *keys) if self.left_keys else _by_position(left, right)
        picks = self.fields.picks([Stream(left.fields, "Left_"), Stream(right.fields, "Right_")])
        made = lay_out(parts["Join"], self.fields, picks, pick_column([left, right]), context.problem_limit)
        outputs = {
            "Left": Table(restored(parts["Left"], left, 0), left.fields),
            "Join": Table(made.frame, made.fields),
            "Right": Table(restored(parts["Right"], right, 1), right.fields),
        }
        notes = (
            [warning("Joins on Double or Float are not recommended due to a rounding error.")] if is_inexact([*keys[0], *keys[1]]) else []
        )
        return Built(outputs, problems=made.problems, notes=notes)

    def messages(self, seen: Seen) -> Iterable[Say]:
        count = seen.records_out
        yield info(
            f"{count['Join']} records were joined with {count['Left']} un-joined left records and {count['Right']} un-joined right records"
        )


def _by_values(left: Table, right: Table, left_keys: Sequence[Field], right_keys: Sequence[Field]) -> Mapping[str, pl.LazyFrame]:
    sided = sides([left, right], [left_keys, right_keys])
    (lefts, left_by), (rights, right_by) = ((side.frame.cache(), side.by) for side in sided)
    found = lefts.sort(left_by, maintain_order=True).join(
        rights, left_on=left_by, right_on=right_by, nulls_equal=True, coalesce=False, maintain_order="left_right"
    )
    return {
        "Left": _unjoined(lefts, left_by, rights, right_by),
        "Join": found,
        "Right": _unjoined(rights, right_by, lefts, left_by),
    }


def _unjoined(own: pl.LazyFrame, own_by: list[str], other: pl.LazyFrame, other_by: list[str]) -> pl.LazyFrame:
    alone = own.join(other, left_on=own_by, right_on=other_by, how="anti", nulls_equal=True, maintain_order="left")
    return alone.sort(own_by, maintain_order=True)


def _by_position(left: Table, right: Table) -> Mapping[str, pl.LazyFrame]:
    sides = [table.frame.select(stream_columns(table, i)).with_row_index(_ROW.format(i)) for i, table in enumerate((left, right))]
    beside = pl.concat(sides, how="horizontal_extend").cache()
    in_left, in_right = (pl.col(_ROW.format(i)).is_not_null() for i in (0, 1))
    return {
        "Left": beside.filter(in_left & ~in_right),
        "Join": beside.filter(in_left & in_right),
        "Right": beside.filter(in_right & ~in_left),
    }
