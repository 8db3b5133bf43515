"""Computes a field from an expression that sees the rows above and below."""

from dataclasses import dataclass
from typing import ClassVar

from galleria.fields.conversion import Converted
from galleria.formula.multirow import Missing, compile_multi_row
from galleria.table.computing import Computing
from galleria.table.ordering import sorted_by
from galleria.table.table import Table
from galleria.tools.configuration import Configuration
from galleria.tools.contract import Built, Context, Inputs, Tool
from galleria.tools.expressions import told
from galleria.tools.new_field import ComputedField, read_computed_field, with_target


@dataclass(frozen=True)
class MultiRowFormula(Tool):
    plugins: ClassVar = ("AlteryxBasePluginsGui.MultiRowFormula.MultiRowFormula",)

    computed: ComputedField
    expression: str
    rows: int
    """How far the expression may look."""
    missing: Missing
    group: tuple[str, ...]

    @classmethod
    def read(cls, config: Configuration) -> "MultiRowFormula":
        return cls(
            read_computed_field(config),
            config.value("Expression"),
            rows=config.whole("NumRows", 1),
            missing=Missing(config.choice("OtherRows", [one.value for one in Missing], Missing.EMPTY.value)),
            group=config.field_names("GroupByFields"),
        )

    def build(self, inputs: Inputs, context: Context) -> Built:
        """Rows keep their order; with group fields they come sorted by these, and rows of other groups do not exist."""
        table = inputs.one()
        keys = [table.field(name) for name in self.group]
        target = self.computed.target(table.fields, f"Formula: {self.expression}")
        with told():
            made = compile_multi_row(
                self.expression,
                table.fields,
                target,
                context.formula,
                rows=self.rows,
                missing=self.missing,
                groups=[key.name for key in keys],
            )
        fields = with_target(table.fields, target)
        computing = Computing(sorted_by(table.frame, keys))
        computing.assign([(target, Converted(made.value, made.problem))])
        frame, problems = computing.finish(fields, context.problem_limit)
        output = Table(frame, tuple(fields)) if keys else table.same_rows(frame, fields)
        return Built({"Output": output}, problems=problems)
