"""Combines, cuts and intersects two spatial objects of a row."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import polars as pl

from galleria.errors import ToolError
from galleria.fields.columns import column
from galleria.fields.types import Field, FieldType
from galleria.spatial.columns import as_written, computed, from_shapes
from galleria.spatial.library import shapely
from galleria.spatial.overlay import combined, cut, intersection, inverse_intersection
from galleria.table.table import Table
from galleria.tools.configuration import Configuration
from galleria.tools.contract import Built, Context, Inputs, Say, Seen, Tool, warning
from galleria.tools.spatial_fields import appended, spatial_field

if TYPE_CHECKING:
    from galleria.spatial.columns import Shapes

_PROCESS = Field("SpatialObj_Process", FieldType.SPATIAL)
_INVALID = "invalid"


def _cut_second(first: Shapes, second: Shapes) -> Shapes:
    return cut(second, first)


_ACTIONS: dict[str, Callable[[Shapes, Shapes], Shapes]] = {
    "Combine": combined,
    "Cut1_From2": cut,
    "Cut2_From1": _cut_second,
    "Intersection": intersection,
    "InverseIntersection": inverse_intersection,
}
# The kinds of first and second object (0 points, 1 lines, 2 polygons) that an action is made for.
_POSSIBLE: dict[str, Callable[[int, int], bool]] = {
    "Combine": lambda first, second: first == second > 0,
    "Cut1_From2": lambda first, second: first >= second,
    "Cut2_From1": lambda first, second: second >= first,
    "Intersection": lambda first, second: first >= 0 and second >= 0,
    "InverseIntersection": lambda first, second: first == second == 2,
}


@dataclass(frozen=True)
class SpatialProcess(Tool):
    plugins: ClassVar[Sequence[str]] = ("AlteryxSpatialPluginsGui.SpatialProcess.SpatialProcess",)

    first: str
    second: str
    action: str
    skips_empty: bool
    """Rows with nothing as their result are left out."""

    @classmethod
    def read(cls, config: Configuration) -> SpatialProcess:
        fields, action = config.child("SpatialObjFields"), config.find("Action")
        chosen = (action or config).attribute("action")
        known = next((name for name in _ACTIONS if name.casefold() == chosen.casefold()), None)
        if known is None:
            raise ToolError(f'The action must be one of {", ".join(_ACTIONS)}, not "{chosen}".')
        skips = action is not None and action.attribute_flag("noEmpty")
        return cls(fields.attribute("field1"), fields.attribute("field2"), known, skips)

    def build(self, inputs: Inputs, context: Context) -> Built:
        """Rows keep their order. Null where nothing is left, and for kinds of objects that the action is not made for."""
        table = inputs.one()
        shapes = [column(spatial_field(table, name).name) for name in (self.first, self.second)]
        output = appended(table, [(_PROCESS, from_shapes(_ACTIONS[self.action], *shapes))])
        name = output.fields[-1].name
        if self.skips_empty:
            output = Table(output.frame.filter(column(name).is_not_null()), output.fields)
        refused = table.frame.select(computed(self._refused, pl.Boolean(), *shapes).sum().alias(_INVALID))
        return Built({"Output": output}, tallies={_INVALID: refused})

    def messages(self, seen: Seen) -> Iterable[Say]:
        count = int(seen.tallies[_INVALID].item() or 0)
        if count:
            yield warning(f"Invalid Process: {count} records hold objects that {self.action} cannot process together")

    def _refused(self, first: pl.Series, second: pl.Series) -> pl.Series:
        kinds = zip(shapely.get_dimensions(as_written(first)).tolist(), shapely.get_dimensions(as_written(second)).tolist(), strict=True)
        possible = _POSSIBLE[self.action]
        return pl.Series([one >= 0 and other >= 0 and not possible(one, other) for one, other in kinds], dtype=pl.Boolean)
