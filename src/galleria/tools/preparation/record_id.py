"""Numbers rows in a field of its own."""

from dataclasses import dataclass, replace
from typing import ClassVar

import polars as pl

from galleria.errors import ToolError
from galleria.fields.columns import column
from galleria.fields.conversion import Converted, convert, problem_query
from galleria.fields.names import unique_names
from galleria.fields.text_numbers import INT64
from galleria.fields.types import Field, FieldType, field_type, parse_size
from galleria.table.aggregates import beyond_int64
from galleria.table.ordering import numbered, position_in_group
from galleria.table.table import Table
from galleria.tools.configuration import Configuration
from galleria.tools.contract import Built, Context, Inputs, Tool

_TYPES = (FieldType.BYTE, FieldType.INT16, FieldType.INT32, FieldType.INT64, FieldType.DOUBLE)
_TEXT_WIDTH = 6
# No field is called so: a document cannot hold this character.
_PROBLEM = "\0problem"
_FAR = 2**62
"""No table has so many rows that counting from here or from below ends beyond an Int64."""
_COUNTER = Field("number", FieldType.INT64)
_DIGITS = Field("number", FieldType.V_STRING)


@dataclass(frozen=True)
class RecordId(Tool):
    plugins: ClassVar = ("AlteryxBasePluginsGui.RecordID.RecordID",)

    field: Field
    start: int
    is_last: bool
    """The new field stands after the others, not before them."""
    group: tuple[str, ...]

    @classmethod
    def read(cls, config: Configuration) -> "RecordId":
        kind = field_type(config.value("FieldType", "Int32"))
        width = parse_size(config.child("FieldType").attribute("size") or config.value("FieldSize"))[0]
        if kind not in _TYPES and not kind.is_text:
            raise ToolError(f"A record id cannot be a {kind}.")
        start = config.whole("StartValue", 1)
        if not INT64[0] <= start <= INT64[1]:
            raise ToolError(f"Counting cannot start at {start}: it does not fit in the type Int64.")
        size = (width or _TEXT_WIDTH) if kind.is_text else 0
        field = Field(config.value("FieldName", "RecordID"), kind, size, source=f"RecordID: Starting Value={start}")
        return cls(field, start, is_last=config.whole("Position") == 1, group=config.field_names("GroupFields"))

    def build(self, inputs: Inputs, context: Context) -> Built:
        """Rows keep their order. A number that does not fit the field becomes Null or is cut, and is reported.

        Where a field of that name is there already, the later of the two is renamed.
        """
        table = inputs.one()
        frame, row = numbered(table.frame, table.names)
        value = self._value(self._number(table, row))
        fields = [*table.fields, self.field] if self.is_last else [self.field, *table.fields]
        values = [value.value if field is self.field else column(field.name) for field in fields]
        named = [field.renamed(name) for field, name in zip(fields, unique_names(field.name for field in fields), strict=True)]
        laid_out = [one.alias(field.name) for one, field in zip(values, named, strict=True)]
        if value.problem is None:
            return Built({"Output": table.same_rows(frame.select(laid_out), named)})
        # Problems are found while the rows are numbered, not in a pass of their own.
        counted = frame.select(*laid_out, value.problem.alias(_PROBLEM)).cache()
        problems = {self.field.name: problem_query(counted, pl.col(_PROBLEM), context.problem_limit)}
        return Built({"Output": table.same_rows(counted.drop(_PROBLEM), named)}, problems=problems)

    def _value(self, number: pl.Expr) -> Converted:
        whole = number.cast(pl.Int64, strict=False)
        made = convert(self._padded(whole), _DIGITS, self.field) if self.field.type.is_text else convert(whole, _COUNTER, self.field)
        return made if not self._may_overflow else replace(made, problem=pl.coalesce(beyond_int64(number), made.problem))

    @property
    def _may_overflow(self) -> bool:
        return self.start > _FAR

    def _number(self, table: Table, row: str) -> pl.Expr:
        """Int64, or Int128 where that may not do."""
        keys = [table.field(name) for name in self.group]
        position = position_in_group(keys) if keys else pl.col(row)
        return position.cast(pl.Int128) + self.start if self._may_overflow else position + self.start

    def _padded(self, number: pl.Expr) -> pl.Expr:
        return number.cast(pl.String).str.zfill(self.field.size)
