"""dBase tables made: dBase III, as they stand beside shapefiles too.

Names are cut to ten bytes. Texts are in Windows-1252 where that can hold them all, else in UTF-8, which a `.cpg` beside the
table says. Source: the published descriptions of the format.
"""

import struct
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import polars as pl

from galleria.errors import InvalidError
from galleria.fields.types import Field, FieldType

MOST_TEXT = 254
"""Bytes of a text."""
_MOST_NUMBER = 20
_LONGEST_NAME = 10
_WIDTHS = {FieldType.BYTE: 3, FieldType.INT16: 6, FieldType.INT32: 11, FieldType.INT64: 20}
_FORMS = {FieldType.DATETIME: "%Y-%m-%d %H:%M:%S", FieldType.TIME: "%H:%M:%S"}
_VERSION, _WINDOWS, _NO_LANGUAGE = 0x03, 0x57, 0x00


@dataclass(frozen=True)
class _Column:
    name: bytes
    kind: bytes
    length: int
    decimals: int
    cells: Sequence[bytes]
    """As long as `length` each."""


def refuse_binary(fields: Sequence[Field], name: str) -> None:
    """Raises InvalidError for spatial objects and blobs, which the format cannot hold."""
    for field in fields:
        if field.type.is_binary:
            raise InvalidError(f'"{name}" cannot hold the field "{field.name}": it is a {field.type}')


def limited(fields: Sequence[Field]) -> list[Field]:
    """The fields with texts no longer than the format's."""
    return [replace(field, size=min(field.size, MOST_TEXT)) if field.type.is_text else field for field in fields]


def write_dbase(path: Path, rows: pl.DataFrame, fields: Sequence[Field]) -> None:
    """A file of columns named as `fields`; raises InvalidError for what the format cannot hold."""
    texts = [rows[field.name] for field in fields if field.type.is_text]
    encoding = "cp1252" if all(_fits_windows(column) for column in texts) else "utf-8"
    columns = [_column(field, rows[field.name], name, encoding) for field, name in zip(fields, _names(fields), strict=True)]
    length = 1 + sum(column.length for column in columns)
    if length > 65_535 or len(columns) > 2046:
        raise InvalidError(f'"{path.name}" cannot hold {len(columns)} fields of {length:,} bytes together')
    head = struct.pack(
        "<4BIHH17xB2x", _VERSION, 95, 7, 26, rows.height, 33 + 32 * len(columns), length, _WINDOWS if encoding == "cp1252" else _NO_LANGUAGE
    )
    told = b"".join(struct.pack("<11sc4xBB14x", one.name, one.kind, one.length, one.decimals) for one in columns)
    with path.open("wb") as out:
        out.write(head + told + b"\r")
        out.writelines(b" " + b"".join(cells) for cells in zip(*(column.cells for column in columns), strict=True))
        out.write(b"\x1a")
    beside = path.with_suffix(".cpg")
    if encoding == "utf-8":
        beside.write_text("UTF-8", encoding="ascii")
    else:
        beside.unlink(missing_ok=True)


def _names(fields: Sequence[Field]) -> list[bytes]:
    """Ten bytes each, with a number at their ends where they are the same so."""
    names: list[bytes] = []
    for field in fields:
        whole = field.name.encode("utf-8")
        name, number = _cut(whole, _LONGEST_NAME), 1
        while name.lower() in {one.lower() for one in names}:
            number += 1
            name = _cut(whole, _LONGEST_NAME - len(str(number))) + str(number).encode()
        names.append(name)
    return names


def _cut(text: bytes, length: int) -> bytes:
    return text[:length].decode("utf-8", "ignore").encode("utf-8")


def _fits_windows(column: pl.Series) -> bool:
    try:
        "".join(column.drop_nulls().unique().to_list()).encode("cp1252")
    except UnicodeEncodeError:
        return False
    return True


def _column(field: Field, values: pl.Series, name: bytes, encoding: str) -> _Column:
    kind = field.type
    if kind is FieldType.BOOL:
        return _Column(name, b"L", 1, 0, _cells(values, lambda one: b"T" if one else b"F", b"?"))
    if kind is FieldType.DATE:
        return _Column(name, b"D", 8, 0, _cells(values.dt.strftime("%Y%m%d"), str.encode, b" " * 8))
    if kind in _WIDTHS:
        length = _WIDTHS[kind]
        return _Column(name, b"N", length, 0, _cells(values, lambda one: str(one).rjust(length).encode(), b" " * length))
    if kind is FieldType.FIXED_DECIMAL and field.size <= _MOST_NUMBER:
        length = field.size
        return _Column(name, b"N", length, field.scale, _cells(values, lambda one: f"{one:f}".rjust(length).encode(), b" " * length))
    if kind.is_numeric:
        return _numbers(name, values)
    return _texts(name, values.dt.strftime(_FORMS[kind]) if kind in _FORMS else values, field, encoding)


def _numbers(name: bytes, values: pl.Series) -> _Column:
    """Plain where that is exact within 20 characters, with an exponent elsewhere."""
    texts = [None if value is None else _number(float(value)) for value in values.to_list()]
    decimals = max((len(text.partition(".")[2]) for text in texts if text and "e" not in text), default=1)
    return _Column(name, b"N", _MOST_NUMBER, min(max(decimals, 1), 15), [(text or "").rjust(_MOST_NUMBER).encode() for text in texts])


def _number(value: float) -> str:
    if value != value or value in (float("inf"), float("-inf")):
        return "*" * _MOST_NUMBER
    text = repr(value)
    return text if "e" not in text and len(text) <= _MOST_NUMBER else f"{value:.12e}"


def _texts(name: bytes, values: pl.Series, field: Field, encoding: str) -> _Column:
    cells = [(text or "")[:MOST_TEXT].encode(encoding) for text in values.to_list()]
    length = max([1, *map(len, cells)])
    if length > MOST_TEXT:
        raise InvalidError(f'the field "{field.name}" holds a text of {length} bytes in UTF-8; a dBase table holds {MOST_TEXT}')
    return _Column(name, b"C", length, 0, [cell.ljust(length) for cell in cells])


def _cells(values: pl.Series, write: Callable[[Any], bytes], nothing: bytes) -> list[bytes]:
    return [nothing if value is None else write(value) for value in values.to_list()]
