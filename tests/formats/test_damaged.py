"""Files of every format that are cut short, that have other bytes in them, or that are something else.

They are refused in words, or read as far as the format can tell; nothing but our own errors comes out. Parquet alone is read
by Polars while rows pass: there its own words stand for ours.
"""

import random
from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pytest

from galleria.errors import GalleriaError
from galleria.fields.types import Field, FieldType
from tests.formats.tables import EVERY_TYPE, POINT, read, table_of, write

ROWS = 120
_PLAIN: list[tuple[Field, list[object]]] = [(field, values * 40) for field, values in EVERY_TYPE if not field.type.is_binary]
_ALL: list[tuple[Field, list[object]]] = [(field, values * 40) for field, values in EVERY_TYPE]
_FEW: list[tuple[Field, list[object]]] = [
    (Field("name", FieldType.V_STRING, 20), ["ab", "Düren", "x"] * 40),
    (Field("n", FieldType.INT32), [1, -5, 7] * 40),
    (Field("d", FieldType.DOUBLE), [1.5, 2.25, None] * 40),
]
_SHAPES: list[tuple[Field, list[object]]] = [*_FEW, (Field("shape", FieldType.SPATIAL), [POINT for _ in range(ROWS)])]
_TABLES = {
    "yxdb": _ALL,
    "csv": _PLAIN,
    "xlsx": _FEW,
    "json": _FEW,
    "parquet": _ALL,
    "avro": _FEW,
    "sqlite": _ALL,
    "shp": _SHAPES,
    "dbf": _FEW,
    "kml": _SHAPES,
    "geojson": _SHAPES,
    "mif": _SHAPES,
}
_PARTS = {"xlsx": "t", "sqlite": "t"}
_ENDS_OF_NO_USE = {"yxdb", "csv", "sqlite", "dbf", "kml", "geojson", "mif"}
"""Where a file can do without its very last bytes: a line end, an index, a mark."""
_LINES = {"csv", "dbf", "mif"}
"""Where half a file is a file too."""


@pytest.fixture(scope="module")
def originals(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("whole")
    paths = {suffix: folder / suffix / f"t.{suffix}" for suffix in _TABLES}
    for suffix, path in paths.items():
        path.parent.mkdir()
        write(table_of(_TABLES[suffix]), path, _PARTS.get(suffix, ""))
    return paths


def _rows_of(path: Path) -> int | None:
    """How many rows the file gives, None where it is refused; any other error is the test's."""
    try:
        content = read(path, _PARTS.get(path.suffix[1:], ""))
        rows = content.table.frame.collect(engine="streaming").height
        if content.trouble is not None:
            content.trouble.collect()
    except GalleriaError:
        return None
    except pl.exceptions.ComputeError as error:
        if path.suffix != ".parquet" or "parquet: File out of specification" not in str(error):
            raise
        return None
    return rows


def _damaged(whole: Path, contents: Iterator[bytes]) -> Iterator[tuple[bytes, int | None]]:
    """Each content in place of the file, among the files that belong to it."""
    before = whole.read_bytes()
    for content in contents:
        whole.write_bytes(content)
        yield content, _rows_of(whole)
    whole.write_bytes(before)


@pytest.mark.parametrize("suffix", _TABLES)
def test_a_file_that_is_cut_short_is_refused(suffix: str, originals: dict[str, Path]) -> None:
    data = originals[suffix].read_bytes()
    lengths = [0, 1, 3, *(len(data) * twelfth // 12 for twelfth in range(1, 12)), len(data) - 1]
    for content, rows in _damaged(originals[suffix], (data[:length] for length in lengths)):
        is_end = suffix in _ENDS_OF_NO_USE and len(content) == len(data) - 1
        assert rows is None or is_end or (suffix in _LINES and rows < ROWS), f"{len(content)} of {len(data)} bytes gave {rows} rows"


@pytest.mark.parametrize("suffix", _TABLES)
def test_other_bytes_are_refused_or_read_for_what_they_are(suffix: str, originals: dict[str, Path]) -> None:
    data = originals[suffix].read_bytes()
    dice = random.Random(suffix)

    def changed() -> Iterator[bytes]:
        # The library that reads yxdb makes room for whatever length a record claims: gigabytes, where many bytes are hit.
        for count in [1, 1, 3, 3 if suffix == "yxdb" else 20] * 12:
            content = bytearray(data)
            for _ in range(count):
                content[dice.randrange(len(content))] = dice.randrange(256)
            yield bytes(content)

    assert sum(1 for _ in _damaged(originals[suffix], changed())) == 48


@pytest.mark.parametrize("suffix", _TABLES)
@pytest.mark.parametrize("content", [b"\0" * 4000, random.Random(7).randbytes(4000), b"<html>no</html>", b"PK\x03\x04" + b"\0" * 60])
def test_something_else_is_refused_or_text(suffix: str, content: bytes, originals: dict[str, Path]) -> None:
    for _, rows in _damaged(originals[suffix], iter([content])):
        assert rows is None or suffix == "csv"
