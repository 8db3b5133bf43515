"""Computes many fields from one expression."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

from galleria.fields.names import unique_name
from galleria.fields.types import Field, FieldType, asked_size, field_type
from galleria.formula.compile import Compiled, assign
from galleria.table.computing import Computing
from galleria.tools.configuration import Configuration
from galleria.tools.contract import Built, Context, Inputs, Tool
from galleria.tools.expressions import compiled
from galleria.tools.field_choice import FieldChoice, read_field_choice


@dataclass(frozen=True)
class Changed:
    """The type that computed fields get."""

    type: FieldType
    size: int
    scale: int


@dataclass(frozen=True)
class MultiFieldFormula(Tool):
    plugins: ClassVar = ("AlteryxBasePluginsGui.MultiFieldFormula.MultiFieldFormula",)

    kind: str
    """Of the fields that can be chosen: `Text`, `Numeric`, `DateTime` or `All`."""
    chosen: FieldChoice
    expression: str
    copies: bool
    """The results come into new fields."""
    affix: str
    is_prefix: bool
    changed: Changed | None
    """None where fields keep their type."""

    @classmethod
    def read(cls, config: Configuration) -> "MultiFieldFormula":
        return cls(
            config.choice("FieldType", ("Text", "Numeric", "DateTime", "All"), "All"),
            read_field_choice(config, "Fields"),
            config.value("Expression"),
            copies=config.flag("CopyOutput"),
            affix=config.value("NewFieldAddOn", "New_"),
            is_prefix=config.choice("NewFieldAddOnPos", ("Prefix", "Suffix"), "Prefix") == "Prefix",
            changed=_changed(config) if config.flag("ChangeFieldType") else None,
        )

    def build(self, inputs: Inputs, context: Context) -> Built:
        """Rows keep their order. Fields are computed in their incoming order, each from what those before it became."""
        table = inputs.one()
        fields = list(table.fields)
        computing = Computing(table.frame)
        for source in table.fields:
            if not self._is_chosen(source):
                continue
            value = self._compiled(source, fields, context)
            target = self._target(source, fields)
            computing.assign([(target, assign(value, target))])
            fields = [*fields, target] if self.copies else [target if field.name == source.name else field for field in fields]
        frame, problems = computing.finish(fields, context.problem_limit)
        return Built({"Output": table.same_rows(frame, fields)}, problems=problems)

    def _is_chosen(self, field: Field) -> bool:
        return _is_of(self.kind, field.type) and self.chosen.includes(field.name)

    def _compiled(self, source: Field, fields: Sequence[Field], context: Context) -> Compiled:
        current = {"_CurrentField_": source, "_CurrentFieldName_": source.name, "_CurrentFieldType_": source.type.value}
        return compiled(self.expression, fields, context, extra=current)

    def _target(self, source: Field, fields: Sequence[Field]) -> Field:
        name = source.name
        if self.copies:
            name = unique_name(f"{self.affix}{name}" if self.is_prefix else f"{name}{self.affix}", [field.name for field in fields])
        target = replace(source, name=name, source=f"Formula: {self.expression}")
        if self.changed is None:
            return target
        return replace(target, type=self.changed.type, size=self.changed.size, scale=self.changed.scale)


def _is_of(kind: str, type_: FieldType) -> bool:
    match kind:
        case "Text":
            return type_.is_text
        case "Numeric":
            return type_.is_numeric
        case "DateTime":
            return type_.is_temporal
        case _:
            return True


def _changed(config: Configuration) -> Changed:
    out = config.child("OutputFieldType")
    kind = field_type(out.attribute("type"))
    size = out.attribute_whole("size") if kind.is_text or kind is FieldType.FIXED_DECIMAL else 0
    return Changed(kind, asked_size(kind, size), out.attribute_whole("scale") if kind is FieldType.FIXED_DECIMAL else 0)
