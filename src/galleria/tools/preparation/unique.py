"""Tells the first row of each combination of values from its repetitions."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar

import polars as pl

from galleria.errors import ToolError
from galleria.fields.columns import columns
from galleria.fields.names import unique_name
from galleria.table.ordering import sorted_by, starts_group
from galleria.table.table import Table
from galleria.tools.configuration import Configuration
from galleria.tools.contract import Built, Context, Inputs, Say, Seen, Tool, info


@dataclass(frozen=True)
class Unique(Tool):
    plugins: ClassVar = ("AlteryxBasePluginsGui.Unique.Unique",)
    outputs: ClassVar = ("Unique", "Duplicates")

    keys: tuple[str, ...]

    @classmethod
    def read(cls, config: Configuration) -> "Unique":
        keys = config.field_names("UniqueFields")
        if not keys:
            raise ToolError("At least one unique field must be selected.")
        return cls(keys)

    def build(self, inputs: Inputs, context: Context) -> Built:
        """Both outputs are sorted by the keys; within a key the incoming order decides which row is first."""
        table = inputs.one()
        keys = [table.field(name) for name in self.keys]
        first = unique_name("first", table.names)
        # Both outputs read the sorted rows: they are sorted once.
        marked = sorted_by(table.frame, keys).with_columns(starts_group(keys).alias(first)).cache()
        rows = columns(table.names)
        return Built(
            {
                "Unique": Table(marked.filter(pl.col(first)).select(rows), table.fields),
                "Duplicates": Table(marked.filter(~pl.col(first)).select(rows), table.fields),
            }
        )

    def messages(self, seen: Seen) -> Iterable[Say]:
        yield info(f"{seen.records_out['Unique']} unique records were found")
