"""Report Header: adds a piece with a title and the date, for the top of pages."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Self

from galleria.errors import UnsupportedError
from galleria.fields.names import unique_name
from galleria.reports.markup import escape, escaped, snippet_field, together
from galleria.tools.answers import MacroAnswers
from galleria.tools.configuration import Configuration
from galleria.tools.contract import Anchor, Built, Context, Inputs, Tool
from galleria.tools.date_formats import respelled
from galleria.tools.expressions import compiled

MACRO = "HeaderMacro.yxmc"
_LOOK = "font-family:Arial;font-size:14pt;font-weight:bold"


@dataclass(frozen=True)
class ReportHeader(Tool):
    macros: ClassVar[Sequence[str]] = (MACRO,)
    inputs: ClassVar[Sequence[Anchor]] = (Anchor("Input", aliases=("Report Layout",)),)
    outputs: ClassVar[Sequence[str]] = ("Output13",)

    text: str
    date_format: str
    """In `%` specifiers; empty for no date."""

    @classmethod
    def read(cls, config: Configuration) -> Self:
        answers = MacroAnswers(config)
        if answers.flag("IncludeImage"):
            raise UnsupportedError(f"macro {MACRO}", "a picture in the header")
        wanted = answers.text("DateFormat") or "yyyy-MM-dd"
        return cls(answers.text("HeaderText"), respelled(wanted, writing=True) if answers.flag("IncludeDate") else "")

    def build(self, inputs: Inputs, context: Context) -> Built:
        """The rows in their order, each with the header."""
        table = inputs.one()
        field = snippet_field(unique_name("Header", table.names), "Text")
        extra = {"format": self.date_format}
        date = escaped(compiled("DateTimeFormat(DateTimeNow(), [format])", (), context, extra=extra).value) if self.date_format else ""
        start = f'<table class="layout" style="width:100%"><tr><td><p><span style="{_LOOK}">{escape(self.text)}</span></p></td>'
        snippet = together(start, '<td style="text-align:right"><p style="text-align:right">', date, "</p></td></tr></table>")
        return Built({"Output13": table.with_columns({field.name: snippet}, (*table.fields, field))})
