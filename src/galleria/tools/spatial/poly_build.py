"""Builds a polygon or a line of the points of many rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import polars as pl

from galleria.fields.columns import column
from galleria.fields.names import unique_name
from galleria.fields.types import Field, FieldType
from galleria.spatial.collecting import collected
from galleria.spatial.parts import hull, polygon, polyline
from galleria.table.table import Table
from galleria.tools.configuration import Configuration
from galleria.tools.contract import Built, Context, Inputs, Tool
from galleria.tools.spatial_fields import spatial_field

_BUILDS = {"ConvexHull": hull, "SequencePolygon": polygon, "SequencePolyline": polyline}
_OBJECTS = "objects"


@dataclass(frozen=True)
class PolyBuild(Tool):
    plugins: ClassVar[Sequence[str]] = ("AlteryxSpatialPluginsGui.PolyBuild.PolyBuild",)

    field: str
    group: str
    """Empty for one object of all rows."""
    build_type: str
    sequence: str
    """Empty for the incoming order."""

    @classmethod
    def read(cls, config: Configuration) -> PolyBuild:
        build_type = config.choice("BuildType", list(_BUILDS), "ConvexHull")
        fields = [config.child(name).attribute("field") for name in ("SpatialObj", "GroupField", "SequenceField")]
        return cls(fields[0], fields[1], build_type, fields[2] if build_type != "ConvexHull" else "")

    def build(self, inputs: Inputs, context: Context) -> Built:
        """A row for each group, sorted by it; within it, points come in the order of the sequence field. No rows of no rows."""
        table = inputs.one()
        shape = column(spatial_field(table, self.field).name)
        frame = table.frame.sort(column(table.field(self.sequence).name), maintain_order=True) if self.sequence else table.frame
        groups = [table.field(self.group)] if self.group else []
        keys = [column(field.name).alias("group") for field in groups]
        gathered = _gathered(frame, keys, shape.implode().alias(_OBJECTS))
        name = unique_name("SpatialObj_Built", [field.name for field in groups])
        built = collected(_BUILDS[self.build_type], pl.col(_OBJECTS)).alias(name)
        fields = (*groups, Field(name, FieldType.SPATIAL))
        return Built({"Output": Table(gathered.select(*(pl.col("group").alias(field.name) for field in groups), built), fields)})


def _gathered(frame: pl.LazyFrame, keys: Sequence[pl.Expr], objects: pl.Expr) -> pl.LazyFrame:
    if keys:
        return frame.group_by(keys, maintain_order=True).agg(objects).sort("group")
    return frame.select(objects, pl.len().alias("rows")).filter(pl.col("rows") > 0)
