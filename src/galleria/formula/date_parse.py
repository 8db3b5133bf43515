"""Dates read by a format of `%` specifiers. Source: help page DateTime Functions, `formula.md` 9.

Blanks of the format match any white space, `/` and `-` match each other; names are read by any abbreviation of three
letters or more; a year of two digits lies between 66 years back and 33 years on.
"""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache

from galleria.errors import FormulaError
from galleria.formula.date_format import split_format
from galleria.formula.date_names import Names
from galleria.formula.kinds import DATE, DATETIME, TIME, ValueType

DATE_LETTERS = frozenset("aAbBhdejmyY")
TIME_LETTERS = frozenset("HkIMSpPXzZ")

WILDCARD = "*"
"""The letter of a specifier for anything at all: the DateTime tool's `*`."""

_PIECES = {
    "d": r"\s*(?P<day>\d{1,2})",
    "e": r"\s*(?P<day>\d{1,2})",
    "m": r"\s*(?P<month>\d{1,2})",
    "H": r"\s*(?P<hour>\d{1,2})",
    "k": r"\s*(?P<hour>\d{1,2})",
    "I": r"\s*(?P<hour12>\d{1,2})",
    "M": r"(?P<minute>\d{1,2})",
    "S": r"(?P<second>\d{1,2})",
    "j": r"(?P<yearday>\d{3})",
    "y": r"(?P<year>\d{2,4})",
    "Y": r"(?P<year>\d{4}|\d{2})",
    "p": r"(?P<half>[AaPp])\.?[Mm]\.?",
    "P": r"(?P<half>[AaPp])\.?[Mm]\.?",
    "X": r"(?P<hour>\d{1,2}):(?P<minute>\d{1,2}):(?P<second>\d{1,2})(?:\s*(?P<half>[AaPp])\.?[Mm]\.?)?",
    "z": r"(?P<offset>[Zz]|[+-]\d{1,2}:?\d{2})",
    "Z": r"[A-Za-z][A-Za-z/_+-]*",
    "%": "%",
    WILDCARD: r"(?s:.*?)",
    "n": r"\s*",
    "t": r"\s*",
}
_NAMES = {"a": "weekday", "A": "weekday", "b": "monthname", "B": "monthname", "h": "monthname"}


@dataclass(frozen=True)
class Reader:
    """A format, ready to read texts."""

    pattern: re.Pattern[str]
    names: Names
    this_year: int
    has_date: bool
    has_time: bool

    @property
    def kind(self) -> ValueType:
        """What its texts are: a Date, a Time, or both."""
        if not self.has_time:
            return DATE
        return DATETIME if self.has_date else TIME

    def read(self, text: str) -> datetime | None:
        """None where the text does not follow the format, or says a date that does not exist."""
        found = self.pattern.fullmatch(text.strip())
        if found is None:
            return None
        try:
            return self._moment(found.groupdict())
        except (ValueError, OverflowError):
            return None

    def _moment(self, parts: dict[str, str | None]) -> datetime | None:
        if not _is_name(parts.get("weekday"), self.names.days, self.names.short_days):
            return None
        hour = _hour(parts)
        if hour is None:
            return None
        day = self._day(parts) if self.has_date else datetime(1899, 12, 30)
        if day is None or day.year < 1400:
            return None
        fraction = (parts.get("fraction") or "").ljust(6, "0")[:6]
        moment = day.replace(hour=hour, minute=_number(parts, "minute"), second=_number(parts, "second"), microsecond=int(fraction))
        return moment - _offset(parts.get("offset"))

    def _day(self, parts: dict[str, str | None]) -> datetime | None:
        year_text = parts.get("year")
        if year_text is None or len(year_text) == 3:
            return None
        year = int(year_text)
        if len(year_text) == 2:
            first = self.this_year - 66
            year = first + (year - first) % 100
        if parts.get("yearday"):
            day = datetime(year, 1, 1) + timedelta(days=_number(parts, "yearday") - 1)
            return day if day.year == year else None
        month = _number(parts, "month", 1)
        name = parts.get("monthname")
        if name is not None:
            known = _position(name, self.names.months, self.names.short_months)
            if known is None:
                return None
            month = known + 1
        return datetime(year, month, _number(parts, "day", 1))


@lru_cache(maxsize=256)
def reader_for(text: str, names: Names, this_year: int, position: int = 0) -> Reader:
    """Raises FormulaError for a specifier that dates cannot be read by."""
    pieces: list[str] = []
    for letter, literal in split_format(text):
        if not letter:
            pieces.append(_literal(literal))
        elif letter.isdigit():
            pieces.append(rf"(?P<fraction>\d{{1,{letter}}})")
        elif letter in _NAMES:
            pieces.append(rf"(?P<{_NAMES[letter]}>[^\W\d_]+(?:-[^\W\d_]+)?|\d{{1,2}}月)\.?")
        elif letter in _PIECES:
            pieces.append(_PIECES[letter])
        else:
            raise FormulaError(f"%{letter} is no specifier to read dates by", position)
    if pieces and pieces[-1] == _PIECES["S"]:
        # Seconds at the end may have decimals that the format does not name: real workflows read "11:54:45.000" by %H:%M:%S.
        pieces.append(r"(?:\.\d+)?")
    letters = {letter for letter, _ in split_format(text)}
    pattern = re.compile(_named_once("".join(pieces)))
    has_time = bool(letters & TIME_LETTERS) or any(letter.isdigit() for letter in letters)
    return Reader(pattern, names, this_year, bool(letters & DATE_LETTERS), has_time)


def _named_once(pattern: str) -> str:
    """The pattern, each name kept by the last group that has it."""
    names = list(_NAME.finditer(pattern))
    last = {found[1]: found.start() for found in names}
    return _NAME.sub(lambda found: found[0] if last[found[1]] == found.start() else "(?:", pattern)


_NAME = re.compile(r"\(\?P<(\w+)>")


def _literal(text: str) -> str:
    pieces: list[str] = []
    for character in text:
        if character.isspace():
            pieces.append(r"\s*")
        else:
            pieces.append("[-/]" if character in "-/" else re.escape(character))
    return "".join(pieces)


def _number(parts: dict[str, str | None], name: str, default: int = 0) -> int:
    return int(parts.get(name) or default)


def _hour(parts: dict[str, str | None]) -> int | None:
    half = parts.get("half")
    if parts.get("hour12") is None and half is None:
        return _number(parts, "hour")
    hour = int(parts.get("hour12") or parts.get("hour") or 0)
    if half is None or not 1 <= hour <= 12:
        return None
    return hour % 12 + (12 if half in "Pp" else 0)


def _offset(text: str | None) -> timedelta:
    if not text or text in "Zz":
        return timedelta()
    digits = text[1:].replace(":", "").zfill(4)
    size = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
    return -size if text[0] == "-" else size


def _is_name(text: str | None, full: tuple[str, ...], short: tuple[str, ...]) -> bool:
    return text is None or _position(text, full, short) is not None


def _position(text: str, full: tuple[str, ...], short: tuple[str, ...]) -> int | None:
    wanted = text.rstrip(".").casefold()
    exact = [index for index, name in enumerate(short) if name.rstrip(".").casefold() == wanted]
    if exact:
        return exact[0]
    starts = [index for index, name in enumerate(full) if name.casefold().startswith(wanted)]
    return starts[0] if starts and (len(wanted) >= 3 or full[starts[0]].casefold() == wanted) else None
