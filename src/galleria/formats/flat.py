"""Flat ASCII: lines cut into fields at fixed places."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import polars as pl
from lxml import etree
from lxml.etree import _Element as Element  # pyright: ignore[reportPrivateUsage] - lxml has no public name for it

from galleria.errors import InvalidError
from galleria.fields.columns import column
from galleria.fields.conversion import convert
from galleria.fields.names import unique_names
from galleria.fields.types import Field, FieldType, field_type
from galleria.formats.delimited.code_pages import encoding_of, text_file
from galleria.formats.delimited.dialect import Dialect
from galleria.formats.delimited.scan import DelimitedFile
from galleria.formats.flat_writing import write_flat
from galleria.formats.format import TROUBLE, Circumstances, Content, Format, Source, Target, Writing
from galleria.formats.options import Options
from galleria.formats.sizes import trouble_of
from galleria.messages import Status
from galleria.table.table import Table

_LINE = Field("line", FieldType.V_WSTRING)


@dataclass(frozen=True)
class FlatLayout:
    fields: tuple[Field, ...]
    lengths: tuple[int, ...]
    """Characters of each field in a line."""
    has_line_ends: bool = True
    trims: bool = True
    allows_short: bool = False
    """Lines that end early leave fields Null."""
    allows_long: bool = False

    @property
    def length(self) -> int:
        return sum(self.lengths)


class Flat(Format):
    name = "Flat ASCII"
    codes = (21,)
    extensions = (".flat",)

    def read(self, source: Source, options: Options, around: Circumstances) -> Content:
        """The options hold the layout; a blank field is Null."""
        layout, path = read_layout(options, source)
        text = text_file(path, encoding_of(options.text("CodePage")))
        dialect = Dialect(text.encoding, delimiters="", quote="", has_header=False, ignores_errors=False)
        if layout.has_line_ends:
            lines, _ = DelimitedFile(text, dialect, (_LINE,), 0, around).scan()
        else:
            lines = pl.LazyFrame({_LINE.name: list(_pieces("".join(text.blocks()), layout.length))}, schema={_LINE.name: pl.String()})
        return _cut(lines, layout, around)

    def write(self, table: Table, target: Target, options: Options, around: Circumstances) -> Writing:
        return write_flat(table, target, options, around)


def read_layout(options: Options, source: Source) -> tuple[FlatLayout, Path]:
    """The layout and the file with the lines: that in `<FlatFileXML>` or in a file that it names, or the source is itself a layout.

    What the plain options set outranks the layout. Raises InvalidError.
    """
    root = None if options.element is None else options.element.find("FlatFileXML/flatfile")
    data = source.path
    if root is not None and root.get("external"):
        root = _parsed(_beside(source, root.get("external", ""), "layout"))
    elif root is None and _is_markup(source.path):
        root = _parsed(source.path)
        file = root.find("file")
        data = _beside(source, "" if file is None else file.get("path", ""), "data")
    if root is None:
        raise InvalidError(f'"{source.name}" has no layout: a flat file needs the lengths of its fields.')
    return _layout(root, options, source), data


def _beside(source: Source, name: str, what: str) -> Path:
    path = source.path.parent / name.replace("\\", "/").rpartition("/")[2]
    if not name or not path.is_file():
        raise InvalidError(f'The {what} "{name}" of "{source.name}" is not beside it.')
    return path


def _is_markup(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(64).removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"<")


def _parsed(path: Path) -> Element:
    try:
        return etree.fromstring(path.read_bytes(), etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False))
    except etree.XMLSyntaxError as problem:
        raise InvalidError(f'The layout "{path.name}" is no XML: {problem.msg}') from None


def _layout(root: Element, options: Options, source: Source) -> FlatLayout:
    file = root.find("file")
    found = [_field(one, f"File: {source.name}") for one in root.iterfind("fields/field")]
    if not found:
        raise InvalidError(f'The layout of "{source.name}" has no fields.')
    names = unique_names(field.name for field, _ in found)
    return FlatLayout(
        tuple(field.renamed(name) for (field, _), name in zip(found, names, strict=True)),
        tuple(length for _, length in found),
        (file.get("eoltype", "crlf") if file is not None else "crlf").lower() != "none",
        _setting(options, "TrimWhiteSpace", file, "trimWhiteSpace", default=True),
        _setting(options, "AllowShortLines", file, "allowShortLines", default=False),
        _setting(options, "AllowLongLines", file, "allowLongLines", default=False),
    )


def _field(element: Element, source: str) -> tuple[Field, int]:
    try:
        length = int(element.get("length", "0"))
        scale = int(element.get("scale", "0"))
    except ValueError:
        raise InvalidError(f"a field of the layout has the length {element.get('length')!r}") from None
    if length < 1:
        raise InvalidError(f'the field "{element.get("name")}" of the layout has no length')
    kind = field_type(element.get("type", "V_String"))
    size = length if kind.is_text or kind is FieldType.FIXED_DECIMAL else 0
    return Field(element.get("name", ""), kind, size, scale, source=source), length


def _setting(options: Options, option: str, file: Element | None, attribute: str, *, default: bool) -> bool:
    text = options.text(option).strip().lower()
    if text in ("", "unset"):
        text = (file.get(attribute, "") if file is not None else "").lower()
    return text.startswith("t") if text else default


def _pieces(text: str, length: int) -> Iterator[str]:
    for at in range(0, len(text), length):
        yield text[at : at + length]


def _cut(lines: pl.LazyFrame, layout: FlatLayout, around: Circumstances) -> Content:
    lines = lines.cache()
    values: list[pl.Expr] = []
    problems: dict[str, pl.Expr] = {}
    start = 0
    for field, length in zip(layout.fields, layout.lengths, strict=True):
        piece = column(_LINE.name).str.slice(start, length)
        piece = piece.str.strip_chars() if layout.trims else piece
        text = pl.when(piece.str.contains(r"\S")).then(piece)
        converted = convert(text, Field(field.name, FieldType.V_WSTRING, length), field)
        values.append(converted.value.alias(field.name))
        if converted.problem is not None:
            problems[field.name] = converted.problem
        start += length
    troubles = [_wrong_lengths(lines, layout), trouble_of(lines, problems, around.problem_limit)]
    trouble = pl.concat([one for one in troubles if one is not None])
    return Content(Table(lines.select(values), layout.fields), trouble)


def _wrong_lengths(lines: pl.LazyFrame, layout: FlatLayout) -> pl.LazyFrame:
    """The first line that is longer or shorter than the layout allows, as a `trouble` query."""
    length = column(_LINE.name).str.len_chars().fill_null(0)
    wrong = pl.lit(value=False)
    if not layout.allows_short:
        wrong = wrong | (length < layout.length)
    if not layout.allows_long:
        wrong = wrong | (length > layout.length)
    numbered = lines.select(number=pl.row_index() + 1, wrong=wrong, length=length).filter("wrong").head(1)
    text = pl.format("Record #{} has {} characters, and the layout asks for {}.", "number", "length", pl.lit(layout.length))
    told = numbered.select(status=int(Status.ERROR), field=pl.lit(None, pl.String), count=1, texts=pl.concat_list(text))
    return told.cast(TROUBLE)
