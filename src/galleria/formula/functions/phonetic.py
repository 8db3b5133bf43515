"""How words sound, look without accents, and are written in addresses."""

import re
import unicodedata
from urllib.parse import quote

import polars as pl

from galleria.formula.by_row import by_value
from galleria.formula.registry import function

_GROUPS = (("BFPV", "1"), ("CGJKQSXZ", "2"), ("DT", "3"), ("L", "4"), ("MN", "5"), ("R", "6"))
_SOUNDS = {letter: digit for letters, digit in _GROUPS for letter in letters}
_UNSPOKEN = "HW"


@function("Soundex(text: String) -> String")
def soundex(text: pl.Expr) -> pl.Expr:
    """The first letter and three digits for the sounds that follow; text that begins with no letter stays as it is."""
    return by_value(_soundex, pl.String(), text)


def _soundex(text: str) -> str:
    letters = text.upper()
    if not ("A" <= letters[:1] <= "Z"):
        return text
    code, last = letters[0], _SOUNDS.get(letters[0], "")
    for letter in letters[1:]:
        sound = _SOUNDS.get(letter, "")
        if sound and sound != last:
            code += sound
        if letter not in _UNSPOKEN:
            last = sound
    return code[:4].ljust(4, "0")


@function("Soundex_Digits(text: String) -> String")
def soundex_digits(text: pl.Expr) -> pl.Expr:
    """The first four digits of the text, or, where it has none, its Soundex."""
    return by_value(lambda item: "".join(re.findall("[0-9]", item))[:4] or _soundex(item), pl.String(), text)


@function("DecomposeUnicodeForMatch(text: String) -> String")
def decompose_unicode_for_match(text: pl.Expr) -> pl.Expr:
    """The text in small letters without accents; `?` for characters beyond Latin-1."""
    return by_value(_decomposed, pl.String(), text)


def _decomposed(text: str) -> str:
    plain = [character for character in unicodedata.normalize("NFKD", text.casefold()) if not unicodedata.combining(character)]
    return "".join(character if character < "\u0100" else "?" for character in plain)


@function("UrlEncode(text: String) -> String")
def url_encode(text: pl.Expr) -> pl.Expr:
    """An address with what it may not hold as `%XX`; its separators stay."""
    return by_value(lambda item: quote(item, safe=":/?#[]@!$&'()*+,;=%-._~"), pl.String(), text)


@function("UrlEncodeUTF8(text: String) -> String")
def url_encode_utf8(text: pl.Expr) -> pl.Expr:
    """The text as a part of an address (RFC 3986): all but letters, digits and `-._~` as `%XX`."""
    return by_value(lambda item: quote(item, safe="-._~"), pl.String(), text)
