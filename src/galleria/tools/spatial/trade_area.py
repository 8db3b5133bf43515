"""Draws circles and rings around points."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import polars as pl

from galleria.errors import ToolError, UnsupportedError
from galleria.fields.columns import column
from galleria.fields.conversion import convert, text_of
from galleria.fields.types import Field, FieldType
from galleria.spatial.columns import computed, numbers_of, shape_column, shapes_of
from galleria.spatial.flat import circles, circles_apart, rings
from galleria.spatial.library import np
from galleria.table.table import Table
from galleria.tools.configuration import Configuration
from galleria.tools.contract import Built, Context, Inputs, Tool
from galleria.tools.spatial_fields import UNITS, appended, spatial_field

PLUGIN = "AlteryxSpatialPluginsGui.TradeArea.TradeArea"
_AREA = Field("SpatialObject_TradeArea", FieldType.SPATIAL)
_SIZE = Field("RadiusSize", FieldType.V_STRING, 20)
# No field is called so: a document cannot hold this character.
_TEXT, _INNER, _OUTER = "\0text", "\0inner", "\0outer"


@dataclass(frozen=True)
class TradeArea(Tool):
    plugins: ClassVar[Sequence[str]] = (PLUGIN,)

    field: str
    keeps_field: bool
    units: str
    radii: tuple[tuple[str, float, float], ...]
    """As written, inner and outer radius of each area; none where a field holds them."""
    radius_field: str
    is_apart: bool
    """Each area keeps only what is nearest to its own centre."""

    @classmethod
    def read(cls, config: Configuration) -> TradeArea:
        units = config.child("Units").attribute("units", "Miles")
        if units not in UNITS:
            raise UnsupportedError(PLUGIN, f"areas by {units}: drive times need a licensed road network")
        shape, written = config.child("SpatialObj"), config.value("Radii").strip()
        from_field = config.flag("Radius_FromField")
        radii = () if from_field else tuple(_radius(one.strip()) for one in written.split(",") if one.strip())
        if not radii and not from_field:
            raise ToolError("A radius must be given.")
        if from_field and not written:
            raise ToolError("The field that holds the radius must be selected.")
        keeps = shape.attribute_flag("includeOut", default=True)
        is_apart = config.child("Units").attribute_flag("noOverlap")
        if is_apart and (len(radii) != 1 or any(inner > 0 for _, inner, _ in radii)):
            raise ToolError("Areas without overlap are circles of one radius for all.")
        return cls(shape.attribute("field"), keeps, units, radii, written if from_field else "", is_apart=is_apart)

    def build(self, inputs: Inputs, context: Context) -> Built:
        """For each row an area for each radius, in their written order. Null where the object or the radius is Null or not positive."""
        table = inputs.one()
        shape = spatial_field(table, self.field)
        rows = self._with_field(table) if self.radius_field else self._with_radii(table)
        size = UNITS[self.units]

        def areas(objects: pl.Series, inner: pl.Series, outer: pl.Series) -> pl.Series:
            shapes, inside, outside = shapes_of(objects), numbers_of(inner) * size, numbers_of(outer) * size
            if self.is_apart:
                return shape_column(circles_apart(shapes, outside))
            return shape_column(rings(shapes, inside, outside) if np.nanmax(inside, initial=0) > 0 else circles(shapes, outside))

        area = computed(areas, pl.Binary(), column(shape.name), pl.col(_INNER), pl.col(_OUTER), by_row=not self.is_apart)
        made = [(_AREA, area), (_SIZE, pl.col(_TEXT))]
        return Built({"Output": appended(rows, made, None if self.keeps_field else shape)})

    def _with_radii(self, table: Table) -> Table:
        columns = list(zip(*self.radii, strict=True))
        names = (_TEXT, _INNER, _OUTER)
        beside = [pl.lit(pl.Series([list(values)])).first().alias(name) for name, values in zip(names, columns, strict=True)]
        return Table(table.frame.with_columns(beside).explode(names), table.fields)

    def _with_field(self, table: Table) -> Table:
        field = table.field(self.radius_field)
        value = convert(column(field.name), field, Field(field.name, FieldType.DOUBLE)).value
        text = text_of(column(field.name), field)
        return table.same_rows(table.frame.with_columns(text.alias(_TEXT), pl.lit(0.0).alias(_INNER), value.alias(_OUTER)), table.fields)


def _radius(text: str) -> tuple[str, float, float]:
    """A radius (`5`) or two (`5-8`); raises ToolError on other text."""
    try:
        numbers = [float(part) for part in text.split("-")]
    except ValueError:
        numbers = []
    if not 1 <= len(numbers) <= 2 or any(not math.isfinite(number) or number < 0 for number in numbers):
        raise ToolError(f'A radius must be a number or two such as "0-5", not "{text}".')
    return text, min(numbers) if len(numbers) == 2 else 0.0, max(numbers)
