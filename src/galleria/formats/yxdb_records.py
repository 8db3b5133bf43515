"""Records of an Alteryx Database put together byte by byte, for what sigilyx writes wrongly.

sigilyx 0.4 writes the texts of narrow fields as UTF-8, where the original reads Latin-1 (an "ü" would come back as "Ã¼"), and
cuts fixed ones by their UTF-8 bytes. The blocks written here are not compressed, which the format allows.
Source of the layout: OpenYXDB.
"""

import struct
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import polars as pl

from galleria.fields.conversion import text_of
from galleria.fields.types import Field, FieldType
from galleria.formats.yxdb_layout import BLOCK, HEADER, INDEX_PLACE, META_LENGTH, PLAIN, RECORD_COUNT, RECORDS_AN_ENTRY, starts_of, width_of

Column = pl.Series
"""Bytes in every row, none of them Null."""

_NUMBERS = {
    FieldType.BYTE: pl.UInt8(),
    FieldType.INT16: pl.Int16(),
    FieldType.INT32: pl.Int32(),
    FieldType.INT64: pl.Int64(),
    FieldType.FLOAT: pl.Float32(),
    FieldType.DOUBLE: pl.Float64(),
}


def needs_own_records(rows: pl.DataFrame, fields: Sequence[Field]) -> bool:
    """Whether a narrow text has a character beyond ASCII."""
    narrow = [rows[field.name] for field in fields if field.type in (FieldType.STRING, FieldType.V_STRING)]
    return any(texts.str.len_bytes().sum() != texts.str.len_chars().sum() for texts in narrow)


def append_records(path: Path, rows: pl.DataFrame, fields: Sequence[Field]) -> None:
    """Put the rows into a file that holds the same fields and no record."""
    with path.open("r+b") as file:
        head = file.read(HEADER)
        place = HEADER + 2 * struct.unpack_from("<i", head, META_LENGTH)[0]
        file.seek(place)
        file.truncate()
        index: list[int] = []
        for some in rows.iter_slices(RECORDS_AN_ENTRY):
            index.append(place)
            for block in _blocks(some, fields):
                place += file.write(struct.pack("<I", len(block) | PLAIN)) + file.write(block)
        file.write(struct.pack(f"<i{len(index)}q", len(index), *index))
        file.seek(INDEX_PLACE)
        file.write(struct.pack("<q", place))
        file.seek(RECORD_COUNT)
        file.write(struct.pack("<q", rows.height))


def _blocks(rows: pl.DataFrame, fields: Sequence[Field]) -> Iterator[bytes]:
    records = _joined(rows, fields)
    for at in range(0, len(records), BLOCK):
        yield records[at : at + BLOCK]


def _joined(rows: pl.DataFrame, fields: Sequence[Field]) -> bytes:
    """The records, one behind the other: fixed parts with pointers, the length of what is variable, what is variable."""
    fixed: list[Column] = []
    variable: list[Column] = []
    starts, length = starts_of(fields)
    behind = pl.repeat(0, rows.height, dtype=pl.UInt32, eager=True)
    for field in fields:
        values = rows[field.name]
        if field.type.is_variable or field.type.is_binary:
            data = _bytes_of(values, field)
            block = _block_sizes(data)
            to_block = (behind + (length - starts[field.name] + 4)) | PLAIN
            pointer = pl.select(pl.when(data.is_null()).then(1).when(block == 0).then(0).otherwise(to_block)).to_series()
            fixed.append(_number_bytes(pointer.cast(pl.UInt32)))
            variable.extend(_variable(data))
            behind = behind + block
        else:
            fixed.extend(_fixed(values, field))
    if variable:
        fixed.append(_number_bytes(behind))
    return b"".join(_side_by_side([*fixed, *variable]).to_list())


def _side_by_side(columns: Sequence[Column]) -> Column:
    """The bytes of each row, one behind the other: halves first, so that long rows are not copied for each of their columns."""
    if len(columns) == 1:
        return columns[0]
    middle = len(columns) // 2
    return _side_by_side(columns[:middle]) + _side_by_side(columns[middle:])


def _fixed(values: pl.Series, field: Field) -> list[Column]:
    """The value's bytes, then a byte that is 1 for Null; a Bool says Null in its own byte."""
    if field.type is FieldType.BOOL:
        return [_number_bytes(values.cast(pl.UInt8).fill_null(2))]
    flags = _number_bytes(values.is_null().cast(pl.UInt8))
    if field.type in _NUMBERS:
        return [_number_bytes(values.cast(_NUMBERS[field.type]).fill_null(0)), flags]
    size = width_of(field) - 1
    return [pl.Series([(data or b"").ljust(size, b"\0") for data in _bytes_of(values, field)], dtype=pl.Binary), flags]


def _bytes_of(values: pl.Series, field: Field) -> pl.Series:
    """The values as the bytes that stand for them."""
    if field.type.is_binary:
        return values
    if not field.type.is_text:
        values = pl.select(text_of(pl.lit(values), field)).to_series()
    encoding = "utf-16-le" if field.type.is_wide else "latin-1"
    data = [None if text is None else text.encode(encoding) for text in values]
    return pl.Series(values.name, data, pl.Binary)


def _block_sizes(data: pl.Series) -> pl.Series:
    """Bytes that each value takes in the variable part; none for Null and for the empty one."""
    sizes = data.bin.size().fill_null(0)
    heads = pl.select(pl.when(sizes == 0).then(0).when(sizes < 128).then(1).otherwise(4)).to_series()
    return (sizes + heads).cast(pl.UInt32)


def _variable(data: pl.Series) -> list[Column]:
    """The length of each value, in one byte or four, and the value."""
    sizes = data.bin.size().fill_null(0)
    short = _number_bytes((sizes * 2 + 1).cast(pl.UInt8, strict=False).fill_null(0))
    long = _number_bytes((sizes * 2).cast(pl.UInt32))
    heads = pl.select(pl.when(sizes == 0).then(pl.lit(b"")).when(sizes < 128).then(short).otherwise(long)).to_series()
    return [heads, data.fill_null(b"")]


def _number_bytes(values: pl.Series) -> Column:
    """Each number's own bytes, least significant first."""
    if values.dtype.is_float():
        values = values.reinterpret(dtype=pl.UInt64 if values.dtype == pl.Float64 else pl.UInt32)
    elif values.dtype.is_signed_integer():
        values = values.reinterpret(signed=False)
    wide = values.cast(pl.UInt64)
    return _side_by_side([_BYTES.gather((wide // 256**at % 256).cast(pl.UInt32)) for at in range(_WIDTHS[values.dtype])])


_BYTES = pl.Series([bytes([number]) for number in range(256)], dtype=pl.Binary)
_WIDTHS: Mapping[pl.DataType, int] = {pl.UInt8(): 1, pl.UInt16(): 2, pl.UInt32(): 4, pl.UInt64(): 8}
