"""Digests of texts, and identifiers by chance."""

import hashlib
import uuid

import polars as pl

from galleria.formula.by_row import by_row, by_value
from galleria.formula.functions.math import chance
from galleria.formula.registry import function


@function("MD5_ASCII(text: String) -> String")
def md5_ascii(text: pl.Expr) -> pl.Expr:
    """The MD5 of the text's Latin-1 bytes, in small hexadecimal digits; `?` stands for other characters."""
    return by_value(lambda item: _md5(item.encode("latin-1", "replace")), pl.String(), text)


@function("MD5_UNICODE(text: String) -> String")
def md5_unicode(text: pl.Expr) -> pl.Expr:
    """The MD5 of the text's UTF-16 bytes, low byte first, in small hexadecimal digits."""
    return by_value(lambda item: _md5(item.encode("utf-16-le", "surrogatepass")), pl.String(), text)


@function("MD5_UTF8(text: String) -> String")
def md5_utf8(text: pl.Expr) -> pl.Expr:
    """The MD5 of the text's UTF-8 bytes, in small hexadecimal digits."""
    return by_value(lambda item: _md5(item.encode("utf-8", "surrogatepass")), pl.String(), text)


def _md5(content: bytes) -> str:
    return hashlib.md5(content, usedforsecurity=False).hexdigest()


@function("UuidCreate() -> String", volatile=True)
def uuid_create() -> pl.Expr:
    """A new identifier such as `a1b2c3d4-...` for every row."""
    return by_row(_identifier, pl.String(), [(chance() * 2.0**53).cast(pl.Int64), (chance() * 2.0**53).cast(pl.Int64)])


def _identifier(high: int, low: int) -> str:
    return str(uuid.UUID(int=(high << 75 | low << 22 | (high ^ low) & 0x3FFFFF) % 2**128, version=4))
