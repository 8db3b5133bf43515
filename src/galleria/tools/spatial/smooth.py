"""Rounds the corners of spatial objects."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from galleria.errors import ToolError
from galleria.fields.columns import column
from galleria.fields.types import Field, FieldType
from galleria.spatial.columns import from_shapes
from galleria.spatial.flat import generalized, smoothed
from galleria.spatial.library import np
from galleria.tools.configuration import Configuration
from galleria.tools.contract import Built, Context, Inputs, Tool
from galleria.tools.spatial_fields import UNITS, appended, not_negative, read_units, spatial_field

if TYPE_CHECKING:
    from galleria.spatial.columns import Shapes

_MOST_PASSES = 6


@dataclass(frozen=True)
class Smooth(Tool):
    plugins: ClassVar[Sequence[str]] = ("AlteryxSpatialPluginsGui.Smooth.Smooth",)

    field: str
    keeps_field: bool
    passes: int
    """How often the number of corners doubles."""
    radius_m: float
    """How far from its corner a curve begins at most."""
    tolerance: float
    """The share of the radius within which corners are left out afterwards; 0 for none."""

    @classmethod
    def read(cls, config: Configuration) -> Smooth:
        passes = config.whole("Passes", 1)
        if not 1 <= passes <= _MOST_PASSES:
            raise ToolError(f"The passes must be 1 to {_MOST_PASSES}, not {passes}.")
        radius = not_negative(config, "MaximumRadius", 1.0) * UNITS[read_units(config)]
        tolerance = not_negative(config, "PostGenerlizePercent", 1.0) / 100 if config.flag("PostGeneralize", default=True) else 0.0
        return cls(config.value("SpatialObjectField"), config.flag("IncludeSourceInOutput"), passes, radius, tolerance)

    def build(self, inputs: Inputs, context: Context) -> Built:
        """Rows keep their order; points stay as they are, a Null too."""
        table = inputs.one()
        shape = spatial_field(table, self.field)
        made = Field(f"{shape.name}_Smooth", FieldType.SPATIAL)
        value = from_shapes(self._smooth, column(shape.name))
        return Built({"Output": appended(table, [(made, value)], None if self.keeps_field else shape)})

    def _smooth(self, shapes: Shapes) -> Shapes:
        round_ones = smoothed(shapes, np.full(len(shapes), self.radius_m), self.passes)
        return generalized(round_ones, np.full(len(shapes), self.radius_m * self.tolerance)) if self.tolerance else round_ones
