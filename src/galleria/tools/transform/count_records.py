"""Counts rows."""

from dataclasses import dataclass
from typing import ClassVar

import polars as pl

from galleria.fields.types import Field, FieldType
from galleria.table.table import Table, empty_table
from galleria.tools.configuration import Configuration
from galleria.tools.contract import Anchor, Built, Context, Inputs, Tool

_COUNT = Field("Count", FieldType.INT64, source="Summarize: Count")


@dataclass(frozen=True)
class CountRecords(Tool):
    macros: ClassVar = ("CountRecords.yxmc",)
    inputs: ClassVar = (Anchor("Input8", optional=True),)
    outputs: ClassVar = ("Output9",)

    @classmethod
    def read(cls, config: Configuration) -> "CountRecords":
        return cls()

    def build(self, inputs: Inputs, context: Context) -> Built:
        """One row, also for no rows, and where what should come in failed."""
        table = inputs.find("Input8") or empty_table(())
        counted = table.frame.select(pl.len().cast(pl.Int64).alias(_COUNT.name))
        return Built({"Output9": Table(counted, (_COUNT,))})
