"""Report Footer: adds a piece with a copyright line and a note, for the bottom of pages."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Self

import polars as pl

from galleria.errors import UnsupportedError
from galleria.fields.names import unique_name
from galleria.reports.markup import Part, escape, snippet_field, together
from galleria.tools.answers import MacroAnswers
from galleria.tools.configuration import Configuration
from galleria.tools.contract import Anchor, Built, Context, Inputs, Tool
from galleria.tools.expressions import compiled

MACRO = "FooterMacro.yxmc"
_YEAR = "[CurrentYear]"
_LOOK = "font-family:Arial;font-size:8pt"


@dataclass(frozen=True)
class ReportFooter(Tool):
    macros: ClassVar[Sequence[str]] = (MACRO,)
    inputs: ClassVar[Sequence[Anchor]] = (Anchor("Input", aliases=("Report Layout",)),)

    copyright: str
    note: str

    @classmethod
    def read(cls, config: Configuration) -> Self:
        answers = MacroAnswers(config)
        if answers.flag("PageNumbers"):
            raise UnsupportedError(f"macro {MACRO}", "page numbers")
        return cls(answers.text("CopyrightText"), answers.text("InfoText"))

    def build(self, inputs: Inputs, context: Context) -> Built:
        """The rows in their order, each with the footer; `[CurrentYear]` in its texts is the year of the run."""
        table = inputs.one()
        field = snippet_field(unique_name("Footer", table.names), "Text")
        year = compiled('DateTimeFormat(DateTimeNow(), "%Y")', (), context).value
        parts = [part for text in (self.copyright, self.note) if text for part in _line(text, year)]
        return Built({"Output": table.with_columns({field.name: together(*parts, "")}, (*table.fields, field))})


def _line(text: str, year: pl.Expr) -> list[Part]:
    """One paragraph."""
    first, *others = text.split(_YEAR)
    parts: list[Part] = [f'<p style="text-align:center"><span style="{_LOOK}">{escape(first)}']
    for other in others:
        parts += [year, escape(other)]
    return [*parts, "</span></p>"]
