"""Gives texts the smallest type that holds them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import polars as pl

from galleria.fields.columns import column
from galleria.fields.types import Field
from galleria.table.inference import Texts, infer, texts_query, texts_seen, typed
from galleria.table.table import Table
from galleria.tools.configuration import Configuration
from galleria.tools.contract import Built, Context, Inputs, Tool
from galleria.tools.field_choice import FieldChoice, read_field_choice


@dataclass(frozen=True)
class AutoField(Tool):
    plugins: ClassVar = ("AlteryxBasePluginsGui.AutoField.AutoField",)

    chosen: FieldChoice

    @classmethod
    def read(cls, config: Configuration) -> "AutoField":
        return cls(read_field_choice(config, "Fields", unknown=True))

    def facts(self, inputs: Inputs, context: Context) -> Mapping[str, pl.LazyFrame]:
        table = inputs.one()
        chosen = self._chosen(table)
        return {"texts": texts_query(table.frame, [field.name for field in chosen])} if chosen else {}

    def build(self, inputs: Inputs, context: Context) -> Built:
        """Rows keep their order. An empty text in a field that is no text any more is Null."""
        table = inputs.one()
        seen: Mapping[str, Texts] = texts_seen(context.facts["texts"]) if "texts" in context.facts else {}
        smaller = {name: infer(name, texts) for name, texts in seen.items() if texts.rows}
        values = {name: typed(column(name), field) for name, field in smaller.items() if not field.type.is_text}
        return Built({"Output": table.with_columns(values, [_fitted(field, smaller.get(field.name)) for field in table.fields])})

    def _chosen(self, table: Table) -> list[Field]:
        return [field for field in table.fields if field.type.is_text and self.chosen.includes(field.name)]


def _fitted(field: Field, smaller: Field | None) -> Field:
    """The field with the smaller one's type, its own source and description."""
    if smaller is None:
        return field
    return Field(field.name, smaller.type, smaller.size, smaller.scale, field.source, field.description)
