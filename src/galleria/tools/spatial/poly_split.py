"""Takes spatial objects apart: a row for each point, or for each region."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import polars as pl

from galleria.errors import ToolError
from galleria.fields.columns import column
from galleria.fields.types import Field, FieldType
from galleria.spatial.columns import as_written, computed, shape_column
from galleria.spatial.library import np
from galleria.spatial.parts import corners, points, regions, rings
from galleria.table.table import Table
from galleria.tools.configuration import Configuration
from galleria.tools.contract import Built, Context, Inputs, Tool
from galleria.tools.spatial_fields import appended, spatial_field

_POINT, _REGION, _WITH_HOLES = "Point", "Region", "RegionsWithHoles"
_SHAPE = Field("Split_SpatialObj", FieldType.SPATIAL)
_TOLD = {
    _POINT: Field("Split_SequenceNum", FieldType.INT32),
    _REGION: Field("Split_IsHole", FieldType.BOOL),
}
# No field is called so: a document cannot hold this character.
_PARTS = "\0parts"


@dataclass(frozen=True)
class PolySplit(Tool):
    plugins: ClassVar[Sequence[str]] = ("AlteryxSpatialPluginsGui.PolySplit.PolySplit",)

    field: str
    split_to: str
    """`Point`; `Region`: every ring, holes as regions of their own; `RegionsWithHoles`: polygons with their holes."""

    @classmethod
    def read(cls, config: Configuration) -> PolySplit:
        split_to = _split_to(config.child("SplitTo").attribute("type"))
        return cls(config.child("SpatialObj").attribute("field"), split_to)

    def build(self, inputs: Inputs, context: Context) -> Built:
        """The parts stand in place of the object, in its order, points numbered from 1. Of a Null, no row is left."""
        table = inputs.one()
        shape = spatial_field(table, self.field)
        told = _TOLD.get(self.split_to)
        fields = [_SHAPE] if told is None else [_SHAPE, told]
        kind = pl.List(pl.Struct({field.name: field.dtype for field in fields}))
        apart = table.frame.with_columns(computed(self._parts, kind, column(shape.name)).alias(_PARTS))
        rows = apart.filter(pl.col(_PARTS).list.len() > 0).explode(_PARTS)
        made = [(field, pl.col(_PARTS).struct.field(field.name)) for field in fields]
        return Built({"Output": appended(Table(rows, table.fields), made, shape)})

    def _parts(self, objects: pl.Series) -> pl.Series:
        shapes = as_written(objects)
        if self.split_to == _POINT:
            x, y, row = corners(shapes)
            starts = np.searchsorted(row, row)
            columns = [shape_column(points(x, y), _SHAPE.name), pl.Series(_TOLD[_POINT].name, np.arange(len(row)) - starts + 1, pl.Int32)]
        elif self.split_to == _REGION:
            found, row, is_hole = rings(shapes)
            columns = [shape_column(found, _SHAPE.name), pl.Series(_TOLD[_REGION].name, is_hole, pl.Boolean)]
        else:
            found, row = regions(shapes)
            columns = [shape_column(found, _SHAPE.name)]
        counts = np.bincount(row, minlength=len(shapes))
        parts, ends = pl.DataFrame(columns).to_struct(), np.cumsum(counts)
        return pl.Series(
            [parts[end - count : end] for end, count in zip(ends.tolist(), counts.tolist(), strict=True)], dtype=pl.List(parts.dtype)
        )


def _split_to(kind: str) -> str:
    """Raises ToolError for another than the three."""
    known = (_POINT, _REGION, _WITH_HOLES)
    found = next((one for one in known if one.casefold() == kind.strip().casefold()), None)
    if found is None:
        raise ToolError(f'Objects are split to {", ".join(known)}, not to "{kind}".')
    return found
