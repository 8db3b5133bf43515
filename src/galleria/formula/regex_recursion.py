"""Recursion into groups, `(?R)`, `(?1)` and `(?&name)`, unrolled: neither engine at hand has it, so the depth is limited."""

from __future__ import annotations

import re
from dataclasses import dataclass

from galleria.errors import UnsupportedError

DEPTH = 15
"""How often a group may lie in itself."""
_MOST_CHARACTERS = 200_000
_NEVER = r"[^\s\S]"
_CALL = re.compile(r"\(\?(?:(R|0)|(\d+)|&(\w+)|P>(\w+))\)")
# What is passed over as a whole: an escape, a set, a comment.
_OPAQUE = re.compile(r"\\Q.*?\\E|\\.|\[\^?\]?(?:\\.|\[:\w+:\]|[^\]\\])*\]|\(\?#[^)]*\)", re.DOTALL)
_CAPTURING = re.compile(r"\((?!\?)|\(\?(?:<(?![=!])(\w+)>|'(\w+)')")


@dataclass
class _Group:
    name: str | None
    start: int
    """Of what is inside."""
    end: int = 0


def unrolled(text: str) -> str:
    """The expression with every recursion written out; the same text where there is none."""
    if not _CALL.search(_OPAQUE.sub("", text)):
        return text
    groups = _groups(text)
    return _expanded(text, text, groups, DEPTH)


def _expanded(part: str, text: str, groups: list[_Group], depth: int) -> str:
    """A part of the expression with its recursions written out `depth` deep."""
    written: list[str] = []
    position = 0
    while position < len(part):
        opaque = _OPAQUE.match(part, position)
        call = None if opaque else _CALL.match(part, position)
        if call:
            written.append(_body(call, text, groups, depth))
            position = call.end()
        else:
            end = opaque.end() if opaque else position + 1
            written.append(part[position:end])
            position = end
    whole = "".join(written)
    if len(whole) > _MOST_CHARACTERS:
        raise UnsupportedError("regular expression", "this much recursion into groups")
    return whole


def _body(call: re.Match[str], text: str, groups: list[_Group], depth: int) -> str:
    if depth == 0:
        return _NEVER
    name = call[3] or call[4]
    if call[1]:
        inside = text
    else:
        found = [group for number, group in enumerate(groups, 1) if (group.name == name if name else number == int(call[2]))]
        if not found:
            raise UnsupportedError("regular expression", f"recursion into a group that is not there ({call[0]})")
        inside = text[found[0].start : found[0].end]
    return f"(?:{_expanded(_without_marks(inside), text, groups, depth - 1)})"


def _without_marks(part: str) -> str:
    """The part with its marked groups unmarked."""
    written: list[str] = []
    position = 0
    while position < len(part):
        opaque = _OPAQUE.match(part, position)
        if opaque and re.match(r"\\[1-9gk]", opaque[0]):
            raise UnsupportedError("regular expression", "back references inside of recursion")
        marked = None if opaque else _CAPTURING.match(part, position)
        end = opaque.end() if opaque else marked.end() if marked else position + 1
        written.append("(?:" if marked else part[position:end])
        position = end
    return "".join(written)


def _groups(text: str) -> list[_Group]:
    """The marked groups, in the order of their numbers."""
    groups: list[_Group] = []
    open_groups: list[_Group | None] = []
    position = 0
    while position < len(text):
        opaque = _OPAQUE.match(text, position)
        marked = None if opaque else _CAPTURING.match(text, position)
        if opaque:
            position = opaque.end()
        elif marked:
            groups.append(_Group(marked[1] or marked[2], marked.end()))
            open_groups.append(groups[-1])
            position = marked.end()
        else:
            if text[position] == "(":
                open_groups.append(None)
            elif text[position] == ")" and open_groups:
                closed = open_groups.pop()
                if closed is not None:
                    closed.end = position
            position += 1
    return groups
