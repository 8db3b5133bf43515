"""A workbook written from nothing, row by row."""

from collections.abc import Sequence
from datetime import time
from pathlib import Path
from typing import Any

import polars as pl
import xlsxwriter

from galleria.fields.types import Field
from galleria.formats.workbooks.cells import NUMBER_FORMATS, Value, columns_of

_OPTIONS = {"constant_memory": True, "strings_to_numbers": False, "strings_to_formulas": False, "strings_to_urls": False}


def write_fresh(path: Path, sheet_name: str, frame: pl.DataFrame, fields: Sequence[Field], *, at: tuple[int, int], has_names: bool) -> None:
    """Write one sheet, its first cell at row and column `at` (from 0)."""
    columns = columns_of(frame, fields)
    book: Any = xlsxwriter.Workbook(str(path), _OPTIONS)
    try:
        sheet = book.add_worksheet(sheet_name)
        row, column = at
        if has_names:
            for offset, field in enumerate(fields):
                sheet.write_string(row, column + offset, field.name)
            row += 1
        formats = [
            book.add_format({"num_format": NUMBER_FORMATS[field.type]}) if field.type in NUMBER_FORMATS else None for field in fields
        ]
        for offset, format_ in enumerate(formats):
            if format_ is not None:
                sheet.set_column(column + offset, column + offset, 19)
        for number, values in enumerate(zip(*columns, strict=True)):
            for offset, value in enumerate(values):
                if value is not None:
                    _write(sheet, row + number, column + offset, value, formats[offset])
    finally:
        book.close()


def _write(sheet: Any, row: int, column: int, value: Value, format_: Any) -> None:
    if isinstance(value, str):
        sheet.write_string(row, column, value)
    elif isinstance(value, bool):
        sheet.write_boolean(row, column, value)
    elif isinstance(value, float | int):
        sheet.write_number(row, column, value)
    elif isinstance(value, time):
        seconds = value.hour * 3600 + value.minute * 60 + value.second + value.microsecond / 1e6
        sheet.write_number(row, column, seconds / 86_400, format_)
    elif value is not None:
        sheet.write_datetime(row, column, value, format_)
