"""dBase tables (.dbf): of dBase III to V, FoxPro, and those beside shapefiles.

Source: the published descriptions of the format; saved schemas of real workflows for the types.
"""

import struct
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from galleria.errors import InvalidError, UnsupportedError
from galleria.fields.columns import column
from galleria.fields.names import unique_names
from galleria.fields.types import Field, FieldType
from galleria.formats.dbase_writing import limited, refuse_binary, write_dbase
from galleria.formats.delimited.code_pages import LATIN_1, encoding_of
from galleria.formats.format import Circumstances, Content, Format, Source, Target, Writing
from galleria.formats.options import Options
from galleria.formats.sizes import size_trouble, trouble_of
from galleria.table.table import Table

_HEAD = 32
_END = 0x0D
_LONGEST_FIXED = 15
"""Characters up to which a text field is one of fixed length."""
_LANGUAGES = {
    0x01: "cp437", 0x02: "cp850", 0x03: "cp1252", 0x57: "cp1252", 0x58: "cp1252", 0x64: "cp852", 0x65: "cp866", 0x66: "cp865",
    0x6A: "cp737", 0x6B: "cp857", 0x7B: "cp932", 0x7A: "cp936", 0x79: "cp949", 0x78: "cp950", 0x7C: "cp874", 0xC8: "cp1250",
    0xC9: "cp1251", 0xCA: "cp1254", 0xCB: "cp1253",
}  # laid out by meaning # fmt: skip


class Dbase(Format):
    name = "dBase"
    codes = (2, 3, 4, 6)
    extensions = (".dbf",)

    def read(self, source: Source, options: Options, around: Circumstances) -> Content:
        return read_dbase(source.path, source.name, around, all_strings=False)

    def write(self, table: Table, target: Target, options: Options, around: Circumstances) -> Writing:
        """Texts longer than 254 characters are cut, and told."""
        refuse_binary(table.fields, target.name)
        fields = limited(table.fields)

        def finish(rows: pl.DataFrame) -> None:
            write_dbase(target.path, rows, fields)

        return Writing(table.frame, finish, size_trouble(table.frame, fields, around.problem_limit))


@dataclass(frozen=True)
class _Column:
    name: str
    kind: str
    """The letter by which the format knows its type."""
    start: int
    """Byte in the record; its first one says whether the record is deleted."""
    length: int
    decimals: int


def read_dbase(path: Path, name: str, around: Circumstances, *, all_strings: bool) -> Content:
    """The records that are not deleted. With `all_strings`, numbers and dates stay the texts they are.

    A text that is no number, date or truth is Null, and told; but for stars, which say that a number had no room.
    """
    data = path.read_bytes()
    try:
        count, start, length = struct.unpack_from("<IHH", data, 4)
        columns = _columns(data, start)
    except (struct.error, IndexError) as error:
        raise InvalidError(f'"{name}" cannot be read: it is damaged or no dBase table') from error
    if length < 1 or any(column.start + column.length > length for column in columns) or len(data) < start + count * length:
        raise InvalidError(f'"{name}" cannot be read: it is cut off or damaged')
    records = [data[at : at + length] for at in range(start, start + count * length, length) if data[at : at + 1] != b"*"]
    encoding = _encoding(path, data)
    rows = pl.Series("record", records, pl.Binary)
    names = unique_names(column.name for column in columns)
    pairs = [
        _typed(rows, column, unique, encoding, f"File: {name}", all_strings=all_strings)
        for column, unique in zip(columns, names, strict=True)
    ]
    fields, frame = tuple(field for field, _ in pairs), pl.DataFrame([values for _, values in pairs])
    read = [(field, values) for field, values in pairs if values.dtype == pl.String and not field.type.is_text]
    problems = {field.name: _problem(field) for field, _ in read}
    trouble = trouble_of(frame.lazy(), problems, around.problem_limit)
    return Content(Table(frame.lazy().with_columns(_value(field) for field, _ in read), fields), trouble)


def _columns(data: bytes, start: int) -> list[_Column]:
    columns: list[_Column] = []
    place, at = 1, _HEAD
    while at + _HEAD <= start and data[at] != _END:
        raw, kind, length, decimals = struct.unpack_from("<11sc4xBB", data, at)
        if kind in b"C" and decimals:
            # Long texts keep the upper byte of their length where numbers keep their decimals.
            length, decimals = length + 256 * decimals, 0
        columns.append(_Column(raw.split(b"\0")[0].decode("latin-1").strip(), kind.decode("latin-1"), place, length, decimals))
        place += length
        at += _HEAD
    if not columns or any(column.length != struct.calcsize(_BINARY[column.kind]) for column in columns if column.kind in _BINARY):
        raise IndexError("no columns, or numbers of another length")
    return columns


def _encoding(path: Path, data: bytes) -> str:
    """What a file beside the table says (.cpg), or else its own mark of a language."""
    beside = next((one for one in path.parent.iterdir() if one.stem == path.stem and one.suffix.lower() == ".cpg"), None)
    if beside is not None:
        text = beside.read_text("latin-1").strip().upper().removeprefix("ANSI ").removeprefix("ISO ").removeprefix("ISO-")
        return encoding_of({"UTF-8": "65001", "UTF8": "65001", "88591": "28591", "8859-1": "28591"}.get(text, text))
    return _LANGUAGES.get(data[29], LATIN_1)


def _typed(rows: pl.Series, column: _Column, name: str, encoding: str, source: str, *, all_strings: bool) -> tuple[Field, pl.Series]:
    """The field, and its values or the texts that are to become them."""
    raw = pl.select(rows.bin.slice(column.start, column.length)).to_series().alias(name) if len(rows) else rows.alias(name)
    kind = _field_type(column)
    if kind is None or (all_strings and column.kind in "CNFDL"):
        texts = _texts(raw, encoding)
        return _text_field(name, column.length, encoding, source), texts
    if column.kind in _BINARY:
        values = [struct.unpack(_BINARY[column.kind], one)[0] for one in raw]
        scaled = [value / 10_000 for value in values] if column.kind == "Y" else values
        return Field(name, kind, source=source), pl.Series(name, scaled, Field(name, kind).dtype)
    return Field(name, kind, source=source), _texts(raw, "ascii")


_BINARY = {"I": "<i", "+": "<i", "O": "<d", "Y": "<q"}


def _field_type(column: _Column) -> FieldType | None:
    """The type that is not text, or None."""
    match column.kind:
        case "C":
            return None
        case "N" if not column.decimals and column.length <= 18:
            return FieldType.INT16 if column.length <= 4 else FieldType.INT32 if column.length <= 9 else FieldType.INT64
        case "N" | "F" | "O" | "Y":
            return FieldType.DOUBLE
        case "I" | "+":
            return FieldType.INT32
        case "D":
            return FieldType.DATE
        case "L":
            return FieldType.BOOL
        case other:
            raise UnsupportedError("format dBase", f'the column "{column.name}" is of the type {other}: memos and timestamps are not read')


def _text_field(name: str, length: int, encoding: str, source: str) -> Field:
    wide = encoding != LATIN_1
    if length <= _LONGEST_FIXED:
        return Field(name, FieldType.WSTRING if wide else FieldType.STRING, length, source=source)
    return Field(name, FieldType.V_WSTRING if wide else FieldType.V_STRING, length, source=source)


def _texts(raw: pl.Series, encoding: str) -> pl.Series:
    """The bytes as texts without the blanks that fill them up; Null for none."""
    texts = [one.partition(b"\0")[0].decode(encoding, "replace").strip() or None for one in raw]
    return pl.Series(raw.name, texts, pl.String)


def _value(field: Field) -> pl.Expr:
    text = column(field.name)
    if field.type is FieldType.DATE:
        return text.str.to_date("%Y%m%d", strict=False)
    if field.type is FieldType.BOOL:
        flag = text.str.to_uppercase()
        return pl.when(flag.is_in(["T", "Y", "1"])).then(True).when(flag.is_in(["F", "N", "0"])).then(False).alias(field.name)
    return text.cast(field.dtype, strict=False)


def _problem(field: Field) -> pl.Expr:
    text = column(field.name)
    is_nothing = {FieldType.DATE: text.str.contains("^0*$"), FieldType.BOOL: text == "?"}.get(field.type, text.str.contains(r"^\*+$"))
    is_wrong = text.is_not_null() & ~is_nothing & _value(field).is_null()
    return pl.when(is_wrong).then(pl.format(f'"{{}}" is no {field.type}', text))
