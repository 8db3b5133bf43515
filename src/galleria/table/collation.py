"""The dictionary order of texts: letters regardless of case, numbers by their value, punctuation before both.

Source: help page "Sort" (2019.2 and later) for the levels; the order among punctuation characters is Windows's.
"""

import re

import polars as pl

from galleria.errors import UnsupportedError

_PUNCTUATION = "'- !\"#$%&()*,./:;?@[\\]^_`{|}~+<=>"
"""ASCII punctuation in dictionary order."""

_LATIN = frozenset({7, 9, 10, 12, 16, 19, 22, 29})
"""Primary languages whose letters are a to z with accents: German, English, Spanish, French, Italian, Dutch, Portuguese, Swedish."""
_SWEDISH = 29
_SPANISH = 10

_DIGITS = 40
"""Numbers in texts are compared by value up to this many digits."""


def dictionary_keys(text: pl.Expr, locale: int) -> list[tuple[pl.Expr, bool]]:
    """What to sort by, one key after another, each with whether it descends, so that `text` comes in dictionary order.

    `locale` is a Windows locale id (1033 is American English). Raises UnsupportedError for languages that are not
    written in Latin letters, whose dictionaries have rules of their own.
    """
    language = locale & 0x3FF
    if language not in _LATIN:
        raise UnsupportedError(f"dictionary order of locale {locale}", "only the orders of Western European languages are known")
    lower = text.str.to_lowercase()
    own = _own_letters(lower, language)
    accents = own.str.normalize("NFD")
    return [(_by_value(_ranked(_plain(accents))), False), (accents, False), (text, True)]


def _own_letters(lower: pl.Expr, language: int) -> pl.Expr:
    """Letters that a language takes for letters of their own, replaced by something in their place in its alphabet."""
    if language == _SWEDISH:
        return lower.str.replace_many(["å", "ä", "æ", "ö", "ø"], ["z\u01c0", "z\u01c1", "z\u01c1", "z\u01c2", "z\u01c2"])
    if language == _SPANISH:
        return lower.str.replace_many(["ñ"], ["n\u01c0"])
    return lower


def _plain(decomposed: pl.Expr) -> pl.Expr:
    letters = decomposed.str.replace_all(r"\p{M}", "")
    return letters.str.replace_many(["ß", "æ", "œ", "ø", "đ", "ł"], ["ss", "ae", "oe", "o", "d", "l"])


def _ranked(plain: pl.Expr) -> pl.Expr:
    return plain.str.replace_many(list(_PUNCTUATION), [chr(rank) for rank in range(1, len(_PUNCTUATION) + 1)])


def _by_value(text: pl.Expr) -> pl.Expr:
    """Every number in the texts brought to the same number of digits."""
    padded = text.str.replace_all(r"(\d+)", "0" * _DIGITS + "${1}")
    return padded.str.replace_all(rf"\d*(\d{{{_DIGITS}}})", "${1}")


def natural_key(text: str) -> tuple[tuple[int, int, str], ...]:
    """For sorting a few texts as Cross Tab does its headers: without case, numbers by their value, a minus at the start counts."""
    parts = re.findall(r"\A-\d+|\d+|\D+", text)
    key = [(0, int(part), "") if part.lstrip("-").isdecimal() else (1, 0, part.lower()) for part in parts]
    return (*key, (-1, 0, text))
