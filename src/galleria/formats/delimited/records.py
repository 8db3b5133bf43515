"""The records of delimited text, told apart exactly: quotes, empty fields and quoted empty ones, line breaks in quotes.

This is the reader that decides what a file says; the fast one (`scan.py`) must agree with it.
"""

import re
from collections.abc import Iterable, Iterator

from galleria.formats.delimited.dialect import Dialect

Record = list[str | None]
"""The fields of one record: Null for an empty one, the empty text for a pair of quotes."""


def records(blocks: Iterable[str], dialect: Dialect) -> Iterator[Record]:
    """Every record of a text that comes in pieces of any size.

    A quote counts only where a field starts; what follows its closing quote is added as it stands. A quote that is never
    closed is text. A line without any text is a record of one Null.
    """
    pattern = _pattern(dialect)
    rest = ""
    for block in blocks:
        rest += block
        at = 0
        for record, end in _complete(rest, pattern, dialect.quote):
            yield record
            at = end
        rest = rest[at:]
    if rest:
        yield from (record for record, _ in _all(rest, pattern, dialect.quote))


def lines_skipped(blocks: Iterable[str], count: int) -> Iterator[str]:
    """The pieces of a text without its first `count` lines, whatever quotes are in these."""
    for block in blocks:
        at = 0
        while count and at < len(block):
            found = block.find("\n", at)
            if found < 0:
                at = len(block)
            else:
                at = found + 1
                count -= 1
        if at < len(block):
            yield block[at:]


def _pattern(dialect: Dialect) -> re.Pattern[str]:
    delimiters = "".join(re.escape(one) for one in dialect.delimiters)
    plain = rf"([^{delimiters}\n]*+)"
    ends = rf"([{delimiters}]|\n|\Z)" if delimiters else r"(\n|\Z)"
    if not dialect.quote or not delimiters:
        return re.compile(rf"(?:(?!)()())?{plain}{ends}")
    quote = re.escape(dialect.quote)
    return re.compile(rf"(?:{quote}((?:[^{quote}]++|{quote}{quote})*+){quote}{plain}|{plain}){ends}")


def _all(text: str, pattern: re.Pattern[str], quote: str) -> Iterator[tuple[Record, int]]:
    """Each record with the place behind it; the text ends with its last record."""
    record: Record = []
    for match in pattern.finditer(text):
        record.append(_value(match, quote))
        end = match[4]
        if end == "\n" or not end:
            if not end and match.end() == match.start() and len(record) == 1:
                return  # behind the last line break
            yield record, match.end()
            record = []
        if match.end() == len(text) and end == "\n":
            return


def _complete(text: str, pattern: re.Pattern[str], quote: str) -> Iterator[tuple[Record, int]]:
    """As `_all`, but only records that more text cannot change."""
    record: Record = []
    for match in pattern.finditer(text):
        plain = match[3]
        if not match[4] or (quote and plain and plain.startswith(quote)):
            return
        record.append(_value(match, quote))
        if match[4] == "\n":
            yield record, match.end()
            record = []


def _value(match: re.Match[str], quote: str) -> str | None:
    quoted, tail, plain, end = match.groups()
    text = plain if quoted is None else tail
    if end in ("\n", ""):
        text = text.removesuffix("\r")
    return text or None if quoted is None else quoted.replace(quote + quote, quote) + text
