"""The objects of a spatial field as places to draw: thinned, so that a browser can show them at once.

```
{"shapes": [[label, value | null, "point" | "line" | "area", [[[x, y], ...], ...]], ...], "box": [west, south, east, north] | null,
 "left_out": 0}
```

Twelve hundred objects at most, evenly taken. A place is in degrees; an area is its rings, the holes among them. Corners
that nobody would see at the size of a page are left out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import polars as pl

from galleria.errors import InvalidError, UnsupportedError
from galleria.fields.columns import column
from galleria.fields.conversion import text_of
from galleria.fields.types import Field, FieldType
from galleria.spatial.columns import as_written
from galleria.spatial.library import np, shapely
from galleria.table.table import Table

if TYPE_CHECKING:
    from galleria.spatial.columns import Numbers, Shapes

_MOST_SHAPES = 1200
_MOST_CORNERS = 12_000
_FINEST = 2000
"""Into how many steps the longer side of the map is cut at least."""
_LONGEST_LABEL = 60
_KINDS = {0: "point", 1: "line", 2: "line", 3: "area"}
"""By the number that shapely gives a kind of single object."""


def mapped(table: Table, x: Field, y: Field | None) -> dict[str, Any]:
    """Give what a map of the field `x`, coloured by the numbers of `y`, shows. Raises InvalidError where `x` is not spatial."""
    if x.type is not FieldType.SPATIAL:
        raise InvalidError(f"a map takes a field of spatial objects, which {x.name} does not hold")
    value = column(y.name).cast(pl.Float64) if y is not None else pl.lit(None, pl.Float64)
    # What is no number has no colour.
    value = pl.when(value.is_finite()).then(value)
    rows = table.frame.select(column(x.name).alias("shape"), value.alias("value"), _label(table).alias("label"))
    rows = rows.filter(pl.col("shape").is_not_null())
    total = int(rows.select(pl.len()).collect(engine="streaming").item())
    step = -(-total // _MOST_SHAPES)
    found = (rows.gather_every(step) if step > 1 else rows).collect(engine="streaming")
    shapes = as_written(found["shape"])
    box = _box(shapes)
    if box is None:
        return {"shapes": [], "box": None, "left_out": total}
    thinned = _thinned(shapes, max(box[2] - box[0], box[3] - box[1]))
    drawn = [
        [label, value, kind, places]
        for shape, value, label in zip(thinned, found["value"].to_list(), found["label"].to_list(), strict=True)
        for kind, places in _drawn(shape)
    ]
    return {"shapes": drawn, "box": box, "left_out": total - found.height}


def described(shapes: pl.Series) -> pl.Series:
    """What a cell says of each spatial object: `Polygon, 25 corners`."""
    objects = as_written(shapes)
    kinds = [None if one is None else str(one.geom_type) for one in objects]
    corners = shapely.get_num_coordinates(objects).tolist()
    words = [
        None if kind is None else kind if count == 1 else f"{kind}, {count:,} corners" for kind, count in zip(kinds, corners, strict=True)
    ]
    return pl.Series(shapes.name, words, pl.String)


def _label(table: Table) -> pl.Expr:
    """The first text of a row, by which people will know it."""
    texts = [field for field in table.fields if field.type.is_text]
    return text_of(column(texts[0].name), texts[0]).str.slice(0, _LONGEST_LABEL) if texts else pl.lit(None, pl.String)


def _box(shapes: Shapes) -> list[float] | None:
    west, south, east, north = (float(edge) for edge in shapely.total_bounds(shapes))
    if not all(np.isfinite([west, south, east, north])):
        return None
    if max(abs(west), abs(east)) > 540 or max(abs(south), abs(north)) > 90:
        raise UnsupportedError("draw a map", "the objects do not lie in degrees of longitude and latitude")
    return [west, south, east, north]


def _thinned(shapes: Shapes, span: float) -> Shapes:
    step = span / _FINEST
    thinned = shapely.simplify(shapes, step, preserve_topology=False) if step else shapes
    while step and int(shapely.get_num_coordinates(thinned).sum()) > _MOST_CORNERS and step < span:
        step *= 2
        thinned = shapely.simplify(shapes, step, preserve_topology=False)
    # What was thinned to nothing is still somewhere.
    gone = shapely.is_empty(thinned) & ~shapely.is_empty(shapes)
    thinned[gone] = shapely.point_on_surface(shapes[gone])
    return thinned


def _drawn(shape: Any) -> list[tuple[str, list[Any]]]:
    """The parts of an object by their kind: all its points, all its lines, all its areas."""
    parts: dict[str, list[Any]] = {}
    for part in shapely.get_parts(shapely.get_parts([shape])):
        kind = _KINDS.get(int(shapely.get_type_id(part)))
        if kind is not None and not part.is_empty:
            rings = shapely.get_rings(part) if kind == "area" else [part]
            parts.setdefault(kind, []).extend(_places(ring) for ring in rings)
    return list(parts.items())


def _places(ring: Any) -> list[list[float]]:
    coordinates: Numbers = shapely.get_coordinates(ring)
    return [[round(float(x), 6), round(float(y), 6)] for x, y in coordinates]
