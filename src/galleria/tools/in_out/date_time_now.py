"""Date Time Now: one row that says when the run started."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Self

import polars as pl

from galleria.fields.types import Field, FieldType
from galleria.formula.compile import compile_expression
from galleria.formula.date_names import names_of
from galleria.table.table import Table
from galleria.tools.configuration import Configuration
from galleria.tools.contract import Anchor, Built, Context, Inputs, Tool
from galleria.tools.date_formats import respelled, unpadded

_USUAL_FORMAT = "yyyy-MM-dd hh:mm:ss"


@dataclass(frozen=True)
class DateTimeNow(Tool):
    macros: ClassVar[Sequence[str]] = ("DTNEngine.yxmc",)
    inputs: ClassVar[Sequence[Anchor]] = ()
    outputs: ClassVar[Sequence[str]] = ("DTN",)

    format: str
    language: str

    @classmethod
    def read(cls, config: Configuration) -> Self:
        values = {value.attribute("name").casefold(): value.text for value in config.each("Value")}
        text = values.get("outputformat", "").strip() or _USUAL_FORMAT
        language = values.get("language", "").strip() or "English"
        names_of(language)
        respelled(text, writing=True, marks=True)
        return cls(text, language)

    def build(self, inputs: Inputs, context: Context) -> Built:
        extra = {"format": respelled(self.format, writing=True, marks=True), "language": self.language}
        compiled = compile_expression("DateTimeFormat(DateTimeNow(), [format], [language])", (), context.formula, extra=extra)
        text = str(pl.select(unpadded(compiled.value)).item())
        kind = FieldType.WSTRING if any(one > "\xff" for one in text) else FieldType.STRING
        field = Field("DateTimeNow", kind, max(len(text), 1), source=f"DateTime: From {self.format}")
        return Built({"DTN": Table(pl.LazyFrame({field.name: [text]}), (field,))})
