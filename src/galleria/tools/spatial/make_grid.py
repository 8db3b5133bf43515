"""Covers spatial objects with a grid of squares."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import polars as pl

from galleria.errors import ToolError
from galleria.fields.columns import column
from galleria.fields.types import Field, FieldType
from galleria.spatial.collecting import collected
from galleria.spatial.columns import computed, shapes_of
from galleria.spatial.grid import cells
from galleria.spatial.overlay import all_combined
from galleria.table.table import Table
from galleria.tools.configuration import Configuration
from galleria.tools.contract import Built, Context, Inputs, Tool
from galleria.tools.spatial_fields import UNITS, appended, read_units, spatial_field

_NAME = Field("GridName", FieldType.V_STRING, 20)
_GRID = Field("Grid", FieldType.SPATIAL)
# No field is called so: a document cannot hold this character.
_CELLS = "\0cells"
_KIND = pl.List(pl.Struct({_NAME.name: pl.String, _GRID.name: pl.Binary}))


@dataclass(frozen=True)
class MakeGrid(Tool):
    plugins: ClassVar[Sequence[str]] = ("AlteryxSpatialPluginsGui.MakeGrid.MakeGrid",)

    field: str
    size_m: float
    is_per_object: bool
    """A grid for each object, not one for all together."""
    clips: bool
    """Cells end where the object does."""

    @classmethod
    def read(cls, config: Configuration) -> MakeGrid:
        size = config.number("GridSize", 1.0) * UNITS[read_units(config)]
        if not size > 0:
            raise ToolError("The size of the grid must be more than 0.")
        per_object, clips = config.flag("GridPerObject", default=True), config.flag("ClipToPoly", default=True)
        return cls(config.value("SpatialObjIn"), size, is_per_object=per_object, clips=clips)

    def build(self, inputs: Inputs, context: Context) -> Built:
        """A row for each cell: by object, within it by column, then by row. One grid for all leaves no other fields."""
        table = inputs.one()
        shape = spatial_field(table, self.field)
        source = table if self.is_per_object else _as_one(table, shape)
        gridded = source.frame.with_columns(computed(self._cells, _KIND, column(shape.name)).alias(_CELLS))
        rows = Table(gridded.filter(pl.col(_CELLS).list.len() > 0).explode(_CELLS), source.fields)
        made = [(field, pl.col(_CELLS).struct.field(field.name)) for field in (_NAME, _GRID)]
        return Built({"Output": appended(rows, made, source.fields[[field.name for field in source.fields].index(shape.name)])})

    def _cells(self, objects: pl.Series) -> pl.Series:
        made = [cells(shape, self.size_m, clips=self.clips) for shape in shapes_of(objects)]
        return pl.Series([[{_NAME.name: name, _GRID.name: wkb} for name, wkb in one] for one in made], dtype=_KIND)


def _as_one(table: Table, shape: Field) -> Table:
    gathered = table.frame.select(column(shape.name).implode()).select(collected(all_combined, column(shape.name)))
    return Table(gathered, (shape,))
