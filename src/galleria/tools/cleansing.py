"""What becomes of texts that are cleansed: the two cleansing tools share the steps and their order.

Source: the formulas inside the shipped macro Cleanse.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from galleria.fields.columns import column
from galleria.fields.conversion import Converted
from galleria.fields.types import Field
from galleria.formula.compile import assign
from galleria.table.computing import Computing
from galleria.tools.contract import Context
from galleria.tools.expressions import compiled

_CASES = {"upper": "UpperCase", "lower": "LowerCase", "title": "TitleCase"}
_PUNCTUATION = r"[[:punct:]]|[\$\+<=>\^`\|~\x{FF01}-\x{FF0F}\x{FF1A}-\x{FF20}\x{FF3B}-\x{FF40}\x{FF5B}-\x{FF5E}\x{2200}-\x{22FF}]"
_CURRENT = "[_CurrentField_]"


@dataclass(frozen=True)
class Cleansing:
    case: str = ""
    """`upper`, `lower` or `title`; anything else leaves letters as they are."""
    fills_texts: bool = False
    """Null becomes the empty text."""
    empties_texts: bool = False
    """The empty text becomes Null, after everything else."""
    drops_tags: bool = False
    """Markup in angle brackets."""
    drops_letters: bool = False
    drops_digits: bool = False
    drops_punctuation: bool = False
    joins_blanks: bool = False
    """Tabs, line breaks and repeated blanks become one blank."""
    trims: bool = False
    """Blanks and line breaks at both ends go, tabs do not."""
    drops_blanks: bool = False
    fills_numbers: bool = False
    """Null becomes 0."""
    empties_numbers: bool = False
    """0 becomes Null."""

    def apply(self, computing: Computing, chosen: Sequence[Field], context: Context) -> None:
        """Cleanse the chosen fields; those of other types than text and number stay as they are."""
        texts = [field for field in chosen if field.type.is_text]
        for step in self._steps():
            values = [compiled(step, [], context, extra={"_CurrentField_": field}) for field in texts]
            computing.assign((field, assign(value, field)) for field, value in zip(texts, values, strict=True))
        numbers = [field for field in chosen if field.type.is_numeric]
        if self.fills_numbers:
            computing.assign((field, Converted(column(field.name).fill_null(0).cast(field.dtype))) for field in numbers)
        if self.empties_numbers:
            computing.assign((field, Converted(column(field.name).replace(0, None).cast(field.dtype))) for field in numbers)

    def _steps(self) -> Iterator[str]:
        """One expression after another."""
        if self.case in _CASES:
            yield f"{_CASES[self.case]}({_CURRENT})"
        asked = (
            (self.fills_texts, f"IIF(IsNull({_CURRENT}), '', {_CURRENT})"),
            (self.drops_tags, _replaced("</?[A-Za-z!][^<>]*>", "")),
            (self.drops_letters, _replaced("[[:alpha:]]", "")),
            (self.drops_digits, _replaced("[0-9０-９]", "")),
            (self.drops_punctuation, _replaced(_PUNCTUATION, "")),
            (self.joins_blanks, _replaced(r"\s+", " ")),
            (self.trims, f"Trim({_CURRENT}, ' \n\r\u00a0')"),
            (self.drops_blanks, _replaced(r"\s+", "")),
            (self.empties_texts, f"IIF(IsEmpty({_CURRENT}), Null(), {_CURRENT})"),
        )
        yield from (step for is_asked, step in asked if is_asked)


def _replaced(pattern: str, replacement: str) -> str:
    return f"IIF(IsNull({_CURRENT}), Null(), REGEX_Replace({_CURRENT}, '{pattern}', '{replacement}'))"
