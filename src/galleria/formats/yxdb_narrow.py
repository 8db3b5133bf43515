"""The narrow texts of an Alteryx Database as the bytes they are.

sigilyx 0.4 reads String and V_String fields as UTF-8, where they are Latin-1: every character beyond ASCII is lost. Here a
V_String is read as a Blob, from a copy of the file whose head says so; fixed Strings are read from the records themselves.
Only files of the original engine: those of the newer one have another layout.
"""

import re
import struct
from collections.abc import Iterator, Sequence
from pathlib import Path
from shutil import copyfile

import polars as pl

from galleria.errors import InvalidError
from galleria.fields.types import Field, FieldType
from galleria.formats.lzf import decompress
from galleria.formats.yxdb_layout import BLOCK, HEADER, PLAIN, read_head, starts_of

_FIELD = re.compile(r"""<Field\b(?:[^>"']|"[^"]*"|'[^']*')*>""")
_V_STRING = re.compile(r"""(\stype\s*=\s*["'])V_String(?=["'])""")


def is_narrow(field: Field) -> bool:
    return field.type in (FieldType.STRING, FieldType.V_STRING)


def has_lost_characters(batch: pl.DataFrame, fields: Sequence[Field]) -> bool:
    """Whether one of the narrow texts, as sigilyx gives them, is more than ASCII and cannot be trusted."""
    narrow = [batch[field.name] for field in fields if is_narrow(field)]
    return any(texts.str.len_bytes().sum() != texts.str.len_chars().sum() for texts in narrow)


def with_blobs(path: Path, copy: Path) -> None:
    """Make a copy in which every V_String is called a Blob: both are stored the same way."""
    copyfile(path, copy)
    text = read_head(path).xml
    changed = _FIELD.sub(lambda field: _V_STRING.sub(r"\1Blob", field[0]), text).rstrip("\0\n\r ")
    with copy.open("r+b") as file:
        file.seek(HEADER)
        # The records stay where they are: what the shorter names leave free becomes blanks.
        file.write(changed.ljust(len(text) - 1).encode("utf-16-le") + b"\0\0")


def latin_1(data: pl.Series) -> pl.Series:
    """Latin-1 bytes as text."""
    texts = [None if value is None else value.decode("latin-1") for value in data.to_list()]
    return pl.Series(data.name, texts, pl.String)


def fixed_strings(path: Path, fields: Sequence[Field], names: Sequence[str], skipped: int) -> Iterator[dict[str, str | None]]:
    """Record by record the texts of these String fields, without the first `skipped` records."""
    starts, length = starts_of(fields)
    places = [(field.name, starts[field.name], field.size) for field in fields if field.name in names]
    varies = any(field.type.is_variable or field.type.is_binary for field in fields)
    for number, record in enumerate(_records(path, length, varies=varies)):
        if number >= skipped:
            yield {name: _text(record, start, size) for name, start, size in places}


def _text(record: bytes, start: int, size: int) -> str | None:
    if record[start + size]:
        return None
    return record[start : start + size].partition(b"\0")[0].decode("latin-1")


def _records(path: Path, length: int, *, varies: bool) -> Iterator[bytes]:
    """Each record's bytes; only its fixed part is sure to be whole."""
    head = read_head(path)
    blocks = _blocks(path, head.records_place)
    data, at = b"", 0
    for _ in range(head.record_count):
        needed = length + 4 if varies else length
        while len(data) - at < needed:
            data, at = data[at:] + _next(blocks), 0
        record = data[at : at + length]
        at += needed
        if varies:
            rest = struct.unpack_from("<I", data, at - 4)[0]
            while len(data) - at < rest:
                data, at = data[at:] + _next(blocks), 0
            at += rest
        yield record


def _next(blocks: Iterator[bytes]) -> bytes:
    block = next(blocks, None)
    if block is None:
        raise InvalidError("unexpected end of file")
    return block


def _blocks(path: Path, place: int) -> Iterator[bytes]:
    with path.open("rb") as file:
        file.seek(place)
        while len(size := file.read(4)) == 4:
            length = struct.unpack("<I", size)[0]
            data = file.read(length & ~PLAIN)
            yield data if length & PLAIN else decompress(data, BLOCK)
