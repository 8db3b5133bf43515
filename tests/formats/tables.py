"""Tables that hold every type, and a way to read and write them through a format."""

from datetime import date, datetime, time
from decimal import Decimal
from pathlib import Path

import polars as pl

from galleria.fields.types import Field, FieldType
from galleria.formats.catalogue import format_for
from galleria.formats.format import Circumstances, Content, Source, Target
from galleria.formats.options import Options
from galleria.table.geojson import wkb_from_geojson
from galleria.table.table import Table

POINT = wkb_from_geojson('{"type": "Point", "coordinates": [7.5, 51.25]}')

EVERY_TYPE: list[tuple[Field, list[object]]] = [
    (Field("bool", FieldType.BOOL), [True, False, None]),
    (Field("byte", FieldType.BYTE), [0, 255, None]),
    (Field("int16", FieldType.INT16), [-(2**15), 2**15 - 1, None]),
    (Field("int32", FieldType.INT32), [-(2**31), 2**31 - 1, None]),
    (Field("int64", FieldType.INT64), [-(2**63), 2**63 - 1, None]),
    (Field("decimal", FieldType.FIXED_DECIMAL, 12, 3), [Decimal("-1234.567"), Decimal("0.001"), None]),
    (Field("float", FieldType.FLOAT), [1.5, -0.25, None]),
    (Field("double", FieldType.DOUBLE), [1e300, -0.1, None]),
    (Field("string", FieldType.STRING, 5), ["Düren", "", None]),
    (Field("wstring", FieldType.WSTRING, 6), ["Łódź", "日本", None]),
    (Field("v_string", FieldType.V_STRING, 254), ["é" * 254, " a ", None]),
    (Field("v_wstring", FieldType.V_WSTRING), ["😀 line\nbreak", "x" * 300, None]),
    (Field("date", FieldType.DATE), [date(1400, 1, 1), date(9999, 12, 31), None]),
    (Field("time", FieldType.TIME), [time(0, 0, 0), time(23, 59, 59), None]),
    (Field("datetime", FieldType.DATETIME), [datetime(1899, 12, 30, 1, 2, 3), datetime(2024, 2, 29, 23, 59, 59), None]),
    (Field("blob", FieldType.BLOB), [b"", b"\x00\xff" * 200, None]),
    (Field("shape", FieldType.SPATIAL), [POINT, POINT, None]),
]


def table_of(columns: list[tuple[Field, list[object]]]) -> Table:
    frame = pl.DataFrame([pl.Series(field.name, values, field.dtype) for field, values in columns])
    return Table(frame.lazy(), tuple(field for field, _ in columns))


def around(folder: Path, **settings: object) -> Circumstances:
    return Circumstances(lambda suffix: folder / f"temporary{len(list(folder.iterdir()))}{suffix}", **settings)


def write(table: Table, path: Path, part: str = "", **options: str) -> pl.DataFrame:
    """Write, and return the collected trouble."""
    writing = format_for(path).write(table, Target(path, path.name, part), Options(options), around(path.parent))
    result = writing.query.collect(engine="streaming")
    if writing.finish is not None:
        writing.finish(result)
    return pl.DataFrame() if writing.trouble is None else writing.trouble.collect()


def read(path: Path, part: str = "", **options: str) -> Content:
    return format_for(path).read(Source(path, path.name, part), Options(options), around(path.parent))
