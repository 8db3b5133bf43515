"""Date Time Now: one row that says when the run started."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Self

from galleria.formula.date_names import names_of
from galleria.tools.configuration import Configuration
from galleria.tools.contract import Anchor, Built, Context, Inputs, Tool
from galleria.tools.date_formats import respelled, started_row

_USUAL_FORMAT = "yyyy-MM-dd hh:mm:ss"


@dataclass(frozen=True)
class DateTimeNow(Tool):
    macros: ClassVar[Sequence[str]] = ("DTNEngine.yxmc",)
    inputs: ClassVar[Sequence[Anchor]] = ()
    outputs: ClassVar[Sequence[str]] = ("DTN",)

    format: str
    language: str

    @classmethod
    def read(cls, config: Configuration) -> Self:
        values = {value.attribute("name").casefold(): value.text for value in config.each("Value")}
        text = values.get("outputformat", "").strip() or _USUAL_FORMAT
        language = values.get("language", "").strip() or "English"
        names_of(language)
        respelled(text, writing=True, marks=True)
        return cls(text, language)

    def build(self, inputs: Inputs, context: Context) -> Built:
        return Built({"DTN": started_row(self.format, self.language, context.formula)})
