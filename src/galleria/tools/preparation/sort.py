"""Brings rows into the order of their values."""

from dataclasses import dataclass
from typing import ClassVar

import polars as pl

from galleria.fields.columns import column
from galleria.fields.types import Field
from galleria.table.collation import dictionary_rank
from galleria.table.table import Table
from galleria.tools.configuration import Configuration
from galleria.tools.contract import Built, Context, Inputs, Tool


@dataclass(frozen=True)
class SortKey:
    field: str
    descending: bool


@dataclass(frozen=True)
class Sort(Tool):
    plugins: ClassVar = ("AlteryxBasePluginsGui.Sort.Sort",)

    keys: tuple[SortKey, ...]
    locale: int
    """0 for the order of code points; else the Windows locale whose dictionary order texts take."""

    @classmethod
    def read(cls, config: Configuration) -> "Sort":
        orders = config.child("SortInfo")
        keys = (
            SortKey(entry.attribute("field"), descending=entry.attribute("order").casefold() == "descending")
            for entry in orders.each("Field")
        )
        return cls(tuple(keys), locale=orders.attribute_whole("locale"))

    def build(self, inputs: Inputs, context: Context) -> Built:
        """Equal rows keep their order. Null comes first, or last when descending."""
        table = inputs.one()
        if not self.keys:
            return Built({"Output": table})
        by = [self._value(table.field(key.field)) for key in self.keys]
        descending = [key.descending for key in self.keys]
        frame = table.frame.sort(by, descending=descending, nulls_last=descending, maintain_order=True)
        return Built({"Output": Table(frame, table.fields)})

    def _value(self, field: Field) -> pl.Expr:
        value = column(field.name)
        return dictionary_rank(value, self.locale) if self.locale and field.type.is_text else value
