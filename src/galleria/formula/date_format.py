"""Dates written in a format of `%` specifiers. Source: help page DateTime Functions, `formula.md` 9."""

import re
from collections.abc import Callable
from datetime import datetime
from functools import lru_cache, partial
from zoneinfo import ZoneInfo

import polars as pl

from galleria.errors import FormulaError
from galleria.formula.by_row import by_row
from galleria.formula.date_names import ENGLISH, Names

_TOKEN = re.compile(r"%(1[0-8]|[1-9]|.)|([^%]+)|(%)", re.DOTALL)


@lru_cache(maxsize=256)
def split_format(text: str) -> tuple[tuple[str, str], ...]:
    """Pairs of a specifier's letter (or digits) and "", or "" and literal text, with `%D` and `%T` spelled out."""
    spelled = text.replace("%%", "\0").replace("%D", "%m/%d/%y").replace("%T", "%H:%M:%S").replace("\0", "%%")
    return tuple((found[1] or "", found[2] or found[3] or "") for found in _TOKEN.finditer(spelled))


def format_moments(moment: pl.Expr, text: str, names: Names, position: int, zone: str = "") -> pl.Expr:
    """Datetimes as text in a format that is known; raises FormulaError for a specifier that is none."""
    tokens = split_format(text)
    for letter, _ in tokens:
        if not (letter in _PLAIN or letter in _NAMED or letter in _FIXED or letter in "zZ" or letter.isdigit()):
            raise FormulaError(f"%{letter} is no format specifier", position)
    if names is ENGLISH and all(not letter or letter in _CHRONO for letter, _ in tokens):
        chrono = "".join(_CHRONO[letter] if letter else literal.replace("%", "%%") for letter, literal in tokens)
        return moment.dt.strftime(chrono)
    return by_row(partial(write, tokens=tokens, names=names, zone=zone), pl.String(), [moment])


def write(moment: datetime, tokens: tuple[tuple[str, str], ...], names: Names, zone: str = "") -> str:
    """One datetime in a format."""
    return "".join([_written(moment, letter, names, zone) if letter else literal for letter, literal in tokens])


def _written(moment: datetime, letter: str, names: Names, zone: str) -> str:
    if letter in _PLAIN:
        return _PLAIN[letter](moment)
    if letter in _NAMED:
        return _NAMED[letter](moment, names)
    if letter.isdigit():
        return f"{moment.microsecond:06d}".ljust(18, "0")[: int(letter)]
    return _zone(moment, letter, zone) if letter in "zZ" else _FIXED.get(letter, "")


def _zone(moment: datetime, letter: str, zone: str) -> str:

    there = moment.replace(tzinfo=ZoneInfo(zone or "UTC"))
    return there.strftime(f"%{letter}")


def _hour12(moment: datetime) -> int:
    return moment.hour % 12 or 12


def _sunday(moment: datetime) -> int:
    return moment.isoweekday() % 7


_PLAIN: dict[str, Callable[[datetime], str]] = {
    "c": lambda moment: f"{moment:%m/%d/%y %H:%M:%S}",
    "x": lambda moment: f"{moment:%m/%d/%y}",
    "X": lambda moment: f"{_hour12(moment):02d}:{moment:%M:%S} {'AM' if moment.hour < 12 else 'PM'}",
    "C": lambda moment: f"{moment.year // 100:02d}",
    "d": lambda moment: f"{moment.day:02d}",
    "e": lambda moment: f"{moment.day:2d}",
    "H": lambda moment: f"{moment.hour:02d}",
    "k": lambda moment: f"{moment.hour:2d}",
    "I": lambda moment: f"{_hour12(moment):02d}",
    "l": lambda moment: f"{_hour12(moment):2d}",
    "j": lambda moment: f"{moment:%j}",
    "m": lambda moment: f"{moment.month:02d}",
    "M": lambda moment: f"{moment.minute:02d}",
    "S": lambda moment: f"{moment.second:02d}",
    "p": lambda moment: "AM" if moment.hour < 12 else "PM",
    "P": lambda moment: "am" if moment.hour < 12 else "pm",
    "u": lambda moment: str(moment.isoweekday()),
    "w": lambda moment: str(_sunday(moment)),
    "U": lambda moment: f"{moment:%U}",
    "W": lambda moment: f"{moment:%W}",
    "y": lambda moment: f"{moment.year % 100:02d}",
    "Y": lambda moment: f"{moment.year:04d}",
}
_NAMED: dict[str, Callable[[datetime, Names], str]] = {
    "a": lambda moment, names: names.short_days[_sunday(moment)],
    "A": lambda moment, names: names.days[_sunday(moment)],
    "b": lambda moment, names: names.short_months[moment.month - 1],
    "h": lambda moment, names: names.short_months[moment.month - 1],
    "B": lambda moment, names: names.months[moment.month - 1],
}
_FIXED = {"%": "%", "n": "\n", "t": "\t"}
_CHRONO = {letter: f"%{letter}" for letter in "aAbhBdeHkIljmMSpPuwUWyYC%nt"} | {
    "c": "%m/%d/%y %H:%M:%S",
    "x": "%m/%d/%y",
    "X": "%I:%M:%S %p",
}
