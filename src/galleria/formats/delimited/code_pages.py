"""Code pages: the numbers by which Windows knows encodings, and how the bytes of a text file become UTF-8."""

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from galleria.errors import InvalidError, UnsupportedError

LATIN_1 = codecs.lookup("latin-1").name
_BLOCK = 4 * 1024 * 1024

_NAMED = {
    "": LATIN_1,
    "0": "cp1252",
    "1200": "utf-16-le",
    "1201": "utf-16-be",
    "12000": "utf-32-le",
    "12001": "utf-32-be",
    "10000": "mac-roman",
    "20127": "ascii",
    "20866": "koi8-r",
    "20932": "euc-jp",
    "21866": "koi8-u",
    "28591": LATIN_1,
    "50220": "iso2022-jp",
    "51932": "euc-jp",
    "51949": "euc-kr",
    "54936": "gb18030",
    "65000": "utf-7",
    "65001": "utf-8",
    "65002": "utf-16-le",
    "utf8": "utf-8",
    "utf16": "utf-16-le",
}
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)


def encoding_of(code_page: str) -> str:
    """Python's name for a code page (`28591`, `1252`, `UTF16`); raises UnsupportedError on one that nobody knows."""
    page = code_page.strip().lower()
    # 28591 is ISO 8859-1, 28605 ISO 8859-15.
    iso = f"iso8859-{int(page) - 28590}" if re.fullmatch("28(59|60)[0-9]", page) else ""
    for name in (_NAMED.get(page, ""), iso, f"cp{page}"):
        try:
            if name:
                return codecs.lookup(name).name
        except LookupError:
            continue
    raise UnsupportedError(f"code page {code_page}", "this encoding is not known")


def byte_order_mark(encoding: str) -> bytes:
    """The bytes that announce the encoding at the start of a file; none for one that has no mark."""
    return next((mark for mark, name in _MARKS if codecs.lookup(name).name == encoding), b"")


@dataclass(frozen=True)
class TextFile:
    """A file of text, with the encoding that its first bytes or else its options tell."""

    path: Path
    encoding: str
    marked: bool
    """It starts with a byte order mark."""
    lone_returns: bool
    """Its lines end with a carriage return alone."""

    @property
    def is_utf8(self) -> bool:
        return self.encoding == "utf-8"

    def blocks(self, *, lossy: bool = False) -> Iterator[str]:
        """The text, piece by piece, without its mark and with `\\n` for lone carriage returns.

        Bytes that the encoding does not know raise InvalidError, or become U+FFFD where `lossy`.
        """
        decoder = codecs.getincrementaldecoder(self.encoding)("replace" if lossy else "strict")
        at = 0
        with self.path.open("rb") as file:
            if self.marked:
                at = len(file.read(len(byte_order_mark(self.encoding))))
            while True:
                block = file.read(_BLOCK)
                try:
                    text = decoder.decode(block, final=not block)
                except UnicodeDecodeError as error:
                    raise InvalidError(self._misread(at + error.start)) from error
                at += len(block)
                if text:
                    yield text.replace("\r", "\n") if self.lone_returns else text
                if not block:
                    return

    def is_ascii(self) -> bool:
        """Whether every byte is below 128, so that it reads the same in every narrow code page and in UTF-8."""
        with self.path.open("rb") as file:
            return all(block.isascii() for block in iter(lambda: file.read(_BLOCK), b""))

    def problem(self) -> str:
        """What is wrong with the bytes as text of the encoding; empty where nothing is."""
        try:
            for _ in self.blocks():
                pass
        except InvalidError as error:
            return error.message
        return ""

    def _misread(self, at: int) -> str:
        return (
            f"the file is not text in the code page that is set ({self.encoding}): byte {at:,} makes no sense in it."
            " Choose the right code page, or treat read errors as warnings."
        )


def text_file(path: Path, encoding: str) -> TextFile:
    """Look at the file's first bytes: a byte order mark outranks the encoding that is set."""
    with path.open("rb") as file:
        head = file.read(65_536)
    marked = next(((codecs.lookup(name).name, mark) for mark, name in _MARKS if head.startswith(mark)), None)
    if marked is not None:
        encoding = marked[0]
    text = head.decode(encoding, "replace")
    return TextFile(path, encoding, marked is not None, lone_returns="\r" in text.rstrip("\r") and "\n" not in text)


def to_utf8(file: TextFile, target: Path, *, lossy: bool) -> TextFile:
    """Write the file's text to `target` as UTF-8 with `\\n` for lone carriage returns."""
    with target.open("w", encoding="utf-8", newline="") as out:
        for text in file.blocks(lossy=lossy):
            out.write(text)
    return TextFile(target, "utf-8", marked=False, lone_returns=False)
