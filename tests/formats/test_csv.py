"""Delimited text: the fast reader against the exact one, code pages, every type there and back."""

from pathlib import Path
from unittest.mock import patch

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from galleria.errors import GalleriaError, InvalidError, UnsupportedError
from galleria.formats.delimited import regular
from galleria.formats.delimited.dialect import Dialect
from galleria.formats.delimited.records import records
from tests.formats.tables import EVERY_TYPE, read, table_of, write


@settings(max_examples=300, deadline=None)
@given(
    text=st.lists(st.sampled_from(['"', '""', ",", "\n", "\r\n", "a", "bc", " ", "ü", "\n\n", '",', ',"', '"\n']), max_size=24).map(
        "".join
    ),
    header=st.booleans(),
    block_bytes=st.sampled_from([1, 2, 5, 8, 13, regular.LARGEST_BLOCK]),
)
def test_fast_and_exact_reader_agree(tmp_path_factory: pytest.TempPathFactory, text: str, header: bool, block_bytes: int) -> None:
    path = tmp_path_factory.mktemp("csv") / "x.csv"
    path.write_text(text, encoding="utf-8", newline="")
    exact = list(records([text], Dialect()))
    if not exact:
        with pytest.raises(InvalidError, match="is empty"):
            read(path, CodePage="65001")
        return
    width = len(exact[0])
    rows = [tuple((record + [None] * width)[:width]) for record in exact[header:]]
    content = read(path, CodePage="65001", HeaderRow=str(header), IgnoreErrors="True")
    with patch.object(regular, "LARGEST_BLOCK", block_bytes):
        assert content.table.frame.collect(engine="streaming").rows() == rows


@pytest.mark.parametrize("size", [1, 2, 3, 7])
def test_records_do_not_depend_on_where_the_text_is_cut(size: int) -> None:
    text = 'a,"b\r\nc"\r\n"x""y",\r\n\r\n"open,1\nx,"y"z\n'
    whole = [["a", "b\r\nc"], ['x"y', None], [None], ["open,1\nx,yz", None]]
    blocks = [text[at : at + size] for at in range(0, len(text), size)]
    assert list(records(blocks, Dialect())) == list(records([text], Dialect()))
    assert list(records([text], Dialect()))[:3] == whole[:3]


@pytest.mark.parametrize(
    "text", ["\ufeffa,b\n1,2\n", "a,b\n\ufeff1,2\n", 'a,b\n1,2\n\ufeff3,"4"\n\ufeff5,"6\n7"\n', 'a\n"1\n' + "2\n" * 9, "a,b\n1,2"]
)
@pytest.mark.parametrize("header", ["True", "False"])
def test_blocks_begin_with_any_character(tmp_path: Path, text: str, header: str) -> None:
    path = tmp_path / "x.csv"
    path.write_text(text, encoding="utf-8")
    read_at_once = read(path, CodePage="65001", HeaderRow=header).table.frame.collect(engine="streaming")
    with patch.multiple(regular, LARGEST_BLOCK=4, LONGEST_QUOTED=8):
        in_pieces = read(path, CodePage="65001", HeaderRow=header).table.frame.collect(engine="streaming")
    rows = list(records([text.removeprefix("\ufeff")], Dialect()))[header == "True" :]
    assert read_at_once.rows() == in_pieces.rows() == [tuple(row) for row in rows]


def test_a_large_file_is_read_exactly_where_it_stops_being_regular(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    lines = [f"{number},name {number}," for number in range(300_000)]
    lines[250_000] = 'odd 5" pipe,"quoted"tail,""'
    path.write_text("id,name,note\n" + "\n".join(lines), encoding="utf-8")
    frame = read(path, CodePage="65001").table.frame.collect(engine="streaming")
    assert frame.height == 300_000
    assert frame.row(250_000) == ('odd 5" pipe', "quotedtail", "")
    assert frame["id"].to_list()[250_001:250_003] == ["250001", "250002"]
    assert frame["note"].null_count() == 299_999


@pytest.mark.parametrize(
    ("code_page", "encoding", "kind"),
    [
        ("28591", "latin-1", "V_String"),
        ("28591", "utf-8-sig", "V_WString"),
        ("28591", "utf-16", "V_WString"),
        ("1252", "cp1252", "V_WString"),
        ("65001", "utf-8", "V_WString"),
        ("65002", "utf-16-le", "V_WString"),
        ("1201", "utf-16-be", "V_WString"),
        ("932", "cp932", "V_WString"),
        ("28605", "iso8859-15", "V_WString"),
    ],
)
def test_code_pages(tmp_path: Path, code_page: str, encoding: str, kind: str) -> None:
    path = tmp_path / "x.csv"
    word = "日本" if encoding == "cp932" else "Düren"
    path.write_text(f"town\r\n{word}\r\n", encoding=encoding, newline="")
    table = read(path, CodePage=code_page).table
    assert (table.fields[0].name, table.fields[0].type.value) == ("town", kind)
    assert table.frame.collect().rows() == [(word,)]


def test_the_wrong_code_page_is_refused_in_words_or_mended_with_a_warning(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_bytes(b"town\nD\xfcren\nUlm\n")
    with pytest.raises((GalleriaError, pl.exceptions.PolarsError), match="not text in the code page that is set"):
        read(path, CodePage="65001").table.frame.collect()
    content = read(path, CodePage="65001", IgnoreErrors="True")
    assert content.table.frame.collect()["town"].to_list() == ["D�ren", "Ulm"]
    assert content.trouble is not None
    assert content.trouble.collect().row(0)[0] == 2
    with pytest.raises(UnsupportedError, match="code page 4711"):
        read(path, CodePage="4711")


@pytest.mark.parametrize("end", ["\r", "\n", "\r\n"])
def test_line_ends(tmp_path: Path, end: str) -> None:
    path = tmp_path / "x.csv"
    path.write_text(end.join(["a,b", "1,2", ",", ""]), newline="")
    assert read(path).table.frame.collect().rows() == [("1", "2"), (None, None)]


def test_only_what_is_asked_for_is_read(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text("a,b,c\n" + "1,2,3\n" * 10)
    table = read(path).table
    assert table.frame.filter(pl.col("b") == "2").select("c").head(2).collect().rows() == [("3",), ("3",)]
    assert table.frame.select(pl.len()).collect().item() == 10


def test_every_type_is_written_as_text_that_reads_back(tmp_path: Path) -> None:
    table = table_of(EVERY_TYPE)
    write(table, tmp_path / "x.csv", CodePage="65001", WriteBOM="True")
    rows = read(tmp_path / "x.csv", FieldLen="2000").table.frame.collect()
    assert rows.columns == table.names
    assert rows.row(2) == (None,) * len(table.names)
    assert rows.row(0)[:6] == ("True", "0", "-32768", "-2147483648", "-9223372036854775808", "-1234.567")
    assert rows["datetime"].to_list()[:2] == ["1899-12-30 01:02:03", "2024-02-29 23:59:59"]
    assert rows["shape"][0] == '{ "type": "Point", "coordinates": [ 7.500000, 51.250000 ] }'


@pytest.mark.parametrize(
    ("code_page", "expected"),
    [("28591", b"a\r\n\xe9?\r\n"), ("1252", b"a\r\n\xe9\x80\r\n"), ("UTF16", "\ufeffa\r\né€\r\n".encode("utf-16-le"))],
)
def test_files_are_written_in_their_code_page(tmp_path: Path, code_page: str, expected: bytes) -> None:
    field = EVERY_TYPE[11][0].renamed("a")
    trouble = write(table_of([(field, ["é€"])]), tmp_path / "x.csv", CodePage=code_page)
    assert (tmp_path / "x.csv").read_bytes() == expected
    assert trouble.height == (code_page == "28591")


def test_polars_reads_what_is_written(tmp_path: Path) -> None:
    table = table_of([(field, values) for field, values in EVERY_TYPE if field.name in ("int32", "v_wstring", "bool")])
    write(table, tmp_path / "x.csv", CodePage="65001")
    found = pl.read_csv(tmp_path / "x.csv", schema_overrides={"bool": pl.String})
    assert_frame_equal(found, table.frame.collect().with_columns(pl.Series("bool", ["True", "False", None])), check_dtypes=False)
