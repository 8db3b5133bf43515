"""Alteryx Databases: every type there and back, foreign readers, damaged files."""

import struct
from pathlib import Path

import openyxdb
import polars as pl
import pytest
import sigilyx
from polars.testing import assert_frame_equal
from yxdb.yxdb_reader import YxdbReader

from galleria.errors import InvalidError
from galleria.fields.types import Field, FieldType
from galleria.formats.yxdb_layout import HEADER, INDEX_PLACE, META_LENGTH
from tests.formats.tables import EVERY_TYPE, read, table_of, write


@pytest.mark.parametrize("rows", [0, 3, 200_000])
def test_every_type_comes_back_as_it_was(tmp_path: Path, rows: int) -> None:
    table = table_of([(field, (values * (rows // 3 + 1))[:rows]) for field, values in EVERY_TYPE])
    assert write(table, tmp_path / "x.yxdb").height == 0
    content = read(tmp_path / "x.yxdb")
    assert [(f.name, f.type, f.size, f.scale) for f in content.table.fields] == [(f.name, f.type, f.size, f.scale) for f in table.fields]
    assert content.table.frame.collect_schema() == {field.name: field.dtype for field in table.fields}
    assert_frame_equal(content.table.frame.collect(engine="streaming"), table.frame.collect())


def test_only_the_columns_and_rows_asked_for_are_read(tmp_path: Path) -> None:
    write(table_of(EVERY_TYPE), tmp_path / "x.yxdb")
    rows = read(tmp_path / "x.yxdb").table.frame.filter(pl.col("byte") > 0).select("v_wstring", "byte").head(1).collect()
    assert rows.rows() == [("x" * 300, 255)]


def test_what_the_file_tells_of_its_fields_is_read(tmp_path: Path) -> None:
    path = tmp_path / "x.yxdb"
    write(table_of([(Field("a", FieldType.V_STRING, 9), []), (Field("b", FieldType.BYTE), [])]), path)
    written = path.read_bytes()
    place = HEADER + 2 * struct.unpack_from("<i", written, META_LENGTH)[0]
    xml = written[HEADER:place].decode("utf-16-le").replace('source="SigilYX"', 'source="Formula: [b]&lt;1" description="of b"', 1)
    head = bytearray(written[:HEADER])
    struct.pack_into("<i", head, META_LENGTH, len(xml))
    struct.pack_into("<q", head, INDEX_PLACE, struct.unpack_from("<q", head, INDEX_PLACE)[0] + HEADER + 2 * len(xml) - place)
    path.write_bytes(head + xml.encode("utf-16-le") + written[place:])
    assert [(field.source, field.description) for field in read(path).table.fields] == [("Formula: [b]<1", "of b"), ("", "")]


def test_foreign_readers_read_the_same(tmp_path: Path) -> None:
    path = tmp_path / "x.yxdb"
    # The package `yxdb` knows no Time, and gives the older two text and number types another form.
    plain = [(field, values) for field, values in EVERY_TYPE if field.type not in (FieldType.TIME, FieldType.SPATIAL)]
    table = table_of(plain)
    write(table, path)
    wanted = table.frame.collect()
    # sigilyx by itself misreads narrow texts beyond ASCII.
    assert_frame_equal(sigilyx.read_yxdb(path).drop("string", "v_string"), wanted.drop("string", "v_string"), check_dtypes=False)
    other = openyxdb.to_polars(str(path)).with_columns(pl.col("decimal").cast(pl.Decimal(38, 3)))
    assert_frame_equal(other, wanted, check_dtypes=False)
    reader = YxdbReader(path=str(path))
    names = [field.name for field in reader.list_fields()]
    records = []
    while reader.next():
        records.append([reader.read_index(index) for index in range(len(names))])
    assert names == wanted.columns
    texts = [[record[names.index(name)] for record in records] for name in ("int64", "string", "wstring", "v_wstring", "blob")]
    assert texts == [wanted[name].to_list() for name in ("int64", "string", "wstring", "v_wstring", "blob")]


def test_what_does_not_fit_is_cut_and_told(tmp_path: Path) -> None:
    table = table_of(
        [
            (Field("short", FieldType.V_STRING, 3), ["abcd", "abc", None]),
            (Field("narrow", FieldType.STRING, 9), ["日本", "–", None]),
            (Field("wide", FieldType.V_WSTRING, 3), ["a😀😀", "łódź", None]),
        ]
    )
    trouble = write(table, tmp_path / "x.yxdb")
    assert trouble.select("field", "count").rows() == [("short", 1), ("narrow", 2), ("wide", 2)]
    assert read(tmp_path / "x.yxdb").table.frame.collect().rows() == [("abc", "??", "a😀"), ("abc", "-", "łód"), (None, None, None)]


@pytest.mark.parametrize("kept", [0, 10, 511, 600, 2600, 0.5])
def test_a_truncated_file_is_refused_in_words(tmp_path: Path, kept: float) -> None:
    path = tmp_path / "x.yxdb"
    write(table_of([(field, values * 1000) for field, values in EVERY_TYPE]), path)
    data = path.read_bytes()
    path.write_bytes(data[: kept if isinstance(kept, int) else int(len(data) * kept)])
    with pytest.raises((InvalidError, pl.exceptions.ComputeError), match=r'"x[.]yxdb" cannot be read'):
        read(path).table.frame.collect()
