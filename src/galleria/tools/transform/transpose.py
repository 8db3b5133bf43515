"""Turns columns into rows: one row for each data field of each row, with the field's name and its value."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

import polars as pl

from galleria.errors import ToolError
from galleria.fields.columns import column
from galleria.fields.conversion import convert
from galleria.fields.names import find_field, same_name, unique_name
from galleria.fields.promotion import promote
from galleria.fields.types import Field, FieldType
from galleria.table.select_list import UNKNOWN
from galleria.table.table import Table
from galleria.tools.configuration import Configuration
from galleria.tools.contract import Built, Context, Inputs, Say, Tool, warning


@dataclass(frozen=True)
class Transpose(Tool):
    plugins: ClassVar = ("AlteryxBasePluginsGui.Transpose.Transpose",)

    keys: tuple[str, ...]
    chosen: tuple[str, ...]
    """Data fields by name."""
    left_out: tuple[str, ...]
    takes_unknown: bool
    """Fields that neither list names are data fields too."""
    on_missing: str
    """`Warn`, `Error` or `Ignore`."""

    @classmethod
    def read(cls, config: Configuration) -> "Transpose":
        listed = {entry.attribute("field"): entry.attribute_flag("selected", default=True) for entry in config.each("DataFields/Field")}
        takes_unknown = listed.pop(UNKNOWN, False)
        return cls(
            config.field_names("KeyFields"),
            tuple(name for name, is_selected in listed.items() if is_selected),
            tuple(name for name, is_selected in listed.items() if not is_selected),
            takes_unknown,
            config.choice("ErrorWarn", ("Warn", "Error", "Ignore"), "Warn"),
        )

    def build(self, inputs: Inputs, context: Context) -> Built:
        """The rows' order, and within a row the data fields' incoming order. Null values are rows too."""
        table = inputs.one()
        notes = self._notes(table)
        keys = [table.field(name) for name in self.keys]
        data = [field for field in table.fields if self._is_data(field)]
        taken = [key.name for key in keys]
        name = Field(unique_name("Name", taken), *_text_of([field.name for field in data]), source="Transpose:")
        value = _value_field(data, unique_name("Value", [*taken, name.name]))
        fields = (*keys, name, value)
        return Built({"Output": Table(_transposed(table.frame, keys, data, name, value), fields)}, notes=notes)

    def _is_data(self, field: Field) -> bool:
        if any(same_name(field.name, name) for name in self.chosen):
            return True
        return self.takes_unknown and not any(same_name(field.name, name) for name in (*self.left_out, *self.keys))

    def _notes(self, table: Table) -> list[Say]:
        missing = [name for name in self.chosen if find_field(table.fields, name) is None]
        texts = [f'The field "{name}" is missing. Compare the tool configuration with the input stream.' for name in missing]
        if texts and self.on_missing == "Error":
            raise ToolError(texts[0])
        return [] if self.on_missing == "Ignore" else [warning(text) for text in texts]


def _text_of(names: Sequence[str]) -> tuple[FieldType, int]:
    """The fixed-length text that holds these names."""
    is_wide = any(ord(character) > 255 for name in names for character in name)
    return (FieldType.WSTRING if is_wide else FieldType.STRING), max((len(name) for name in names), default=1)


def _value_field(data: Sequence[Field], name: str) -> Field:
    if not data:
        return Field(name, FieldType.STRING, 1)
    source = data[0].source if len({field.source for field in data}) == 1 else "(Multiple Sources)"
    return replace(promote(data), name=name, source=source)


def _transposed(frame: pl.LazyFrame, keys: Sequence[Field], data: Sequence[Field], name: Field, value: Field) -> pl.LazyFrame:
    kept = [column(key.name) for key in keys]
    if not data:
        return frame.select(*kept, pl.lit(None, name.dtype).alias(name.name), pl.lit(None, value.dtype).alias(value.name)).clear()
    values = [convert(column(field.name), field, value).value for field in data]
    names = pl.lit(pl.Series([[field.name for field in data]], dtype=pl.List(pl.String))).first()
    together = frame.select(*kept, names.alias(name.name), pl.concat_list(values).alias(value.name))
    return together.explode(name.name, value.name)
