"""Whether every record of a delimited file has the right number of fields, found out by counting delimiters."""

import re
from collections.abc import Iterator
from pathlib import Path

from galleria.formats.delimited.dialect import Dialect

_BLOCK = 16 * 1024 * 1024


def is_regular(path: Path, dialect: Dialect, lines_before: int, width: int) -> bool:
    """Whether a file that has no record with too many of its `width` fields has none with too few, either.

    True is certain. False may mean an empty line or an odd quote: the exact reader will see.
    """
    delimiters = lines = 0
    delimiter, ends_open = dialect.delimiters.encode(), False
    for block in _unquoted(_after(path, lines_before), dialect.quote.encode()):
        delimiters += block.count(delimiter)
        lines += block.count(b"\n")
        ends_open = not block.endswith(b"\n")
    return delimiters == (lines + ends_open) * (width - 1)


def _after(path: Path, lines: int) -> Iterator[bytes]:
    with path.open("rb") as file:
        for _ in range(lines):
            file.readline()
        yield from iter(lambda: file.read(_BLOCK), b"")


def _unquoted(blocks: Iterator[bytes], quote: bytes) -> Iterator[bytes]:
    """The bytes without what stands between pairs of quotes."""
    if not quote:
        yield from blocks
        return
    pair = re.compile(re.escape(quote) + b"[^" + re.escape(quote) + b"]*+" + re.escape(quote))
    rest = b""
    for block in blocks:
        plain = pair.sub(b"", rest + block)
        whole, opening, open_text = plain.rpartition(quote)
        rest = opening + open_text if opening else b""
        if opening or plain:
            yield whole if opening else plain
    if rest:
        yield rest
