"""ESRI Shapefiles: the shapes (.shp) and, beside them, what is told of each (.dbf) and how they are projected (.prj)."""

import re
import struct
from collections.abc import Iterator
from pathlib import Path

import polars as pl

from galleria.errors import InvalidError, UnsupportedError
from galleria.fields.names import unique_name
from galleria.fields.types import Field, FieldType
from galleria.formats.dbase import read_dbase
from galleria.formats.dbase_writing import limited, refuse_binary, write_dbase
from galleria.formats.format import Circumstances, Content, Format, Source, Target, Writing
from galleria.formats.options import Options
from galleria.formats.shapefile_writing import spatial_and_others, write_shapes
from galleria.formats.shapes import shape_from_wkb, wkb_from_shape
from galleria.formats.sizes import size_trouble
from galleria.table.table import Table

_HEAD = 100
_CODE = 9994
_NULL = bytes(4)
_NUMBER = Field("ID", FieldType.INT32)
"""Stands in the .dbf where there is no other field: it must have one."""
_DEGREES = (
    'GEOGCS["GCS_WGS_1984",DATUM["D_WGS_1984",SPHEROID["WGS_1984",6378137.0,298.257223563]],'
    'PRIMEM["Greenwich",0.0],UNIT["Degree",0.0174532925199433]]'
)


class Shapefile(Format):
    name = "ESRI Shapefile"
    codes = (12,)
    extensions = (".shp",)

    def read(self, source: Source, options: Options, around: Circumstances) -> Content:
        """The fields of the .dbf, then `SpatialObj`. Shapes must be in degrees: others are refused."""
        if options.text("Projection").strip():
            raise UnsupportedError("format ESRI Shapefile", "projections are not supported")
        _refuse_projected(source)
        try:
            shapes = [wkb_from_shape(record) for record in _records(source.path.read_bytes())]
        except (struct.error, InvalidError) as error:
            raise InvalidError(f'"{source.name}" cannot be read: it is damaged or no shapefile ({error})') from error
        beside = _beside(source.path, ".dbf")
        told = read_dbase(beside, f"{source.name} (.dbf)", around, all_strings=options.flag("AllStrings")) if beside else None
        frame = told.table.frame.collect() if told else pl.DataFrame(height=len(shapes))
        if told and frame.height != len(shapes):
            raise InvalidError(f'"{source.name}" has {len(shapes)} shapes, and its .dbf has {frame.height} records')
        fields = told.table.fields if told else ()
        field = Field(unique_name("SpatialObj", [one.name for one in fields]), FieldType.SPATIAL, source=f"File: {source.name}")
        table = Table(frame.with_columns(pl.Series(field.name, shapes, pl.Binary)).lazy(), (*fields, field))
        return Content(table, told.trouble if told else None)

    def write(self, table: Table, target: Target, options: Options, around: Circumstances) -> Writing:
        """Beside the shapes: their places (.shx), the other fields (.dbf) and the projection (.prj), which is none: degrees of WGS 84.

        There must be one spatial field, of objects of one kind. Texts longer than 254 characters are cut, and told.
        """
        shape, others = spatial_and_others(table.fields, target.name)
        refuse_binary(others, target.name)
        fields = limited(others)

        def finish(rows: pl.DataFrame) -> None:
            write_shapes(target.path, [None if wkb is None else shape_from_wkb(wkb) for wkb in rows[shape.name]])
            told, rows = (
                (fields, rows) if fields else ([_NUMBER], rows.select(pl.int_range(1, pl.len() + 1, dtype=pl.Int32).alias(_NUMBER.name)))
            )
            write_dbase(target.path.with_suffix(".dbf"), rows, told)
            target.path.with_suffix(".prj").write_text(_DEGREES, encoding="ascii")

        return Writing(table.frame, finish, size_trouble(table.frame, fields, around.problem_limit))


def _records(data: bytes) -> Iterator[bytes]:
    if len(data) < _HEAD or struct.unpack_from(">i", data)[0] != _CODE:
        raise InvalidError("it does not begin like one")
    at = _HEAD
    while at + 12 <= len(data):
        number, words = struct.unpack_from(">2i", data, at)
        record = data[at + 8 : at + 8 + 2 * words]
        if record[:4] == _NULL and not _begins(data, at + 8 + 2 * words, number + 1):
            # The original gives null shapes a longer length than they have.
            record, words = _NULL, 2
        if words < 2 or len(record) < 2 * words:
            raise InvalidError("a record is cut off")
        yield record
        at += 8 + 2 * words


def _begins(data: bytes, at: int, number: int) -> bool:
    """Whether the record of that number begins there, or the file ends."""
    return at == len(data) or data[at : at + 4] == struct.pack(">i", number)


def _beside(path: Path, extension: str) -> Path | None:
    wanted = path.stem.casefold()
    return next((one for one in path.parent.iterdir() if one.stem.casefold() == wanted and one.suffix.lower() == extension), None)


def _refuse_projected(source: Source) -> None:
    beside = _beside(source.path, ".prj")
    text = beside.read_text("latin-1").strip() if beside else ""
    if text.upper().startswith(("PROJCS", "PROJCRS")):
        named = re.search(r'"([^"]{1,60})"', text)
        raise UnsupportedError(
            "format ESRI Shapefile", f'"{source.name}" is in the projection {named[1] if named else "it names"}, not in degrees'
        )
