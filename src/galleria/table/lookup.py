"""Finding any of many texts in a column of texts.

Of several that could be found at a place the longest counts, and of several places the first.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property

import polars as pl


class Search(StrEnum):
    ANYWHERE = "anywhere"
    WHOLE = "whole"
    BEGINNING = "beginning"


@dataclass(frozen=True)
class Needles:
    """What is looked for, and how."""

    texts: frozenset[str]
    """Folded by `fold`; the empty text is never looked for within another."""
    search: Search
    ignores_case: bool
    whole_words: bool
    """No letter, digit or `_` may stand beside what is found. Of no account for whole texts."""

    def fold(self, text: pl.Expr) -> pl.Expr:
        """Texts as they are compared."""
        return text.str.to_lowercase() if self.ignores_case else text

    def found(self, text: pl.Expr) -> pl.Expr:
        """Which of the texts was found, folded; Null for none, and for Null."""
        folded = self.fold(text)
        match self.search:
            case Search.WHOLE:
                return folded
            case Search.BEGINNING:
                return pl.coalesce(pl.lit(None, pl.String), *self._beginnings(folded))
            case Search.ANYWHERE:
                if not self._longest_first:
                    return pl.lit(None, pl.String)
                if self.whole_words:
                    return folded.str.extract(rf"\b{{start-half}}({self._alternatives})\b{{end-half}}", 1)
                return folded.str.extract_many(self._longest_first, leftmost=True).list.first()

    def replaced(self, text: pl.Expr, replacements: Mapping[str, str], *, only_first: bool) -> pl.Expr:
        """The column with everything found anywhere replaced, or only the first thing; `replacements` are by folded text."""
        if not self._longest_first:
            return text
        if only_first or self.whole_words or (self.ignores_case and not all(one.isascii() for one in self._longest_first)):
            return self._replaced_one_by_one(text, replacements, only_first=only_first)
        by_length = [replacements[one] for one in self._longest_first]
        return text.str.replace_many(self._longest_first, by_length, ascii_case_insensitive=self.ignores_case, leftmost=True)

    @cached_property
    def _longest_first(self) -> list[str]:
        return sorted((one for one in self.texts if one), key=lambda one: (-len(one), one))

    @property
    def _alternatives(self) -> str:
        return "|".join(map(re.escape, self._longest_first))

    def _beginnings(self, folded: pl.Expr) -> Iterator[pl.Expr]:
        """For each length, the longest first: what the texts begin with where it is looked for."""
        for length in sorted({len(one) for one in self._longest_first}, reverse=True):
            start = folded.str.head(length)
            is_found = start.is_in([one for one in self._longest_first if len(one) == length])
            if self.whole_words:
                is_found &= ~folded.str.slice(length, 1).str.contains(r"\w")
            yield pl.when(is_found).then(start)

    def _replaced_one_by_one(self, text: pl.Expr, replacements: Mapping[str, str], *, only_first: bool) -> pl.Expr:
        word = (r"(?<!\w)", r"(?!\w)") if self.whole_words else ("", "")
        pattern = re.compile(f"{word[0]}(?:{self._alternatives}){word[1]}", re.IGNORECASE if self.ignores_case else 0)

        def replacement(match: re.Match[str]) -> str:
            return replacements.get(match[0].lower() if self.ignores_case else match[0], match[0])

        def replace(texts: pl.Series) -> pl.Series:
            known = {one: pattern.sub(replacement, one, count=int(only_first)) for one in texts.unique().drop_nulls()}
            return texts.replace_strict(known, default=None, return_dtype=pl.String)

        return text.map_batches(replace, return_dtype=pl.String, is_elementwise=True)
