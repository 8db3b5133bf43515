"""Reports in files, opened by foreign readers."""

import struct
import zipfile
import zlib
from pathlib import Path

import openpyxl
import pytest
from lxml import etree

from galleria.errors import InvalidError, UnreadableError, UnsupportedError
from galleria.reports.document import Paper, Report, Separator
from galleria.reports.pictures import picture_markup, size_of
from galleria.reports.stored import stored
from galleria.reports.write import kind_of, write_report
from galleria.runner.conversion import convert

WORD = {"w": "http://schemas.openxmlformats.org/wordprocessingml/2006/main"}
TABLE = (
    '<table class="data" style="width:100%"><colgroup><col class="number" style="text-align:right"/><col/></colgroup>'
    "<thead><tr><th>n</th><th>text</th></tr></thead>"
    "<tbody><tr><td>1.5</td><td>=1+1</td></tr><tr><td></td><td>a &lt;b&gt;</td></tr></tbody></table>"
)


def png(width: int, height: int) -> bytes:
    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    rows = b"".join(b"\0" + b"\xff\x80\x00" * width for _ in range(height))
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def written(report: Report, folder: Path, name: str) -> Path:
    path = folder / name
    write_report(report, path, folder / "scratch")
    assert not (folder / "scratch").exists()
    return path


EVERYTHING = Report(
    [
        f"<p>one {picture_markup(png(4, 3), {'width': '40px'})}</p>{TABLE}<hr/>",
        f'<section title="two"><table class="layout"><tr><td>{TABLE}</td><td>side</td></tr></table></section>',
        '<hr class="break"/><p>three</p>',
        '<div class="overlay"><div class="base"><p>base</p></div><div class="on mc" style="padding-left:3px">over</div></div>',
        '<svg width="20" height="10" viewBox="0 0 20 10"><rect x="0" y="0" width="20" height="10" fill="#ff0000"/></svg>',
        '<ul><li>x #strong[a] $x$ *b* \\ "q"</li></ul><h1>head</h1><a href="https://example.org/">link</a><sup>2</sup>',
    ],
    Separator.WHITESPACE,
    "<p>header</p>",
    "<p>footer</p>",
    False,
    Paper(595, 841, 36, 36, 72, 72, False),
    {"font-family": "Arial", "font-size": "12pt", "color": "#112233"},
)


def test_a_report_becomes_a_pdf_of_its_pages(tmp_path: Path) -> None:
    pytest.importorskip("typst")
    content = written(EVERYTHING, tmp_path, "a.pdf").read_bytes()
    assert content.startswith(b"%PDF-")
    assert content.count(b"/Type/Page\n") + content.count(b"/Type /Page\n") + content.count(b"/Type/Page/") >= 2 or b"/Count 2" in content


def test_a_picture_is_as_wide_as_the_paper(tmp_path: Path) -> None:
    pytest.importorskip("typst")
    content = written(EVERYTHING, tmp_path, "a.png").read_bytes()
    assert content.startswith(b"\x89PNG")
    assert struct.unpack(">I", content[16:20])[0] == round(841 * 96 / 72)


def test_a_damaged_picture_stops_the_pages(tmp_path: Path) -> None:
    pytest.importorskip("typst")
    with pytest.raises(InvalidError, match="cannot be laid out"):
        written(Report([picture_markup(png(4, 3)[:40], {})]), tmp_path, "a.pdf")


def test_a_workbook_has_numbers_texts_and_sheets(tmp_path: Path) -> None:
    book = openpyxl.load_workbook(written(EVERYTHING, tmp_path, "a.xlsx"))
    assert book.sheetnames[:2] == ["Sheet1", "two"]
    values = [cell for row in book["two"].iter_rows(values_only=True) for cell in row]
    assert [value for value in values if value is not None][:6] == ["n", "text", "side", 1.5, "=1+1", "a <b>"]
    assert book["two"]["B2"].data_type == "s"


LONG = "x" * 40_000


@pytest.mark.parametrize(
    ("snippet", "lost"),
    [
        (f"<p>{LONG}</p>", [f'"{"x" * 97}..." was truncated']),
        (f'<table class="data"><tbody><tr><td>a</td><td>{LONG}</td></tr></tbody></table>', [f'"{"x" * 97}..." was truncated']),
        (f"<p>{LONG[:32_767]}</p>", []),
        (f"<p>{LONG}</p>" * 13, [f'"{"x" * 97}..." was truncated'] * 10 + ["3 further texts were truncated"]),
    ],
    ids=["a text", "a cell", "as long as fits", "many"],
)
def test_what_a_cell_cuts_is_told(tmp_path: Path, snippet: str, lost: list[str]) -> None:
    assert list(write_report(Report([snippet]), tmp_path / "a.xlsx", tmp_path / "scratch")) == lost
    texts = [cell for row in openpyxl.load_workbook(tmp_path / "a.xlsx")["Sheet1"].iter_rows(values_only=True) for cell in row]
    assert max(len(str(text)) for text in texts if text) == 32_767


def test_other_forms_hold_long_texts(tmp_path: Path) -> None:
    assert list(write_report(Report([f"<p>{LONG}</p>"]), tmp_path / "a.html", tmp_path / "scratch")) == []


def test_a_report_is_not_converted_to_less_than_it_was(tmp_path: Path) -> None:
    whole, cut = (written(Report([f"<p>{text}</p>"]), tmp_path, f"{len(text)}.pcxml") for text in ("short", LONG))
    convert(whole, tmp_path / "a.xlsx")
    with pytest.raises(InvalidError, match=r"does not fit into this form: .* was truncated\. Fetch it in another one"):
        convert(cut, tmp_path / "b.xlsx")
    assert not (tmp_path / "b.xlsx").exists()


def test_sheets_of_one_name_are_told_apart(tmp_path: Path) -> None:
    report = Report(['<section title="a[1]">x</section><section title="A_1_">y</section>'])
    assert openpyxl.load_workbook(written(report, tmp_path, "a.xlsx")).sheetnames == ["a_1_", "A_1__2"]


def test_a_word_document_has_its_texts_tables_pictures_and_paper(tmp_path: Path) -> None:
    with zipfile.ZipFile(written(EVERYTHING, tmp_path, "a.docx")) as package:
        parts = {name: etree.fromstring(package.read(name)) for name in package.namelist() if name.endswith((".xml", ".rels"))}
        files = set(package.namelist())
    document = parts["word/document.xml"]
    texts = [text for text in document.xpath("//w:t/text()", namespaces=WORD) if text.strip()]
    assert [text for text in texts if text in ("n", "1.5", "=1+1", "a <b>", "side", "over", "2")][:4] == ["n", "1.5", "=1+1", "a <b>"]
    assert len(document.xpath("//w:tbl", namespaces=WORD)) == 3
    assert all(etree.QName(cell[-1]).localname == "p" for cell in document.xpath("//w:tc", namespaces=WORD))
    wanted = {f"word/{one.get('Target')}" for one in parts["word/_rels/document.xml.rels"]}
    assert wanted == {"word/header.xml", "word/footer.xml", "word/media/document1.png", "word/media/document2.png"}
    assert wanted <= files
    assert parts["word/header.xml"].xpath("string()") == "header"
    [size] = document.xpath("//w:pgSz", namespaces=WORD)
    assert [size.get(f"{{{WORD['w']}}}{name}") for name in ("w", "h", "orient")] == ["16820", "11900", "landscape"]


@pytest.mark.parametrize("extension", ["pdf", "png", "docx", "xlsx"])
@pytest.mark.parametrize("data", ["A", "QUJD"])
def test_a_picture_that_is_none_is_refused_in_words(tmp_path: Path, extension: str, data: str) -> None:
    with pytest.raises(InvalidError, match="a picture in a report is"):
        written(Report([f'<img src="data:image/png;base64,{data}"/>']), tmp_path, f"a.{extension}")


@pytest.mark.parametrize("start", [b"\xff\xc0", b"\xff\xff\xc2"])
def test_a_jpeg_says_its_size_behind_other_segments(start: bytes) -> None:
    head = b"\xff\xd8\xff\xe0\x00\x10JFIF".ljust(20, b"\0")
    assert size_of(head + start + struct.pack(">HBHH", 17, 8, 11, 37) + bytes(10)) == (37, 11)
    assert size_of(head) == (200, 200)


def test_a_kept_report_is_the_same_again(tmp_path: Path) -> None:
    assert stored(written(EVERYTHING, tmp_path, "a.pcxml")) == EVERYTHING


@pytest.mark.parametrize("text", ["", "<a/>", "<galleria-report/>", "<galleria-report separator='x'><paper width='y'/></galleria-report>"])
def test_another_file_is_no_kept_report(tmp_path: Path, text: str) -> None:
    path = tmp_path / "a.pcxml"
    path.write_text(text)
    with pytest.raises(UnreadableError, match="no report of this gallery"):
        stored(path)


@pytest.mark.parametrize("extension", [".xls", "rtf", "pptx", "zip", "exe", ""])
def test_other_kinds_are_refused_by_name(extension: str) -> None:
    with pytest.raises(UnsupportedError, match="cannot be written"):
        kind_of(extension)
