"""What an input asks for: one file or many, by names and wildcards."""

from pathlib import Path

import openpyxl
import pytest

from galleria.errors import GalleriaError, InvalidError, UnsupportedError
from galleria.formats.catalogue import all_formats, format_for, format_of
from galleria.formats.codes import FORMAT_NAMES
from galleria.formats.reading import NameColumn, Request, read, split_name
from tests.formats.tables import around


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, text in {"in/a1.csv": "x\n1\n2\n", "in/A2.CSV": "X\n3\n", "in/b.csv": "x\n9\n", "in/deep/a3.csv": "x\n4\n"}.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    (tmp_path / "in/a0.csv").symlink_to(tmp_path / "in/b.csv")
    return tmp_path


def answer(folder: Path, **request: object):
    def find(name: str) -> Path:
        path = folder / name.replace("\\", "/")
        if not path.exists():
            raise InvalidError(f"File not found {name}")
        return path

    return read(Request(**request), find, around(folder))


def test_wildcards_stack_files_in_the_order_of_their_names(folder: Path) -> None:
    (folder / "in/a0.csv").unlink()
    answered = answer(folder, name=r"in\a?.csv", code=0)
    assert answered.table.frame.collect().rows() == [("1",), ("2",), ("3",)]
    assert [one.name for one in answered.files] == [r"in\a1.csv", r"in\A2.CSV"]


def test_folders_below_come_after(folder: Path) -> None:
    (folder / "in/a0.csv").unlink()
    answered = answer(folder, name=r"in\a*.csv", code=0, searches_below=True, name_column=NameColumn.PATH)
    assert answered.table.frame.collect().rows() == [
        ("1", r"in\a1.csv"),
        ("2", r"in\a1.csv"),
        ("3", r"in\A2.CSV"),
        ("4", r"in\deep\a3.csv"),
    ]
    field = answered.table.fields[-1]
    assert (field.name, field.type.value, field.size) == ("FileName", "V_WString", 254)


def test_the_record_limit_holds_for_all_files_together(folder: Path) -> None:
    (folder / "in/a0.csv").unlink()
    answered = answer(folder, name="in/a*.csv", code=0, record_limit=2, name_column=NameColumn.FILE_NAME)
    assert answered.table.frame.collect().rows() == [("1", "a1"), ("2", "a1")]


@pytest.mark.parametrize(("column", "told"), [(NameColumn.PATH, r"in\book.xlsx|||`Sheet$`"), (NameColumn.FILE_NAME, "book")])
def test_the_name_of_a_sheet_is_told_with_the_path_of_the_workbook(folder: Path, column: NameColumn, told: str) -> None:
    book = openpyxl.Workbook()
    book.active.append(["FileName"])
    book.active.append(["x"])
    book.save(folder / "in/book.xlsx")
    answered = answer(folder, name=r"in\book.xlsx", part="`Sheet$`", name_column=column)
    assert answered.table.names == ["FileName", "FileName2"]
    assert answered.table.frame.collect().rows() == [("x", told)]


@pytest.mark.parametrize("name", ["in/none*.csv", "in/none.csv", "nowhere/*.csv"])
def test_what_is_not_there_is_refused(folder: Path, name: str) -> None:
    with pytest.raises(InvalidError, match="File not found"):
        answer(folder, name=name, code=0)


@pytest.mark.parametrize(
    ("name", "code", "words"),
    [
        ("odbc:Driver=Teradata;UID=u;PWD=geheim", 23, "Teradata"),
        ("oci:scott/geheim@db:1521/sales", 17, "database oracle"),
        ("sdbc:DSN=sales;UID=u;PWD=geheim", 26, "ODBC Spatial"),
        ("x.tde", 42, "Tableau Data Extract"),
        ("x.what", None, r"\.what"),
        ("x", 9999, "without an extension"),
    ],
)
def test_what_is_not_read_is_refused_by_name_without_its_secrets(folder: Path, name: str, code: int | None, words: str) -> None:
    (folder / "x.tde").touch()
    (folder / "x.what").touch()
    (folder / "x").touch()
    with pytest.raises(UnsupportedError, match=words) as refused:
        answer(folder, name=name, code=code, part="t")
    assert "geheim" not in refused.value.message


def test_that_nothing_is_chosen_to_read_is_said(folder: Path) -> None:
    with pytest.raises(InvalidError, match="No file and no data connection is chosen"):
        answer(folder, name="", part="t")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a.csv", ("a.csv", "")),
        ("b.xlsx|||`Sheet1$`", ("b.xlsx", "`Sheet1$`")),
        ("b.xlsx|`2009$`", ("b.xlsx", "`2009$`")),
        ("odbc:DSN=x|||SELECT a || b FROM t", ("odbc:DSN=x", "SELECT a || b FROM t")),
    ],
)
def test_names_are_split_at_the_bars(text: str, expected: tuple[str, str]) -> None:
    assert split_name(text) == expected


def test_formats_are_found_by_number_and_by_extension() -> None:
    codes = [code for one in all_formats() for code in one.codes]
    extensions = [extension for one in all_formats() for extension in one.extensions]
    assert len(codes) == len(set(codes))
    assert len(extensions) == len(set(extensions))
    assert set(codes) <= FORMAT_NAMES.keys()
    assert format_of(25, Path("x")).name == "Microsoft Excel"
    assert format_for(Path("X.YXDB")).name == "Alteryx Database"
    with pytest.raises(GalleriaError):
        format_of(30, Path("x.cydb"))
