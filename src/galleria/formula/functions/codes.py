"""Characters, bits and bytes: code points, binary and hexadecimal text, code pages."""

import codecs

import polars as pl

from galleria.formula.by_row import by_row, by_value
from galleria.formula.registry import function

_MOST = 2**64


@function("CharFromInt(code: Int) -> String")
def char_from_int(code: pl.Expr) -> pl.Expr:
    """The character of a Unicode code point; Null for 0 and for numbers that are no character."""
    return by_value(_character, pl.String(), code)


def _character(code: int) -> str | None:
    return chr(code) if 0 < code < 0xD800 or 0xDFFF < code <= 0x10FFFF else None


@function("CharToInt(text: String) -> Int")
def char_to_int(text: pl.Expr) -> pl.Expr:
    """The Unicode code point of the first character; Null for empty text."""
    return by_value(lambda item: ord(item[0]) if item else None, pl.Int64(), text.str.head(1))


@function("BinToInt(text: String) -> Int")
def bin_to_int(text: pl.Expr) -> pl.Expr:
    """The number that a text of binary digits means; 32 or 64 of them are two's complement, unless a sign says otherwise."""
    return by_value(lambda item: _from_digits(item, 2, (32, 64)), pl.Int64(), text)


@function("HexToNumber(text: String) -> Int")
def hex_to_number(text: pl.Expr) -> pl.Expr:
    """The number that a text of hexadecimal digits means; 16 of them are two's complement. Null for other text."""
    return by_value(lambda item: _from_digits(item.strip().removeprefix("0x").removeprefix("0X"), 16, (16,)), pl.Int64(), text)


def _from_digits(text: str, base: int, signed_lengths: tuple[int, ...]) -> int | None:
    digits = text.strip()
    sign = digits[:1] if digits[:1] in ("+", "-") else ""
    digits = digits.removeprefix(sign)
    if not digits or "_" in digits or len(digits) > 64:
        return None
    try:
        value = int(digits, base)
    except ValueError:
        return None
    if not sign and len(digits) in signed_lengths:
        bits = len(digits) * (base.bit_length() - 1)
        value -= (value >> (bits - 1)) << bits
    value = -value if sign == "-" else value
    return value if -(2**63) <= value < 2**63 else None


@function("IntToBin(number: Int) -> String")
def int_to_bin(number: pl.Expr) -> pl.Expr:
    """The number in binary digits; a negative one as 64 digits of two's complement."""
    return by_value(lambda value: f"{value % _MOST:b}", pl.String(), number)


@function("IntToHex(number: Int) -> String")
def int_to_hex(number: pl.Expr) -> pl.Expr:
    """The number in hexadecimal digits, letters as capitals; a negative one as 16 digits of two's complement."""
    return by_value(lambda value: f"{value % _MOST:X}", pl.String(), number)


@function("ConvertFromCodePage(text: String, code_page: Int) -> String")
def convert_from_code_page(text: pl.Expr, code_page: pl.Expr) -> pl.Expr:
    """The text whose bytes (one a character) are in that Windows code page; Null where they are not, or it is not known."""
    return by_row(_decoded, pl.String(), [text, code_page])


def _decoded(text: str, code_page: int) -> str | None:
    codec = _codec(code_page)
    try:
        return text.encode("latin-1").decode(codec) if codec else None
    except UnicodeError:
        return None


@function("ConvertToCodePage(text: String, code_page: Int) -> String")
def convert_to_code_page(text: pl.Expr, code_page: pl.Expr) -> pl.Expr:
    """The text's bytes in that Windows code page, one a character; `?` for what it does not have; Null where it is not known."""
    return by_row(_encoded, pl.String(), [text, code_page])


def _encoded(text: str, code_page: int) -> str | None:
    codec = _codec(code_page)
    return text.encode(codec, "replace").decode("latin-1") if codec else None


def _codec(code_page: int) -> str | None:
    name = _CODECS.get(code_page, f"cp{code_page}")
    try:
        codecs.lookup(name)
    except LookupError:
        return None
    return name


_CODECS = {
    1200: "utf-16-le",
    1201: "utf-16-be",
    12000: "utf-32-le",
    12001: "utf-32-be",
    10000: "mac-roman",
    20127: "ascii",
    20866: "koi8-r",
    20932: "euc-jp",
    21866: "koi8-u",
    **{28590 + part: f"iso8859-{part}" for part in (1, 2, 3, 4, 5, 6, 7, 8, 9, 13, 15)},
    50220: "iso2022-jp",
    50225: "iso2022-kr",
    51932: "euc-jp",
    51949: "euc-kr",
    52936: "hz",
    54936: "gb18030",
    65000: "utf-7",
    65001: "utf-8",
}
