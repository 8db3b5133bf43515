"""Flat ASCII made: lines of fields of fixed lengths, and beside them the `.flat` file that says which.

Source: help pages "Flat (ascii) Files" and "Output a Flat File". Unverified: the lengths of numbers and dates, and that everything
stands at the left of its place.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl
from lxml import etree

from galleria.errors import InvalidError
from galleria.fields.columns import column
from galleria.fields.conversion import convert, text_of
from galleria.fields.types import Field, FieldType
from galleria.formats.delimited.code_pages import LATIN_1, encoding_of
from galleria.formats.delimited.layout import Layout, Quoting
from galleria.formats.delimited.written import writing
from galleria.formats.format import Circumstances, Target, Writing
from galleria.formats.options import Options
from galleria.formats.sizes import trouble_of
from galleria.table.table import Table

_LINE = Field("line", FieldType.V_WSTRING)
_EXTENSION = ".flat"
_LINE_ENDS = {"CRLF": "\r\n", "LF": "\n", "CR": "\r"}
_LONGEST = 32_767
_LENGTHS = {
    FieldType.BOOL: 5, FieldType.BYTE: 3, FieldType.INT16: 6, FieldType.INT32: 11, FieldType.INT64: 20,
    FieldType.FLOAT: 15, FieldType.DOUBLE: 24, FieldType.DATE: 10, FieldType.TIME: 8, FieldType.DATETIME: 19,
}  # what a value takes at most # fmt: skip
_TYPES = {
    FieldType.WSTRING: FieldType.STRING, FieldType.V_WSTRING: FieldType.V_STRING,
    FieldType.DATE: FieldType.STRING, FieldType.TIME: FieldType.STRING, FieldType.DATETIME: FieldType.STRING,
}  # what a layout has no name for # fmt: skip


@dataclass(frozen=True)
class _Place:
    """A field's piece of each line."""

    text: pl.Expr
    problem: pl.Expr


def write_flat(table: Table, target: Target, options: Options, around: Circumstances) -> Writing:
    """The lines go to the target and the layout beside it; where the target is itself the layout, the lines to an `.asc` file.

    Null is blank. What is too long for its field, has a line break or no place in the code page is cut or replaced, and told.
    Raises InvalidError for fields that no line can hold.
    """
    lengths = {field.name: _length(field) for field in table.fields}
    names_layout = target.path.suffix.lower() == _EXTENSION
    data = target.path.with_suffix(".asc") if names_layout else target.path
    encoding, line_end = encoding_of(options.text("CodePage")), options.choice("LineEndStyle", _LINE_ENDS, "CRLF")
    places = {field.name: _place(field, lengths[field.name], encoding) for field in table.fields}
    lines = table.frame.select(pl.concat_str([place.text for place in places.values()] or [pl.lit("")]).alias(_LINE.name))
    layout = Layout(encoding, delimiter="", quoting=Quoting.NEVER, has_header=False, line_end=line_end)
    made = writing(Table(lines, (_LINE,)), Target(data, target.name), layout, around)
    troubles = [trouble_of(table.frame, {name: place.problem for name, place in places.items()}, around.problem_limit), made.trouble]
    known = [trouble for trouble in troubles if trouble is not None]

    def finish(result: pl.DataFrame) -> None:
        if made.finish is not None:
            made.finish(result)
        _write_layout(data, table.fields, lengths, line_end)

    return Writing(made.query, finish, pl.concat(known) if known else None)


def _length(field: Field) -> int:
    if field.type.is_binary:
        raise InvalidError(f'The field "{field.name}" is a {field.type}: a flat file holds no such values.')
    length = field.size if field.type.is_text or field.type is FieldType.FIXED_DECIMAL else _LENGTHS[field.type]
    if length > _LONGEST:
        raise InvalidError(
            f'The field "{field.name}" has the size {length}, and in a flat file every value takes as many characters: '
            f"give it one of at most {_LONGEST} before, with a Select tool."
        )
    return length


def _place(field: Field, length: int, encoding: str) -> _Place:
    whole = text_of(column(field.name), field)
    text = whole.str.replace_all(r"[\r\n]", " ")
    kind = FieldType.V_STRING if encoding == LATIN_1 else FieldType.V_WSTRING
    fitted = convert(text, Field(field.name, FieldType.V_WSTRING), Field(field.name, kind, length))
    broken = pl.when(whole != text).then(pl.concat_str(pl.lit('"'), text, pl.lit('" has a line break, for which a flat file has no place')))
    problem = broken if fitted.problem is None else pl.coalesce(broken, fitted.problem)
    return _Place(fitted.value.fill_null("").str.pad_end(length), problem)


def _write_layout(data: Path, fields: Sequence[Field], lengths: dict[str, int], line_end: str) -> None:
    root = etree.Element("flatfile", {"version": "1"})
    ends = next(name.lower() for name, end in _LINE_ENDS.items() if end == line_end)
    marks = {"eoltype": ends, "allowShortLines": "f", "allowLongLines": "f", "trimWhiteSpace": "t"}
    etree.SubElement(root, "file", {"path": data.name, **marks})
    listed = etree.SubElement(root, "fields")
    for field in fields:
        one = {"name": field.name, "type": str(_TYPES.get(field.type, field.type)), "length": str(lengths[field.name])}
        if field.type is FieldType.FIXED_DECIMAL:
            one["scale"] = str(field.scale)
        etree.SubElement(listed, "field", one)
    data.with_suffix(_EXTENSION).write_bytes(etree.tostring(root, pretty_print=True, xml_declaration=True, encoding="utf-8"))
