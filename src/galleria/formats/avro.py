"""Avro: columns are read and written as they are, sizes of texts are not kept."""

from collections.abc import Sequence
from typing import Literal

import polars as pl

from galleria.errors import InvalidError
from galleria.fields.columns import column
from galleria.fields.conversion import text_of
from galleria.fields.types import Field, FieldType
from galleria.formats.format import Circumstances, Content, Format, Source, Target, Writing
from galleria.formats.options import Options
from galleria.formats.schema import table_from
from galleria.table.table import Table

_COMPRESSIONS: dict[str, Literal["uncompressed", "snappy", "deflate"]] = {
    "": "uncompressed",
    "none": "uncompressed",
    "snappy": "snappy",
    "deflate": "deflate",
}
_AS_TEXT = (FieldType.FIXED_DECIMAL, FieldType.TIME)
_WHOLE = (FieldType.BYTE, FieldType.INT16)


class Avro(Format):
    name = "Avro"
    codes = (48,)
    extensions = (".avro",)

    def read(self, source: Source, options: Options, around: Circumstances) -> Content:
        try:
            rows = pl.read_avro(source.path)
        except (pl.exceptions.PolarsError, pl.exceptions.PanicException, OSError) as error:
            raise InvalidError(f'"{source.name}" cannot be read: it is damaged or no Avro file ({str(error).splitlines()[0]})') from error
        return Content(table_from(rows.lazy(), rows.schema, f"File: {source.name}"))

    def write(self, table: Table, target: Target, options: Options, around: Circumstances) -> Writing:
        """Avro has neither small whole numbers nor decimals nor times: these are Int32 and texts."""
        compression = _COMPRESSIONS.get(options.text("Compression").strip().lower(), "uncompressed")

        def finish(rows: pl.DataFrame) -> None:
            rows.write_avro(target.path, compression=compression)

        return Writing(table.frame.select(_storable(table.fields)), finish)


def _storable(fields: Sequence[Field]) -> list[pl.Expr]:
    values = ((field, column(field.name)) for field in fields)
    return [
        text_of(value, field).alias(field.name) if field.type in _AS_TEXT else value.cast(pl.Int32) if field.type in _WHOLE else value
        for field, value in values
    ]
