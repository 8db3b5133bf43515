"""Counts how often each value of a field occurs, field by field."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import ClassVar

import polars as pl
from lxml import etree

from galleria.errors import ToolError
from galleria.fields.columns import column
from galleria.fields.conversion import text_of
from galleria.fields.types import Field, FieldType
from galleria.table.table import Table, empty_table
from galleria.tools.answers import MacroAnswers
from galleria.tools.configuration import Configuration
from galleria.tools.contract import Anchor, Built, Context, Inputs, Say, Seen, Tool, warning

_UNKNOWN = "*Unknown"
_COUNTED = (FieldType.BOOL, FieldType.BYTE, FieldType.INT16, FieldType.INT32, FieldType.INT64, FieldType.FLOAT)
_OUTPUT = (
    Field("Field_Name", FieldType.V_WSTRING),
    Field("Field_Value", FieldType.V_WSTRING),
    Field("Frequency", FieldType.INT64),
    Field("Percent", FieldType.DOUBLE),
    Field("Cumulative Frequency", FieldType.INT64),
    Field("Cumulative Percent", FieldType.DOUBLE),
)


@dataclass(frozen=True)
class FrequencyTable(Tool):
    macros: ClassVar = ("Frequency.yxmc",)
    inputs: ClassVar = (Anchor("Input"),)
    outputs: ClassVar = ("Data", "Report", "Interactive")

    marks: tuple[tuple[str, bool], ...]

    @classmethod
    def read(cls, config: Configuration) -> "FrequencyTable":
        # The macro keeps its choice as a piece of another tool's configuration.
        text = f"<Fields>{MacroAnswers(config).text('FrequencyFields')}</Fields>"
        try:
            listed = Configuration(etree.fromstring(text, etree.XMLParser(resolve_entities=False, no_network=True)))
        except etree.XMLSyntaxError as error:
            raise ToolError(f"The choice of fields cannot be read: {error}") from error
        marks = tuple((item.attribute("field"), item.attribute_flag("selected")) for item in listed.each("Field"))
        if not any(chosen for _, chosen in marks):
            raise ToolError("At least one field must be selected.")
        return cls(marks)

    @property
    def output_anchors(self) -> Sequence[str]:
        """Its report and chart are not drawn: what reads them does not run."""
        return ("Data",)

    def build(self, inputs: Inputs, context: Context) -> Built:
        """The fields in their order; the values of each by how often they occur, the most frequent first, then by value."""
        table = inputs.one()
        marks = {name.casefold(): chosen for name, chosen in self.marks}
        others = marks.get(_UNKNOWN.casefold(), False)
        chosen = [field for field in table.fields if marks.get(field.name.casefold(), others)]
        for field in chosen:
            if field.type not in _COUNTED and not field.type.is_text and marks.get(field.name.casefold(), False):
                raise ToolError(f'Values of the type {field.type} are not counted, but the field "{field.name}" is selected.')
        counted = [_counted(table, field) for field in chosen if field.type in _COUNTED or field.type.is_text]
        return Built({"Data": Table(pl.concat(counted), _OUTPUT) if counted else empty_table(_OUTPUT)})

    def messages(self, seen: Seen) -> Iterable[Say]:
        return (warning("Frequency Table: the report and the interactive chart are not drawn"),)


def _counted(table: Table, field: Field) -> pl.LazyFrame:
    name, value, frequency, percent, running, running_percent = (one.name for one in _OUTPUT)
    groups = table.frame.group_by(column(field.name).alias(value)).agg(pl.len().cast(pl.Int64).alias(frequency))
    ordered = groups.sort(frequency, value, descending=[True, False])
    total = pl.col(frequency).sum()
    return ordered.select(
        pl.lit(field.name).alias(name),
        text_of(pl.col(value), field).alias(value),
        pl.col(frequency),
        (pl.col(frequency) * 100 / total).alias(percent),
        pl.col(frequency).cum_sum().alias(running),
        (pl.col(frequency).cum_sum() * 100 / total).alias(running_percent),
    )
