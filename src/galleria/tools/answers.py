"""The answers that a macro's configuration holds: `<Value name="...">`, read by name."""

import math

from galleria.errors import ToolError
from galleria.fields.names import same_name
from galleria.tools.configuration import Configuration


class MacroAnswers:
    """Answers without surrounding blanks; an answer that is not there is empty."""

    def __init__(self, config: Configuration) -> None:
        self._answers = {value.attribute("name"): value.text.strip() for value in config.each("Value")}

    def text(self, name: str) -> str:
        return self._answers.get(name, "")

    def flag(self, name: str) -> bool:
        return self.text(name).casefold() == "true"

    def number(self, name: str, default: float = 0.0) -> float:
        """A finite number; raises ToolError on other text."""
        text = self.text(name)
        try:
            number = float(text) if text else default
        except ValueError:
            number = math.nan
        if not math.isfinite(number):
            raise ToolError(f"{name} must be a number, not {text!r}")
        return number

    def mapped(self, name: str) -> str:
        """The caller's field that the macro knows by that name: what a line of a field map says, or else one of the same name."""
        lines = (line.partition("=") for text in self._answers.values() for line in text.splitlines())
        return next((source for own, mark, source in lines if mark and source and same_name(own, name)), name)
