"""Computes fields from expressions."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

import polars as pl

from galleria.fields.columns import columns
from galleria.fields.conversion import problem_query
from galleria.fields.names import find_field
from galleria.fields.types import Field, FieldType, field_type, parse_size
from galleria.formula.compile import assign
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
        frame, fields = table.frame, list(table.fields)
        problems: dict[str, list[str]] = {}
        for number, step in enumerate(self.steps, 1):
            value = compiled(step.expression, fields, context, suffix=f" (Expression #{number})")
            old = find_field(fields, step.field.name)
            target = replace(old, source=step.field.source) if old else step.field
            made = assign(value, target)
            added = [made.value.alias(target.name)]
            if made.problem is not None:
                # No field is called so: a document cannot hold this character.
                hidden = f"\0problem {number}"
                problems.setdefault(target.name, []).append(hidden)
                added.append(made.problem.alias(hidden))
            frame = frame.with_columns(added)
            fields = [target if field is old else field for field in fields] if old else [*fields, target]
        if problems:
            # Problems are found while the values are computed, not in a pass of their own.
            frame = frame.cache()
        queries = {name: _reported(frame, hidden, context.problem_limit) for name, hidden in problems.items()}
        return Built({"Output": table.same_rows(frame.select(columns(field.name for field in fields)), fields)}, problems=queries)


def _step(entry: Configuration) -> Step:
    expression = entry.attribute("expression")
    size, scale = parse_size(entry.attribute("size"))
    kind = field_type(entry.attribute("type"))
    if not kind.is_text and kind is not FieldType.FIXED_DECIMAL:
        size, scale = 0, 0
    return Step(expression, Field(entry.attribute("field"), kind, size, scale, source=f"Formula: {expression}"))


def _reported(frame: pl.LazyFrame, hidden: Sequence[str], limit: int) -> pl.LazyFrame:
    texts = pl.concat([frame.select(pl.col(name).alias("problem")) for name in hidden])
    return problem_query(texts, pl.col("problem"), limit)
