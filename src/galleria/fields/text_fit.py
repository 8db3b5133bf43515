"""Text fitted into a text field: cut to its size, and to the characters that it can hold. Source: OpenYXDB, `formula.md` 6."""

import unicodedata

import polars as pl

from galleria.fields.rare import each, mapped, with_exceptions
from galleria.fields.types import Field

_SHOWN = 97


def fitted(text: pl.Expr, target: Field) -> pl.Expr:
    """The part of the text that the field keeps; sizes count UTF-16 units."""

    def fit(column: pl.Series) -> pl.Series:
        if not target.type.is_wide:
            column = with_exceptions(column, column, _beyond_latin1(column), lambda rest: each(rest, to_latin1, pl.String()))
        return with_exceptions(
            column, column, _too_long(column, target), lambda rest: each(rest, lambda item: cut(item, target.size), pl.String())
        )

    return mapped(text, fit, pl.String())


def fit_problem(text: pl.Expr, target: Field) -> pl.Expr:
    """`"abc" was truncated`, or that characters were lost."""

    def problems(column: pl.Series) -> pl.Series:
        odd = _too_long(column, target)
        if not target.type.is_wide:
            odd = odd | _beyond_latin1(column)
        nothing = pl.repeat(None, len(column), dtype=pl.String, eager=True)
        return with_exceptions(nothing, column, odd, lambda rest: each(rest, lambda item: _problem(item, target), pl.String()))

    return mapped(text, problems, pl.String())


def to_latin1(text: str) -> str:
    """Every character beyond Latin-1 as the nearest one that it has, or `?`."""
    return "".join([character if character < "\u0100" else _nearest(character) for character in text])


def cut(text: str, size: int) -> str:
    """The first `size` UTF-16 units; half a surrogate pair is left out."""
    if len(text) <= size and text.isascii():
        return text
    return text.encode("utf-16-le", "surrogatepass")[: 2 * size].decode("utf-16-le", "ignore")


def _problem(text: str, target: Field) -> str | None:
    lost = not target.type.is_wide and any(character > "\u00ff" for character in text)
    if lost:
        return f'"{text}" could not be fully converted from a WString to a String.'
    if len(text.encode("utf-16-le", "surrogatepass")) // 2 <= target.size:
        return None
    return f'"{text[:_SHOWN]}..." was truncated' if target.type.is_variable and target.size > 100 else f'"{text}" was truncated'


def _too_long(column: pl.Series, target: Field) -> pl.Series:
    return column.str.len_bytes() > target.size


def _beyond_latin1(column: pl.Series) -> pl.Series:
    return column.str.len_bytes() != column.str.len_chars()


def _nearest(character: str) -> str:
    if character in _LOOKALIKES:
        return _LOOKALIKES[character]
    plain = unicodedata.normalize("NFKD", character)[0]
    return plain if plain < "\u0100" else "?"


_LOOKALIKES = {"‘": "'", "’": "'", "‚": "'", "“": '"', "”": '"', "„": '"', "–": "-", "—": "-", "‹": "<", "›": ">", "•": "·"}
