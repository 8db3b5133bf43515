"""Report Header: adds a piece with a title and the date, for the top of pages."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Self

from galleria.errors import ToolError, UnsupportedError
from galleria.fields.names import unique_name
from galleria.reports.markup import escape, escaped, snippet_field, together
from galleria.reports.pictures import picture_markup
from galleria.tools.answers import MacroAnswers
from galleria.tools.configuration import Configuration
from galleria.tools.contract import Anchor, Built, Context, Inputs, Tool
from galleria.tools.date_formats import respelled, unpadded
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
    picture: str
    """The file of a picture before the title; empty for none."""

    @classmethod
    def read(cls, config: Configuration) -> Self:
        answers = MacroAnswers(config)
        has_picture = answers.flag("IncludeImage")
        if has_picture and not answers.flag("OwnLogo"):
            raise UnsupportedError(f"macro {MACRO}", "the logo of the original's maker in the header")
        picture = answers.text("ImageFile") if has_picture else ""
        if has_picture and not picture:
            raise ToolError("No file is named for the picture in the header.")
        wanted = answers.text("DateFormat") or "yyyy-MM-dd"
        date = respelled(wanted, writing=True, marks=True) if answers.flag("IncludeDate") else ""
        return cls(answers.text("HeaderText"), date, picture)

    def build(self, inputs: Inputs, context: Context) -> Built:
        """The rows in their order, each with the header."""
        table = inputs.one()
        field = snippet_field(unique_name("Header", table.names), "Text")
        extra = {"format": self.date_format}
        written = compiled("DateTimeFormat(DateTimeNow(), [format])", (), context, extra=extra).value if self.date_format else None
        date = escaped(unpadded(written)) if written is not None else ""
        title = f'<td><p><span style="{_LOOK}">{escape(self.text)}</span></p></td>'
        start = f'<table class="layout" style="width:100%"><tr>{self._picture(context)}{title}'
        snippet = together(start, '<td style="text-align:right"><p style="text-align:right">', date, "</p></td></tr></table>")
        return Built({"Output13": table.with_columns({field.name: snippet}, (*table.fields, field))})

    def _picture(self, context: Context) -> str:
        if not self.picture or context.checking:
            return ""
        element = picture_markup(context.files.to_read(self.picture).read_bytes(), {})
        if not element:
            raise ToolError(f'The file "{self.picture}" is no PNG, JPEG or GIF.')
        return f"<td>{element}</td>"
