"""Text functions and regular expressions of single values in Python, beside those of `scalars`.

Some answer only for plain texts, where both engines of regular expressions surely agree: for others they give ELSEWHERE,
and the column function does the work.
"""

import re
from collections.abc import Callable
from enum import Enum
from typing import Any

from galleria.errors import GalleriaError
from galleria.formula.regex import Pattern, compile_pattern


class Elsewhere(Enum):
    """What a function gives that leaves the work to the column function."""

    ELSEWHERE = "elsewhere"


ELSEWHERE = Elsewhere.ELSEWHERE
_SPACES = "\t\n\x0b\x0c\r \x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"
_WORDS = re.compile(f"[^{_SPACES}]+")


def _upper(text: str | None) -> str | Elsewhere | None:
    return text and (text.upper() if text.isascii() else ELSEWHERE)


def _lower(text: str | None) -> str | Elsewhere | None:
    return text and (text.lower() if text.isascii() else ELSEWHERE)


def _reversed(text: str | None) -> str | Elsewhere | None:
    return text and (text[::-1] if text.isascii() and "\r" not in text else ELSEWHERE)


def _pad(pad: Callable[[str, int, str], str]) -> Callable[..., str | None]:
    def padded(text: str | None, width: int | None, fill: str | None) -> str | None:
        if text is None or width is None:
            return None
        return pad(text, max(width, 0), fill[0]) if fill else text

    return padded


def _count_words(text: str | None) -> int:
    return len(_WORDS.findall(text or ""))


def _get_word(text: str | None, number: int | None) -> str | None:
    if text is None or (number or 0) < 0:
        return None
    words = _WORDS.findall(text)
    return words[number or 0] if (number or 0) < len(words) else None


def _character(code: int | None) -> str | None:
    return chr(code) if code is not None and (0 < code < 0xD800 or 0xDFFF < code <= 0x10FFFF) else None


def _code(text: str | None) -> int | None:
    return ord(text[0]) if text else None


def _pattern(pattern: str | None, ignore_case: bool, text: str) -> Pattern | None:
    """The pattern, where Python's engine surely says of that text what the column function says."""
    if not text.isascii() or not (pattern or "").isascii():
        return None
    try:
        found = compile_pattern(pattern or "", ignore_case=ignore_case)
    except GalleriaError:
        return None
    return found if found.runs_in_python else None


def _regex_match(text: str | None, pattern: str | None, ignore_case: bool = True) -> bool | Elsewhere:
    if text is None:
        return False
    found = _pattern(pattern, ignore_case, text)
    return ELSEWHERE if found is None else found.whole_one(text)


def _regex_count(text: str | None, pattern: str | None, ignore_case: bool = True) -> int | Elsewhere:
    if text is None or pattern is None:
        return 0
    found = _pattern(pattern, ignore_case, text)
    return ELSEWHERE if found is None else found.count_one(text)


def _regex_replace(text: str | None, pattern: str | None, new: str | None, ignore_case: bool = True) -> str | Elsewhere:
    found = _pattern(pattern, ignore_case, text or "")
    return ELSEWHERE if found is None else found.replace_one(text or "", new or "")


SOMETIMES: dict[str, Callable[..., Any]] = {
    "uppercase": _upper,
    "lowercase": _lower,
    "reversestring": _reversed,
    "padleft": _pad(str.rjust),
    "padright": _pad(str.ljust),
    "countwords": _count_words,
    "getword": _get_word,
    "charfromint": _character,
    "chartoint": _code,
    "regex_match": _regex_match,
    "regex_countmatches": _regex_count,
    "regex_replace": _regex_replace,
}
"""By folded name."""


def either(short: Callable[..., Any], long: Callable[..., tuple[Any, str | None]]) -> Callable[..., tuple[Any, str | None]]:
    """`short` of the arguments as the parameters take them, or else `long` of them as they are: both lists one after the other."""

    def apply(*values: Any) -> tuple[Any, str | None]:
        half = len(values) // 2
        found = short(*values[:half])
        return long(*values[half:]) if found is ELSEWHERE else (found, None)

    return apply
