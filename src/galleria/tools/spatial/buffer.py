"""Makes spatial objects larger or smaller by a distance."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import polars as pl

from galleria.errors import ToolError
from galleria.fields.columns import column
from galleria.fields.conversion import convert
from galleria.fields.types import Field, FieldType
from galleria.spatial.columns import computed, numbers_of, shape_column, shapes_of
from galleria.spatial.flat import buffered
from galleria.table.table import Table
from galleria.tools.configuration import Configuration
from galleria.tools.contract import Built, Context, Inputs, Tool
from galleria.tools.spatial_fields import UNITS, appended, read_units, spatial_field


@dataclass(frozen=True)
class Buffer(Tool):
    plugins: ClassVar[Sequence[str]] = ("AlteryxSpatialPluginsGui.Buffer.Buffer",)

    field: str
    keeps_field: bool
    size: float
    size_field: str
    """Empty where `size` holds for all rows."""
    units: str
    generalizes: bool
    """Leave out corners that lie within a hundredth of the size of the outline."""

    @classmethod
    def read(cls, config: Configuration) -> Buffer:
        by_field = config.choice("BufferSizeSource", ("SpecificValue", "Field"), "SpecificValue") == "Field"
        size_field = config.value("BufferSizeField").strip() if by_field else ""
        if by_field and not size_field:
            raise ToolError("The field of the buffer size must be chosen.")
        return cls(
            config.value("SpatialObjectField"),
            config.flag("IncludeSourceInOutput"),
            config.number("BufferSizeSpecificValue"),
            size_field,
            read_units(config),
            generalizes=config.flag("GeneralizeToOnePercent", default=True),
        )

    def build(self, inputs: Inputs, context: Context) -> Built:
        """Rows keep their order. Null where the object or the size is Null, or where nothing is left."""
        table = inputs.one()
        shape = spatial_field(table, self.field)
        wide = computed(self._wide, pl.Binary(), column(shape.name), self._size(table))
        made = Field(f"{shape.name}_Buffer", FieldType.SPATIAL)
        return Built({"Output": appended(table, [(made, wide)], None if self.keeps_field else shape)})

    def _size(self, table: Table) -> pl.Expr:
        if not self.size_field:
            return pl.lit(self.size, pl.Float64)
        field = table.field(self.size_field)
        return convert(column(field.name), field, Field(field.name, FieldType.DOUBLE)).value

    def _wide(self, objects: pl.Series, sizes: pl.Series) -> pl.Series:
        return shape_column(buffered(shapes_of(objects), numbers_of(sizes) * UNITS[self.units], 0.01 if self.generalizes else 0.0))
