"""A workbook that is there already, with one of its sheets made, replaced, filled or lengthened."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import polars as pl

from galleria.errors import InvalidError
from galleria.fields.types import Field
from galleria.formats.workbooks.cells import MOST_ROWS, NUMBER_FORMATS, Value, check_size, columns_of

_LOOKS_ESCAPED = re.compile("_(?=x[0-9A-Fa-f]{4}_)")
_NOT_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")


class SheetAction(StrEnum):
    CREATE = "create"
    """An error where the sheet is there."""
    OVERWRITE = "overwrite"
    APPEND = "append"


@dataclass(frozen=True)
class Place:
    sheet: str
    action: SheetAction
    at: tuple[int, int] = (0, 0)
    """Row and column of the first cell, from 0."""
    is_range: bool = False
    """Only cells from `at` on are written, the rest of the sheet stays."""
    has_names: bool = True
    keeps_formats: bool = False


def open_book(path: Path, name: str) -> Any:
    # Imported with the first workbook that is changed: most runs change none, and it brings numpy along.
    import openpyxl
    from openpyxl.utils.exceptions import InvalidFileException

    try:
        return openpyxl.load_workbook(path, keep_vba=path.suffix.lower() == ".xlsm")
    except (InvalidFileException, BadZipFile, KeyError, ValueError, OSError) as error:
        raise InvalidError(f'"{name}" cannot be changed: it is damaged, protected or no workbook ({error})') from error


def sheet_of(book: Any, name: str) -> Any | None:
    """The sheet of that name in any letter case; None where there is none."""
    return next((book[one] for one in book.sheetnames if one.casefold() == name.casefold()), None)


def write_into(source: Path, target: Path, name: str, place: Place, frame: pl.DataFrame, fields: Sequence[Field]) -> None:
    """Put the rows into the workbook `source` and save it as `target`."""
    columns = columns_of(frame, fields)
    book = open_book(source, name)
    sheet = sheet_of(book, place.sheet)
    if sheet is not None and place.action is SheetAction.CREATE:
        raise InvalidError(f'The sheet "{place.sheet}" is already in "{name}".')
    if sheet is not None and place.action is SheetAction.APPEND:
        _append(sheet, columns, fields, place)
    else:
        _fill(_emptied(book, sheet, place), columns, fields, place)
    book.save(target)


def _emptied(book: Any, sheet: Any | None, place: Place) -> Any:
    """The sheet, without what is to be replaced; a new one where there is none."""
    if sheet is None:
        return book.create_sheet(place.sheet)
    if place.is_range:
        return sheet
    if not place.keeps_formats:
        index = book.sheetnames.index(sheet.title)
        title = sheet.title
        book.remove(sheet)
        return book.create_sheet(title, index)
    for row in sheet.iter_rows():
        for cell in row:
            if cell.__class__.__name__ != "MergedCell":
                cell.value = None
    return sheet


def _fill(sheet: Any, columns: Sequence[Sequence[Value]], fields: Sequence[Field], place: Place) -> None:
    row, column = place.at[0] + 1, place.at[1] + 1
    if place.has_names:
        for offset, field in enumerate(fields):
            _set(sheet, row, column + offset, field.name, None, keeps_format=place.keeps_formats)
        row += 1
    _set_columns(
        sheet, row, [(column + offset, values, field) for offset, (values, field) in enumerate(zip(columns, fields, strict=True))], place
    )


def _append(sheet: Any, columns: Sequence[Sequence[Value]], fields: Sequence[Field], place: Place) -> None:
    """Below the last row, each field under the name that it has in the first one."""
    found = {str(cell.value).casefold(): cell.column for cell in sheet[place.at[0] + 1] if cell.value is not None}
    missing = [field.name for field in fields if field.name.casefold() not in found]
    if found and missing:
        raise InvalidError(
            f'The sheet "{place.sheet}" has no column {", ".join(missing)}: records can only be appended below the same names.'
        )
    if not found:
        _fill(sheet, columns, fields, place)
        return
    count = len(columns[0]) if columns else 0
    check_size(min(sheet.max_row + count, MOST_ROWS + 1), len(fields))
    _set_columns(
        sheet,
        sheet.max_row + 1,
        [(found[field.name.casefold()], values, field) for values, field in zip(columns, fields, strict=True)],
        place,
    )


def _set_columns(sheet: Any, row: int, parts: Sequence[tuple[int, Sequence[Value], Field]], place: Place) -> None:
    for column, values, field in parts:
        number_format = NUMBER_FORMATS.get(field.type)
        for offset, value in enumerate(values):
            if value is not None or place.is_range:
                _set(sheet, row + offset, column, value, number_format, keeps_format=place.keeps_formats)


def _escaped(text: str) -> str:
    """The text with characters that XML cannot hold written as workbooks write them."""
    guarded = _LOOKS_ESCAPED.sub("_x005F_", text)
    return _NOT_IN_XML.sub(lambda found: f"_x{ord(found[0]):04X}_", guarded)


def _set(sheet: Any, row: int, column: int, value: Value, number_format: str | None, *, keeps_format: bool) -> None:
    cell = sheet.cell(row=row, column=column)
    cell.value = _escaped(value) if isinstance(value, str) else value
    if isinstance(value, str):
        cell.data_type = "s"  # a text that begins with "=" is no formula
    if number_format is not None and not isinstance(value, str) and not (keeps_format and cell.has_style):
        cell.number_format = number_format
