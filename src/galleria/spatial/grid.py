"""A grid of squares over an object, laid as the original lays it (15,300 cells of one of its grids are the same).

Rows begin at the top; the squares of each row are as wide in degrees as its lower edge asks for, and begin at the left.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from galleria.errors import TooLargeError
from galleria.spatial.library import np, shapely
from galleria.spatial.overlay import GRID, only
from galleria.spatial.sphere import DEGREE_M

_MOST_CELLS = 5_000_000


def cells(shape: Any, size_m: float, *, clips: bool) -> list[tuple[str, bytes]]:
    """Name (`Grid3_0`: column and row from 0) and WKB of every cell that shares a place with the insides of an object.

    By column, then by row. None for a Null. Raises TooLargeError for a grid of more than five million cells.
    """
    if shape is None or shape.is_empty:
        return []
    west, south, east, north = shape.bounds
    high = size_m / DEGREE_M
    if (north - south) / high * (east - west) / high > _MOST_CELLS:
        raise TooLargeError(f"a grid of squares of {size_m:g} metres over one object is refused: it has more than {_MOST_CELLS:,} cells")
    places = sorted(_squares(west, south, east, north, high))
    boxes = shapely.box(*np.array([square for _, square in places]).T)
    shapely.prepare(shape)
    meets = shapely.intersects(shape, boxes) & ~shapely.touches(shape, boxes)
    kept = boxes[meets]
    if clips:
        # Of polygons with points or lines beside them, what is clipped are the polygons.
        kind = shapely.get_dimensions(shape)
        solid = only(np.array([shape], dtype=object), kind)[0]
        whole = shapely.contains(solid, kept)
        kept[~whole] = only(shapely.intersection(kept[~whole], solid, grid_size=GRID), kind)
    names = [f"Grid{at}_{row}" for (at, row), _ in places]
    named = zip((name for name, is_met in zip(names, meets.tolist(), strict=True) if is_met), kept.tolist(), strict=True)
    return [(name, shapely.to_wkb(cell)) for name, cell in named if cell is not None]


def _squares(west: float, south: float, east: float, north: float, high: float) -> Iterator[tuple[tuple[int, int], tuple[float, ...]]]:
    for row in range(max(1, int(np.ceil((north - south) / high - 1e-9)))):
        top, bottom = north - row * high, north - (row + 1) * high
        wide = high / max(float(np.cos(np.radians(bottom))), 1e-9)
        for at in range(max(1, int(np.ceil((east - west) / wide - 1e-9)))):
            yield (at, row), (west + at * wide, bottom, west + (at + 1) * wide, top)
