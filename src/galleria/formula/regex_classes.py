r"""The character classes of regular expressions (`\d`, `\u`, `[[:alpha:]]`), as the items of a set in two spellings."""

from __future__ import annotations

import sys
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

_HORIZONTAL = "\t \xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000"
_VERTICAL = "\n\x0b\x0c\r\x85\u2028\u2029"


@dataclass(frozen=True)
class CharacterClass:
    linear: str
    """Its items between the brackets of a set, for Polars' engine."""
    holds: Callable[[str], bool]
    """Whether a character belongs to it."""
    shorthand: str = ""
    """Python's own lower-case letter for it, where there is one."""
    members: str = ""
    """All its characters, where they are few."""

    def items(self, negated: bool) -> tuple[str, str]:
        """What stands for the class (or its complement) inside a set: linear spelling, backtracking spelling."""
        linear = f"[^{self.linear}]" if negated else self.linear
        if self.shorthand:
            return linear, "\\" + (self.shorthand.upper() if negated else self.shorthand)
        return linear, _ranges(self, negated)


@cache
def _ranges(kind: CharacterClass, negated: bool) -> str:
    # Behind the last of few characters there is nothing to look for: all else is one range.
    last = max(map(ord, kind.members)) + 1 if kind.members else sys.maxunicode
    parts: list[str] = []
    start: int | None = None
    for code in range(last + 1):
        inside = kind.holds(chr(code)) != negated
        if inside and start is None:
            start = code
        elif not inside and start is not None:
            parts.append(_range(start, code - 1))
            start = None
    return "".join([*parts, _range(start, sys.maxunicode)] if start is not None else parts)


def _range(first: int, last: int) -> str:
    return f"\\U{first:08x}-\\U{last:08x}"


def _category(*starts: str) -> Callable[[str], bool]:
    return lambda character: unicodedata.category(character).startswith(starts)


def _few(linear: str, members: str) -> CharacterClass:
    return CharacterClass(linear, lambda character: character in members, members=members)


def _items(characters: str) -> str:
    return "".join(f"\\x{{{ord(character):x}}}" for character in characters)


_DIGIT = _few("0-9", "0123456789")
_SPACE = CharacterClass(r"\s", str.isspace, "s")
_WORD = CharacterClass(r"\w", lambda character: character.isalnum() or character == "_", "w")
_LOWER = CharacterClass(r"\p{Lowercase}", str.islower)
_UPPER = CharacterClass(r"\p{Uppercase}", str.isupper)
_BLANK = _few(_items(_HORIZONTAL), _HORIZONTAL)
_BREAK = _few(_items(_VERTICAL), _VERTICAL)

_NAMED = {
    "alpha": CharacterClass(r"\p{Alphabetic}", str.isalpha),
    "alnum": CharacterClass(r"\p{Alphabetic}\p{Nd}", lambda character: character.isalpha() or character.isdecimal()),
    "digit": _DIGIT,
    "d": _DIGIT,
    "space": _SPACE,
    "s": _SPACE,
    "word": _WORD,
    "w": _WORD,
    "lower": _LOWER,
    "l": _LOWER,
    "upper": _UPPER,
    "u": _UPPER,
    "blank": _BLANK,
    "h": _BLANK,
    "v": _BREAK,
    "punct": CharacterClass(r"\p{P}\p{S}", _category("P", "S")),
    "cntrl": CharacterClass(r"\p{Cc}", _category("Cc")),
    "graph": CharacterClass(r"[^\p{Z}\p{C}]", lambda character: unicodedata.category(character)[0] not in "ZC"),
    "print": CharacterClass(r"[^\p{C}\p{Zl}\p{Zp}]", lambda character: not unicodedata.category(character).startswith(("C", "Zl", "Zp"))),
    "xdigit": _few("0-9A-Fa-f", "0123456789ABCDEFabcdef"),
    "unicode": CharacterClass(r"\x{100}-\x{10ffff}", lambda character: ord(character) > 255),
}

ESCAPES = {
    letter if not negated else letter.upper(): (kind, negated)
    for letter, kind in (("d", _DIGIT), ("s", _SPACE), ("w", _WORD), ("l", _LOWER), ("u", _UPPER), ("h", _BLANK), ("v", _BREAK))
    for negated in (False, True)
}
r"""By the letter behind the backslash: the class, and whether its complement is meant."""


def class_of_name(name: str) -> CharacterClass | None:
    """The class that `[[:name:]]` and `\\p{name}` mean; None for an unknown name."""
    return _NAMED.get(name.casefold())
