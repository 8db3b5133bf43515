"""Computes fields from expressions."""

from dataclasses import dataclass, replace
from typing import ClassVar

from galleria.fields.names import find_field
from galleria.fields.types import Field, FieldType, field_type, parse_size
from galleria.formula.compile import assign
from galleria.table.computing import Computing
from galleria.tools.configuration import Configuration
from galleria.tools.contract import Built, Context, Inputs, Tool
from galleria.tools.expressions import compiled


@dataclass(frozen=True)
class Step:
    expression: str
    field: Field
    """The new field; only its name counts where there is such a field already."""


@dataclass(frozen=True)
class Formula(Tool):
    plugins: ClassVar = ("AlteryxBasePluginsGui.Formula.Formula",)

    steps: tuple[Step, ...]

    @classmethod
    def read(cls, config: Configuration) -> "Formula":
        entries = config.each("FormulaFields/FormulaField")
        return cls(tuple(_step(entry) for entry in entries if entry.attribute_flag("enabled", default=True)))

    def build(self, inputs: Inputs, context: Context) -> Built:
        """Rows keep their order. Each expression sees what those before it computed; new fields come last."""
        table = inputs.one()
        fields = list(table.fields)
        computing = Computing(table.frame)
        for number, step in enumerate(self.steps, 1):
            value = compiled(step.expression, fields, context, suffix=f" (Expression #{number})")
            old = find_field(fields, step.field.name)
            target = replace(old, source=step.field.source) if old else step.field
            computing.assign([(target, assign(value, target))])
            fields = [target if field is old else field for field in fields] if old else [*fields, target]
        frame, problems = computing.finish(fields, context.problem_limit)
        return Built({"Output": table.same_rows(frame, fields)}, problems=problems)


def _step(entry: Configuration) -> Step:
    expression = entry.attribute("expression")
    size, scale = parse_size(entry.attribute("size"))
    kind = field_type(entry.attribute("type"))
    if not kind.is_text and kind is not FieldType.FIXED_DECIMAL:
        size, scale = 0, 0
    return Step(expression, Field(entry.attribute("field"), kind, size, scale, source=f"Formula: {expression}"))
