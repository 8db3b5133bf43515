"""Files that other programs wrote are read as those read them, and ours are read so there: DuckDB, LibreOffice."""

from datetime import date, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest

from galleria.fields.types import Field, FieldType
from tests.formats.tables import read, table_of, write

FILES = Path(__file__).parent / "files"
STRANGE = 'Łódź 😀, "quoted"\nline'
VALUES = f"""
    (1::TINYINT, 255::UTINYINT, (-32768)::SMALLINT, 2147483647::INTEGER, 9223372036854775807::BIGINT, 1.5::FLOAT, 0.1::DOUBLE,
     12345.678::DECIMAL(12, 3), true, DATE '1400-01-01', TIME '23:59:59', TIMESTAMP '2024-02-29 23:59:58', '{STRANGE}', '\\x00\\xFF'::BLOB),
    (-1, 0, 32767, -2147483648, -9223372036854775807, -0.25, 1e300,
     -0.001, false, DATE '9999-12-31', TIME '00:00:00', TIMESTAMP '1899-12-30 00:00:00', '', ''::BLOB),
    ({", ".join(["NULL"] * 14)})
"""
NAMES = "tiny utiny small whole big float double dec flag day clock moment text bytes".split()


def asked(query: str) -> list[tuple[Any, ...]]:
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        return connection.execute(query).fetchall()


@pytest.mark.parametrize("codec", ["snappy", "zstd", "gzip", "uncompressed"])
def test_parquet_of_duckdb(tmp_path: Path, codec: str) -> None:
    path = tmp_path / "a.parquet"
    rows = f"(SELECT * FROM (VALUES {VALUES}) AS t({', '.join(NAMES)}))"
    asked(f"COPY {rows} TO '{path}' (FORMAT parquet, CODEC '{codec}')")
    table = read(path).table
    assert [field.name for field in table.fields] == NAMES
    assert table.frame.collect().rows() == asked(f"SELECT * FROM '{path}'")
    types = {field.name: field.type for field in table.fields}
    assert [types[name] for name in ("whole", "big", "double", "dec", "flag", "day", "clock", "moment", "text", "bytes")] == [
        FieldType.INT32,
        FieldType.INT64,
        FieldType.DOUBLE,
        FieldType.FIXED_DECIMAL,
        FieldType.BOOL,
        FieldType.DATE,
        FieldType.TIME,
        FieldType.DATETIME,
        FieldType.V_WSTRING,
        FieldType.BLOB,
    ]


OURS: list[tuple[Field, list[object]]] = [
    (Field("byte", FieldType.BYTE), [0, 255, None]),
    (Field("int16", FieldType.INT16), [-(2**15), 2**15 - 1, None]),
    (Field("int32", FieldType.INT32), [-(2**31), 2**31 - 1, None]),
    (Field("int64", FieldType.INT64), [-(2**63), 2**63 - 1, None]),
    (Field("decimal", FieldType.FIXED_DECIMAL, 12, 3), [Decimal("-1234.567"), Decimal("0.001"), None]),
    (Field("double", FieldType.DOUBLE), [1e300, -0.1, None]),
    (Field("bool", FieldType.BOOL), [True, False, None]),
    (Field("date", FieldType.DATE), [date(1400, 1, 1), date(9999, 12, 31), None]),
    (Field("time", FieldType.TIME), [time(0, 0, 0), time(23, 59, 59), None]),
    (Field("datetime", FieldType.DATETIME), [datetime(1899, 12, 30, 1, 2, 3), datetime(2024, 2, 29, 23, 59, 59), None]),
    (Field("text", FieldType.V_WSTRING), [STRANGE, "x" * 300, None]),
]
ROWS = list(zip(*(values for _, values in OURS), strict=True))


def test_our_parquet_is_read_by_duckdb(tmp_path: Path) -> None:
    columns = [*OURS, (Field("blob", FieldType.BLOB), [b"", b"\x00\xff", None])]
    write(table_of(columns), tmp_path / "a.parquet")
    assert asked(f"SELECT * FROM '{tmp_path}/a.parquet'") == list(zip(*(values for _, values in columns), strict=True))


@pytest.mark.parametrize("delimiter", [",", ";", "|"])
def test_csv_of_duckdb(tmp_path: Path, delimiter: str) -> None:
    path = tmp_path / "a.csv"
    asked(f"COPY (SELECT * EXCLUDE bytes FROM (VALUES {VALUES}) AS t({', '.join(NAMES)})) TO '{path}' (HEADER, DELIMITER '{delimiter}')")
    frame = read(path, CodePage="65001", Delimeter=delimiter).table.frame.collect()
    assert frame.columns == NAMES[:-1]
    assert frame.rows() == asked(
        f"SELECT * FROM read_csv('{path}', all_varchar = true, allow_quoted_nulls = false, delim = '{delimiter}', header = true)"
    )
    assert frame["text"].to_list() == [STRANGE, "", None]


def test_our_csv_is_read_by_duckdb(tmp_path: Path) -> None:
    write(table_of(OURS), tmp_path / "a.csv", CodePage="65001")
    types = ", ".join(
        f"'{field.name}': '{kind}'"
        for (field, _), kind in zip(
            OURS,
            "UTINYINT SMALLINT INTEGER BIGINT DECIMAL(12,3) DOUBLE BOOLEAN DATE TIME TIMESTAMP VARCHAR".split(),
            strict=True,
        )
    )
    assert asked(f"SELECT * FROM read_csv('{tmp_path}/a.csv', header = true, columns = {{{types}}})") == ROWS


@pytest.mark.parametrize("kind", ["xlsx", "xls"])
def test_workbooks_of_libreoffice(kind: str) -> None:
    table = read(FILES / f"cells.{kind}", "Cells").table
    # A workbook of the old kind does not tell days from moments.
    day = FieldType.DATE if kind == "xlsx" else FieldType.DATETIME
    types = [FieldType.DOUBLE, FieldType.V_WSTRING, FieldType.DOUBLE, day, FieldType.DATETIME, FieldType.DOUBLE, FieldType.DOUBLE]
    assert [field.type for field in table.fields] == types
    days = [date(2024, 2, 29), date(1999, 12, 31)]
    first, second = days if kind == "xlsx" else [datetime.combine(one, time()) for one in days]
    assert table.frame.collect().rows() == [
        (1.0, "Łódź, 日本 😀", -1234.5, first, datetime(2024, 2, 29, 23, 59, 58), 1.0, -2469.0),
        (2.0, 'say "hi"\ntwice', 0.1, second, datetime(1999, 12, 31), 0.0, 0.2),
        (3.0, None, None, None, None, None, None),
    ]


def test_the_first_eight_rows_of_an_old_workbook_decide_the_types() -> None:
    # The row above them is empty, but has a frame: it names no field. So do saved schemas of a real workflow show it.
    content = read(FILES / "eight_rows.xls", "Rows")
    assert [(field.name, field.type) for field in content.table.fields] == [
        ("F1", FieldType.DOUBLE),
        ("F2", FieldType.V_WSTRING),
        ("F3", FieldType.V_WSTRING),
        ("F4", FieldType.V_WSTRING),
    ]
    rows = content.table.frame.collect().rows()
    assert [rows[at] for at in (0, 2, 8)] == [(1.0, None, "1", "row 1"), (3.0, None, "three", "row 3"), (None, "9.5", "9", "row 9")]
    assert [text for _, text in content.notes] == [
        "F1: Below the first 8 rows, which give the field its type Double, 1 cells are of another type and became Null."
    ]


def test_csv_of_libreoffice() -> None:
    frame = read(FILES / "cells.csv", CodePage="65001").table.frame.collect()
    assert frame.columns == ["id", "text", "number", "day", "moment", "flag", "doubled"]
    assert frame.rows() == [
        ("1", "Łódź, 日本 😀", "-1234.5", "2024-02-29", "2024-02-29 23:59:58", "1", "-2469"),
        ("2", 'say "hi"\ntwice', "0.1", "1999-12-31", "1999-12-31 00:00:00", "0", "0.2"),
        ("3", None, None, None, None, None, None),
    ]
