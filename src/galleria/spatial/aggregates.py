"""Many spatial objects become one: the spatial actions of Summarize."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from galleria.errors import ToolError, UnsupportedError
from galleria.fields.columns import column
from galleria.fields.types import Field, FieldType
from galleria.spatial.collecting import collected
from galleria.spatial.overlay import all_combined, all_intersected
from galleria.spatial.parts import centre, hull, rectangle
from galleria.table.aggregates import Aggregate

_PREFIX = "SpatialObj"
_ACTIONS: dict[str, Callable[[Sequence[Any]], Any]] = {
    "SpatialObjCombine": all_combined,
    "SpatialObjIntersect": all_intersected,
    "SpatialObjCentroid": centre,
    "SpatialObjConvexHull": hull,
    "SpatialObjBoundingRect": rectangle,
    "SpatialObjBoundingRectangle": rectangle,
}


def is_spatial(action: str) -> bool:
    return action.startswith(_PREFIX)


def spatial_aggregate(action: str, source: Field) -> Aggregate:
    """What `action` makes of a column of spatial objects; Null is left out.

    Raises ToolError for another type of column, UnsupportedError for an action that is not known.
    """
    if action not in _ACTIONS:
        raise UnsupportedError(f"Summarize action {action}", "it is not known here")
    if source.type is not FieldType.SPATIAL:
        raise ToolError(f'The action {action} needs spatial objects, but the field "{source.name}" is a {source.type}.')
    made = Field(source.name, FieldType.SPATIAL, source=f"Summarize: {action} - {source.name}")
    return Aggregate(made, column(source.name).drop_nulls().implode(), finish=lambda lists: collected(_ACTIONS[action], lists))
