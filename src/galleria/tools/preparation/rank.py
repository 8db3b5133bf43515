"""Ranks rows by the order of their values, in one or more ways at once."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import polars as pl

from galleria.errors import ToolError, UnsupportedError
from galleria.fields.columns import column, columns
from galleria.fields.names import unique_name
from galleria.fields.types import Field, FieldType
from galleria.table.collation import dictionary_rank
from galleria.table.table import Table
from galleria.tools.configuration import Configuration
from galleria.tools.contract import Built, Context, Inputs, Tool

PLUGIN = "AlteryxBasePluginsGui.Rank.Rank"
# No field is called so: a document cannot hold this character.
_KEY, _PLACE, _CHANGE, _RUN = "\0key", "\0place", "\0change", "\0run"

_WAYS: dict[str, tuple[FieldType, pl.Expr, bool]] = {
    "Ordinal": (FieldType.INT64, pl.col(_PLACE), False),
    "Dense": (FieldType.INT64, pl.col(_RUN), False),
    "Standard": (FieldType.INT64, pl.col(_PLACE).min(), True),
    "ModifiedCompetition": (FieldType.INT64, pl.col(_PLACE).max(), True),
    "Fractional": (FieldType.DOUBLE, pl.col(_PLACE).mean(), True),
}
"""The ranks of a row by the document's name for them, in the order in which their fields stand; whether equal rows settle it together."""


@dataclass(frozen=True)
class RankKey:
    field: str
    descending: bool


@dataclass(frozen=True)
class Rank(Tool):
    plugins: ClassVar = (PLUGIN,)

    ways: tuple[str, ...]
    keys: tuple[RankKey, ...]
    group: tuple[str, ...]
    locale: int
    """0 for the order of code points; else the Windows locale whose dictionary order texts take."""

    @classmethod
    def read(cls, config: Configuration) -> "Rank":
        ways = tuple(mode.attribute("value") for mode in config.each("RankingModes/Mode"))
        for way in ways:
            if way not in _WAYS:
                raise UnsupportedError(PLUGIN, f'the ranking type "{way}"')
        orders = config.child("SortInfo")
        keys = tuple(
            RankKey(entry.attribute("field"), descending=entry.attribute("order").casefold() == "descending")
            for entry in orders.each("Field")
        )
        if not ways or not keys:
            raise ToolError("At least one ranking type and one field to rank by must be selected.")
        return cls(ways, keys, config.field_names("GroupFields"), orders.attribute_whole("locale"))

    def build(self, inputs: Inputs, context: Context) -> Built:
        """Rows come sorted by the group fields, then by what ranks them; equal ones keep their order. Null is the least value."""
        table = inputs.one()
        groups = [table.field(name) for name in self.group]
        values = [self._value(table.field(key.field)) for key in self.keys]
        keys = [f"{_KEY}{at}" for at in range(len(values))]
        frame = table.frame.with_columns(value.alias(name) for value, name in zip(values, keys, strict=True))
        descending = [*(False for _ in groups), *(key.descending for key in self.keys)]
        frame = frame.sort(
            [*columns(group.name for group in groups), *keys], descending=descending, nulls_last=descending, maintain_order=True
        )
        by = [group.name for group in groups]
        change = pl.any_horizontal(pl.col(key).ne_missing(pl.col(key).shift(1)) for key in keys)
        frame = (
            frame.with_columns(_within(pl.int_range(1, pl.len() + 1, dtype=pl.Int64), by).alias(_PLACE))
            .with_columns((change | (pl.col(_PLACE) == 1)).cast(pl.Int64).alias(_CHANGE))
            .with_columns(_within(pl.col(_CHANGE).cum_sum(), by).alias(_RUN))
        )
        fields = list(table.fields)
        ranks: list[pl.Expr] = []
        for way, (kind, rank, is_shared) in _WAYS.items():
            if way in self.ways:
                fields.append(Field(unique_name(f"{way}Ranking", [field.name for field in fields]), kind, source="Rank"))
                ranks.append((rank.over([*columns(by), _RUN]) if is_shared else rank).alias(fields[-1].name))
        frame = frame.with_columns(ranks).select(columns(field.name for field in fields))
        return Built({"Output": Table(frame, tuple(fields))})

    def _value(self, field: Field) -> pl.Expr:
        value = column(field.name)
        return dictionary_rank(value, self.locale) if self.locale and field.type.is_text else value


def _within(value: pl.Expr, group: Sequence[str]) -> pl.Expr:
    """The expression worked out for each group, or for all rows."""
    return value.over(columns(group)) if group else value
