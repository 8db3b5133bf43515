"""What inference needs to know about few texts, found without a query: to start one takes longer than to look at a thousand texts."""

import re
from collections.abc import Sequence
from datetime import date
from typing import Any

_SPACE = r"[\t-\r \x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]"
"""What `\\s` means to Polars; to Python it means four further characters."""


def compiled(pattern: str) -> re.Pattern[str]:
    """Read a pattern as Polars does, as far as those of `inference.py` differ in meaning: the end of the text, and spaces."""
    text = pattern.replace(r"\s", _SPACE).replace(r"\z", r"\Z")
    return re.compile(f"{text[:-1]}\\Z" if text.endswith("$") else text)


class Patterns:
    """The patterns of `inference.py` by what they tell."""

    def __init__(self, **patterns: str) -> None:
        self._by_name = {name: compiled(pattern) for name, pattern in patterns.items()}

    def summary(self, column: Sequence[str | None]) -> dict[str, Any]:
        """Give the values of `inference.Texts` for a column."""
        texts = [text for text in column if text]
        digits = [text.strip(" ") for text in texts]
        fitting = [int(text) for text in digits if self._says("fitting", text)]
        lengths = [len(text) for text in texts]
        return {
            "rows": len(column),
            "texts": len(texts),
            "integers": self._count("integer", digits),
            "padded": self._count("padded", digits),
            "lowest": min(fitting, default=None),
            "highest": max(fitting, default=None),
            "fitting": len(fitting),
            "numbers": sum(map(self._is_number, digits)),
            "flags": sum(text.lower() in ("true", "false") for text in texts),
            "dates": sum(self._says("date", text) and _is_day(text) for text in texts),
            "times": self._count("time", texts),
            "datetimes": sum(self._says("datetime", text) and _is_day(text[:10]) for text in texts),
            "shapes": self._count("shape", texts),
            "longest": max(lengths, default=0),
            "average": sum(lengths) / len(lengths) if lengths else 0.0,
            "wide": sum(not text.isascii() and any(letter > "\xff" for letter in text) for text in texts),
        }

    def _says(self, name: str, text: str) -> bool:
        return self._by_name[name].search(text) is not None

    def _count(self, name: str, texts: Sequence[str]) -> int:
        return sum(self._says(name, text) for text in texts)

    def _is_number(self, digits: str) -> bool:
        return self._says("integer", digits) or (self._says("number", digits) and not self._says("long_fraction", digits))


def _is_day(text: str) -> bool:
    """Whether a text of the form of a date is one, of those that there were since 1400."""
    year, month, day = map(int, text.split("-"))
    try:
        return date(year, month, day).year >= 1400
    except ValueError:
        return False
