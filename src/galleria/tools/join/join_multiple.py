"""Brings the rows of any number of streams together: by equal values, or by their place."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

import polars as pl

from galleria.errors import ToolError
from galleria.fields.types import Field
from galleria.table.keys import is_inexact, key_columns, key_name
from galleria.table.select_list import Pick, SelectList, Stream, lay_out, pick_column, stream_columns
from galleria.table.table import Table
from galleria.tools.configuration import Configuration
from galleria.tools.contract import Anchor, Built, Context, Inputs, Say, Seen, Tool, Wired, error, warning
from galleria.tools.select_configuration import read_joined_select_list

_MODES = ("Error", "Warn", "Allow")
_CLASHES = "clashes"
_CARTESIAN = "More than one input has several records for the same key."


@dataclass(frozen=True)
class JoinMultiple(Tool):
    plugins: ClassVar = ("AlteryxBasePluginsGui.JoinMultiple.JoinMultiple",)
    inputs: ClassVar = (Anchor("Input", multiple=True, as_written=True),)

    by_position: bool
    keys: Mapping[str, tuple[str, ...]]
    """By connection."""
    mode: str
    """What it is that several inputs have several rows for a key: an `Error` (and there is no output), a reason to `Warn`, `Allow`ed."""
    only_complete: bool
    """Only rows that every input has a part in."""
    fields: SelectList

    @classmethod
    def read(cls, config: Configuration) -> "JoinMultiple":
        return cls(
            config.flag("JoinByRecPos"),
            {side.attribute("connection"): side.field_names(".") for side in config.each("JoinFields/JoinInfo")},
            config.choice("CartesianMode", _MODES, "Error"),
            only_complete=config.flag("OutputJoinOnly"),
            fields=read_joined_select_list(config),
        )

    def build(self, inputs: Inputs, context: Context) -> Built:
        """By values: sorted by key, then by the incoming order of each input; by position: the incoming order.

        What an input has no row for is Null, save the keys of the first input, which every row has.
        """
        wires = inputs.all() if self.by_position else sorted(inputs.all(), key=self._place)
        if not wires:
            raise ToolError("The Input anchor must have an incoming connection.")
        tables = [wire.table for wire in wires]
        picks = self.fields.picks([Stream(wire.table.fields, _prefix(wire.name)) for wire in wires])
        if self.by_position:
            made = lay_out(
                _beside(tables, only_complete=self.only_complete), self.fields, picks, pick_column(tables), context.problem_limit
            )
            return Built({"Output": Table(made.frame, made.fields)}, problems=made.problems)
        keys = self._key_fields(wires)
        sides = [_side(i, table, keys) for i, table in enumerate(tables)]
        by = [key_name(position) for position in range(len(keys[0]))]
        clashes = _clashes(sides, by)
        frame = _joined(sides, by, only_complete=self.only_complete)
        if self.mode == "Error":
            frame = frame.join(clashes, how="cross", maintain_order="left").filter(pl.col(_CLASHES) == 0)
        made = lay_out(frame, self.fields, picks, _with_keys(pick_column(tables), keys[0]), context.problem_limit)
        notes = [warning("Joins on Double or Float are not recommended due to a rounding error.")] if any(map(is_inexact, keys)) else []
        return Built({"Output": Table(made.frame, made.fields)}, tallies={_CLASHES: clashes}, problems=made.problems, notes=notes)

    def messages(self, seen: Seen) -> Iterable[Say]:
        if self.mode != "Allow" and _CLASHES in seen.tallies and seen.tallies[_CLASHES].item():
            yield error(_CARTESIAN) if self.mode == "Error" else warning(_CARTESIAN)

    def _place(self, wire: Wired) -> int:
        """Its place in the list of keys."""
        return list(self.keys).index(wire.name) if wire.name in self.keys else len(self.keys)

    def _key_fields(self, wires: Sequence[Wired]) -> list[list[Field]]:
        keys = [[wire.table.field(name) for name in self.keys.get(wire.name, ())] for wire in wires]
        counts = {len(fields) for fields in keys}
        if counts == {0} or len(counts) > 1:
            raise ToolError("Each input must be joined by the same number of fields.")
        return keys


def _prefix(connection: str) -> str:
    return f"Input_{connection}_" if connection.startswith("#") else f"{connection}_"


def _row(stream: int) -> str:
    return f"row {stream}"


def _side(stream: int, table: Table, keys: Sequence[Sequence[Field]]) -> pl.LazyFrame:
    own = keys[stream]
    others = [fields for i, fields in enumerate(keys) if i != stream]
    return table.frame.select(*stream_columns(table, stream), *key_columns(own, others)).with_row_index(_row(stream)).cache()


def _joined(sides: Sequence[pl.LazyFrame], by: Sequence[str], *, only_complete: bool) -> pl.LazyFrame:
    together = sides[0]
    for side in sides[1:]:
        together = together.join(side, on=list(by), how="inner" if only_complete else "full", nulls_equal=True, coalesce=True)
    return together.sort([*by, *(_row(stream) for stream in range(len(sides)))])


def _clashes(sides: Sequence[pl.LazyFrame], by: Sequence[str]) -> pl.LazyFrame:
    """One row: for how many keys more than one input has several rows."""
    several = [side.group_by(by).agg(pl.len().alias("rows")).filter(pl.col("rows") > 1).select(by) for side in sides]
    return pl.concat(several).group_by(by).agg(pl.len().alias("inputs")).filter(pl.col("inputs") > 1).select(pl.len().alias(_CLASHES))


def _with_keys(find: Callable[[Pick], pl.Expr], keys: Sequence[Field]) -> Callable[[Pick], pl.Expr]:
    """Finds columns as `find` does, but the keys of the first input where all have them."""
    places = {key.name: key_name(position) for position, key in enumerate(keys)}

    def column_of(pick: Pick) -> pl.Expr:
        if pick.stream == 0 and pick.source.name in places:
            return pl.coalesce(find(pick), pl.col(places[pick.source.name]).cast(pick.source.dtype, strict=False))
        return find(pick)

    return column_of


def _beside(tables: Sequence[Table], *, only_complete: bool) -> pl.LazyFrame:
    sides = [table.frame.select(stream_columns(table, i)).with_row_index(_row(i)) for i, table in enumerate(tables)]
    beside = pl.concat(sides, how="horizontal_extend")
    return beside.filter(pl.all_horizontal(pl.col(_row(i)).is_not_null() for i in range(len(tables)))) if only_complete else beside
