"""Pictures in reports: PNG, JPEG and GIF, told apart by how they begin, embedded as data."""

import base64
import binascii
import struct
from collections.abc import Mapping

import polars as pl

from galleria.errors import InvalidError, ToolError
from galleria.reports.markup import together
from galleria.reports.styles import style_attribute

_BEGINNINGS = {b"\x89PNG\r\n\x1a\n": "png", b"\xff\xd8\xff": "jpeg", b"GIF8": "gif"}


def picture(encoded: str, where: str) -> bytes:
    """The bytes of a picture that a document holds; raises ToolError where they are none."""
    try:
        content = base64.b64decode("".join(encoded.split()) + "==")
    except binascii.Error as error:
        raise ToolError(f"{where}: a picture in the document is damaged") from error
    if kind_of(content) is None:
        raise ToolError(f"{where}: a picture in the document is no PNG, JPEG or GIF")
    return content


def kind_of(content: bytes) -> str | None:
    """`png`, `jpeg` or `gif`; None for anything else."""
    return next((kind for beginning, kind in _BEGINNINGS.items() if content.startswith(beginning)), None)


def size_of(content: bytes) -> tuple[int, int]:
    """Width and height in pixels; 200 by 200 where the file does not say."""
    if content.startswith(b"\x89PNG"):
        width, height = struct.unpack(">II", content[16:24].ljust(8, b"\0"))
    elif content.startswith(b"GIF8"):
        width, height = struct.unpack("<HH", content[6:10].ljust(4, b"\0"))
    else:
        width, height = _size_of_jpeg(content) or (200, 200)
    return width or 1, height or 1


def _size_of_jpeg(content: bytes) -> tuple[int, int] | None:
    """It stands in the segment that begins the picture itself, behind others of known lengths."""
    at = 2
    while at + 9 <= len(content) and content[at] == 0xFF:
        kind, length = content[at + 1], int.from_bytes(content[at + 2 : at + 4], "big")
        if 0xC0 <= kind <= 0xCF and kind not in (0xC4, 0xC8, 0xCC):
            height, width = struct.unpack(">HH", content[at + 5 : at + 9])
            return width, height
        at += 1 if kind == 0xFF else 2 + length
    return None


def embedded(source: str) -> bytes:
    """The bytes of a `data:` address in a snippet; raises InvalidError where they are no picture."""
    try:
        content = base64.b64decode(source.partition(";base64,")[2])
    except binascii.Error as error:
        raise InvalidError("a picture in a report is damaged") from error
    if kind_of(content) is None:
        raise InvalidError("a picture in a report is no PNG, JPEG or GIF")
    return content


def picture_markup(content: bytes, style: Mapping[str, str]) -> str:
    """The `img` element; empty for what is no picture."""
    kind = kind_of(content)
    data = base64.b64encode(content).decode("ascii")
    return f'<img src="data:image/{kind};base64,{data}" alt=""{style_attribute(style)}/>' if kind else ""


def pictures_markup(content: pl.Expr, style: Mapping[str, str]) -> pl.Expr:
    """A column of blobs as `img` elements; Null for Null and for what is no picture."""
    kind = pl.lit(None, pl.String)
    for beginning, name in _BEGINNINGS.items():
        kind = pl.when(content.bin.starts_with(pl.lit(beginning))).then(pl.lit(name)).otherwise(kind)
    element = together('<img src="data:image/', kind, ";base64,", content.bin.encode("base64"), f'" alt=""{style_attribute(style)}/>')
    return pl.when(kind.is_not_null()).then(element)
