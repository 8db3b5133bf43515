"""JSON, XML, flat files, Parquet and Avro."""

import json
from pathlib import Path

import polars as pl
import pyarrow.parquet
import pytest
from lxml import etree
from polars.testing import assert_frame_equal

from galleria.errors import InvalidError, UnsupportedError
from galleria.fields.types import Field, FieldType
from galleria.formats.flat import Flat
from galleria.formats.format import Source
from galleria.formats.options import Options
from tests.formats.tables import EVERY_TYPE, around, read, table_of, write


def test_json_is_read_as_names_and_values(tmp_path: Path) -> None:
    (tmp_path / "x.json").write_text('{"a": [1, 2.50, null], "b": {"c": true, "d": "é"}, "e": {}}', encoding="utf-8")
    table = read(tmp_path / "x.json").table
    assert [(field.name, field.type.value, field.size) for field in table.fields] == [
        ("JSON_Name", "V_WString", 1_073_741_823),
        ("JSON_ValueString", "V_WString", 1_073_741_823),
    ]
    assert table.frame.collect().rows() == [("a.0", "1"), ("a.1", "2.50"), ("a.2", None), ("b.c", "true"), ("b.d", "é"), ("e", None)]


def test_json_is_written_as_an_array_of_objects(tmp_path: Path) -> None:
    write(table_of(EVERY_TYPE), tmp_path / "x.json")
    first, _, last = json.loads((tmp_path / "x.json").read_text(encoding="utf-8"))
    assert (first["bool"], first["int64"], first["decimal"], first["date"]) == (True, -(2**63), -1234.567, "1400-01-01")
    assert first["v_wstring"] == "😀 line\nbreak"
    assert set(last.values()) == {None}
    write(table_of([(Field("a", FieldType.V_WSTRING), ["é€😀"])]), tmp_path / "y.json", CodePage="28591")
    assert (tmp_path / "y.json").read_bytes() == b'[{"a":"\xe9\\u20ac\\ud83d\\ude00"}]'


@pytest.mark.parametrize("text", ["", "{", '{"a": 1} x', "[" * 100_000])
def test_what_is_no_json_is_refused_in_words(tmp_path: Path, text: str) -> None:
    (tmp_path / "x.json").write_text(text)
    with pytest.raises(InvalidError, match=r"x\.json"):
        read(tmp_path / "x.json")


XML = '<?xml version="1.0" encoding="{0}"?><towns><town id="1"><name>Düren</name></town><town id="2"><name>Łódź</name></town></towns>'


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_xml_gives_a_row_for_each_element(tmp_path: Path, encoding: str) -> None:
    (tmp_path / "x.xml").write_text(XML.format(encoding.removesuffix("-sig")), encoding=encoding)
    table = read(tmp_path / "x.xml", ChildValues="True").table
    assert [(field.name, field.type.value, field.size) for field in table.fields] == [
        ("town", "V_String", 1),
        ("id", "V_String", 1),
        ("name", "V_WString", 5),
    ]
    assert table.frame.select("id", "name").collect().rows() == [("1", "Düren"), ("2", "Łódź")]


def test_bad_xml_is_refused_or_told(tmp_path: Path) -> None:
    (tmp_path / "x.xml").write_text("<a><b></a>")
    with pytest.raises(InvalidError, match=r"x\.xml"):
        read(tmp_path / "x.xml")
    assert [status for status, _ in read(tmp_path / "x.xml", IgnoreErrors="True").notes] == [2]


def flat(path: Path, file: str, fields: str, **options: str):
    element = etree.fromstring(
        f'<o><FlatFileXML><flatfile version="1"><file {file}/><fields>{fields}</fields></flatfile></FlatFileXML></o>'
    )
    return Flat().read(Source(path, path.name), Options(options, element), around(path.parent))


FIELDS = (
    '<field name="id" type="Int32" length="3"/><field name="name" type="V_String" length="6"/><field name="paid" type="Double" length="4"/>'
)


def test_flat_files_are_cut_at_fixed_places(tmp_path: Path) -> None:
    path = tmp_path / "x.flat"
    path.write_text("  1Ulm   1.5 \r\n 22Düren \r\nabc          \r\n", encoding="latin-1", newline="")
    content = flat(path, 'eoltype="crlf" allowShortLines="t" allowLongLines="f" trimWhiteSpace="t"', FIELDS)
    assert [(field.name, field.type.value, field.size) for field in content.table.fields] == [
        ("id", "Int32", 4),
        ("name", "V_String", 6),
        ("paid", "Double", 8),
    ]
    assert content.table.frame.collect().rows() == [(1, "Ulm", 1.5), (22, "Düren", None), (None, None, None)]
    assert content.trouble is not None
    assert content.trouble.collect().rows() == [(5, "id", 1, ["abc is not a number."])]


def test_flat_files_keep_blanks_and_lines_are_measured_as_the_layout_asks(tmp_path: Path) -> None:
    path = tmp_path / "x.flat"
    path.write_text("ab \nabcd\na\n")
    content = flat(
        path, 'eoltype="lf" allowShortLines="f" allowLongLines="f" trimWhiteSpace="f"', '<field name="a" type="String" length="3"/>'
    )
    assert content.table.frame.collect().rows() == [("ab ",), ("abc",), ("a",)]
    assert content.trouble is not None
    assert content.trouble.collect().rows() == [(3, None, 1, ["Record #2 has 4 characters, and the layout asks for 3."])]


def test_flat_files_without_line_ends(tmp_path: Path) -> None:
    path = tmp_path / "x.flat"
    path.write_text("abcdef")
    assert flat(path, 'eoltype="none"', '<field name="a" type="String" length="2"/>').table.frame.collect().rows() == [
        ("ab",),
        ("cd",),
        ("ef",),
    ]


def test_a_flat_file_needs_a_layout(tmp_path: Path) -> None:
    (tmp_path / "x.flat").write_text("abc")
    with pytest.raises(InvalidError, match="has no layout"):
        read(tmp_path / "x.flat")


def test_a_flat_file_is_read_by_the_layout_that_was_written_beside_it(tmp_path: Path) -> None:
    kept = [one for one in EVERY_TYPE if not one[0].type.is_binary and one[0].name != "v_wstring"]
    assert write(table_of(kept), tmp_path / "x.flat", CodePage="65001").height == 0
    found = read(tmp_path / "x.flat", CodePage="65001").table.frame.collect()
    for field, values in kept:
        wanted = [
            None if value in (None, "") else str(value).strip() if field.type.is_text or field.type.is_temporal else value
            for value in values
        ]
        if not field.type.is_wide:
            assert found[field.name].to_list() == wanted


def test_a_flat_file_holds_no_blobs(tmp_path: Path) -> None:
    with pytest.raises(InvalidError, match='"blob" is a Blob'):
        write(table_of([one for one in EVERY_TYPE if one[0].name == "blob"]), tmp_path / "x.flat")


def test_parquet_keeps_every_type(tmp_path: Path) -> None:
    table = table_of(EVERY_TYPE)
    write(table, tmp_path / "x.parquet")
    found = read(tmp_path / "x.parquet").table
    kinds = {FieldType.STRING: "V_WString", FieldType.WSTRING: "V_WString", FieldType.V_STRING: "V_WString", FieldType.SPATIAL: "Blob"}
    assert [(field.name, field.type.value) for field in found.fields] == [
        (one.name, kinds.get(one.type, one.type.value)) for one in table.fields
    ]
    assert_frame_equal(found.frame.collect(), table.frame.collect())
    assert pyarrow.parquet.read_table(tmp_path / "x.parquet").column("v_wstring").to_pylist()[0] == "😀 line\nbreak"


def test_avro_there_and_back(tmp_path: Path) -> None:
    write(table_of(EVERY_TYPE), tmp_path / "x.avro", Compression="deflate")
    found = read(tmp_path / "x.avro").table
    wanted = table_of(EVERY_TYPE).frame.collect()
    frame = found.frame.collect()
    for name in ("bool", "byte", "int32", "int64", "double", "v_wstring", "date", "datetime", "blob"):
        assert frame[name].to_list() == wanted[name].to_list(), name
    assert frame["decimal"].to_list() == ["-1234.567", "0.001", None]
    assert frame["time"].to_list() == ["00:00:00", "23:59:59", None]


@pytest.mark.parametrize("name", ["x.parquet", "x.avro"])
def test_damaged_files_are_refused_in_words(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(b"PAR1 no")
    with pytest.raises(InvalidError, match="cannot be read"):
        read(tmp_path / name)


def test_columns_that_no_field_can_hold_are_refused(tmp_path: Path) -> None:
    pl.DataFrame({"a": [[1, 2]]}).write_parquet(tmp_path / "x.parquet")
    with pytest.raises(UnsupportedError, match="column of type List"):
        read(tmp_path / "x.parquet")
