"""The order of a dictionary, as CompareDictionary has it. Source: help page Test Functions.

Letter case does not count; a number (with a point or an exponent; a minus only at the start or behind a blank) is compared
by its value, and of equal ones the longer is greater; letters with accents come behind all plain Latin letters.
"""

import re
import unicodedata
from functools import lru_cache

_NUMBER = re.compile(r"(?:(?:(?<=\s)|(?<![\s\S]))-)?[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?")


def compared(left: str, right: str) -> int:
    """-1, 0 or 1."""
    one, other = _key(left), _key(right)
    return (one > other) - (one < other)


@lru_cache(maxsize=4096)
def _key(text: str) -> tuple[tuple[int, float, int, str], ...]:
    parts: list[tuple[int, float, int, str]] = []
    end = 0
    for found in _NUMBER.finditer(text):
        parts.extend(_rank(character) for character in text[end : found.start()].casefold())
        parts.append((1, float(found[0]), len(found[0]), ""))
        end = found.end()
    parts.extend(_rank(character) for character in text[end:].casefold())
    return tuple(parts)


def _rank(character: str) -> tuple[int, float, int, str]:
    """Punctuation, then numbers, then plain letters, then all others."""
    if "a" <= character <= "z":
        return (2, 0.0, 0, character)
    if character.isascii():
        return (0, 0.0, 0, character)
    plain = unicodedata.normalize("NFD", character)
    return (3, 0.0, 0, plain)
