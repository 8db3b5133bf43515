"""Reports as workbooks: texts and tables in cells, a sheet for each section; pictures lie where they stand."""

from __future__ import annotations

import io
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import xlsxwriter
from xlsxwriter.exceptions import XlsxFileError
from xlsxwriter.worksheet import Worksheet

from galleria.errors import InvalidError
from galleria.reports.cleaning import clean
from galleria.reports.colours import hex_colour
from galleria.reports.document import Report, Separator
from galleria.reports.flow import Block, Grid, Layers, PageBreak, Paragraph, Picture, Section, Style, Text, blocks_of
from galleria.reports.pictures import embedded, size_of
from galleria.reports.styles import border_of, parse_style, points
from galleria.reports.tables import Cell
from galleria.reports.typeset import drawing_as_png

_ROWS = 1_048_576
_CHARACTERS = 32_767
"""Of a cell: more is cut, and told."""
_MOST_TOLD = 10
_ROW_HEIGHT = 20
"""In pixels, as workbooks have it."""


def write_workbook(report: Report, path: Path, folder: Path) -> Sequence[str]:
    """Write the report; header and footer stand at the ends of the first and the last sheet. `folder` is an empty one of the run's own.

    Gives a sentence for each text, of the first few, that was cut because a cell could not hold it.
    Raises InvalidError for a table that is longer than a sheet, and for charts as `typeset` does: they become pictures.
    """
    with xlsxwriter.Workbook(str(path), {"strings_to_formulas": False, "strings_to_urls": False}) as book:
        writer = _Writer(book, folder)
        texts = [*([report.header] if report.header else []), *report.snippets, *([report.footer] if report.footer else [])]
        for position, snippet in enumerate(texts):
            if position and report.separator is Separator.BREAKING:
                writer.start_sheet("")
            writer.add(blocks_of(clean(snippet), {}))
            writer.row += report.separator is Separator.WHITESPACE
        writer.sheet()
    return writer.told()


@dataclass
class _Writer:
    book: xlsxwriter.Workbook
    folder: Path
    current: Worksheet | None = None
    row: int = 0
    names: set[str] = field(default_factory=set[str])
    formats: dict[tuple[tuple[str, Any], ...], Any] = field(default_factory=dict[tuple[tuple[str, Any], ...], Any])
    cut: list[str] = field(default_factory=list[str])
    """How the texts begin that were cut."""

    def sheet(self) -> Worksheet:
        if self.current is None:
            self.start_sheet("")
        assert self.current is not None
        return self.current

    def start_sheet(self, title: str) -> None:
        wanted = name = re.sub(r"[\[\]:*?/\\]", "_", title).strip("'")[:31] or f"Sheet{len(self.names) + 1}"
        number = 2
        while name.casefold() in self.names:
            name = f"{wanted[:26]}_{number}"
            number += 1
        self.names.add(name.casefold())
        self.current, self.row = self.book.add_worksheet(name), 0  # pyright: ignore[reportUnknownMemberType] - untyped there

    def add(self, blocks: Sequence[Block]) -> None:
        for block in blocks:
            match block:
                case Section():
                    if self.current is None or self.row:
                        self.start_sheet(block.title)
                    self.add(block.blocks)
                case PageBreak():
                    self.current = None
                case _:
                    self.row = self._place(block, self.row, 0)[0]

    def _place(self, block: Block, row: int, column: int) -> tuple[int, int]:
        """Write a block with its upper left corner there; give the row below and the column beside it."""
        match block:
            case Paragraph():
                return self._paragraph(block, row, column), column + 1
            case Grid():
                return self._layout(block, row, column) if "layout" in block.element.get("class", "") else self._table(block, row, column)
            case Layers():
                return self._all([*block.base, *(inner for _, _, blocks in block.over for inner in blocks)], row, column)
            case Section():
                return self._all(block.blocks, row, column)
            case _:
                return row + 1, column + 1

    def _all(self, blocks: Sequence[Block], row: int, column: int) -> tuple[int, int]:
        beside = column + 1
        for block in blocks:
            row, right = self._place(block, row, column)
            beside = max(beside, right)
        return row, beside

    def _layout(self, grid: Grid, row: int, column: int) -> tuple[int, int]:
        beside = column
        for cells in grid.rows:
            below, right = row, column
            for _, blocks in cells:
                end, right = self._all(blocks, row, right)
                below = max(below, end)
            row, beside = max(below, row), max(beside, right)
        return row, beside

    def _table(self, grid: Grid, row: int, column: int) -> tuple[int, int]:
        if row + len(grid.rows) > _ROWS:
            raise InvalidError(f"a sheet of a workbook cannot hold more than {_ROWS:,} rows")
        beside = column
        for cells in grid.rows:
            for cell, blocks in cells:
                self._cell(cell, blocks, row, column)
                beside = max(beside, column + cell.column + cell.span)
            row += 1
        return row, beside

    def _cell(self, cell: Cell, blocks: Sequence[Block], row: int, column: int) -> None:
        text = "\n".join(_words(block.parts) if isinstance(block, Paragraph) else "" for block in blocks).strip()
        look = self._format({**_first_style(blocks), **cell.style})
        is_number = cell.is_number and not cell.is_head and re.fullmatch(r"-?\d{1,15}(?:\.\d+)?(?:[eE][-+]?\d+)?", text)
        if is_number:
            self.sheet().write_number(row, column + cell.column, float(text), look)
        elif text:
            self._text(text, row, column + cell.column, look)
        else:
            self.sheet().write_blank(row, column + cell.column, None, look)
        for block in blocks:
            if isinstance(block, Paragraph):
                self._pictures(block, row, column + cell.column)

    def _text(self, text: str, row: int, column: int, look: Any) -> None:
        if len(text) > _CHARACTERS:
            self.cut.append(text[:97])
        self.sheet().write_string(row, column, text[:_CHARACTERS], look)

    def told(self) -> Sequence[str]:
        told = [f'"{text}..." was truncated' for text in self.cut[:_MOST_TOLD]]
        rest = len(self.cut) - _MOST_TOLD
        return [*told, f"{rest:,} further texts were truncated"] if rest > 0 else told

    def _paragraph(self, paragraph: Paragraph, row: int, column: int) -> int:
        text = _words(paragraph.parts)
        if text.strip():
            style = {**_first_style([paragraph]), "text-align": paragraph.align}
            self._text(text, row, column, self._format(style))
        return max(row + 1, row + self._pictures(paragraph, row, column))

    def _pictures(self, paragraph: Paragraph, row: int, column: int) -> int:
        """Lay the pictures there; give how many rows they cover."""
        rows = 0
        for part in paragraph.parts:
            if not isinstance(part, Picture):
                continue
            is_drawing = part.element.tag == "svg"
            content = drawing_as_png(part.element, self.folder) if is_drawing else embedded(part.element.get("src", ""))
            width, height = size_of(content)
            size = (
                0.5
                if is_drawing
                else (points(parse_style(part.element.get("style", "")).get("width", "")) or width * 0.75) / (width * 0.75)
            )
            options = {"image_data": io.BytesIO(content), "object_position": 1, "x_scale": size, "y_scale": size}
            try:
                self.sheet().insert_image(row + rows, column, "picture", options)
            except XlsxFileError as error:
                raise InvalidError(f"a picture in a report cannot lie in a workbook: {error}") from error
            rows += math.ceil(height * size / _ROW_HEIGHT)
        return rows

    def _format(self, style: Style) -> Any:
        found = tuple(sorted(_properties(style).items()))
        if found not in self.formats:
            self.formats[found] = self.book.add_format(dict(found))  # pyright: ignore[reportUnknownMemberType] - untyped there
        return self.formats[found]


def _words(parts: Sequence[Text | Picture]) -> str:
    return "".join(part.text for part in parts if isinstance(part, Text))


def _first_style(blocks: Sequence[Block]) -> Style:
    """The look of the first text: a cell has one."""
    parts = (part for block in blocks if isinstance(block, Paragraph) for part in block.parts)
    nothing: Style = {}
    return next((part.style for part in parts if isinstance(part, Text) and part.text.strip()), nothing)


def _properties(style: Style) -> dict[str, Any]:
    properties: Mapping[str, Any] = {
        "font_name": style.get("font-family", "").split(",")[0].strip() or None,
        "font_size": points(style.get("font-size", "")),
        "font_color": hex_colour(style.get("color", "")),
        "bg_color": hex_colour(style.get("background-color", "")),
        "bold": style.get("font-weight") == "bold" or None,
        "italic": style.get("font-style") == "italic" or None,
        "underline": 1 if style.get("text-decoration") == "underline" else None,
        "align": style.get("text-align"),
    }
    found = {name: value for name, value in properties.items() if value is not None}
    line = border_of(style.get("border", ""))
    return {**found, "border": 1, "border_color": hex_colour(line[1]) or "#000000"} if line else found
