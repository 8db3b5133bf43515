"""Workbooks: types and values there and back, areas, changes to workbooks that are there, foreign writers and readers."""

import zipfile
from datetime import date, datetime, time
from pathlib import Path

import openpyxl
import polars as pl
import pytest
import xlsxwriter

from galleria.errors import InvalidError, TooLargeError, UnsupportedError
from galleria.fields.types import Field, FieldType
from galleria.formats.excel import Excel
from galleria.formats.format import Source
from galleria.formats.options import Options
from tests.formats.tables import EVERY_TYPE, around, read, table_of, write

TEXTS = Field("text", FieldType.V_WSTRING)
NUMBERS = Field("number", FieldType.INT32)


def types_of(path: Path, part: str = "", **options: str) -> list[tuple[str, str, int]]:
    return [(field.name, field.type.value, field.size) for field in read(path, part, **options).table.fields]


def rows_of(path: Path, part: str = "", **options: str) -> list[tuple[object, ...]]:
    return read(path, part, **options).table.frame.collect().rows()


@pytest.fixture
def book(tmp_path: Path) -> Path:
    """Written by openpyxl, as a stranger would."""
    path = tmp_path / "book.xlsx"
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "Data"
    for row in [
        ["id", "name", 2024, None, "name", "day", "at", "moment", "ok", "mixed", "code"],
        [1, "Ulm", 0.1, None, "x" * 300, date(2024, 2, 29), time(7, 8, 9), datetime(2024, 2, 29, 7, 8, 9), True, 5, 17],
        [2.5, "Łódź", None, None, None, date(1999, 12, 31), None, datetime(2024, 3, 1), False, "text", 18],
        [None, None, None, None, None, None, None, None, None, date(2024, 1, 2), None],
    ]:
        sheet.append(row)
    for cell in sheet["K"]:
        cell.number_format = "@"
    other = book.create_sheet("Other $heet")
    other["B3"], other["C3"], other["B4"], other["C4"] = "a", "b", 1, 2
    book.defined_names["Corner"] = openpyxl.workbook.defined_name.DefinedName("Corner", attr_text="'Other $heet'!$B$3:$B$4")
    book.save(path)
    return path


def test_columns_get_the_types_that_their_cells_agree_on(book: Path) -> None:
    assert types_of(book, "`Data$`") == [
        ("id", "Double", 8),
        ("name", "V_WString", 255),
        ("2024", "Double", 8),
        ("F4", "Double", 8),
        ("name2", "V_String", 300),
        ("day", "Date", 10),
        ("at", "Time", 8),
        ("moment", "DateTime", 19),
        ("ok", "Bool", 1),
        ("mixed", "V_String", 255),
        ("code", "V_String", 255),
    ]
    rows = rows_of(book, "Data$")
    assert rows[0][5:] == (date(2024, 2, 29), time(7, 8, 9), datetime(2024, 2, 29, 7, 8, 9), True, "5", "17")
    assert [row[9] for row in rows] == ["5", "text", "2024-01-02"]
    assert rows[2][:9] == (None,) * 9


@pytest.mark.parametrize(
    ("part", "options", "expected"),
    [
        ("Other $heet$", {}, ([("a", "Double", 8), ("b", "Double", 8)], [(1, 2)])),
        ("`other $HEET$`", {"FirstRowData": "True"}, ([("F1", "V_String", 255), ("F2", "V_String", 255)], [("a", "b"), ("1", "2")])),
        ("`Other $heet$C3:C4`", {}, ([("b", "Double", 8)], [(2,)])),
        ("Other $heet$B4:C4", {"FirstRowData": "True"}, ([("F1", "Double", 8), ("F2", "Double", 8)], [(1, 2)])),
        ("Corner", {}, ([("a", "Double", 8)], [(1,)])),
        ("Other $heet$", {"ImportLine": "4"}, ([("1", "Double", 8), ("2", "Double", 8)], [])),
        ("<List of Sheet Names>", {}, ([("Sheet Names", "V_WString", 11)], [("Data",), ("Other $heet",)])),
        ("", {"ImportLine": "4", "FirstRowData": "True"}, None),
    ],
)
def test_areas(book: Path, part: str, options: dict[str, str], expected: tuple[object, object] | None) -> None:
    if expected is None:
        assert rows_of(book, part, **options)[0][9] == date(2024, 1, 2)
    else:
        assert (types_of(book, part, **options), rows_of(book, part, **options)) == expected


def test_a_sheet_that_is_not_there_is_refused_with_those_that_are(book: Path) -> None:
    with pytest.raises(InvalidError, match=r'has no sheet or range "Dat\$"\. Did you mean "Data"\? It has Data, Other'):
        read(book, "Dat$")


def test_a_sheet_that_declares_more_than_it_has_gives_what_it_has(tmp_path: Path) -> None:
    path, declared = tmp_path / "x.xlsx", tmp_path / "declared.xlsx"
    book = xlsxwriter.Workbook(path)
    sheet = book.add_worksheet("Sheet1")
    sheet.write_row(0, 0, ["a", "b"])
    sheet.write_row(1, 0, [1, 2])
    book.close()
    with zipfile.ZipFile(path) as whole, zipfile.ZipFile(declared, "w") as changed:
        for name in whole.namelist():
            changed.writestr(name, whole.read(name).replace(b'<dimension ref="A1:B2"/>', b'<dimension ref="A1:D9"/>'))
    assert types_of(declared) == [("a", "Double", 8), ("b", "Double", 8)]
    assert rows_of(declared) == [(1.0, 2.0)]


def test_blanks_at_the_ends_of_texts_are_kept(tmp_path: Path) -> None:
    path, own = tmp_path / "x.xlsx", tmp_path / "own.xlsx"
    book = xlsxwriter.Workbook(path)
    book.add_worksheet("Sheet1").write_row(0, 0, ["county", "1"])
    book.close()
    cell = b'<c r="A1" t="inlineStr"><is><t>County &amp; </t></is></c>'
    with zipfile.ZipFile(path) as whole, zipfile.ZipFile(own, "w") as changed:
        for name in whole.namelist():
            changed.writestr(name, whole.read(name).replace(b'<c r="A1" t="s"><v>0</v></c>', cell))
    assert [name for name, _, _ in types_of(own)] == ["County & ", "1"]


def test_cells_that_have_only_a_format_count(tmp_path: Path) -> None:
    path = tmp_path / "x.xlsx"
    book = openpyxl.Workbook()
    book.active["B2"], book.active["B3"] = "a", 1
    book.active["D5"].number_format = "0.00"
    book.save(path)
    assert types_of(path) == [("a", "Double", 8), ("F2", "Double", 8), ("F3", "Double", 8)]
    assert rows_of(path) == [(1, None, None), (None, None, None), (None, None, None)]


def test_a_text_without_characters_makes_a_column_text(tmp_path: Path) -> None:
    # Shared texts: a saved schema of a real workflow. Results of formulas: inferred from it, as is that they are Null.
    path = tmp_path / "x.xlsx"
    book = xlsxwriter.Workbook(path)
    sheet = book.add_worksheet("Sheet1")
    sheet.write_row(0, 0, ["shared", "formula", "only", "numbers"])
    for row, cells in enumerate([(1, 2, 5), (3, 4.5, 6)], start=1):
        sheet.write_row(row, 0, [cells[0], cells[1]])
        sheet.write_number(row, 3, cells[2])
    sheet.write(3, 0, "EMPTY")
    for row, column in ((3, 1), (1, 2), (2, 2)):
        sheet.write_formula(row, column, '=""', value="EMPTY")
    book.close()
    emptied = tmp_path / "emptied.xlsx"
    with zipfile.ZipFile(path) as whole, zipfile.ZipFile(emptied, "w") as changed:
        for name in whole.namelist():
            changed.writestr(name, whole.read(name).replace(b"<t>EMPTY</t>", b"<t/>").replace(b"<v>EMPTY</v>", b"<v></v>"))
    types = [("shared", "V_String", 255), ("formula", "V_String", 255), ("only", "V_String", 255), ("numbers", "Double", 8)]
    assert types_of(emptied) == types
    assert rows_of(emptied) == [("1", "2", None, 5.0), ("3", "4.5", None, 6.0), (None, None, None, None)]


def test_every_type_comes_back(tmp_path: Path) -> None:
    path = tmp_path / "x.xlsx"
    # Without the last column, the last record would leave no trace in the file.
    table = table_of([*EVERY_TYPE, (NUMBERS, [1, 2, 3])])
    assert write(table, path, "Out").height == 0
    frame = read(path, "Out$").table.frame.collect()
    wanted = table.frame.collect()
    assert frame.columns == wanted.columns
    for name in ("bool", "byte", "int16", "int32", "float", "double", "time"):
        assert frame[name].to_list() == wanted[name].to_list(), name
    assert frame["int64"].to_list() == ["-9223372036854775808", "9223372036854775807", None]
    assert frame["decimal"].to_list() == [-1234.567, 0.001, None]
    assert frame["v_wstring"].to_list() == wanted["v_wstring"].to_list()
    assert frame["string"].to_list() == ["Düren", None, None]
    assert frame["date"].to_list() == ["1400-01-01", "9999-12-31", None]
    assert frame["datetime"].to_list() == ["1899-12-30 01:02:03", "2024-02-29 23:59:59", None]


def test_texts_that_look_like_something_else_stay_texts(tmp_path: Path) -> None:
    path = tmp_path / "x.xlsx"
    texts: list[object] = ["=1+1", "007", "http://a.b", "a\x08b", "_x0008_", " blank ", "@x"]
    write(table_of([(TEXTS, texts)]), path)
    assert [row[0] for row in rows_of(path)] == texts
    write(table_of([(TEXTS, texts)]), path, "Second")
    assert [row[0] for row in rows_of(path, "Second$")] == texts


def test_a_text_too_long_for_a_cell_is_cut_and_told(tmp_path: Path) -> None:
    trouble = write(table_of([(TEXTS, ["x" * 40_000])]), tmp_path / "x.xlsx")
    assert trouble.row(0)[1:3] == ("text", 1)
    assert len(str(rows_of(tmp_path / "x.xlsx")[0][0])) == 32_767


def test_sheets_are_made_overwritten_and_appended_to(book: Path) -> None:
    one = table_of([(NUMBERS, [1, 2]), (TEXTS, ["a", "b"])])
    write(one, book, "New", OutputOption="Create")
    with pytest.raises(InvalidError, match=r'The sheet "New" is already in "book\.xlsx"'):
        write(one, book, "New", OutputOption="Create")
    write(table_of([(TEXTS, ["c"]), (NUMBERS, [3])]), book, "New", OutputOption="Append")
    assert rows_of(book, "New$") == [(1, "a"), (2, "b"), (3, "c")]
    with pytest.raises(InvalidError, match="has no column other"):
        write(table_of([(Field("other", FieldType.BOOL), [True])]), book, "New", OutputOption="Append")
    write(table_of([(NUMBERS, [9])]), book, "New", OutputOption="Overwrite")
    assert rows_of(book, "New$") == [(9,)]
    assert types_of(book, "Data$")[0] == ("id", "Double", 8)
    write(one, book, "Only", OutputOption="RemoveFile")
    assert rows_of(book, "<List of Sheet Names>") == [("Only",)]


def test_a_range_is_filled_and_formats_are_kept(book: Path) -> None:
    write(table_of([(NUMBERS, [7, None])]), book, "Other $heet$B4:B5", OutputOption="Overwrite", SkipFieldNames="True")
    assert rows_of(book, "Other $heet$") == [(7, 2), (None, None)] or rows_of(book, "Other $heet$") == [(7, 2)]
    write(table_of([(NUMBERS, [7])]), book, "Data", OutputOption="Overwrite", PreserveFormat="True")
    sheet = openpyxl.load_workbook(book)["Data"]
    assert (sheet["A1"].value, sheet["A2"].value, sheet["B2"].value, sheet["K2"].number_format) == ("number", 7, None, "@")


def test_what_cannot_be_written_is_refused(tmp_path: Path) -> None:
    table = table_of([(NUMBERS, [1])])
    with pytest.raises(UnsupportedError, match="format Microsoft Excel 1997-2003"):
        write(table, tmp_path / "x.xls")
    with pytest.raises(InvalidError, match="cannot name a sheet"):
        write(table, tmp_path / "x.xlsx", "a/b")
    wide = table_of([(Field(f"f{number}", FieldType.BOOL), [True]) for number in range(16_385)])
    with pytest.raises(InvalidError, match="16,385 fields"):
        write(wide, tmp_path / "x.xlsx")
    long = table_of([(Field("a", FieldType.BOOL), [True] * 1_048_576)])
    with pytest.raises(InvalidError, match="1,048,576 records"):
        write(long, tmp_path / "x.xlsx")


def test_files_of_ours_read_equal_elsewhere(tmp_path: Path) -> None:
    path = tmp_path / "x.xlsx"
    write(table_of([(NUMBERS, [1, None]), (TEXTS, ["é😀", "b"]), (Field("day", FieldType.DATE), [date(2024, 2, 29), None])]), path)
    sheet = openpyxl.load_workbook(path).active
    assert [[cell.value for cell in row] for row in sheet] == [
        ["number", "text", "day"],
        [1, "é😀", datetime(2024, 2, 29)],
        [None, "b", None],
    ]
    assert pl.read_excel(path).rows() == [(1, "é😀", date(2024, 2, 29)), (None, "b", None)]


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 no", b"\xd0\xcf\x11\xe0" + b"\0" * 600, b"a,b\n1,2\n"])
def test_damaged_workbooks_are_refused_in_words(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "x.xlsx"
    path.write_bytes(content)
    with pytest.raises(InvalidError, match=r'"x\.xlsx" cannot be read'):
        read(path)


def test_a_bomb_is_refused_before_it_goes_off(tmp_path: Path) -> None:
    path = tmp_path / "x.xlsx"
    with (
        zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive,
        archive.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as member,
    ):
        for _ in range(300):
            member.write(b"0" * 1024**2)
    with pytest.raises(TooLargeError, match="would unpack to"):
        Excel().read(Source(path, "x.xlsx"), Options(), around(tmp_path))


def test_numbers_among_texts_come_as_they_are_written(tmp_path: Path) -> None:
    path = tmp_path / "x.xlsx"
    book = xlsxwriter.Workbook(path)
    sheet = book.add_worksheet()
    for row, value in enumerate(["a", "text", 0.1 + 0.2, 1e21, 5, True]):
        sheet.write(row, 0, value)
    book.close()
    assert [row[0] for row in rows_of(path)] == ["text", "0.3", "1E+21", "5", "True"]


def test_times_are_rounded_to_the_second(tmp_path: Path) -> None:
    path = tmp_path / "x.xlsx"
    book = openpyxl.Workbook()
    for row in [
        ["at", "moment", "mixed"],
        [time(15, 15, 1, 738_000), datetime(2024, 2, 29, 23, 59, 59, 700_000), time(1, 2, 3, 600_000)],
        [None, None, "x"],
    ]:
        book.active.append(row)
    book.save(path)
    assert rows_of(path)[0] == (time(15, 15, 2), datetime(2024, 3, 1), "01:02:04")
