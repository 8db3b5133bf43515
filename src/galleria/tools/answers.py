"""The answers that a macro's configuration holds: `<Value name="...">`, read by name."""

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
        """Raises ToolError on other text."""
        text = self.text(name)
        try:
            return float(text) if text else default
        except ValueError:
            raise ToolError(f"{name} must be a number, not {text!r}") from None

    def mapped(self, name: str) -> str:
        """The caller's field that the macro knows by that name: what a line of a field map says, or else one of the same name."""
        lines = (line.partition("=") for text in self._answers.values() for line in text.splitlines())
        return next((source for own, mark, source in lines if mark and source and same_name(own, name)), name)
