"""Pearson Correlation: how strongly two number fields rise and fall together."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Self

import polars as pl

from galleria.errors import ToolError, UnsupportedError
from galleria.fields.columns import column
from galleria.fields.types import Field, FieldType
from galleria.table.table import Table
from galleria.tools.configuration import Configuration
from galleria.tools.contract import Built, Context, Inputs, Tool

PLUGIN = "AlteryxBasePluginsGui.PearsonCorrelation.PearsonCorrelation"


@dataclass(frozen=True)
class PearsonCorrelation(Tool):
    plugins: ClassVar[Sequence[str]] = (PLUGIN,)

    names: tuple[str, ...]
    covariance: bool
    """Give the covariance instead."""

    @classmethod
    def read(cls, config: Configuration) -> Self:
        marked = [one.attribute("name") for one in config.each("Fields/Field") if one.attribute_flag("selected", default=True)]
        names = tuple(name for name in marked if name != "*Unknown")
        if len(names) > 2:
            raise UnsupportedError(PLUGIN, f"more than two fields ({len(names)})")
        if len(names) < 2:
            raise ToolError("Two fields are needed for a correlation.")
        return cls(names, config.flag("Covariance"))

    def build(self, inputs: Inputs, context: Context) -> Built:
        table = inputs.one()
        left, right = (self._numbers(table.field(name)) for name in self.names)
        pairs = table.frame.select(left=left, right=right)
        measure = pl.cov("left", "right") if self.covariance else pl.corr("left", "right")
        field = Field("Result", FieldType.DOUBLE)
        return Built({"Output": Table(pairs.select(measure.fill_nan(None).alias(field.name)), (field,))})

    def _numbers(self, field: Field) -> pl.Expr:
        if not field.type.is_numeric:
            raise ToolError(f'The field "{field.name}" is not a number.')
        # Null counts as 0: the expected table of a real workflow comes out only so.
        return column(field.name).cast(pl.Float64).fill_null(0)
