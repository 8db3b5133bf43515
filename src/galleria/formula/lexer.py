"""The words of an expression, with their positions."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum, auto

from galleria.errors import FormulaError


class Sort(Enum):
    NUMBER = auto()
    TEXT = auto()
    FIELD = auto()
    WORD = auto()
    SIGN = auto()
    END = auto()


@dataclass(frozen=True)
class Token:
    sort: Sort
    text: str
    """What stands between the quotes or brackets; the word or sign as written."""
    position: int

    @property
    def folded(self) -> str:
        """The word or sign in capitals; nothing for other sorts, so that `"and"` is never AND."""
        return self.text.upper() if self.sort in (Sort.WORD, Sort.SIGN) else ""


_PATTERN = re.compile(
    r"""
    (?P<BLANK>\s+|//[^\r\n]*|/\*.*?\*/)
  | (?P<NUMBER>(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)
  | "(?P<DOUBLE>[^"]*)"
  | '(?P<SINGLE>[^']*)'
  | \[(?P<FIELD>[^\]]*)\]
  | (?P<WORD>[^\W\d]\w*)
  | (?P<SIGN>&&|\|\||==|!=|<>|<=|>=|[-+*/<>=!(),])
    """,
    re.VERBOSE | re.DOTALL,
)
_SORTS = {
    "NUMBER": Sort.NUMBER,
    "DOUBLE": Sort.TEXT,
    "SINGLE": Sort.TEXT,
    "FIELD": Sort.FIELD,
    "WORD": Sort.WORD,
    "SIGN": Sort.SIGN,
}
_UNFINISHED = {
    '"': "Unmatched quote: the text that begins here has no end",
    "'": "Unmatched quote: the text that begins here has no end",
    "[": "Unmatched bracket: the field name that begins here has no end",
    "%": "Invalid character: %; there is no such operator, for a remainder use Mod(n, d)",
}


def tokens(text: str) -> Iterator[Token]:
    """The tokens of an expression, END last; comments and blanks are left out. Raises FormulaError on anything else."""
    position = 0
    while position < len(text):
        found = _PATTERN.match(text, position)
        if found is None or found.lastgroup is None:
            if text.startswith("/*", position):
                raise FormulaError("The comment that begins here has no end", position)
            raise FormulaError(_UNFINISHED.get(text[position], f"Invalid character: {text[position]}"), position)
        if found.lastgroup != "BLANK":
            yield Token(_SORTS[found.lastgroup], found[found.lastgroup], position)
        position = found.end()
    yield Token(Sort.END, "", len(text))
