"""JSON: read as names and values, written as an array of objects."""

import json
from collections.abc import Sequence

import polars as pl

from galleria.errors import InvalidError, TooLargeError, UnsupportedError
from galleria.fields.columns import column
from galleria.fields.conversion import text_of
from galleria.fields.types import Field, FieldType
from galleria.formats.delimited.code_pages import byte_order_mark, encoding_of, text_file
from galleria.formats.format import Circumstances, Content, Format, Source, Target, Writing
from galleria.formats.json_leaves import leaves, text_of_leaf
from galleria.formats.options import Options
from galleria.table.geojson import geojson_from_wkb
from galleria.table.table import Table

_MOST_BYTES = 1024**3


class Json(Format):
    name = "JSON"
    codes = (54,)
    extensions = (".json",)

    def read(self, source: Source, options: Options, around: Circumstances) -> Content:
        """A row for every value: `JSON_Name` is the path that leads to it, `JSON_ValueString` the value as text."""
        if not options.flag("SingleField", default=True):
            raise UnsupportedError("format JSON", "values in fields of their own types are not supported")
        if source.path.stat().st_size > _MOST_BYTES:
            raise TooLargeError(f'"{source.name}" is refused: JSON is read up to {_MOST_BYTES:,} bytes')
        try:
            text = "".join(text_file(source.path, encoding_of(options.text("CodePage", "65001"))).blocks())
            found = list(leaves(text))
        except json.JSONDecodeError as error:
            raise InvalidError(f'"{source.name}": Parse Error at char({error.pos}): {error.msg}') from error
        except RecursionError:
            raise InvalidError(f'"{source.name}" is nested too deeply') from None
        origin = f"File: {source.name}"
        fields = (Field("JSON_Name", FieldType.V_WSTRING, source=origin), Field("JSON_ValueString", FieldType.V_WSTRING, source=origin))
        columns = [[path for path, _ in found], [text_of_leaf(leaf) for _, leaf in found]]
        rows = pl.DataFrame([pl.Series(field.name, values, pl.String) for field, values in zip(fields, columns, strict=True)])
        return Content(Table(rows.lazy(), fields))

    def write(self, table: Table, target: Target, options: Options, around: Circumstances) -> Writing:
        """Numbers and booleans as such, Null as null, all else as texts."""
        encoding = encoding_of(options.text("CodePage", "65001"))

        def finish(rows: pl.DataFrame) -> None:
            text = rows.write_json()
            mark = byte_order_mark(encoding) if encoding.startswith("utf-16") else b""
            # What the code page does not have is written as JSON's own escape.
            target.path.write_bytes(mark + (text if encoding.startswith("utf") else _escaped(text, encoding)).encode(encoding))

        return Writing(table.frame.select(_plain(table.fields)), finish)


def _plain(fields: Sequence[Field]) -> list[pl.Expr]:
    return [_value(field).alias(field.name) for field in fields]


def _value(field: Field) -> pl.Expr:
    value = column(field.name)
    if field.type is FieldType.SPATIAL:
        return value.map_elements(geojson_from_wkb, return_dtype=pl.String)
    if field.type is FieldType.BLOB:
        return value.bin.encode("base64")
    if field.type.is_temporal:
        return text_of(value, field)
    if field.type is FieldType.FIXED_DECIMAL:
        return value.cast(pl.Float64)
    return pl.when(value.is_finite()).then(value) if field.type in (FieldType.DOUBLE, FieldType.FLOAT) else value


def _escaped(text: str, encoding: str) -> str:
    if text.isascii():
        return text
    return "".join(one if _has(encoding, one) else json.dumps(one)[1:-1] for one in text)


def _has(encoding: str, character: str) -> bool:
    try:
        character.encode(encoding)
    except UnicodeEncodeError:
        return False
    return True
