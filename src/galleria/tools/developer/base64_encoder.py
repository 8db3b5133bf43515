"""Writes a text as Base64 into a new field."""

from dataclasses import dataclass
from typing import ClassVar

import polars as pl

from galleria.fields.columns import column
from galleria.fields.conversion import text_of
from galleria.fields.names import unique_name
from galleria.fields.types import Field, FieldType
from galleria.table.table import Table
from galleria.tools.answers import MacroAnswers
from galleria.tools.configuration import Configuration
from galleria.tools.contract import Anchor, Built, Context, Inputs, Tool

_INPUT = "Input"
_TEXT = "Text"
"""The macro's own name of the field that is encoded."""


@dataclass(frozen=True)
class Base64Encoder(Tool):
    macros: ClassVar = ("Base64_Encoder.yxmc",)
    inputs: ClassVar = (Anchor(_INPUT, aliases=("Macro Input",)),)

    field: str

    @classmethod
    def read(cls, config: Configuration) -> "Base64Encoder":
        return cls(MacroAnswers(config).mapped(_TEXT))

    def build(self, inputs: Inputs, context: Context) -> Built:
        """Rows keep their order; those without a text are left out. The encoded field comes first, its Base64 last."""
        table = inputs.one(_INPUT)
        field = table.field(self.field)
        text = text_of(column(field.name), field)
        made = Field(unique_name("Base64_encoded", table.names), FieldType.V_STRING)
        fields = (field, *(other for other in table.fields if other is not field), made)
        rows = Table(table.frame.filter(text.str.len_chars() > 0), table.fields)
        return Built({"Output": rows.with_columns({made.name: _encoded(text)}, fields)})


def _encoded(text: pl.Expr) -> pl.Expr:
    """The Base64 of the text in UTF-8, filled up by its number of characters, as the macro counts, not of bytes."""
    left = text.str.len_chars() % 3
    filling = pl.when(left == 0).then(pl.lit("")).when(left == 1).then(pl.lit("==")).otherwise(pl.lit("="))
    return text.cast(pl.Binary).bin.encode("base64").str.strip_chars_end("=") + filling
