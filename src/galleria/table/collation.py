"""The dictionary order of texts: letters regardless of case, numbers by their value, punctuation before both.

Source: help page "Sort" (2019.2 and later) for the levels; the order among punctuation characters is Windows's.
"""

import re
from functools import partial

import polars as pl

from galleria.errors import ToolError, UnsupportedError

_PUNCTUATION = "'- !\"#$%&()*,./:;?@[\\]^_`{|}~+<=>"
"""ASCII punctuation in dictionary order."""

_LATIN = frozenset({7, 9, 10, 12, 16, 19, 22, 29})
"""Primary languages whose letters are a to z with accents: German, English, Spanish, French, Italian, Dutch, Portuguese, Swedish."""
_PLAIN_ONLY = frozenset({1, 2, 3, 4, 8, 11, 13, 17, 18, 21, 24, 25, 30, 33, 34, 62})
"""Languages that sort ASCII as English does, and other letters by rules of their own.

Arabic, Bulgarian, Catalan, Chinese, Greek, Finnish, Hebrew, Japanese, Korean, Polish, Romanian, Russian, Thai, Indonesian,
Ukrainian, Malay.
"""
_SWEDISH = 29
_SPANISH = 10

_TEXT, _RANK = "text", "rank"


def dictionary_rank(text: pl.Expr, locale: int) -> pl.Expr:
    """A number for each text that grows in dictionary order, equal for equal texts alone; Null for Null.

    `locale` is a Windows locale id (1033 is American English). Looks at the whole column. Raises UnsupportedError for
    languages that sort even ASCII in their own way; of those that sort other letters so, such a letter is a ToolError
    once the rows pass.
    """
    language = locale & 0x3FF
    if language not in _LATIN | _PLAIN_ONLY:
        raise UnsupportedError(f"dictionary order of locale {locale}", "only the orders of Western European languages are known")
    return text.map_batches(partial(_ranks, locale), return_dtype=pl.UInt32)


def _ranks(locale: int, texts: pl.Series) -> pl.Series:
    """Each different text is looked at once."""
    language = locale & 0x3FF
    if language in _PLAIN_ONLY and texts.str.contains(r"[^\x00-\x7f]").any():
        raise ToolError(f"The dictionary order of locale {locale} is known here for ASCII only, and some texts go beyond it.")
    ranks = _in_order(texts.unique().drop_nulls().rename(_TEXT), language).with_row_index(_RANK)
    return texts.rename(_TEXT).to_frame().join(ranks, on=_TEXT, how="left", maintain_order="left")[_RANK].rename(texts.name)


def _in_order(texts: pl.Series, language: int) -> pl.DataFrame:
    """Letters first, accents where these are the same, and small letters before capitals where those are."""
    lower = _own_letters(texts.str.to_lowercase(), language)
    plain = lower
    if lower.str.contains(r"[^\x00-\x7f]").any():
        lower = lower.str.normalize("NFD")
        plain = _plain(lower)
    if plain.str.contains(r"[[:punct:] ]").any():
        plain = plain.str.replace_many(list(_PUNCTUATION), [chr(rank) for rank in range(1, len(_PUNCTUATION) + 1)])
    keys = pl.DataFrame({_TEXT: texts, "plain": _by_value(plain), "accents": lower})
    return keys.sort("plain", "accents", _TEXT, descending=[False, False, True]).select(_TEXT)


def _own_letters(lower: pl.Series, language: int) -> pl.Series:
    """Letters that a language takes for letters of their own, replaced by something in their place in its alphabet."""
    if language == _SWEDISH:
        return lower.str.replace_many(["å", "ä", "æ", "ö", "ø"], ["z\u01c0", "z\u01c1", "z\u01c1", "z\u01c2", "z\u01c2"])
    if language == _SPANISH:
        return lower.str.replace_many(["ñ"], ["n\u01c0"])
    return lower


def _plain(decomposed: pl.Series) -> pl.Series:
    letters = decomposed.str.replace_all(r"\p{M}", "")
    return letters.str.replace_many(["ß", "æ", "œ", "ø", "đ", "ł"], ["ss", "ae", "oe", "o", "d", "l"])


def _by_value(texts: pl.Series) -> pl.Series:
    """Every number in the texts brought to the same number of digits."""
    longest = texts.str.extract_all(r"\d+").explode().str.len_chars().max()
    if longest is None or not isinstance(longest, int):
        return texts
    padded = texts.str.replace_all(r"(\d+)", "0" * (longest - 1) + "${1}")
    return padded.str.replace_all(rf"\d*(\d{{{longest}}})", "${1}")


def natural_key(text: str) -> tuple[tuple[int, int, str], ...]:
    """For sorting a few texts as Cross Tab does its headers: without case, numbers by their value, a minus at the start counts."""
    parts = re.findall(r"\A-\d+|\d+|\D+", text)
    key = [(0, int(part), "") if part.lstrip("-").isdecimal() else (1, 0, part.lower()) for part in parts]
    return (*key, (-1, 0, text))
