"""Gives texts the smallest type that holds them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import polars as pl

from galleria.fields.columns import column
from galleria.fields.names import same_name
from galleria.fields.types import Field
from galleria.table.inference import Texts, infer, texts_query, texts_seen, typed
from galleria.table.select_list import UNKNOWN
from galleria.table.table import Table
from galleria.tools.configuration import Configuration
from galleria.tools.contract import Built, Context, Inputs, Tool


@dataclass(frozen=True)
class AutoField(Tool):
    plugins: ClassVar = ("AlteryxBasePluginsGui.AutoField.AutoField",)

    listed: tuple[tuple[str, bool], ...]
    """Field names, and whether they are chosen; those not listed are as `*Unknown`."""

    @classmethod
    def read(cls, config: Configuration) -> "AutoField":
        entries = config.each("Fields/Field")
        return cls(tuple((entry.attribute("field"), entry.attribute_flag("selected", default=True)) for entry in entries))

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
        return [field for field in table.fields if field.type.is_text and self._is_chosen(field.name)]

    def _is_chosen(self, name: str) -> bool:
        listed = next((is_chosen for other, is_chosen in self.listed if same_name(other, name)), None)
        return listed if listed is not None else dict(self.listed).get(UNKNOWN, True)


def _fitted(field: Field, smaller: Field | None) -> Field:
    """The field with the smaller one's type, its own source and description."""
    if smaller is None:
        return field
    return Field(field.name, smaller.type, smaller.size, smaller.scale, field.source, field.description)
