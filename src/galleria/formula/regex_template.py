r"""The text that takes a match's place, in Boost's extended form: `$1`, `${1}`, `\1`, `$&`, `$$`, letter case `\U \L \u \l \E`.

Parentheses only group, and `?1yes:no` depends on whether a group took part: to stand for themselves they are written `\(`, `\)`
and `\?`, as the expressions of real workflows do.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, auto
from functools import lru_cache


class Case(Enum):
    """What a switch asks of the letters behind it."""

    UPPER = auto()
    LOWER = auto()
    NEXT_UPPER = auto()
    NEXT_LOWER = auto()
    AS_THEY_ARE = auto()


@dataclass(frozen=True)
class Choice:
    """`?1yes:no`."""

    group: int
    yes: tuple[Part, ...]
    no: tuple[Part, ...]


Part = str | int | Case | Choice
"""Literal text; a group's number (0 the whole match, -1 what lies before it, -2 what lies behind it); a switch; a choice."""

_SWITCHES = {"U": Case.UPPER, "L": Case.LOWER, "u": Case.NEXT_UPPER, "l": Case.NEXT_LOWER, "E": Case.AS_THEY_ARE}
_ESCAPED = {"a": "\x07", "e": "\x1b", "f": "\x0c", "n": "\n", "r": "\r", "t": "\t", "v": "\x0b"}
_GROUP = re.compile(r"\$(?:\{(?P<braced>\d{1,9})\}|(?P<number>\d{1,9})|(?P<sign>[&$`']))")
_ESCAPE = re.compile(r"\\(?:x\{(?P<long>[0-9A-Fa-f]{1,8})\}|x(?P<short>[0-9A-Fa-f]{1,2})|(?P<digit>\d)|(?P<letter>.))", re.DOTALL)
_CONDITION = re.compile(r"\?(?:\{(?P<braced>\d{1,9})\}|(?P<number>\d{1,9}))")
_DEEPEST = 50


@dataclass(frozen=True)
class Template:
    parts: tuple[Part, ...]

    @property
    def is_plain(self) -> bool:
        """Whether Polars' engine can write it: literal text and groups only."""
        return all(isinstance(part, str) or (isinstance(part, int) and part >= 0) for part in self.parts)

    def linear(self, groups: int) -> str:
        """As Polars' engine writes it, for an expression of that many groups; a group that is not there is empty."""
        spelled: list[str] = []
        for part in self.parts:
            if isinstance(part, str):
                spelled.append(part.replace("$", "$$"))
            elif isinstance(part, int) and part <= groups:
                spelled.append(f"${{{part}}}")
        return "".join(spelled)

    def writer(self, groups: int) -> Callable[[re.Match[str]], str]:
        """What `expand` does, in the shortest way, for matches of an expression of that many groups."""
        if not self.is_plain:
            return self.expand
        parts = [part for part in self.parts if isinstance(part, str) or (isinstance(part, int) and part <= groups)]
        match parts:
            case []:
                return lambda _: ""
            case [str(text)]:
                return lambda _: text
            case [int(group)]:
                return lambda match: match[group] or ""
            case _:
                return lambda match: "".join([part if isinstance(part, str) else match[part] or "" for part in parts])

    def expand(self, match: re.Match[str]) -> str:
        """The text that takes the place of `match`."""
        written: list[str] = []
        lasting, once = Case.AS_THEY_ARE, None
        for part in _chosen(self.parts, match):
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


@lru_cache(maxsize=256)
def parse_template(text: str) -> Template:
    """Read a replacement text. A `$` that starts nothing known is itself, as is any other escaped character."""
    parts, _ = _parse(text, 0, _DEEPEST, "")
    return Template(tuple(parts))


def _parse(text: str, start: int, room: int, stop: str) -> tuple[list[Part], int]:
    """Parts up to the end, a closing parenthesis, or a colon where `stop` is one; and where they end."""
    parts: list[Part] = []
    position = start
    while position < len(text):
        character = text[position]
        if character == ")" or character == stop:
            break
        if character == "(" and room:
            inner, end = _parse(text, position + 1, room - 1, "")
            parts.extend(inner)
            position = end + 1
            continue
        part, position = _part(text, position, room)
        parts.append(part)
    return _joined(parts), position


def _part(text: str, position: int, room: int) -> tuple[Part, int]:
    found = _CONDITION.match(text, position) if room else None
    if found:
        yes, end = _parse(text, found.end(), room - 1, ":")
        no: list[Part] = []
        if text[end : end + 1] == ":":
            no, end = _parse(text, end + 1, room - 1, "")
        return Choice(int(found["braced"] or found["number"]), tuple(yes), tuple(no)), end
    found = _GROUP.match(text, position)
    if found:
        number = found["braced"] or found["number"]
        part = int(number) if number else {"&": 0, "`": -1, "'": -2, "$": "$"}[found["sign"]]
        return part, found.end()
    found = _ESCAPE.match(text, position)
    if found:
        return _escaped(found), found.end()
    return text[position], position + 1


def _escaped(found: re.Match[str]) -> Part:
    if found["digit"]:
        return int(found["digit"])
    code = found["long"] or found["short"]
    if code is not None:
        return chr(min(int(code, 16), 0x10FFFF))
    letter = found["letter"]
    return _SWITCHES.get(letter) or _ESCAPED.get(letter, letter)


def _joined(parts: list[Part]) -> list[Part]:
    """The same with neighbouring texts made one."""
    joined: list[Part] = []
    for part in parts:
        last = joined[-1] if joined else None
        if isinstance(part, str) and isinstance(last, str):
            joined[-1] = last + part
        elif part != "":
            joined.append(part)
    return joined


def _chosen(parts: tuple[Part, ...], match: re.Match[str]) -> list[str | int | Case]:
    chosen: list[str | int | Case] = []
    for part in parts:
        if isinstance(part, Choice):
            took_part = part.group <= match.re.groups and match[part.group] is not None
            chosen.extend(_chosen(part.yes if took_part else part.no, match))
        else:
            chosen.append(part)
    return chosen


def _group(match: re.Match[str], number: int) -> str:
    if number == -1:
        return match.string[: match.start()]
    if number == -2:
        return match.string[match.end() :]
    return (match[number] or "") if number <= (match.re.groups) else ""
