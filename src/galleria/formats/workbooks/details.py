"""What the fast reader of workbooks does not tell: cells that are used though empty, numbers that are formatted as text,
numbers as they are written, blanks at the ends of texts. Only for workbooks of XML (.xlsx, .xlsm).
"""

import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from html import unescape
from pathlib import Path, PurePosixPath

from lxml import etree

from galleria.errors import InvalidError
from galleria.formats.workbooks.areas import Cells, column_number, parse_cells

_MAIN = "{*}"
_TEXT_FORMAT = "49"
_CELL = re.compile(rb'<c r="([A-Z]{1,3})([0-9]{1,7})"([^>]*?)(?:/>|>(?:<f\b[^>]*?(?:/>|>.*?</f>))?(?:<v>([^<]*)</v>)?)', re.DOTALL)
_DIMENSION = re.compile(rb'<dimension ref="([A-Z0-9:]+)"')
_LOOSE_CELL = re.compile(rb'<c r="([A-Z]{1,3})([0-9]{1,7})"[^>]*?\bt="inlineStr"[^>]*><is><t>(\s[^<]*|[^<]*\s)</t></is></c>')
_LOOSE_TEXT = re.compile(rb"<t>(?:\s[^<]*|[^<]*\s)</t>")
_EMPTY_ITEM = re.compile(rb"<si>(?:<t[^>]*/>|<t[^>]*></t>)?</si>|<si/>")
_EMPTY_RESULT = re.compile(rb'\bt="str"[^>]*>(?:<f\b[^>]*?(?:/>|>[^<]*</f>))?(?:<v></v>|<v/>)?</c>')
_ITEM = re.compile(rb"<si>(.*?)</si>|<si/>", re.DOTALL)
_PLAIN_TEXT = re.compile(rb"\A<t>([^<]*)</t>\Z")


@dataclass(frozen=True)
class CellDetail:
    row: int
    column: int
    style: int
    type: str
    """`n` a number, `s` a shared text, `b` a boolean, `e` an error, ..."""
    value: str
    """As written; empty for an empty cell."""


class SheetDetails:
    """The XML of one sheet, looked into as far as needed."""

    def __init__(self, path: Path, sheet: str) -> None:
        with zipfile.ZipFile(path) as archive:
            member = _member_of(archive, sheet)
            self.xml = archive.read(member)
            names = set(archive.namelist())
            self._styles = archive.read("xl/styles.xml") if "xl/styles.xml" in names else b""
            self._strings = archive.read("xl/sharedStrings.xml") if "xl/sharedStrings.xml" in names else b""

    def used(self, filled: Cells | None) -> Cells | None:
        """The rectangle of all cells that are there, those that only have a format too; None where there is none.

        What the sheet declares is checked where it goes beyond the cells that are `filled`: some declare more than they have.
        """
        found = _DIMENSION.search(self.xml, 0, 65_536)
        declared = parse_cells(found[1].decode()) if found else None
        if declared and filled and filled.around(declared) == filled:
            return declared
        cells = [(int(row) - 1, column_number(letters.decode())) for letters, row, _, _ in _CELL.findall(self.xml)]
        if not cells:
            return declared
        rows, columns = zip(*cells, strict=True)
        return Cells(min(rows), min(columns), max(rows), max(columns))

    def text_styles(self) -> frozenset[int]:
        """The styles that show numbers as the texts they are."""
        if b'numFmtId="49"' not in self._styles:
            return frozenset()
        formats = _parsed(self._styles).iterfind(f"{_MAIN}cellXfs/{_MAIN}xf")
        return frozenset(at for at, one in enumerate(formats) if one.get("numFmtId") == _TEXT_FORMAT)

    def empty_texts(self) -> Iterator[CellDetail]:
        """Cells that hold a text without characters, as results of formulas often are; the fast reader takes them for empty cells."""
        items = enumerate(_ITEM.finditer(self._strings)) if _EMPTY_ITEM.search(self._strings) else ()
        shared = {str(number) for number, item in items if _EMPTY_ITEM.fullmatch(item[0])}
        if not shared and not _EMPTY_RESULT.search(self.xml):
            return
        for cell in self.cells():
            if (cell.type == "s" and cell.value in shared) or (cell.type == "str" and not cell.value):
                yield cell

    def loose_texts(self) -> dict[int, str]:
        """By their number, shared texts with blanks at their ends that the fast reader takes away."""
        if not _LOOSE_TEXT.search(self._strings):
            return {}
        found: dict[int, str] = {}
        for number, item in enumerate(_ITEM.finditer(self._strings)):
            plain = _PLAIN_TEXT.match(item[1] or b"")
            text = unescape(plain[1].decode("utf-8", "replace")) if plain else ""
            if text != text.strip():
                found[number] = text
        return found

    def loose_cells(self) -> Iterator[tuple[int, int, str]]:
        """Row, column and text of cells that hold their own text, with blanks at its ends that the fast reader takes away."""
        for letters, row, text in _LOOSE_CELL.findall(self.xml):
            yield int(row) - 1, column_number(letters.decode()), unescape(text.decode("utf-8", "replace"))

    def cells(self) -> Iterator[CellDetail]:
        for letters, row, attributes, value in _CELL.findall(self.xml):
            yield CellDetail(
                int(row) - 1,
                column_number(letters.decode()),
                int(_attribute(attributes, b"s") or 0),
                _attribute(attributes, b"t").decode() or "n",
                unescape(value.decode("utf-8", "replace")),
            )


def _attribute(attributes: bytes, name: bytes) -> bytes:
    found = re.search(rb"\b" + name + rb'="([^"]*)"', attributes)
    return found[1] if found else b""


def _member_of(archive: zipfile.ZipFile, sheet: str) -> str:
    """The file in the archive that holds the sheet."""
    try:
        book = _parsed(archive.read("xl/workbook.xml"))
        links = _parsed(archive.read("xl/_rels/workbook.xml.rels"))
    except KeyError as error:
        raise InvalidError("the workbook has no list of its sheets") from error
    targets = {link.get("Id"): link.get("Target", "") for link in links}
    for one in book.iterfind(f"{_MAIN}sheets/{_MAIN}sheet"):
        if one.get("name") == sheet:
            link = next((value for name, value in one.attrib.items() if str(name).endswith("}id")), None)
            target = PurePosixPath(str(targets.get(link, "")))
            return str(target).lstrip("/") if target.is_absolute() else str(PurePosixPath("xl") / target)
    raise InvalidError(f"the workbook does not say where the sheet {sheet!r} is")


def _parsed(xml: bytes) -> etree._Element:  # pyright: ignore[reportPrivateUsage] - lxml has no public name for it
    return etree.fromstring(xml, etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False))
