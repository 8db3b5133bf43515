"""Field Info: a row for every field of a stream."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Self

import polars as pl

from galleria.fields.types import Field, FieldType
from galleria.table.table import Table
from galleria.tools.configuration import Configuration
from galleria.tools.contract import Built, Context, Inputs, Tool

_SOURCE = "FieldInfo"


@dataclass(frozen=True)
class FieldInfo(Tool):
    plugins: ClassVar[Sequence[str]] = ("AlteryxBasePluginsGui.FieldInfo.FieldInfo",)

    @classmethod
    def read(cls, config: Configuration) -> Self:
        return cls()

    def build(self, inputs: Inputs, context: Context) -> Built:
        fields = inputs.one().fields
        names = [field.name for field in fields]
        types = [str(field.type) for field in fields]
        sources = [field.source or None for field in fields]
        descriptions = [field.description or None for field in fields]
        is_wide = any(max(name, default="") > "\xff" for name in names)
        output = (
            Field("Name", FieldType.V_WSTRING if is_wide else FieldType.V_STRING, _longest(names), source=_SOURCE),
            Field("Type", FieldType.STRING, _longest(types), source=_SOURCE),
            Field("Size", FieldType.INT32, source=_SOURCE),
            Field("Scale", FieldType.INT32, source=_SOURCE),
            Field("Source", FieldType.V_WSTRING, _longest(sources), source=_SOURCE),
            Field("Description", FieldType.V_WSTRING, _longest(descriptions), source=_SOURCE),
        )
        columns = [names, types, [field.size for field in fields], [field.scale for field in fields], sources, descriptions]
        data = {field.name: column for field, column in zip(output, columns, strict=True)}
        frame = pl.LazyFrame(data, schema={field.name: field.dtype for field in output})
        return Built({"Output": Table(frame, output)})


def _longest(texts: Sequence[str | None]) -> int:
    return max((len(text) for text in texts if text), default=1)
