"""Parquet: columns are read and written as they are, sizes of texts are not kept."""

import polars as pl

from galleria.errors import InvalidError
from galleria.formats.format import Circumstances, Content, Format, Source, Target, Writing
from galleria.formats.options import Options
from galleria.formats.schema import table_from
from galleria.table.table import Table


class Parquet(Format):
    name = "Parquet"
    codes = ()
    extensions = (".parquet",)

    def read(self, source: Source, options: Options, around: Circumstances) -> Content:
        try:
            frame = pl.scan_parquet(source.path, glob=False)
            schema = frame.collect_schema()
        except (pl.exceptions.PolarsError, OSError) as error:
            raise InvalidError(
                f'"{source.name}" cannot be read: it is damaged or no Parquet file ({str(error).splitlines()[0]})'
            ) from error
        return Content(table_from(frame, schema, f"File: {source.name}"))

    def write(self, table: Table, target: Target, options: Options, around: Circumstances) -> Writing:
        return Writing(table.frame.sink_parquet(target.path, lazy=True))
