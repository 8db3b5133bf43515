"""How an Alteryx Database of the original engine is laid out. Source: OpenYXDB.

A head of 512 bytes; the fields as XML in UTF-16; blocks of records, compressed with LZF or plain; an index of blocks.
"""

import re
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from lxml import etree

from galleria.fields.types import Field, FieldType

MAGIC = b"Alteryx Database File"
HEADER = 512
META_LENGTH, INDEX_PLACE, RECORD_COUNT = 80, 96, 104
"""Where in the head: characters of the XML, the place of the index, the number of records."""
BLOCK = 262_144
"""Bytes of records in a block, before compression, at most."""
RECORDS_AN_ENTRY = 65_536
"""The index points to every so manieth record, which begins a block."""
PLAIN = 0x8000_0000
"""Set in the length of a block that is not compressed, and in a pointer into the variable part of its record."""

_WIDTHS = {
    FieldType.BOOL: 1,
    FieldType.BYTE: 2,
    FieldType.INT16: 3,
    FieldType.INT32: 5,
    FieldType.INT64: 9,
    FieldType.FLOAT: 5,
    FieldType.DOUBLE: 9,
    FieldType.DATE: 11,
    FieldType.TIME: 9,
    FieldType.DATETIME: 20,
}


@dataclass(frozen=True)
class Head:
    xml: str
    """With the NUL that ends it."""
    records_place: int
    record_count: int


def read_head(path: Path) -> Head:
    with path.open("rb") as file:
        head = file.read(HEADER)
        length = 2 * struct.unpack_from("<i", head, META_LENGTH)[0]
        text = file.read(length).decode("utf-16-le")
    return Head(text, HEADER + length, struct.unpack_from("<q", head, RECORD_COUNT)[0])


def told_of_fields(path: Path) -> list[tuple[str, str]]:
    """Source and description of each field, in order; nothing where the head is not to be understood."""
    if not is_original_engine(path):
        return []
    try:
        text = read_head(path).xml.rstrip("\0")
        root = etree.fromstring(text.encode(), etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False))
    except (struct.error, ValueError, etree.XMLSyntaxError):
        return []
    return [(str(one.get("source", "")), str(one.get("description", ""))) for one in root.iter("Field")]


def holds_shapes(path: Path) -> bool:
    """Whether a file of the original engine has a field of spatial objects, as its head says."""
    return path.suffix.lower() == ".yxdb" and is_original_engine(path) and ' type="SpatialObj"' in read_head(path).xml


def keep_breaks(path: Path) -> None:
    """Have line breaks and tabs in the names of fields stay what they are: XML takes them for blanks unless they are references.

    The records stay where they are: the word about the library that wrote the file makes room. Too many breaks become blanks.
    """
    text = read_head(path).xml.rstrip("\0")
    changed = re.sub(r'(?<= name=")[^"]*', lambda name: re.sub(r"[\t\n\r]", lambda one: f"&#{ord(one[0])};", name[0]), text)
    if changed == text:
        return
    changed = changed.replace(' source="SigilYX"', "")
    if len(changed) <= len(text):
        with path.open("r+b") as file:
            file.seek(HEADER)
            file.write(changed.ljust(len(text)).encode("utf-16-le"))


def is_original_engine(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(len(MAGIC)) == MAGIC


def width_of(field: Field) -> int:
    """Bytes that the field takes in the fixed part of a record: its value and a byte that says Null, or a pointer."""
    if field.type.is_variable or field.type.is_binary:
        return 4
    per_character = 2 if field.type is FieldType.WSTRING else 1
    return _WIDTHS.get(field.type, per_character * field.size + 1)


def starts_of(fields: Sequence[Field]) -> tuple[dict[str, int], int]:
    """Where each field begins in the fixed part, and how long that is."""
    starts: dict[str, int] = {}
    at = 0
    for field in fields:
        starts[field.name] = at
        at += width_of(field)
    return starts, at
