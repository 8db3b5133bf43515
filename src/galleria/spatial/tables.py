"""Joins by where things are: pairs of rows of two tables, found over their whole columns of spatial objects."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

import polars as pl

from galleria.fields.objects import import_shapely
from galleria.table.select_list import restored, stream_columns
from galleria.table.table import Table

if TYPE_CHECKING:
    from galleria.spatial.relation import Places

Find: TypeAlias = Callable[[pl.Series, pl.Series], "Pairs"]

# No field is called so: a document cannot hold this character.
_ROW, _TARGET, _UNIVERSE, _AT, _OTHER = "\0row {}", "\0target", "\0universe", "\0at", "\0other"


@dataclass(frozen=True)
class Pairs:
    """Rows of two tables that belong together, and what is told of each pair."""

    target: Places
    universe: Places
    told: Mapping[str, pl.Series] = field(default_factory=dict[str, pl.Series])


def paired(
    targets: Table, universe: Table, shapes: tuple[pl.Expr, pl.Expr], find: Find, told: Mapping[str, pl.DataType] | None = None
) -> pl.LazyFrame:
    """The pairs that `find` gives, in its order: the `stream_columns` of both tables and what is `told` of each pair.

    The columns of spatial objects are gathered whole; all other columns are joined afterwards.
    """
    import_shapely()
    told = told or {}
    schema = pl.Struct({_AT: pl.UInt32, _OTHER: pl.UInt32, **told})
    lists = [
        table.frame.select(shape.implode().alias(name))
        for table, shape, name in zip((targets, universe), shapes, (_TARGET, _UNIVERSE), strict=True)
    ]

    def found(columns: pl.Series) -> pl.Series:
        frame = columns.struct.unnest()
        pairs = find(frame[_TARGET].explode(empty_as_null=False), frame[_UNIVERSE].explode(empty_as_null=False))
        rows = pl.DataFrame(
            {_AT: pl.Series(pairs.target, dtype=pl.UInt32), _OTHER: pl.Series(pairs.universe, dtype=pl.UInt32), **pairs.told}
        )
        return pl.Series([rows.to_struct()], dtype=pl.List(schema))

    both = pl.concat(lists, how="horizontal").select(
        pl.struct(_TARGET, _UNIVERSE).map_batches(found, return_dtype=pl.List(schema)).alias(_AT)
    )
    pairs = both.explode(_AT, empty_as_null=False).select(pl.col(_AT).struct.unnest())
    sides = [table.frame.select(stream_columns(table, i)).with_row_index(_ROW.format(i)) for i, table in enumerate((targets, universe))]
    return (
        pairs.join(sides[0], left_on=_AT, right_on=_ROW.format(0), how="inner", maintain_order="left")
        .join(sides[1], left_on=_OTHER, right_on=_ROW.format(1), how="inner", maintain_order="left")
        .cache()
    )


def unpaired(targets: Table, pairs: pl.LazyFrame) -> Table:
    """The targets that are in none of the `pairs`, in their order."""
    numbered = targets.frame.select(stream_columns(targets, 0)).with_row_index(_ROW.format(0))
    alone = numbered.join(pairs.select(_AT).unique(), left_on=_ROW.format(0), right_on=_AT, how="anti", maintain_order="left")
    return Table(restored(alone, targets, 0), targets.fields)
