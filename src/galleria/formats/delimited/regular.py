"""Whether a delimited file is as regular as the fast reader needs it, found out from its bytes."""

import re
from collections.abc import Iterator
from pathlib import Path

import polars as pl

from galleria.formats.delimited.dialect import Dialect

_BLOCK = 16 * 1024 * 1024


def has_quotes(path: Path, dialect: Dialect) -> bool:
    quote = dialect.quote.encode()
    if not quote or not dialect.delimiters:
        return False
    with path.open("rb") as file:
        return any(quote in block for block in iter(lambda: file.read(_BLOCK), b""))


def is_regular(path: Path, dialect: Dialect, lines_before: int, width: int, *, quoted: bool) -> bool:
    """Whether every record has `width` fields, and every quote begins or ends a field or is one of a pair inside a quoted one.

    `quoted` says whether the file has quotes at all. An empty line is irregular unless the width is 1.
    """
    if not quoted:
        delimiters = pl.col("line").str.count_matches(dialect.delimiters, literal=True).fill_null(0)
        return not dialect.delimiters or _all_lines(path, lines_before, delimiters == width - 1)
    # Most quoted files have no line breaks in quotes: then line by line is enough, and Polars is fast.
    whole_line = pl.col("line").fill_null("").str.contains(_line_pattern(dialect, width))
    return _all_lines(path, lines_before, whole_line) or _is_regular_with_breaks(path, dialect, lines_before, width)


def _all_lines(path: Path, lines_before: int, condition: pl.Expr) -> bool:
    lines = pl.scan_csv(
        path, has_header=False, skip_lines=lines_before, separator="\0", quote_char=None, schema={"line": pl.String()}, glob=False
    )
    return bool(lines.select(condition.all()).collect(engine="streaming").item())


def _line_pattern(dialect: Dialect, width: int) -> str:
    quote, delimiter = f"\\x{ord(dialect.quote):02x}", f"\\x{ord(dialect.delimiters):02x}"
    field = f"(?:[^{quote}{delimiter}]*|{quote}[^{quote}]*(?:{quote}{quote}[^{quote}]*)*{quote})"
    return rf"\A{field}(?:{delimiter}{field}){{{width - 1}}}\r?\z"


def _is_regular_with_breaks(path: Path, dialect: Dialect, lines_before: int, width: int) -> bool:
    quote, delimiter = dialect.quote.encode(), dialect.delimiters.encode()
    field = _quoted_field(quote, delimiter)
    whole_line = re.compile(rb"(?:[^%(d)s\n]*+%(d)s){%(n)d}[^%(d)s\n]*+(?:\n|\Z)" % {b"d": re.escape(delimiter), b"n": width - 1})
    for block in _whole_records(_after(path, lines_before), quote):
        # One letter stays, so that no line becomes an empty one.
        plain = field.sub(b"q", block)
        if quote in plain or whole_line.sub(b"", plain):
            return False
    return True


def _quoted_field(quote: bytes, delimiter: bytes) -> re.Pattern[bytes]:
    """A whole quoted field, in a block that begins and ends with a record."""
    quote, delimiter = re.escape(quote), re.escape(delimiter)
    return re.compile(rb"(?:\A|(?<=[%(d)s\n]))%(q)s(?:[^%(q)s]++|%(q)s%(q)s)*+%(q)s(?=%(d)s|\r?\n|\r?\Z)" % {b"q": quote, b"d": delimiter})


def _after(path: Path, lines: int) -> Iterator[bytes]:
    with path.open("rb") as file:
        for _ in range(lines):
            file.readline()
        yield from iter(lambda: file.read(_BLOCK), b"")


def _whole_records(blocks: Iterator[bytes], quote: bytes) -> Iterator[bytes]:
    """The bytes in pieces that end where a line ends outside quotes, as far as an even number of quotes tells."""
    rest = b""
    for block in blocks:
        rest += block
        cut = _last_end(rest, quote)
        if cut:
            yield rest[:cut]
            rest = rest[cut:]
    if rest:
        yield rest


def _last_end(data: bytes, quote: bytes) -> int:
    cut = data.rfind(b"\n") + 1
    if not quote:
        return cut
    odd = data.count(quote, 0, cut) % 2
    while cut and odd:
        earlier = data.rfind(b"\n", 0, cut - 1) + 1
        odd = (odd + data.count(quote, earlier, cut)) % 2
        cut = earlier
    return cut
