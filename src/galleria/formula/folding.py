"""Text without letter case, as every comparison of the language sees it: full Unicode case folding ("ß" equals "SS")."""

import re
from collections.abc import Sequence
from functools import cache

import polars as pl

from galleria.fields.rare import mapped
from galleria.formula.by_row import same_height

_SPECIAL = [*range(0x80, 0x2200), *range(0xAB30, 0xABC0), *range(0xFB00, 0xFB18)]
"""All characters that fold to something else than their lower-case form, and many that do not: a test looks at the rest."""


def folded(value: pl.Expr) -> pl.Expr:
    """Fold a text column; equal and ordered (by code point) as the original compares."""
    return mapped(value, _fold, pl.String())


def equal(left: pl.Expr, right: pl.Expr) -> pl.Expr:
    """Whether two text columns are equal without letter case, Null being equal to Null; never Null.

    Folding costs more than comparing: it is done only where texts differ and could still be equal.
    """
    return pl.map_batches([left, right], _equal, return_dtype=pl.Boolean, is_elementwise=True)


def is_caseless(text: str) -> bool:
    """Whether only the very same text equals it: no letters, nothing that folds."""
    return text.isascii() and text.lower() == text.upper()


def sorts_as_it_is(text: str) -> bool:
    """Whether any text compares with this one the same way, folded or not: all its characters come before the letters."""
    return all(character < "A" for character in text)


def equal_pattern(texts: list[str]) -> str | None:
    """A regular expression that matches exactly the texts equal to one of `texts`; None where none is simple enough."""
    patterns = [_fold_parts(text.casefold()) for text in texts]
    known = ["".join(parts) for parts in patterns if parts is not None]
    return rf"\A(?i:{'|'.join(known)})\z" if len(known) == len(texts) else None


def inside_pattern(text: str) -> str | None:
    """A regular expression for `text` in any letter case, to be put inside another; None where none is simple enough."""
    if is_caseless(text):
        return re.escape(text)
    parts = _fold_parts(text.casefold())
    return None if parts is None else f"(?i:{''.join(parts)})"


def _fold(column: pl.Series) -> pl.Series:
    lower = column.str.to_lowercase()
    if lower.str.len_bytes().sum() == lower.str.len_chars().sum():
        return lower
    return lower.str.replace_many(*_beyond_lower_case())


def _equal(columns: Sequence[pl.Series]) -> pl.Series:
    left, right = same_height(columns)
    result = left.eq_missing(right)
    open_ = ~result & left.is_not_null() & right.is_not_null()
    if _is_ascii(left) and _is_ascii(right):
        open_ &= left.str.len_bytes() == right.str.len_bytes()
    rows = open_.arg_true()
    return result if rows.is_empty() else result.scatter(rows, _fold(left.gather(rows)) == _fold(right.gather(rows)))


def _is_ascii(column: pl.Series) -> bool:
    return column.str.len_bytes().sum() == column.str.len_chars().sum()


@cache
def _beyond_lower_case() -> tuple[list[str], list[str]]:
    """Characters that lower-casing leaves, or makes, different from their folded form."""
    pairs: dict[str, str] = {"ς": "σ"}
    for code in _SPECIAL:
        character = chr(code)
        lower, fold = character.lower(), character.casefold()
        if lower != fold and len(lower) == 1:
            pairs[lower] = fold
    return list(pairs), list(pairs.values())


@cache
def _folding_to() -> dict[str, list[str]]:
    """Several characters -> the single characters that fold to them (`ss` -> `ß`, `ẞ`)."""
    result: dict[str, list[str]] = {}
    for code in _SPECIAL:
        fold = chr(code).casefold()
        if len(fold) > 1:
            result.setdefault(fold, []).append(chr(code))
    return result


def _fold_parts(fold: str) -> list[str] | None:
    """Pieces of a pattern; None where characters that fold to several could overlap ("sss" is "ßs" and "sß")."""
    special = _folding_to()
    parts: list[str] = []
    position = 0
    while position < len(fold):
        pieces = [fold[position : position + length] for length in (2, 3)]
        found = next((piece for piece in pieces if piece in special), None)
        if found is None:
            parts.append(re.escape(fold[position]))
            position += 1
            continue
        if pieces[1] in special or fold[position + 1 : position + 3] in special:
            return None
        parts.append(f"(?:{'|'.join([re.escape(found), *special[found]])})")
        position += len(found)
    return parts
