"""Dynamic Select: keeps the fields of some types, or those for which an expression about the field is true."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Self

from galleria.fields.types import Field, FieldType, field_type
from galleria.tools.configuration import Configuration
from galleria.tools.contract import Built, Context, Inputs, Tool
from galleria.tools.expressions import compiled_condition
from galleria.tools.field_facts import FACTS, field_facts


@dataclass(frozen=True)
class DynamicSelect(Tool):
    plugins: ClassVar[Sequence[str]] = ("AlteryxBasePluginsGui.DynamicSelect.DynamicSelect",)

    types: frozenset[FieldType]
    expression: str
    """Empty where the types decide."""

    @classmethod
    def read(cls, config: Configuration) -> Self:
        mode = config.choice("Mode", ["FieldTypes", "Formula"], "FieldTypes")
        if mode == "Formula":
            return cls(frozenset(), config.value("Expression"))
        names = [name for name in config.value("FieldTypes").split(",") if name.strip()]
        return cls(frozenset(field_type(name) for name in names), "")

    def build(self, inputs: Inputs, context: Context) -> Built:
        table = inputs.one()
        return Built(
            {"Output": table.select([field for field, keep in zip(table.fields, self._kept(table.fields, context), strict=True) if keep])}
        )

    def _kept(self, fields: Sequence[Field], context: Context) -> list[bool]:
        if not self.expression.strip():
            return [field.type in self.types for field in fields]
        wanted = compiled_condition(self.expression, FACTS, context)
        # Not at once by `select`: an expression without variables would give one value, however many fields there are.
        return field_facts(fields).with_columns(keep=wanted.value)["keep"].to_list()
