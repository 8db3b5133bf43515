"""The older Date Time Now: one row that says when the run started, in English."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Self

from galleria.tools.answers import MacroAnswers
from galleria.tools.configuration import Configuration
from galleria.tools.contract import Anchor, Built, Context, Inputs, Tool
from galleria.tools.date_formats import respelled, started_row

_USUAL_FORMAT = "day, dd Month, yyyy"


@dataclass(frozen=True)
class DateTimeNowMacro(Tool):
    macros: ClassVar[Sequence[str]] = ("DateTimeNow.yxmc",)
    inputs: ClassVar[Sequence[Anchor]] = ()

    format: str

    @classmethod
    def read(cls, config: Configuration) -> Self:
        # The macro's list writes times with a letter that looks like a colon; documents hold what it stands for.
        text = MacroAnswers(config).text("OutputFormat") or _USUAL_FORMAT
        respelled(text, writing=True, marks=True)
        return cls(text)

    def build(self, inputs: Inputs, context: Context) -> Built:
        return Built({"Output": started_row(self.format, "English", context.formula)})
