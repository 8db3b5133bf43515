"""Leaves out corners of spatial objects that hardly matter."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from galleria.fields.columns import column
from galleria.fields.types import Field, FieldType
from galleria.spatial.columns import from_shapes
from galleria.spatial.flat import generalized
from galleria.spatial.library import np
from galleria.tools.configuration import Configuration
from galleria.tools.contract import Built, Context, Inputs, Tool, warning
from galleria.tools.spatial_fields import UNITS, appended, not_negative, read_units, spatial_field

_ONE_BY_ONE = "Objects are generalized one by one: borders that they share may come apart."


@dataclass(frozen=True)
class Generalize(Tool):
    plugins: ClassVar[Sequence[str]] = ("AlteryxSpatialPluginsGui.Generalize.Generalize",)

    field: str
    keeps_field: bool
    threshold_m: float
    as_layer: bool
    """Asked to keep shared borders together."""

    @classmethod
    def read(cls, config: Configuration) -> Generalize:
        threshold = not_negative(config, "Threshold", 0.1) * UNITS[read_units(config)]
        as_layer = config.flag("Layerwise", default=True)
        return cls(config.value("SpatialObjectField"), config.flag("IncludeSourceInOutput"), threshold, as_layer)

    def build(self, inputs: Inputs, context: Context) -> Built:
        """Rows keep their order; a Null stays one."""
        table = inputs.one()
        shape = spatial_field(table, self.field)
        fewer = from_shapes(lambda shapes: generalized(shapes, np.full(len(shapes), self.threshold_m)), column(shape.name))
        made = Field(f"{shape.name}_Generalize", FieldType.SPATIAL)
        output = appended(table, [(made, fewer)], None if self.keeps_field else shape)
        return Built({"Output": output}, notes=[warning(_ONE_BY_ONE)] if self.as_layer else [])
