"""Microsoft Excel workbooks: .xlsx, .xlsm, .xlsb and .xls."""

import zipfile
import zlib

import polars as pl
import python_calamine as calamine
from lxml import etree

from galleria.errors import InvalidError, UnsupportedError
from galleria.fields.names import suggestion
from galleria.fields.types import Field, FieldType
from galleria.formats.codes import FORMAT_NAMES
from galleria.formats.format import Circumstances, Content, Format, Source, Target, Writing
from galleria.formats.inflation import refuse_bombs
from galleria.formats.options import Options
from galleria.formats.workbooks.areas import Area, parse_cells, parse_reference, split_part
from galleria.formats.workbooks.cells import long_texts
from galleria.formats.workbooks.changed import Place, SheetAction, write_into
from galleria.formats.workbooks.fresh import write_fresh
from galleria.formats.workbooks.sheets import Sheet
from galleria.table.table import Table

SHEET_NAMES = "<list of sheet names>"
_ACTIONS = {"Create": "create", "Overwrite": "overwrite", "RemoveFile": "overwrite", "Append": "append"}
_LONGEST_NAME, _NOT_IN_NAMES = 31, "[]:*?/\\"


_DAMAGE = (
    calamine.CalamineError,
    pl.exceptions.PanicException,
    zipfile.BadZipFile,
    zlib.error,
    etree.LxmlError,
    EOFError,
    KeyError,
    OSError,
    RuntimeError,
    ValueError,
)
"""What the libraries raise over a file whose bytes are not what they should be."""


class Excel(Format):
    name = "Microsoft Excel"
    codes = (25, 8, 56, 62, 33, 49, 50, 7)
    extensions = (".xlsx", ".xlsm", ".xls", ".xlsb")

    def read(self, source: Source, options: Options, around: Circumstances) -> Content:
        """The part is a sheet (`Sheet1$`), a range of it (`Sheet1$B2:D9`), a named range, or the list of sheet names.

        The first row that is used names the fields unless `FirstRowData` says that it holds data.
        """
        refuse_bombs(source)
        try:
            book = calamine.CalamineWorkbook.from_path(source.path)  # pyright: ignore[reportUnknownMemberType] - untyped there
            part = source.part.strip().strip("`")
            if part.lower() == SHEET_NAMES:
                return Content(_sheet_names(book, source))
            sheet = Sheet(book, _area(part, book, source), source)
            return sheet.content(options.whole("ImportLine", 1), has_names=not options.flag("FirstRowData"))
        except _DAMAGE as error:
            raise InvalidError(f'"{source.name}" cannot be read: it is damaged, protected or no workbook ({error})') from error

    def write(self, table: Table, target: Target, options: Options, around: Circumstances) -> Writing:
        """The part is a sheet, or a range of it where the rows go.

        `OutputOption`: Create (an error where the sheet is there), Overwrite (the sheet), RemoveFile (the file), Append.
        """
        if target.path.suffix.lower() in (".xls", ".xlsb"):
            raise UnsupportedError(
                f"format {FORMAT_NAMES[8 if target.path.suffix.lower() == '.xls' else 62]}", "it is read only; write .xlsx instead"
            )
        if not table.fields:
            raise InvalidError("A table without fields cannot be written to a workbook.")
        removes_file = options.text("OutputOption").strip().lower() == "removefile"
        place = _place(target, options)

        def finish(rows: pl.DataFrame) -> None:
            there = None if removes_file else next((path for path in (target.path, target.previous) if path and path.exists()), None)
            if there is None:
                if target.path.suffix.lower() == ".xlsm":
                    raise UnsupportedError("format Microsoft Excel Macro-Enabled", "only files that are there can be changed")
                write_fresh(target.path, place.sheet, rows, table.fields, at=place.at, has_names=place.has_names)
            else:
                write_into(there, target.path, target.name, place, rows, table.fields)

        return Writing(table.frame, finish, long_texts(table.frame, table.fields, around.problem_limit))


def _place(target: Target, options: Options) -> Place:
    sheet, cells = split_part(target.part.strip().strip("`"))
    area = parse_cells(cells) if cells else None
    name = sheet or "Sheet1"
    if len(name) > _LONGEST_NAME or set(name) & set(_NOT_IN_NAMES):
        raise InvalidError(f'"{name}" cannot name a sheet: at most {_LONGEST_NAME} characters, none of {_NOT_IN_NAMES}.')
    return Place(
        name,
        SheetAction(options.choice("OutputOption", _ACTIONS, "Overwrite")),
        (area.first_row, area.first_column) if area else (0, 0),
        is_range=area is not None,
        has_names=not options.flag("SkipFieldNames"),
        keeps_formats=options.flag("PreserveFormat"),
    )


def _sheet_names(book: calamine.CalamineWorkbook, source: Source) -> Table:
    names = book.sheet_names
    field = Field("Sheet Names", FieldType.V_WSTRING, max(map(len, names), default=1), source=f"File: {source.name}")
    return Table(pl.LazyFrame({field.name: names}, schema={field.name: pl.String()}), (field,))


def _area(part: str, book: calamine.CalamineWorkbook, source: Source) -> Area:
    if not part:
        return Area(book.sheet_names[0])
    by_folded = {name.casefold(): name for name in book.sheet_names}
    whole = by_folded.get(part.casefold())
    name, cells = (whole, "") if whole is not None else split_part(part)
    sheet = by_folded.get(name.casefold())
    if sheet is not None:
        return Area(sheet, parse_cells(cells) if cells else None)
    # Imported where a name is neither a sheet nor a range: rarely.
    import fastexcel

    for defined in fastexcel.read_excel(source.path).defined_names():
        if defined.name.casefold() == name.casefold():
            return parse_reference(defined.formula)
    near = suggestion(name, book.sheet_names)
    raise InvalidError(f'"{source.name}" has no sheet or range "{part}".{near} It has {", ".join(book.sheet_names)}.')
