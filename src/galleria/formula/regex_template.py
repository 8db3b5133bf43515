r"""The text that takes a match's place: `$1`, `${1}`, `\1`, `$&`, `$$`, and the switches of letter case `\U \L \u \l \E`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum, auto


class Case(Enum):
    """What a switch asks of the letters behind it."""

    UPPER = auto()
    LOWER = auto()
    NEXT_UPPER = auto()
    NEXT_LOWER = auto()
    AS_THEY_ARE = auto()


_SWITCHES = {"U": Case.UPPER, "L": Case.LOWER, "u": Case.NEXT_UPPER, "l": Case.NEXT_LOWER, "E": Case.AS_THEY_ARE}
_ESCAPED = {"a": "\x07", "e": "\x1b", "f": "\x0c", "n": "\n", "r": "\r", "t": "\t", "v": "\x0b"}
_PART = re.compile(
    r"\$(?:\{(?P<braced>\d+)\}|(?P<number>\d{1,2})|(?P<sign>[&$`']))"
    r"|\\(?:x\{(?P<long>[0-9A-Fa-f]+)\}|x(?P<short>[0-9A-Fa-f]{1,2})|(?P<digit>\d)|(?P<letter>.))",
    re.DOTALL,
)


@dataclass(frozen=True)
class Template:
    parts: tuple[str | int | Case, ...]
    """Literal text; a group's number (0 the whole match, -1 what lies before it, -2 what lies behind it); a switch."""

    @property
    def is_plain(self) -> bool:
        """Whether Polars' engine can write it: literal text and groups only."""
        return not any(isinstance(part, Case) or (isinstance(part, int) and part < 0) for part in self.parts)

    def linear(self, groups: int) -> str:
        """As Polars' engine writes it, for an expression of that many groups; a group that is not there is empty."""
        spelled: list[str] = []
        for part in self.parts:
            if isinstance(part, str):
                spelled.append(part.replace("$", "$$"))
            elif isinstance(part, int) and part <= groups:
                spelled.append(f"${{{part}}}")
        return "".join(spelled)

    def expand(self, match: re.Match[str]) -> str:
        """The text that takes the place of `match`."""
        written: list[str] = []
        lasting, once = Case.AS_THEY_ARE, None
        for part in self.parts:
            if isinstance(part, Case):
                once = part if part in (Case.NEXT_LOWER, Case.NEXT_UPPER) else None
                lasting = lasting if once else part
                continue
            text = part if isinstance(part, str) else _group(match, part)
            text = text.upper() if lasting is Case.UPPER else text.lower() if lasting is Case.LOWER else text
            if once and text:
                text = (text[0].upper() if once is Case.NEXT_UPPER else text[0].lower()) + text[1:]
                once = None
            written.append(text)
        return "".join(written)


def parse_template(text: str) -> Template:
    """Read a replacement text. A `$` that starts nothing known is itself, as is any other escaped character."""
    parts: list[str | int | Case] = []
    end = 0
    for found in _PART.finditer(text):
        parts.append(text[end : found.start()])
        parts.append(_part(found))
        end = found.end()
    parts.append(text[end:])
    return Template(tuple(part for part in parts if part != ""))


def _part(found: re.Match[str]) -> str | int | Case:
    number = found["braced"] or found["number"] or found["digit"]
    if number is not None:
        return int(number)
    if found["sign"]:
        return {"&": 0, "`": -1, "'": -2, "$": "$"}[found["sign"]]
    code = found["long"] or found["short"]
    if code is not None:
        return chr(min(int(code, 16), 0x10FFFF))
    letter = found["letter"]
    return _SWITCHES.get(letter) or _ESCAPED.get(letter, letter)


def _group(match: re.Match[str], number: int) -> str:
    if number == -1:
        return match.string[: match.start()]
    if number == -2:
        return match.string[match.end() :]
    return (match[number] or "") if number <= (match.re.groups) else ""
