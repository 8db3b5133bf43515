"""The date formats of the DateTime tool (`dd/MM/yyyy hh:mm`), respelled in the `%` specifiers of expressions.

Source: help page "DateTime Tool" (2024.1 and earlier, several languages).
"""

import re

import polars as pl

from galleria.errors import UnsupportedError
from galleria.fields.types import Field, FieldType
from galleria.formula.compile import compile_expression
from galleria.formula.date_parse import WILDCARD
from galleria.formula.environment import Environment
from galleria.table.table import Table

PLUGIN = "AlteryxBasePluginsGui.DateTime.DateTime"

# Longest first: a word is read as far as it goes.
_WORDS = {
    "EEEE": "%A",
    "MMMM": "%B",
    "Month": "%B",
    "yyyy": "%Y",
    "MMM": "%b",
    "ahh": "%p%I",
    "Mon": "%b",
    "day": "%A",
    "dd": "%d",
    "dy": "%a",
    "HH": "%H",
    "hh": "%H",
    "MM": "%m",
    "mm": "%M",
    "ss": "%S",
    "yy": "%y",
    "d": "%d",
    "M": "%m",
    "H": "%H",
    "h": "%H",
    "m": "%M",
    "s": "%S",
    "*": f"%{WILDCARD}",
}
_LONE = "Hhms"
"""Words only where no letter is beside them."""
_WORD = re.compile("|".join(re.escape(word) for word in _WORDS if word not in _LONE) + f"|(?<![A-Za-z])[{_LONE}](?![A-Za-z])")
# Written without a leading zero, which no specifier does.
_UNPADDED = frozenset({"d", "M", *_LONE})
_NO_ZERO = "\x01"
"""Stands before a number whose leading zero is to go; no document can hold it."""
# What a specifier writes at most, in any language (the one size that is known, 36 for `%A, %d %B %Y `, needs these).
_WIDTHS = {
    "A": 13,
    "B": 12,
    "a": 5,
    "b": 5,
    "h": 5,
    "Y": 4,
    "j": 3,
    "D": 8,
    "T": 8,
    "X": 11,
    "c": 40,
    "x": 20,
    "p": 2,
    "P": 2,
    "z": 5,
    "Z": 32,
}


def respelled(text: str, *, writing: bool, marks: bool = False) -> str:
    """The format in `%` specifiers; one that has them already stays as it is. `*` stands for anything where texts are read.

    Numbers that are written without a leading zero are marked for `unpadded` if the caller `marks` them, and refused
    otherwise. Raises UnsupportedError for `*` where texts are written.
    """
    if "%" in text:
        return text
    if writing and "*" in text:
        raise UnsupportedError(PLUGIN, f'"*" in the format "{text}", where it stands for nothing that could be written')
    if not writing:
        # A name may end with a point where the format says so, and the listed format d/-Mon.-yy takes either separator.
        return _WORD.sub(lambda found: _WORDS[found[0]], text.replace("Mon.", "Mon").replace("/-", "-"))
    if not marks and any(found[0] in _UNPADDED for found in _WORD.finditer(text)):
        raise UnsupportedError(PLUGIN, f'a day or month without a leading zero, as in the format "{text}"')
    return _WORD.sub(lambda found: (_NO_ZERO if found[0] in _UNPADDED else "") + _WORDS[found[0]], text)


def unpadded(text: pl.Expr) -> pl.Expr:
    """What a format with marks wrote, without the marks and the zeros that they are about."""
    return text.str.replace_all(f"{_NO_ZERO}0?", "")


def written_width(text: str) -> int:
    """Characters that a format of `%` specifiers writes at most."""
    text = text.replace(_NO_ZERO, "")
    specifiers = re.findall(r"%(.)", text)
    literal = len(re.sub(r"%.", "", text))
    return max(1, literal + sum(_WIDTHS.get(letter, 2) for letter in specifiers))


def started_row(text: str, language: str, environment: Environment) -> Table:
    """One row whose field `DateTimeNow` says in that format when the run started."""
    extra = {"format": respelled(text, writing=True, marks=True), "language": language}
    compiled = compile_expression("DateTimeFormat(DateTimeNow(), [format], [language])", (), environment, extra=extra)
    written = str(pl.select(unpadded(compiled.value)).item())
    kind = FieldType.WSTRING if any(one > "\xff" for one in written) else FieldType.STRING
    field = Field("DateTimeNow", kind, max(len(written), 1), source=f"DateTime: From {text}")
    return Table(pl.LazyFrame({field.name: [written]}), (field,))
