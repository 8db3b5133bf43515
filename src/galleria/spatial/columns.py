"""Columns of spatial objects as arrays, for functions that take whole columns at once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias, cast

import polars as pl

from galleria.fields.objects import import_shapely
from galleria.spatial.library import np, shapely

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Shapes: TypeAlias = "NDArray[np.object_]"
    """Geometries of shapely in degrees (longitude, latitude), None for Null."""
    Numbers: TypeAlias = "NDArray[np.float64]"
    """NaN for Null."""
    Measure: TypeAlias = Callable[[Shapes], NDArray[Any]] | Callable[[Shapes, Shapes], NDArray[Any]]
    """Spelled out so that the parameters of a lambda have a type."""


def shapes_of(column: pl.Series) -> Shapes:
    """The objects of a column of WKB; one whose outline crosses itself is mended, since GEOS would refuse it."""
    return _each_once(column, _mended)


def as_written(column: pl.Series) -> Shapes:
    """The objects of a column of WKB with their corners as they are, crossing or not."""
    return _each_once(column, _decoded)


def _each_once(column: pl.Series, decode: Callable[[pl.Series], Shapes]) -> Shapes:
    """What `decode` makes of the column; of one that repeats itself, each value is decoded once and its object shared."""
    if len(column) < 2 or column.n_unique() * 2 > len(column):
        return decode(column)
    values = column.unique(maintain_order=True)
    places = pl.DataFrame({"wkb": column}).join(
        pl.DataFrame({"wkb": values}).with_row_index(), on="wkb", how="left", nulls_equal=True, maintain_order="left"
    )
    shapes = decode(values)
    shapely.prepare(shapes)
    return shapes[places["index"].to_numpy()]


def _decoded(column: pl.Series) -> Shapes:
    return cast("Shapes", shapely.from_wkb(np.array(column.to_list(), dtype=object), on_invalid="ignore"))


def _mended(column: pl.Series) -> Shapes:
    shapes = _decoded(column)
    crossed = ~(shapely.is_valid(shapes) | shapely.is_missing(shapes))
    if crossed.any():
        shapes[crossed] = shapely.make_valid(shapes[crossed])
    return shapes


def shape_column(shapes: Shapes, name: str = "") -> pl.Series:
    """WKB; empty objects are Null."""
    if not len(shapes):
        return pl.Series(name, [], pl.Binary)
    gone = shapely.is_missing(shapes) | shapely.is_empty(shapes)
    written = shapely.to_wkb(shapes, include_srid=False, output_dimension=2).tolist()
    return pl.Series(name, [None if nothing else wkb for wkb, nothing in zip(written, gone.tolist(), strict=True)], pl.Binary)


def without(shapes: Shapes, where: NDArray[np.bool_]) -> Shapes:
    """The objects, None where `where` is true."""
    kept = shapes.copy()
    kept[where] = None
    return kept


def number_column(numbers: Numbers, name: str = "") -> pl.Series:
    return pl.Series(name, numbers, pl.Float64).fill_nan(None)


def numbers_of(column: pl.Series) -> Numbers:
    return column.cast(pl.Float64).to_numpy()


Computed: TypeAlias = Callable[..., pl.Series]


def computed(function: Computed, dtype: pl.DataType, *arguments: pl.Expr, by_row: bool = True) -> pl.Expr:
    """`function` of columns as an expression; `by_row`: a row's result depends on that row only, so that it streams.

    Raises UnsupportedError where the extra is missing.
    """
    import_shapely()

    def apply(named: Sequence[pl.Series]) -> pl.Series:
        # Polars takes a name such as `^.*1$` for a pattern wherever it computes with a Series.
        columns = [column.alias("value") for column in named]
        height = 0 if any(not len(column) for column in columns) else max(map(len, columns))
        return function(*(column if len(column) == height else column.new_from_index(0, height) for column in columns))

    return pl.map_batches(list(arguments), apply, return_dtype=dtype, is_elementwise=by_row)


def from_shapes(function: Measure, *shapes: pl.Expr) -> pl.Expr:
    """Objects made of objects: `function` takes and gives arrays of them."""
    return computed(lambda *columns: shape_column(function(*map(shapes_of, columns))), pl.Binary(), *shapes)  # pyright: ignore[reportCallIssue] - as many shapes as the function takes


def measured(function: Measure, *shapes: pl.Expr) -> pl.Expr:
    """Numbers made of objects: `function` takes arrays of them and gives an array of numbers, NaN for Null."""
    return computed(lambda *columns: number_column(function(*map(shapes_of, columns))), pl.Float64(), *shapes)
