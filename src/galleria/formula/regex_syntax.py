"""Regular expressions in the original's dialect (Boost, Perl syntax), respelled for the two engines at hand.

Polars' engine runs in linear time but knows no look-around and no back references; Python's backtracks as the
original does. One pass over the expression writes both spellings. Boost's defaults hold: `.` matches line breaks,
`^` and `$` match at every line's ends.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from galleria.errors import InvalidError, UnsupportedError
from galleria.formula.regex_classes import ESCAPES, CharacterClass, class_of_name

_CONTROLS = {"a": "\x07", "e": "\x1b", "f": "\x0c", "n": "\n", "r": "\r", "t": "\t"}

# Outside of sets: letter -> (linear spelling, backtracking spelling).
_FIXED = {
    "b": (r"\b", r"\b"),
    "B": (r"\B", r"\B"),
    "<": (r"\<", r"\b(?=\w)"),
    ">": (r"\>", r"\b(?<=\w)"),
    "A": (r"\A", r"\A"),
    "`": (r"\A", r"\A"),
    "z": (r"\z", r"\Z"),
    "'": (r"\z", r"\Z"),
    "R": (r"(?:\r\n|[\n\x0b\x0c\r\x85\x{2028}\x{2029}])", r"(?>\r\n|[\n\x0b\x0c\r\x85\u2028\u2029])"),
}
# Python knows one line break; the original knows \r, \n and the pair.
_LINE_START = r"(?:\A|(?<=\n)|(?<=\r)(?!\n))"
_LINE_END = r"(?:\Z|(?=\r)|(?<!\r)(?=\n))"


@dataclass
class Spelling:
    """The expression as both engines write it."""

    linear: list[str] = field(default_factory=list[str])
    backtracking: list[str] = field(default_factory=list[str])
    groups: int = 0
    needs_backtracking: bool = False
    has_assertions: bool = False
    late_flags: bool = False
    """A modifier in the middle, which only the linear engine takes."""

    def add(self, linear: str, backtracking: str | None = None) -> None:
        self.linear.append(linear)
        self.backtracking.append(linear if backtracking is None else backtracking)

    def add_assertion(self, linear: str, backtracking: str) -> None:
        self.has_assertions = True
        self.add(linear, backtracking)

    def add_backtracking(self, text: str) -> None:
        self.needs_backtracking = True
        self.add(text)


def respell(text: str) -> Spelling:
    """Both spellings of an expression; raises InvalidError where it is malformed, UnsupportedError for Perl's rarest constructs."""
    spelling = Spelling()
    position = 0
    while position < len(text):
        position = _element(text, position, spelling)
    return spelling


def literal(character: str) -> str:
    """The character as itself, spelled so that both engines agree."""
    if character.isalnum() or ord(character) > 127 or character in "<>_ ":
        return character
    if ord(character) < 32 or ord(character) == 127:
        return f"\\x{ord(character):02x}"
    return "\\" + character


def _element(text: str, position: int, spelling: Spelling) -> int:
    """Respell what starts at `position`; the position behind it."""
    character = text[position]
    if character == "\\":
        return _escape(text, position, spelling)
    if character == "[":
        return _set(text, position, spelling)
    if character == "(":
        return _open_group(text, position, spelling)
    if character in "*+?{":
        return _repeat(text, position, spelling)
    if character == "^":
        spelling.add_assertion("^", _LINE_START)
    elif character == "$":
        spelling.add_assertion("$", _LINE_END)
    elif character in ".|)":
        spelling.add(character)
    else:
        spelling.add(literal(character))
    return position + 1


def _repeat(text: str, position: int, spelling: Spelling) -> int:
    if text[position] == "{":
        bounds = re.compile(r"\{\s*(\d+)\s*(,?)\s*(\d*)\s*\}").match(text, position)
        if bounds is None:
            spelling.add(literal("{"))
            return position + 1
        spelling.add("{" + bounds[1] + bounds[2] + bounds[3] + "}")
        position = bounds.end()
    else:
        spelling.add(text[position])
        position += 1
    if text[position : position + 1] == "+":
        spelling.add_backtracking("+")
        return position + 1
    if text[position : position + 1] == "?":
        spelling.add("?")
        return position + 1
    return position


def _open_group(text: str, position: int, spelling: Spelling) -> int:
    if text[position + 1 : position + 2] == "*":
        raise _unsupported(text, position, "a backtracking verb")
    if text[position + 1 : position + 2] != "?":
        spelling.groups += 1
        spelling.add("(")
        return position + 1
    if text.startswith("(?#", position):
        end = text.find(")", position)
        return len(text) if end < 0 else end + 1
    for opening in ("(?<=", "(?<!", "(?=", "(?!", "(?>"):
        if text.startswith(opening, position):
            spelling.add_backtracking(opening)
            return position + len(opening)
    named = re.compile(r"\(\?(?:<(\w+)>|'(\w+)')").match(text, position)
    if named:
        spelling.groups += 1
        # Nothing here asks for a group by its name, except \k, which is the backtracking engine's.
        spelling.add(f"(?P<{named[1] or named[2]}>")
        return named.end()
    conditional = re.compile(r"\(\?\((\d+)\)").match(text, position)
    if conditional:
        spelling.add_backtracking(conditional[0])
        return conditional.end()
    return _flags(text, position, spelling)


def _flags(text: str, position: int, spelling: Spelling) -> int:
    flags = re.compile(r"\(\?([imsx]*)(-[imsx]+)?([:)])").match(text, position)
    if flags is None:
        raise _unsupported(text, position, "this kind of group")
    if "x" in flags[0] or "m" in flags[0]:
        raise _unsupported(text, position, "the modifier x or m")
    spelling.late_flags |= flags[3] == ")" and position > 0
    spelling.add(flags[0])
    return flags.end()


def _escape(text: str, position: int, spelling: Spelling) -> int:
    letter = text[position + 1 : position + 2]
    if not letter:
        raise InvalidError(f'The regular expression "{text}" ends with an open escape.')
    if letter in _FIXED:
        spelling.add_assertion(*_FIXED[letter])
    elif letter == "Z":
        spelling.has_assertions = True
        spelling.add_backtracking(r"(?=\n?\Z)")
    elif letter in ESCAPES:
        kind, negated = ESCAPES[letter]
        spelling.add(*_whole_set([kind.items(negated)], negated=False))
    elif letter in "pP":
        name = re.compile(r"\{(\^?)([^}]*)\}|(\w)").match(text, position + 2)
        if name is None:
            raise InvalidError(f'The regular expression "{text}" needs a class name at character {position + 2}.')
        kind = _named_class(text, position, name[2] or name[3])
        spelling.add(*_whole_set([kind.items((letter == "P") != bool(name[1]))], negated=False))
        return name.end()
    elif letter == "Q":
        end = text.find(r"\E", position + 2)
        end = len(text) if end < 0 else end
        spelling.add("".join(literal(character) for character in text[position + 2 : end]))
        return min(end + 2, len(text))
    elif letter in "123456789gk":
        return _back_reference(text, position, spelling)
    elif letter in "GKXNC":
        raise _unsupported(text, position, f"\\{letter}")
    else:
        character, end = _character(text, position)
        spelling.add(literal(character))
        return end
    return position + 2


def _back_reference(text: str, position: int, spelling: Spelling) -> int:
    found = re.compile(r"\\(?:(\d+)|g(\d+)|g\{(-?\w+)\}|k[<{'](\w+)[>}'])").match(text, position)
    if found is None:
        raise _unsupported(text, position, "this back reference")
    wanted = found[1] or found[2] or found[3] or found[4]
    if wanted.lstrip("-").isdigit():
        number = int(wanted)
        number = spelling.groups + 1 + number if number < 0 else number
        # In a group of its own, so that a digit behind it stays a digit.
        spelling.add_backtracking(f"(?:\\{number})")
    else:
        spelling.add_backtracking(f"(?P={wanted})")
    return found.end()


def _character(text: str, position: int) -> tuple[str, int]:
    """The one character that the escape at `position` stands for, and the position behind it."""
    letter = text[position + 1]
    if letter in _CONTROLS:
        return _CONTROLS[letter], position + 2
    if letter == "c":
        control = text[position + 2 : position + 3]
        return (chr(ord(control.upper()) % 32), position + 3) if control else ("c", position + 2)
    code = re.compile(r"\\(?:x\{([0-9A-Fa-f]+)\}|x([0-9A-Fa-f]{1,2})|0([0-7]{0,3}))").match(text, position)
    if code:
        number = int(code[3] or "0", 8) if code[3] is not None else int(code[1] or code[2], 16)
        if number > 0x10FFFF:
            raise InvalidError(f'The regular expression "{text}" asks for a character that does not exist.')
        return chr(number), code.end()
    return letter, position + 2


def _set(text: str, position: int, spelling: Spelling) -> int:
    start = position
    position += 1
    negated = text[position : position + 1] == "^"
    position += negated
    items: list[tuple[str, str]] = []
    first = True
    while position < len(text) and (first or text[position] != "]"):
        position = _set_item(text, position, items)
        first = False
    if position >= len(text):
        raise InvalidError(f'The regular expression "{text}" does not close the set that starts at character {start}.')
    spelling.add(*_whole_set(items, negated=negated))
    return position + 1


def _set_item(text: str, position: int, items: list[tuple[str, str]]) -> int:
    named = re.compile(r"\[:(\^?)(\w+):\]").match(text, position)
    if named:
        items.append(_named_class(text, position, named[2]).items(bool(named[1])))
        return named.end()
    letter = text[position + 1 : position + 2]
    if text[position] == "\\" and letter in ESCAPES:
        kind, is_negated = ESCAPES[letter]
        items.append(kind.items(is_negated))
        return position + 2
    low, position = _set_character(text, position)
    if text[position : position + 1] == "-" and text[position + 1 : position + 2] not in ("]", ""):
        after = text[position + 2 : position + 3]
        if not (text[position + 1] == "\\" and after in ESCAPES) and not text.startswith("[:", position + 1):
            high, position = _set_character(text, position + 1)
            if high < low:
                raise InvalidError(f'The regular expression "{text}" has a range that runs backwards.')
            items.append((f"{literal(low)}-{literal(high)}", f"{literal(low)}-{literal(high)}"))
            return position
    items.append((literal(low), literal(low)))
    return position


def _set_character(text: str, position: int) -> tuple[str, int]:
    if text[position] == "\\" and position + 1 < len(text):
        return ("\b", position + 2) if text[position + 1] == "b" else _character(text, position)
    collating = re.compile(r"\[([.=])(.)\1\]", re.DOTALL).match(text, position)
    return (collating[2], collating.end()) if collating else (text[position], position + 1)


def _whole_set(items: list[tuple[str, str]], *, negated: bool) -> tuple[str, str]:
    start = "[^" if negated else "["
    return start + "".join(item[0] for item in items) + "]", start + "".join(item[1] for item in items) + "]"


def _named_class(text: str, position: int, name: str) -> CharacterClass:
    kind = class_of_name(name)
    if kind is None:
        raise _unsupported(text, position, f"the character class {name}")
    return kind


def _unsupported(text: str, position: int, what: str) -> UnsupportedError:
    return UnsupportedError("regular expression", f'{what} (at character {position} of "{text}")')
