"""GeoJSON: features with their properties."""

import json
from collections.abc import Sequence
from typing import Any, cast

import polars as pl

from galleria.errors import InvalidError, TooLargeError
from galleria.fields.columns import column
from galleria.fields.conversion import text_of
from galleria.fields.names import unique_name, unique_names
from galleria.fields.types import Field, FieldType
from galleria.formats.format import Circumstances, Content, Format, Source, Target, Writing
from galleria.formats.options import Options
from galleria.formats.schema import table_from
from galleria.table.geojson import geojson_from_wkb, wkb_from_geojson
from galleria.table.table import Table

_MOST_BYTES = 1024**3


class GeoJson(Format):
    name = "GeoJSON"
    codes = (27,)
    extensions = (".geojson",)

    def read(self, source: Source, options: Options, around: Circumstances) -> Content:
        """The properties as fields (numbers, booleans, texts; anything nested as JSON text), then `SpatialObj`."""
        if source.path.stat().st_size > _MOST_BYTES:
            raise TooLargeError(f'"{source.name}" is refused: GeoJSON is read up to {_MOST_BYTES:,} bytes')
        try:
            features = _features(json.loads(source.path.read_text("utf-8-sig")))
            shapes = [None if one.get("geometry") is None else wkb_from_geojson(json.dumps(one["geometry"])) for one in features]
        except (ValueError, KeyError, AttributeError, RecursionError, InvalidError) as error:
            raise InvalidError(f'"{source.name}" cannot be read: it is damaged or no GeoJSON ({error})') from error
        told = _properties(features)
        plain = table_from(told.lazy(), told.schema, f"File: {source.name}")
        shape = Field(unique_name("SpatialObj", plain.names), FieldType.SPATIAL, source=f"File: {source.name}")
        objects = pl.Series(shape.name, shapes, pl.Binary)
        rows = plain.frame.with_columns(objects) if plain.fields else objects.to_frame().lazy()
        return Content(Table(rows, (*plain.fields, shape)))

    def write(self, table: Table, target: Target, options: Options, around: Circumstances) -> Writing:
        """The first spatial object is a feature's geometry; dates and decimals are texts among its properties."""
        shape = next((field for field in table.fields if field.type is FieldType.SPATIAL), None)
        others = [field for field in table.fields if field.type is not FieldType.SPATIAL]
        geometry = column(shape.name).map_elements(geojson_from_wkb, return_dtype=pl.String) if shape else pl.lit(None, pl.String)
        taken = unique_name("geometry", [field.name for field in others])
        query = table.frame.select(geometry.alias(taken), *(_property(field).alias(field.name) for field in others))

        def finish(rows: pl.DataFrame) -> None:
            with target.path.open("w", encoding="utf-8") as out:
                out.write('{"type": "FeatureCollection", "features": [')
                for number, row in enumerate(rows.iter_rows(named=True)):
                    text = row.pop(taken) or "null"
                    properties = json.dumps(row, ensure_ascii=False)
                    out.write(f'{"," if number else ""}\n{{"type": "Feature", "properties": {properties}, "geometry": {text}}}')
                out.write("\n]}\n")

        return Writing(query, finish)


def _features(document: dict[str, Any]) -> list[dict[str, Any]]:
    if document["type"] == "FeatureCollection":
        return cast("list[dict[str, Any]]", document["features"])
    return [document] if document["type"] == "Feature" else [{"geometry": document, "properties": {}}]


def _properties(features: Sequence[dict[str, Any]]) -> pl.DataFrame:
    rows = [cast("dict[str, Any]", one.get("properties") or {}) for one in features]
    keys = list(dict.fromkeys(key for row in rows for key in row))
    columns = [_column(name, [row.get(key) for row in rows]) for key, name in zip(keys, unique_names(keys), strict=True)]
    return pl.DataFrame(columns) if columns else pl.DataFrame(height=len(rows))


def _column(name: str, values: list[Any]) -> pl.Series:
    kinds = cast("set[type[object]]", set(map(type, values)) - {type(None)})
    if kinds <= {int} and all(value is None or -(2**63) <= value < 2**63 for value in values):
        return pl.Series(name, values, pl.Int64 if kinds else pl.String)
    if float in kinds and kinds <= {int, float}:
        return pl.Series(name, values, pl.Float64, strict=False)
    if kinds == {bool}:
        return pl.Series(name, values, pl.Boolean)
    texts = [value if value is None or isinstance(value, str) else json.dumps(value, ensure_ascii=False) for value in values]
    return pl.Series(name, texts, pl.String)


def _property(field: Field) -> pl.Expr:
    value = column(field.name)
    if field.type is FieldType.BLOB:
        return value.bin.encode("base64")
    if field.type.is_temporal or field.type is FieldType.FIXED_DECIMAL:
        return text_of(value, field)
    return pl.when(value.is_finite()).then(value) if field.type in (FieldType.DOUBLE, FieldType.FLOAT) else value
