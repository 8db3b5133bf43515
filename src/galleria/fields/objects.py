"""Spatial objects and GeoJSON: fields keep them as WKB. The library is loaded only where one is met."""

import json

import polars as pl

from galleria.errors import UnsupportedError
from galleria.fields.rare import each, mapped


def geojson_of_shape(value: pl.Expr) -> pl.Expr:
    import_shapely()
    return mapped(value, lambda column: each(column, _geojson, pl.String()), pl.String())


def shape_of_geojson(text: pl.Expr) -> pl.Expr:
    """Null for a text that is no GeoJSON geometry."""
    import_shapely()
    return mapped(text, lambda column: each(column, _shape, pl.Binary()), pl.Binary())


def geojson_problem(text: pl.Expr) -> pl.Expr:
    shown = pl.when(text.str.len_chars() > 64).then(pl.concat_str(text.str.slice(0, 64), pl.lit("..."))).otherwise(text)
    failed = shape_of_geojson(text).is_null() & (text != "")
    return pl.when(failed).then(pl.concat_str(pl.lit("No conversion from "), shown, pl.lit(" to SpatialObj")))


def import_shapely() -> None:
    """Raises UnsupportedError where the library is missing."""
    try:
        import shapely  # noqa: F401 # pyright: ignore[reportUnusedImport] - only whether it is there
    except ImportError:
        raise UnsupportedError("spatial objects", 'install the extra "spatial" (pip install "galleria[spatial]")') from None


def _geojson(wkb: bytes) -> str:
    import shapely

    return str(shapely.to_geojson(shapely.from_wkb(wkb)))


def _shape(text: str) -> bytes | None:
    import shapely

    try:
        return bytes(shapely.to_wkb(shapely.from_geojson(json.dumps(json.loads(text)))))
    except (ValueError, TypeError, shapely.GEOSException):
        return None
