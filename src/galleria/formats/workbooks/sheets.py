"""One sheet of a workbook as a table: which cells count, which row names the fields, what each column holds."""

import zipfile
from collections.abc import Iterator, Sequence

import polars as pl
import python_calamine as calamine

from galleria.errors import InvalidError
from galleria.fields.names import unique_names
from galleria.fields.types import Field
from galleria.formats.format import Content, Source
from galleria.formats.workbooks.areas import LAST_COLUMN, LAST_ROW, Area, Cells
from galleria.formats.workbooks.binary_sheets import MARK, declared_start
from galleria.formats.workbooks.columns import Cell, Kinds, text_of_cell, typed_column
from galleria.formats.workbooks.details import CellDetail, SheetDetails
from galleria.messages import Status
from galleria.table.table import Table

_OLD_KINDS = Kinds(always_wide=True, dates_have_times=True, empty_is_text=True, rows_that_decide=8)


class Sheet:
    """The cells of an area, each row of the same width."""

    def __init__(self, book: calamine.CalamineWorkbook, area: Area, source: Source) -> None:
        self.source = source
        self.area = area
        sheet = book.get_sheet_by_name(area.sheet)
        self.grid: list[list[Cell]] = sheet.to_python(skip_empty_area=False)
        self.filled = None if sheet.start is None or sheet.end is None else Cells(*sheet.start, *sheet.end)
        self.details = SheetDetails(source.path, area.sheet) if _is_of_xml(source) else None
        with source.path.open("rb") as file:
            is_binary = file.read(len(MARK)) == MARK
        self.kinds = _OLD_KINDS if is_binary else Kinds()
        self.start = declared_start(source.path.read_bytes(), area.sheet) if is_binary else None

    def content(self, first_line: int, *, has_names: bool) -> Content:
        """The table from line `first_line` (1-based) of the sheet on. Raises InvalidError where there are no cells."""
        cells = self._cells(first_line)
        if cells is None:
            raise InvalidError(f'"{self.source.name}" has nothing in {self.area.sheet!r} that could be a field')
        rows = self._rows(cells)
        names = self._names(rows[0], cells) if has_names else [f"F{number}" for number in range(1, len(rows[0]) + 1)]
        data = rows[has_names:]
        columns = list(zip(*data, strict=True)) if data else [()] * len(names)
        filled = {at for at, column in enumerate(columns) if any(cell != "" for cell in column)}
        as_text = (self._text_columns(cells) & filled) | self._columns_of_empty_texts(cells, skipped=int(has_names))
        columns = self._as_written(columns, cells, as_text, skipped=int(has_names))
        source = f"File: {self.source.name}"
        pairs = [
            typed_column(name, column, self.kinds, as_text=at in as_text, source=source)
            for at, (name, column) in enumerate(zip(names, columns, strict=True))
        ]
        table = Table(pl.DataFrame([values for _, values in pairs]).lazy(), tuple(field for field, _ in pairs))
        return Content(table, notes=[*_lost(pairs, columns)])

    def _cells(self, first_line: int) -> Cells | None:
        """What the area means: its own cells, or all that are used, as far as something is there."""
        described = self.details.used(self.filled) if self.details else None
        if self.start and self.filled:
            # Rows above the first one that is filled count where the sheet begins with them, as those do that are only formatted.
            described = Cells(*self.start, self.filled.last_row, self.filled.last_column)
        used = self.filled.around(described) if self.filled and described else self.filled or described
        cells = self.area.cells
        if cells is None or used is None:
            cells = used if cells is None else cells
        else:
            last_row = used.last_row if cells.last_row == LAST_ROW else cells.last_row
            last_column = used.last_column if cells.last_column == LAST_COLUMN else cells.last_column
            cells = Cells(cells.first_row, cells.first_column, last_row, last_column)
        if cells is None or cells.last_row >= LAST_ROW or max(cells.first_row, first_line - 1) > cells.last_row:
            return None
        return Cells(max(cells.first_row, first_line - 1), cells.first_column, cells.last_row, cells.last_column)

    def _rows(self, cells: Cells) -> list[list[Cell]]:
        """The cells' rows; the empty text where there is nothing."""
        width = cells.last_column - cells.first_column + 1
        rows = [row[cells.first_column : cells.last_column + 1] for row in self.grid[cells.first_row : cells.last_row + 1]]
        if rows and len(rows[0]) < width:
            padding: list[Cell] = [""] * (width - len(rows[0]))
            rows = [row + padding for row in rows]
        missing = cells.last_row - cells.first_row + 1 - len(rows)
        rows.extend([[""] * width for _ in range(missing)])
        loose = self.details.loose_texts() if self.details else {}
        for detail in self._details(cells) if loose else ():
            if detail.type == "s" and int(detail.value or -1) in loose:
                rows[detail.row - cells.first_row][detail.column - cells.first_column] = loose[int(detail.value)]
        for row, column, text in self.details.loose_cells() if self.details else ():
            if cells.first_row <= row <= cells.last_row and cells.first_column <= column <= cells.last_column:
                rows[row - cells.first_row][column - cells.first_column] = text
        return rows

    def _details(self, cells: Cells) -> Sequence[CellDetail]:
        found = self.details.cells() if self.details else ()
        return [
            one for one in found if cells.first_row <= one.row <= cells.last_row and cells.first_column <= one.column <= cells.last_column
        ]

    def _names(self, head: Sequence[Cell], cells: Cells) -> list[str]:
        """The names in the first row; `F2` for a second one that is empty, numbers as they are written."""
        written: dict[int, str] = {}
        if any(isinstance(cell, float | int) for cell in head):
            row = Cells(cells.first_row, cells.first_column, cells.first_row, cells.last_column)
            written = {one.column - cells.first_column: one.value for one in self._details(row) if one.type == "n"}
        names = [
            written.get(at) or text_of_cell(cell) if _is_number(cell) else text_of_cell(cell) if cell != "" else f"F{at + 1}"
            for at, cell in enumerate(head)
        ]
        return unique_names(names)

    def _text_columns(self, cells: Cells) -> frozenset[int]:
        """Columns (from 0, within the area) in which a number is formatted as text."""
        styles = self.details.text_styles() if self.details else frozenset[int]()
        if not styles:
            return frozenset()
        numbers = (one for one in self._details(cells) if one.type == "n" and one.value and one.style in styles)
        return frozenset(one.column - cells.first_column for one in numbers)

    def _columns_of_empty_texts(self, cells: Cells, *, skipped: int) -> frozenset[int]:
        """Columns (from 0, within the area) in which there is a text, though one without characters."""
        found = self.details.empty_texts() if self.details else ()
        inside = (one for one in found if cells.first_row + skipped <= one.row <= cells.last_row)
        return frozenset(one.column - cells.first_column for one in inside if cells.first_column <= one.column <= cells.last_column)

    def _as_written(
        self, columns: Sequence[Sequence[Cell]], cells: Cells, as_text: frozenset[int], *, skipped: int
    ) -> Sequence[Sequence[Cell]]:
        """The columns, with numbers that will be texts as they are written in the file."""
        mixed = {at for at, column in enumerate(columns) if any(map(_is_number, column)) and (at in as_text or any(map(_is_text, column)))}
        if not mixed or self.details is None:
            return columns
        written = {(one.row, one.column): one.value for one in self._details(cells) if one.type == "n" and one.value}
        result = list(columns)
        for at in mixed:
            first = cells.first_row + skipped
            result[at] = [
                written.get((first + row, cells.first_column + at), cell) if _is_number(cell) else cell
                for row, cell in enumerate(columns[at])
            ]
        return result


def _lost(pairs: Sequence[tuple[Field, pl.Series]], columns: Sequence[Sequence[Cell]]) -> Iterator[tuple[Status, str]]:
    """What to say of cells that are not of the type that the first rows gave to their field."""
    for (field, values), cells in zip(pairs, columns, strict=True):
        count = sum(cell != "" for cell in cells) - (len(values) - values.null_count())
        if count:
            reason = f"Below the first {_OLD_KINDS.rows_that_decide} rows, which give the field its type"
            yield Status.WARNING, f"{field.name}: {reason} {field.type.value}, {count} cells are of another type and became Null."


def _is_number(cell: Cell) -> bool:
    return isinstance(cell, float | int) and not isinstance(cell, bool)


def _is_text(cell: Cell) -> bool:
    return isinstance(cell, str) and cell != ""


def _is_of_xml(source: Source) -> bool:
    if not zipfile.is_zipfile(source.path):
        return False
    with zipfile.ZipFile(source.path) as archive:
        return "xl/workbook.xml" in archive.namelist()
