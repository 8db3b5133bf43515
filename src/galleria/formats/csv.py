"""Comma Separated Value and other delimited text."""

from galleria.errors import InvalidError
from galleria.fields.names import unique_names
from galleria.fields.types import Field, FieldType
from galleria.formats.delimited.code_pages import LATIN_1, TextFile, text_file
from galleria.formats.delimited.dialect import Dialect, read_dialect
from galleria.formats.delimited.layout import read_layout
from galleria.formats.delimited.records import lines_skipped, records
from galleria.formats.delimited.scan import DelimitedFile
from galleria.formats.delimited.written import writing
from galleria.formats.format import Circumstances, Content, Format, Source, Target, Writing
from galleria.formats.options import Options
from galleria.formats.sizes import merged_trouble
from galleria.table.table import Table


class Csv(Format):
    name = "Comma Separated Value"
    codes = (0,)
    extensions = (".csv", ".txt", ".tsv", ".psv", ".dat", ".asc", ".log")

    def read(self, source: Source, options: Options, around: Circumstances) -> Content:
        """Every field is text: narrow for Latin-1, wide for every other code page, as long as `FieldLen` says.

        An empty field is Null, a quoted empty one the empty text.
        """
        dialect = read_dialect(options)
        text = text_file(source.path, dialect.encoding)
        fields, lines_before = _head(text, dialect, source)
        rows, told = DelimitedFile(text, dialect, fields, lines_before, around).scan()
        return Content(Table(rows, fields), merged_trouble(told, around.problem_limit))

    def write(self, table: Table, target: Target, options: Options, around: Circumstances) -> Writing:
        return writing(table, target, read_layout(options), around)


def _head(text: TextFile, dialect: Dialect, source: Source) -> tuple[tuple[Field, ...], int]:
    """The fields, and how many lines come before the first record."""
    skipped = dialect.first_line - 1
    first = next(records(lines_skipped(text.blocks(lossy=dialect.ignores_errors), skipped), dialect), None)
    if first is None:
        where = f" from line {dialect.first_line} on" if skipped else ""
        raise InvalidError(f'"{source.name}" is empty{where}: there is nothing that could be a field')
    kind = FieldType.V_STRING if text.encoding == LATIN_1 else FieldType.V_WSTRING
    if dialect.has_header:
        # Blanks at the end of a name are dropped, as saved schemas of real workflows show.
        names = unique_names((name or "").rstrip(" ") for name in first)
    else:
        names = [f"Field_{n}" for n in range(1, len(first) + 1)]
    fields = tuple(Field(name, kind, dialect.field_length, source=f"File: {source.name}") for name in names)
    return fields, skipped + (1 + sum((name or "").count("\n") for name in first) if dialect.has_header else 0)
