"""Finds out who belongs together from pairs."""

from dataclasses import dataclass, replace
from functools import partial
from typing import ClassVar

import polars as pl

from galleria.errors import ToolError
from galleria.fields.columns import column
from galleria.fields.conversion import convert
from galleria.fields.promotion import promote
from galleria.table.table import Table
from galleria.tools.configuration import Configuration
from galleria.tools.contract import Built, Context, Inputs, Tool

_FIRST, _SECOND = "first", "second"


@dataclass(frozen=True)
class MakeGroup(Tool):
    plugins: ClassVar = ("AlteryxBasePluginsGui.MakeGroup.MakeGroup",)

    first: str
    second: str

    @classmethod
    def read(cls, config: Configuration) -> "MakeGroup":
        keys = config.value("Key1st"), config.value("Key2nd")
        if not all(keys):
            raise ToolError("Both key fields must be selected.")
        return cls(*keys)

    def build(self, inputs: Inputs, context: Context) -> Built:
        """Every key once with its group, which is called after its least key; sorted by group, then key. Null is no key."""
        table = inputs.one()
        sources = [table.field(self.first), table.field(self.second)]
        key = replace(promote(sources), name="Key")
        group = replace(key, name="Group", source="")
        pairs = table.frame.select(
            convert(column(source.name), source, key).value.alias(name) for source, name in zip(sources, (_FIRST, _SECOND), strict=True)
        )
        schema = {"Group": group.dtype, "Key": key.dtype}
        return Built({"Output": Table(pairs.map_batches(partial(_grouped, schema), schema=schema), (group, key))})


def _grouped(schema: dict[str, pl.DataType], pairs: pl.DataFrame) -> pl.DataFrame:
    keys = pl.concat([pairs[_FIRST], pairs[_SECOND]]).drop_nulls().unique().sort()
    places = pl.DataFrame({"key": keys}).with_row_index("place")
    linked = pairs.drop_nulls()
    ends = [linked.join(places, left_on=side, right_on="key", how="left", maintain_order="left")["place"] for side in (_FIRST, _SECOND)]
    leaders = list(range(len(keys)))

    def leader(place: int) -> int:
        while leaders[place] != place:
            leaders[place] = leaders[leaders[place]]
            place = leaders[place]
        return place

    for one, other in zip(*ends, strict=True):
        low, high = sorted((leader(one), leader(other)))
        leaders[high] = low
    groups = keys.gather([leader(place) for place in range(len(keys))]) if len(keys) else keys
    return pl.DataFrame({"Group": groups, "Key": keys}, schema=schema).sort("Group", "Key")
