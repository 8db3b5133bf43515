"""Whether a delimited file is as regular as the fast reader needs it, found out from its bytes."""

import codecs
import re
from collections.abc import Iterator
from pathlib import Path

import polars as pl

from galleria.formats.delimited.dialect import Dialect

_BLOCK, _BLOCK_A_FIELD = 1024 * 1024, 160 * 1024
"""Bytes that are read at once: little, so that not much is held before it is wanted, but some thousand rows, as every step that
rows pass costs something for each column of each block."""
LARGEST_BLOCK = 8 * _BLOCK
LONGEST_QUOTED = 64 * _BLOCK
"""Where a record is longer, one of its quotes is never closed."""


class Irregular(Exception):
    """A file that Polars cannot be trusted with."""


def whole_records(path: Path, lines_before: int, quote: bytes, width: int) -> Iterator[bytes]:
    """The file's bytes behind the first `lines_before` lines, in pieces that end where a line ends outside quotes.

    That is told by an even number of quotes. Pieces are larger where records have more fields (`width`).
    Raises Irregular where no such end is in sight.
    """
    rest = b""
    is_start = not lines_before
    for block in _after(path, lines_before, min(max(_BLOCK, width * _BLOCK_A_FIELD), LARGEST_BLOCK)):
        rest += block
        cut = _last_end(rest, quote)
        if not cut:
            if quote and len(rest) > LONGEST_QUOTED:
                raise Irregular
            continue
        yield _unmarked(rest[:cut], is_start=is_start)
        rest, is_start = rest[cut:], False
    if rest:
        yield _unmarked(rest, is_start=is_start)


def _unmarked(block: bytes, *, is_start: bool) -> bytes:
    """The block, unless Polars would take its first character for a byte order mark, which only the start of a file has."""
    if not is_start and block.startswith(codecs.BOM_UTF8):
        raise Irregular
    return block


def is_regular(block: bytes, dialect: Dialect, width: int, *, quoted: bool) -> bool:
    """Whether every record has `width` fields, and every quote begins or ends a field or is one of a pair inside a quoted one.

    `quoted` says whether the block has quotes at all. An empty line is irregular unless the width is 1.
    """
    if not quoted:
        delimiters = pl.col("line").str.count_matches(dialect.delimiters, literal=True).fill_null(0)
        return not dialect.delimiters or _all_lines(block, delimiters == width - 1)
    # Most quoted files have no line breaks in quotes: then line by line is enough, and Polars is fast.
    whole_line = pl.col("line").fill_null("").str.contains(_line_pattern(dialect, width))
    return _all_lines(block, whole_line) or _is_regular_with_breaks(block, dialect, width)


def _all_lines(block: bytes, condition: pl.Expr) -> bool:
    lines = pl.scan_csv(block, has_header=False, separator="\0", quote_char=None, schema={"line": pl.String()})
    return bool(lines.select(condition.all()).collect(engine="streaming").item())


def _line_pattern(dialect: Dialect, width: int) -> str:
    quote, delimiter = f"\\x{ord(dialect.quote):02x}", f"\\x{ord(dialect.delimiters):02x}"
    field = f"(?:[^{quote}{delimiter}]*|{quote}[^{quote}]*(?:{quote}{quote}[^{quote}]*)*{quote})"
    return rf"\A{field}(?:{delimiter}{field}){{{width - 1}}}\r?\z"


def _is_regular_with_breaks(block: bytes, dialect: Dialect, width: int) -> bool:
    quote, delimiter = dialect.quote.encode(), dialect.delimiters.encode()
    whole_line = re.compile(rb"(?:[^%(d)s\n]*+%(d)s){%(n)d}[^%(d)s\n]*+(?:\n|\Z)" % {b"d": re.escape(delimiter), b"n": width - 1})
    # One letter stays, so that no line becomes an empty one.
    plain = _quoted_field(quote, delimiter).sub(b"q", block)
    return quote not in plain and not whole_line.sub(b"", plain)


def _quoted_field(quote: bytes, delimiter: bytes) -> re.Pattern[bytes]:
    """A whole quoted field, in a block that begins and ends with a record."""
    quote, delimiter = re.escape(quote), re.escape(delimiter)
    return re.compile(rb"(?:\A|(?<=[%(d)s\n]))%(q)s(?:[^%(q)s]++|%(q)s%(q)s)*+%(q)s(?=%(d)s|\r?\n|\r?\Z)" % {b"q": quote, b"d": delimiter})


def _after(path: Path, lines: int, size_bytes: int) -> Iterator[bytes]:
    with path.open("rb") as file:
        for _ in range(lines):
            file.readline()
        yield from iter(lambda: file.read(size_bytes), b"")


def _last_end(data: bytes, quote: bytes) -> int:
    """The place behind the last line break that is preceded by an even number of quotes; 0 where there is none."""
    cut = data.rfind(b"\n") + 1
    odd = bool(quote) and data.count(quote, 0, cut) % 2
    while cut and odd:
        last = data.rfind(quote, 0, cut)
        earlier = data.rfind(b"\n", 0, last) + 1
        odd = (odd + data.count(quote, earlier, cut)) % 2
        cut = earlier
    return cut
